"""What ``sketch`` keeps of an exchange: numbers only, under the provider's own key. These tables may lie on disk.

Identifiers are 64-bit keyed values (``BIGINT``); ``DICTIONARY`` turns those of accounts, organisations, models and
networks back into the provider's own names. Fingerprints of text have no entry there and can't be turned into text.
"""

import pyarrow as pa

from stillwatch.vocabulary.techniques import SCORED

#: Score (0 to 100) from which an exchange is said to show a technique.
SHOWN = 50
#: Score columns, one per technique that a request can show: "SW-T16" -> "t16". Values 0..100.
SCORE_COLUMNS: tuple[str, ...] = tuple("t" + technique.removeprefix("SW-T") for technique in SCORED)

#: What kind of answer was served, by what a student could learn from it (DOMAIN section 3), in rising order.
ANSWERS: tuple[str, ...] = ("none", "plain", "graded", "trajectory", "reasoning")

#: Dimensions of the keyed content vector, one signed byte each.
CONTENT_DIMENSIONS = 64

SKETCHES = pa.schema(
    [
        pa.field("exchange", pa.int64(), nullable=False),
        pa.field("source", pa.int32(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("ts_us", pa.int64(), nullable=False),
        pa.field("account", pa.int64(), nullable=False),
        pa.field("organization", pa.int64()),
        pa.field("credential", pa.int64()),
        pa.field("surface", pa.int64()),
        pa.field("model", pa.int64()),
        pa.field("address", pa.int64()),  # one IPv4 or IPv6 address
        pa.field("network", pa.int64()),  # IPv4 /24 or IPv6 /64
        pa.field("asn", pa.int64()),
        pa.field("client", pa.int64()),  # client shape: agent family and version, TLS print, header order
        pa.field("user_field", pa.int64()),
        pa.field("status", pa.int16()),
        # the words, folded to numbers
        pa.field("prompt", pa.int64()),  # the whole last user text
        pa.field("opening", pa.int64()),  # the whole first user text
        pa.field("system", pa.int64()),  # skeleton of the system prompt (digits, dates, addresses removed)
        pa.field("tools", pa.int64()),  # the set of offered tools
        pa.field("parameters", pa.int64()),  # names and values of the sampling parameters
        pa.field("prompt_symbols", pa.int32(), nullable=False),
        pa.field("system_symbols", pa.int32(), nullable=False),
        pa.field("content", pa.binary(CONTENT_DIMENSIONS), nullable=False),
        pa.field("capability", pa.int8(), nullable=False),  # index into CAPABILITIES
        *[pa.field(name, pa.int16(), nullable=False) for name in SCORE_COLUMNS],
        # the shape of the request and of the answer
        pa.field("user_turns", pa.int16(), nullable=False),
        pa.field("assistant_turns", pa.int16(), nullable=False),
        pa.field("tools_offered", pa.int16(), nullable=False),
        pa.field("tool_results", pa.int16(), nullable=False),
        pa.field("images", pa.int16(), nullable=False),
        pa.field("top_logprobs", pa.int16()),
        pa.field("max_tokens", pa.int64()),
        pa.field("temperature", pa.float32()),
        pa.field("prompt_tokens", pa.int64()),
        pa.field("completion_tokens", pa.int64()),
        pa.field("reasoning_tokens", pa.int64()),
        pa.field("answer", pa.int8(), nullable=False),  # index into ANSWERS
        pa.field("refused", pa.bool_(), nullable=False),  # by status or by finish reason
    ]
)

#: Kinds of link between an exchange and something it shares with others.
KINDS: tuple[str, ...] = (
    "passage",  # a winnowed fingerprint of user text
    "prefix",  # a rung of the ladder from the start of user text
    "suffix",  # a rung of the ladder from its end
    "system",  # skeleton or passage of a system prompt
    "near",  # a MinHash band of the whole user text
    "image",
    "signature-shown",  # an opaque reasoning signature in the request
    "signature-issued",  # ... and in an answer
)

LINKS = pa.schema(
    [
        pa.field("exchange", pa.int64(), nullable=False),
        pa.field("account", pa.int64(), nullable=False),
        pa.field("ts_us", pa.int64(), nullable=False),
        pa.field("kind", pa.int8(), nullable=False),  # index into KINDS
        pa.field("entity", pa.int64(), nullable=False),
    ]
)

DICTIONARY = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),  # account | organization | model | network | surface | ...
        pa.field("key", pa.int64(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
    ]
)
