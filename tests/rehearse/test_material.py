"""Recorded and built-in material: what is kept, what is never read, and how it is halved."""

import gzip
import json
from pathlib import Path

import msgspec
import pytest

from stillwatch.adapters.material import folder, shipped
from stillwatch.errors import NoInputError
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.material import Material, half_of, halved
from stillwatch.rehearse.scenario import scaled


def write(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


def request(text: str) -> dict:
    body = {"model": "x", "messages": [{"role": "user", "content": text}]}
    return {"path": "/v1/chat/completions", "body": body, "key": "key-1"}


def test_the_halves_share_no_recorded_program_and_no_text(words: Material) -> None:
    tuning, holdout = halved(words, "tuning"), halved(words, "holdout")
    assert not {item.tool for item in tuning.recordings} & {item.tool for item in holdout.recordings}
    assert not {item.text for item in tuning.prompts} & {item.text for item in holdout.prompts}
    assert tuning.prompts
    assert holdout.prompts


def test_a_half_is_the_same_on_every_machine() -> None:
    assert [half_of(name) for name in ("alpha", "beta", "gamma", "delta")] == ["tuning", "tuning", "tuning", "holdout"]


def test_sentences_of_the_stand_in_are_taken_out_of_recordings(tmp_path: Path) -> None:
    filler = "It is a sentence that a stand-in server made up."
    for tool in ("alpha", "beta", "gamma", "delta"):
        write(
            tmp_path / "captures" / "benign" / f"{tool}.jsonl.gz", [request(f"{filler} The question of {tool} stays.")]
        )
    write(tmp_path / "human_prompts" / "arena_hard_v0.1.jsonl.gz", [{"prompt": "How do I boil an egg?"}])
    said = [item.requests[0].body["messages"][0]["content"] for item in folder.read(tmp_path).recordings]
    assert all(filler not in text and "stays" in text for text in said)


def test_restricted_and_sealed_material_is_never_read(tmp_path: Path) -> None:
    write(tmp_path / "human_prompts" / "arena_hard_v0.1.jsonl.gz", [{"prompt": "How do I boil an egg?"}])
    for place in ("restricted/human_prompts/arena_hard_v0.1", "sealed/arena", "restricted/captures/distill/tool"):
        write(tmp_path / f"{place}.jsonl.gz", [{"prompt": "SECRET", **request("SECRET")}])
    assert b"SECRET" not in msgspec.json.encode(folder.read(tmp_path))


def test_a_folder_without_material_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoInputError):
        folder.read(tmp_path)


@pytest.mark.shared
def test_recorded_material_composes_in_both_halves(recorded: Material) -> None:
    scenario = scaled(shipped.scenario("pipelines"), 100)
    ids = []
    for half in ("tuning", "holdout"):
        population = compose(scenario, halved(recorded, half), 2)
        campaigns = {row["campaign"] for row in population.truth()["accounts"].values()} - {""}
        assert len(campaigns) >= 4
        assert sum(1 for _ in population.lines()) == len(population)
        ids.append(campaigns)
    assert not ids[0] & ids[1]
