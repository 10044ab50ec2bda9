"""How plainly one request shows each technique: 0 (nothing of it) to 100, one column per row of ``SCORED``.

A score is a reading of this request alone, never a judgement of its sender: evaluation harnesses, tutors and permitted
distillers write the same words. What an account does, and with whom, is weighed later. The recipe of a score is a list
of *signs*. A sign holds where all its facts hold; it has a weight between 0 and 1. Signs that hold are combined as
independent causes ("noisy or", Pearl, *Probabilistic Reasoning in Intelligent Systems*, 1988, section 4.3.2):
``100 * (1 - product(1 - weight))``. So one strong sign is enough, several weak ones add up, and nothing subtracts.

A fact is either a cue in the words (``phrases/*.toml``, in eleven languages; a language is never a fact) or a field
of the request's structure. ``not x`` is the fact that ``x`` does not hold, ``x~y`` that two cues stand near each other
(a verb and its object, whatever stands between), ``prompt:x`` that the cue is in user text. Weights were set by hand
from the meaning of the phrases; ``docs/techniques.md`` has the measured shares.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sketch.cues import ends, matcher
from stillwatch.sketch.fold import Folded
from stillwatch.sketch.kernels import U8
from stillwatch.vocabulary.techniques import SCORED

Bools = npt.NDArray[np.bool_]
Facts = Mapping[str, Bools]

CATALOGUE = ("reasoning", "grading", "generation", "agents", "words", "forms")

#: Asking for the five most likely tokens is more than a product needs; twenty is the most that public interfaces allow.
SOME_LOGPROBS, MANY_LOGPROBS, ALL_LOGPROBS = 5, 10, 20
MANY_TOOLS = 8
#: Symbols read of each text. An instruction stands at its start or its end; a long document between has every word.
HEAD, END = 3000, 1500
#: Symbols between the ends of two cues that are near each other: about a sentence.
WINDOW = 90
#: Symbols of system and user text up to which single words are evidence: a long prompt has most words in it somewhere.
BRIEF = 4000


class Sign(NamedTuple):
    """All the ``facts`` together speak for the technique with ``weight`` (0..1)."""

    weight: float
    facts: tuple[str, ...]


def _sign(weight: float, *facts: str) -> Sign:
    return Sign(weight, facts)


RECIPES: Mapping[str, tuple[Sign, ...]] = {
    "SW-T16": (
        _sign(0.55, "thought_word~led_to", "lay_out~thought_word", "led_to~outcome", "not graded"),
        _sign(0.3, "already", "lay_out~thought_word", "thought_word~led_to"),
        _sign(0.65, "posthoc"),
        _sign(0.5, "reasoning_trace", "given_answer", "write_out", "not graded"),
        _sign(0.3, "step_by_step", "given_answer", "write_out", "not graded"),
        _sign(0.2, "reasoning_trace", "given_answer", "not graded"),
        _sign(0.35, "reasoning_word", "given_answer", "write_out", "not graded", "brief"),
    ),
    "SW-T17": (
        _sign(0.5, "closing_tag~thought_word", "brief"),
        _sign(0.3, "closing_tag~thought_word", "answer_last~outcome"),
        _sign(0.3, "lay_out~thought_word", "answer_last~outcome", "unabridged", "brief"),
        _sign(0.3, "think_tag"),
        _sign(0.45, "think_tag", "answer_tag"),
        _sign(0.45, "think_tag", "think_first"),
        _sign(0.4, "think_tag", "put_final"),
        _sign(0.4, "think_tag", "reasoning_word"),
        _sign(0.3, "think_tag", "in_detail"),
        _sign(0.5, "step_by_step", "answer_tag"),
        _sign(0.3, "step_by_step", "put_final"),
        _sign(0.2, "step_by_step", "think_first"),
        _sign(0.35, "reasoning_trace", "answer_tag"),
        _sign(0.3, "reasoning_trace", "think_first", "put_final"),
        _sign(0.4, "step_format", "reasoning_word", "brief"),
        _sign(0.2, "step_format", "step_by_step", "brief"),
        _sign(0.25, "in_detail", "think_first"),
        _sign(0.3, "reasoning_word", "think_first", "in_detail", "brief"),
        _sign(0.3, "many_choices", "step_by_step"),
    ),
    "SW-T18": (
        _sign(0.6, "anti_flag", "not moderated"),
        _sign(0.7, "fake_debug", "hidden_reasoning", "not studied"),
        _sign(0.5, "fake_debug", "reasoning_trace", "reveal", "not studied"),
        _sign(0.6, "ignore_policy", "hidden_reasoning", "not studied"),
        _sign(0.4, "ignore_policy", "reveal", "not studied"),
        _sign(0.5, "prompt:hidden_reasoning", "prompt:reveal", "not keep_secret", "not studied"),
        _sign(0.3, "prompt:ignore_policy"),
        _sign(0.3, "prompt:fake_debug", "prompt:ignore_policy", "not studied"),
        # Hidden thoughts are to be shown. A story has hidden thoughts too: more must be said.
        _sign(0.3, "concealed~inner_word", "emit~inner_word", "not keep_secret", "not studied", "brief"),
        _sign(
            0.3, "concealed~inner_word", "emit~inner_word", "to_the_letter", "not keep_secret", "not studied", "brief"
        ),
        _sign(0.4, "concealed~inner_word", "emit~inner_word", "mode_word~mode_on", "not studied", "brief"),
        _sign(0.5, "safeguards~lifted", "concealed~inner_word", "not studied", "brief"),
        _sign(0.4, "safeguards~lifted", "emit~inner_word", "mode_word~mode_on", "not studied", "brief"),
        _sign(0.3, "safeguards~lifted", "mode_word~mode_on", "not studied", "brief"),
        _sign(0.3, "safeguards~lifted", "emit~inner_word", "not studied", "brief"),
        _sign(0.55, "mode_word~mode_on", "emit~inner_word", "not studied", "brief"),
        _sign(0.35, "authorised~inner_word", "emit~inner_word", "not studied", "brief"),
        _sign(0.35, "authorised~inner_word", "emit~inner_word", "to_the_letter", "not studied", "brief"),
        _sign(0.35, "authorised~exercise", "concealed~inner_word", "not studied", "brief"),
        # Who asks says that it is allowed, that it is no attack, that nobody need refuse: two of the three.
        _sign(0.55, "no_not~turn_down", "authorised~exercise", "not studied", "not moderated", "brief"),
        _sign(0.55, "no_not~copying", "authorised~exercise", "not studied", "brief"),
        _sign(0.5, "no_not~copying", "no_not~turn_down", "not studied", "not moderated", "brief"),
        _sign(0.3, "safeguards~lifted", "authorised~exercise", "not studied", "brief"),
        _sign(0.3, "safeguards~lifted", "no_not~turn_down", "not studied", "brief"),
    ),
    "SW-T19": (
        _sign(0.5, "think_verb~in_language", "must~in_language", "not people_think"),
        _sign(0.3, "think_verb~in_language", "lay_out~thought_word", "not people_think"),
        _sign(0.6, "think_in_language", "not people_think"),
        _sign(0.3, "think_in_language", "reasoning_trace"),
        _sign(0.3, "think_in_language", "think_tag"),
    ),
    "SW-T20": (
        _sign(0.5, "probe"),
        _sign(0.3, "prompt:hidden_reasoning", "not keep_secret"),
        _sign(0.4, "prompt:hidden_reasoning", "prompt:reveal", "not keep_secret"),
        _sign(0.4, "prompt:fake_debug", "prompt:hidden_reasoning"),
        _sign(0.3, "posthoc"),
        _sign(0.3, "think_in_language", "not people_think"),
        _sign(0.3, "anti_flag", "reasoning_trace"),
    ),
    "SW-T21": (
        _sign(0.2, "signatures"),
        _sign(0.25, "signatures_unexplained"),
    ),
    "SW-T22": (
        _sign(0.5, "rate_verb~candidate", "preference"),
        _sign(0.4, "rate_verb~candidate", "marking_scheme"),
        _sign(0.3, "rate_verb~candidate", "pair_of_candidates"),
        _sign(0.3, "marking_scheme", "candidate", "rate_verb"),
        _sign(0.5, "grade_answer", "score_scale"),
        _sign(0.3, "grade_answer", "criteria"),
        _sign(0.3, "judge_role", "judged_answer", "criteria"),
        _sign(0.5, "judge_role", "score_scale", "judged_answer"),
        _sign(0.4, "score_scale", "judged_answer", "criteria"),
        _sign(0.5, "pair_of_candidates", "which_is_better"),
        _sign(0.4, "pair_of_candidates", "score_scale"),
        _sign(0.3, "pair_of_candidates", "criteria"),
        _sign(0.3, "judge_role", "pair_of_candidates"),
        _sign(0.2, "judge_role", "score_scale", "json_answer"),
        # Something answered is to be judged. Two of: a scale, a yardstick, a verdict, labels, a field for the score.
        _sign(0.35, "appraise~judged_thing", "scale_form", "brief"),
        _sign(0.3, "appraise~judged_thing", "yardstick", "brief"),
        _sign(0.35, "appraise~judged_thing", "verdict_form", "brief"),
        _sign(0.3, "appraise~judged_thing", "first_label", "second_label", "brief"),
        _sign(0.3, "appraise~judged_thing", "judged_thing~verdict_form", "brief"),
        _sign(0.5, "appraise~judged_thing", "keyed_score", "brief"),
        _sign(0.4, "yardstick~scale_form", "appraise~judged_thing", "brief"),
        _sign(0.35, "judged_thing~comparative", "several~judged_thing", "brief"),
        _sign(0.35, "judged_thing~comparative", "first_label", "second_label", "brief"),
        _sign(0.3, "appraise~judged_thing", "json_answer", "not keyed_score", "brief"),
    ),
    "SW-T23": (
        _sign(0.5, "check~trace_word", "check~flaw"),
        _sign(0.4, "cleaned~trace_word"),
        _sign(0.3, "check~flaw", "trace_word", "cleaned"),
        _sign(0.65, "clean_trace"),
        _sign(0.5, "trace_given", "critique"),
        _sign(0.3, "reasoning_trace", "critique", "trace_given"),
        _sign(0.4, "think_tag", "critique"),
        _sign(0.35, "reasoning_word", "critique", "given_answer", "brief"),
        _sign(0.4, "improve_response", "given_answer"),
        _sign(0.5, "improve_response"),
        _sign(0.3, "critique", "improve_response"),
    ),
    "SW-T24": (
        _sign(0.5, "generate~one_task", "new_word~one_task", "verifier_word", "brief"),
        _sign(0.4, "generate~one_task", "new_word~one_task", "seed_word", "brief"),
        _sign(0.3, "seed_word", "verifier_word", "generate", "brief"),
        _sign(0.5, "diverse~task_word", "for_model", "brief"),
        _sign(0.3, "diverse~task_word", "seed_word", "brief"),
        _sign(0.5, "evolve_verb~harder_word", "brief"),
        _sign(0.3, "seed_word~task_word", "harder_word", "brief"),
        _sign(0.5, "new_tasks", "for_training"),
        _sign(0.25, "generate", "diverse", "task_word", "brief"),
        _sign(0.4, "generate", "diverse", "task_word", "for_training", "brief"),
        _sign(0.3, "new_tasks", "diverse", "task_word", "brief"),
        _sign(0.3, "generate", "task_word", "for_training", "brief"),
        _sign(0.6, "evolve_prompt", "make_harder"),
        _sign(0.4, "evolve_prompt", "new_tasks"),
        _sign(0.3, "evolve_prompt", "for_training"),
        _sign(0.5, "create_problem", "problem_and_solution"),
        _sign(0.4, "create_problem", "make_harder"),
        _sign(0.3, "new_tasks", "problem_and_solution"),
        _sign(0.35, "new_tasks", "create_problem"),
        _sign(0.5, "qa_pairs", "for_training"),
        _sign(0.4, "qa_pairs"),
        _sign(0.3, "qa_pairs", "new_tasks"),
        _sign(0.5, "persona_prompt", "new_tasks"),
        _sign(0.4, "persona_prompt", "create_problem"),
        _sign(0.5, "new_tasks", "task_list", "brief"),
        _sign(0.5, "self_play"),
        _sign(0.5, "prompt:dialogue_between", "prompt:generate", "brief"),
        _sign(0.35, "answer_schema", "generate", "task_word", "brief"),
        _sign(0.3, "answer_schema", "generate", "reasoning_trace", "brief"),
        _sign(0.3, "self_play", "for_training"),
        _sign(0.6, "back_translation"),
        _sign(0.5, "retrieval_pairs", "new_tasks"),
        _sign(0.4, "retrieval_pairs"),
        _sign(0.5, "function_data", "qa_pairs"),
        _sign(0.4, "function_data", "new_tasks"),
    ),
    "SW-T25": (
        _sign(0.5, "make_up~tool_word", "brief"),
        _sign(0.3, "each_turn~agent_label", "brief"),
        _sign(0.3, "each_turn~agent_label", "tool_word", "brief"),
        _sign(0.3, "episode", "agent_label", "brief"),
        _sign(0.6, "make_trajectory"),
        _sign(0.3, "make_trajectory", "tools"),
        _sign(0.15, "tools_unused"),
        _sign(0.15, "many_tools", "tools_unused", "single_turn"),
        # A task to be done with tools, and none was used. It must stand in user text: agents have it as system prompt.
        _sign(0.45, "tools_unused", "single_turn", "prompt:finish_job~job_word", "prompt:with_tools", "brief"),
        _sign(0.35, "prompt:trace_label~seen_label", "prompt:with_tools", "brief"),
        _sign(0.3, "prompt:trace_label~seen_label", "prompt:with_tools", "prompt:finish_job~job_word", "brief"),
        _sign(0.5, "tools", "new_tasks", "function_data"),
        _sign(0.3, "image_dialogue"),
        _sign(0.35, "image_dialogue", "qa_pairs"),
        _sign(0.3, "image_dialogue", "generate", "task_word", "brief"),
        _sign(0.3, "image_dialogue", "images"),
        _sign(0.2, "images", "single_turn", "look~picture", "brief"),
        _sign(0.4, "images", "single_turn", "look~picture", "part_by_part", "brief"),
        _sign(0.3, "images", "single_turn", "look~picture", "reason_on", "brief"),
        _sign(0.3, "computer_use", "images", "single_turn"),
        _sign(0.3, "computer_use", "for_training"),
        _sign(0.3, "tool_loop", "for_training"),
    ),
    "SW-T26": (
        _sign(0.55, "risky_word~ask_word", "safe_word~version_word", "brief"),
        _sign(0.5, "safe_word~version_word", "before_and_after", "brief"),
        _sign(0.2, "safe_word~version_word", "ask_word", "before_and_after", "brief"),
        _sign(0.5, "sensitive", "safe_rewrite"),
        _sign(0.3, "sensitive", "safe_rewrite", "many_pairs"),
        _sign(0.3, "sensitive", "safe_rewrite", "for_training"),
        _sign(0.2, "safe_rewrite", "for_training"),
        _sign(0.25, "sensitive", "safe_rewrite", "evolve_prompt"),
    ),
    "SW-T27": (
        _sign(0.3, "made_by", "deny"),
        _sign(0.35, "made_by", "relay_word"),
        _sign(0.35, "made_by", "passed_on", "hide_word~true_origin", "not relay_word"),
        _sign(0.3, "made_by", "hide_word~true_origin", "not deny"),
        _sign(0.4, "session_replay"),
        _sign(0.4, "identity_cover", "trained_by"),
        _sign(0.25, "identity_cover"),
        _sign(0.4, "session_replay", "trained_by"),
        _sign(0.35, "session_replay", "harness_strings"),
        _sign(0.4, "prompt:harness_strings", "prompt:trained_by"),
        _sign(0.2, "prompt:harness_strings"),
    ),
    "SW-T29": (
        _sign(0.3, "some_logprobs"),
        _sign(0.3, "many_logprobs"),
        _sign(0.3, "all_logprobs"),
        _sign(0.4, "many_logprobs", "logit_bias"),
        _sign(0.3, "echo", "some_logprobs"),
    ),
}


def scores(batch: pa.RecordBatch, system: Folded, prompt: Folded, assistant: Folded) -> U8:
    """Score every exchange of ``batch`` (columns of ``EXCHANGES``): uint8[rows, len(SCORED)], values 0..100.

    ``system``, ``prompt`` and ``assistant`` are the folded system prompt, user text, and assistant turns sent back.
    """
    known = facts(batch, system, prompt, assistant)
    result = np.zeros((batch.num_rows, len(SCORED)), dtype=np.uint8)
    for column, technique in enumerate(SCORED):
        doubt = np.ones(batch.num_rows, dtype=np.float64)
        for sign in RECIPES[technique]:
            doubt[_together(sign.facts, known)] *= 1.0 - sign.weight
        result[:, column] = np.rint(100.0 * (1.0 - doubt))
    return result


def _together(names: tuple[str, ...], known: Facts) -> Bools:
    """Where all the named facts hold."""
    columns = [~known[name.removeprefix("not ")] if name.startswith("not ") else known[name] for name in names]
    return np.asarray(np.logical_and.reduce(columns), dtype=np.bool_)


def facts(batch: pa.RecordBatch, system: Folded, prompt: Folded, assistant: Folded) -> dict[str, Bools]:
    """What holds of each request, by name: cues of system and user text, ``prompt:`` cues of user text, structure.

    A thinking tag in the assistant turns that were sent back counts as well: the trace travels there.
    """
    cues, near = matcher(*CATALOGUE), _near()
    in_prompt = cues.hits(ends(prompt, HEAD, END), near, WINDOW) > 0
    in_words = in_prompt | (cues.hits(ends(system, HEAD, END), near, WINDOW) > 0)
    names = (*cues.cues, *("~".join(pair) for pair in near))
    known = {name: in_words[:, column] for column, name in enumerate(names)}
    known |= {f"prompt:{name}": in_prompt[:, column] for column, name in enumerate(names)}
    known["think_tag"] = known["think_tag"] | (
        matcher("reasoning").hits(ends(assistant, HEAD, END))[:, _column("think_tag")] > 0
    )
    known["graded"] = known["grade_answer"] | (known["judge_role"] & known["score_scale"])
    known["brief"] = system.lengths + prompt.lengths <= BRIEF
    return known | _structure(batch)


@cache
def _near() -> tuple[tuple[str, str], ...]:
    """The pairs of cues that some recipe wants near each other."""
    named = {fact.removeprefix("prompt:") for signs in RECIPES.values() for sign in signs for fact in sign.facts}
    pairs = [fact.split("~") for fact in sorted(named) if "~" in fact]
    return tuple((first, second) for first, second in pairs)


def _column(cue: str) -> int:
    return matcher("reasoning").cues.index(cue)


def _structure(batch: pa.RecordBatch) -> dict[str, Bools]:
    """Facts from the fields of the request. A field that is not known supports nothing."""

    def number(name: str) -> npt.NDArray[np.int64]:
        return np.asarray(batch.column(name).cast(pa.int64()).fill_null(-1), dtype=np.int64)

    def where(test: Callable[[pa.Array], pa.Array], name: str) -> Bools:
        return np.asarray(test(batch.column(name)).fill_null(False), dtype=np.bool_)

    tools, results, sent_back = number("tools_offered"), number("tool_results"), number("tool_calls_in")
    turns, logprobs = number("assistant_turns"), number("top_logprobs")
    shown = np.asarray(pc.list_value_length(batch.column("signatures")).fill_null(0), dtype=np.int64)
    return {
        "tools": tools > 0,
        "tools_unused": (tools > 0) & (results <= 0) & (sent_back <= 0),
        "many_tools": tools >= MANY_TOOLS,
        "single_turn": turns <= 0,
        "images": number("images") > 0,
        "many_choices": number("choices") >= 4,
        "json_answer": where(lambda column: pc.starts_with(column, "json"), "response_format"),
        "signatures": shown > 0,
        # An ordinary client shows one signature for each turn or tool call of the model that it sends back.
        "signatures_unexplained": shown > np.maximum(turns, 0) + np.maximum(sent_back, 0),
        "some_logprobs": logprobs >= SOME_LOGPROBS,
        "many_logprobs": logprobs >= MANY_LOGPROBS,
        "all_logprobs": logprobs >= ALL_LOGPROBS,
        "logit_bias": where(
            lambda column: pc.match_substring_regex(column, r"(^|,)logit_bias(,|$)"), "parameter_names"
        ),
        "echo": where(lambda column: pc.match_substring_regex(column, r"(^|,)echo(,|$)"), "parameter_names"),
    }
