"""What ``ingest`` hands to ``sketch``: exchanges as columns, text included. These columns live in memory only.

One row is one exchange: a prompt and its completion. ``null`` means *not known*, never zero. Times are microseconds
since 1970-01-01 UTC. Columns ending in ``_text`` and ``_texts`` hold words of callers and of the model: nothing after
``sketch`` may see them (DESIGN section 3, contract 5).
"""

import pyarrow as pa

#: Body dialects that ``ingest`` understands; ``other`` keeps the exchange without its words.
DIALECTS = ("openai-chat", "openai-completions", "openai-responses", "anthropic-messages", "bedrock-converse", "other")

EXCHANGES = pa.schema(
    [
        # where the row stood: for quarantine notes about rows that later turn out to be duplicates
        pa.field("source", pa.int32(), nullable=False),  # index into the run's list of inputs
        pa.field("line", pa.int64(), nullable=False),  # 1-based line (row in Parquet) in that input
        # who and when
        pa.field("id", pa.string(), nullable=False),
        pa.field("ts_us", pa.int64(), nullable=False),
        pa.field("duration_us", pa.int64()),
        pa.field("account", pa.string(), nullable=False),
        pa.field("organization", pa.string()),
        pa.field("credential", pa.string()),
        # where
        pa.field("surface", pa.string()),  # api | app | cloud:NAME | aggregator:NAME
        pa.field("endpoint", pa.string()),
        pa.field("status", pa.int16()),  # HTTP status of the answer
        pa.field("ip", pa.string()),  # canonical text of the address, as ipaddress prints it
        pa.field("asn", pa.int64()),
        pa.field("user_agent", pa.string()),
        pa.field("tls", pa.string()),  # JA4 or JA3 print, opaque
        pa.field("header_names", pa.string()),  # lower-cased names in the order received, joined by ","
        # the request
        pa.field("dialect", pa.string(), nullable=False),  # one of DIALECTS
        pa.field("model", pa.string()),
        pa.field("system_text", pa.string()),  # system and developer messages, instructions; joined by "\n\n"
        pa.field("first_text", pa.string()),  # the first user message
        pa.field(
            "last_text", pa.string()
        ),  # user text after the last assistant turn; null where it is the first message
        pa.field("assistant_text", pa.string()),  # assistant turns that the caller sent back, joined by "\n\n"
        pa.field("tool_text", pa.string()),  # names and descriptions of offered tools, sorted by name
        pa.field("user_turns", pa.int16()),
        pa.field("assistant_turns", pa.int16()),
        pa.field("tools_offered", pa.int16()),
        pa.field("tool_calls_in", pa.int16()),  # tool calls by the model that the caller sent back
        pa.field("tool_results", pa.int16()),  # tool results that the caller sent
        pa.field("images", pa.int16()),
        pa.field("image_hashes", pa.list_(pa.int64())),  # first 8 bytes of SHA-256 of the bytes or of the address
        pa.field("signatures", pa.list_(pa.int64())),  # the same of opaque reasoning signatures that the request shows
        pa.field("issued_signatures", pa.list_(pa.int64())),  # ... and of those that the answer issued
        pa.field("temperature", pa.float32()),
        pa.field("top_p", pa.float32()),
        pa.field("max_tokens", pa.int64()),
        pa.field("choices", pa.int16()),  # n
        pa.field("top_logprobs", pa.int16()),  # 0: log-probabilities of the chosen tokens only; null: none asked
        pa.field("stream", pa.bool_()),
        pa.field("response_format", pa.string()),  # text | json_object | json_schema | grammar
        pa.field("reasoning_effort", pa.string()),  # none | minimal | low | medium | high | budget
        pa.field("parameter_names", pa.string()),  # top-level names of the body, sorted, joined by ","
        pa.field("user_field", pa.string()),  # the caller's own end-user label (`user`, `metadata.user_id`)
        # the answer
        pa.field("response_model", pa.string()),
        pa.field("finish_reason", pa.string()),
        pa.field("prompt_tokens", pa.int64()),
        pa.field("completion_tokens", pa.int64()),
        pa.field("reasoning_tokens", pa.int64()),
        pa.field("tool_calls_out", pa.int16()),
        pa.field("response_text", pa.string()),
    ]
)

ACCOUNTS = pa.schema(
    [
        pa.field("account", pa.string(), nullable=False),
        pa.field("organization", pa.string()),
        pa.field("created_us", pa.int64()),
        pa.field("plan", pa.string()),
        pa.field("programme", pa.string()),  # education | research | startup | trial | distillation-permit
        pa.field("payment", pa.string()),
        pa.field("email_domain", pa.string()),
        pa.field("signup_ip", pa.string()),
        pa.field("declared_use", pa.string()),
        pa.field("verified", pa.bool_()),
    ]
)

PERMITS = pa.schema(
    [
        pa.field("organization", pa.string()),
        pa.field("accounts", pa.list_(pa.string())),  # null: every account of the organisation
        pa.field("from_us", pa.int64()),
        pa.field("until_us", pa.int64()),
        pa.field("models", pa.list_(pa.string())),
        pa.field("capabilities", pa.list_(pa.string())),
        pa.field("max_exchanges", pa.int64()),
        pa.field("reference", pa.string()),
    ]
)
