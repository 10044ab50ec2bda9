"""Send a work list through the real ``openai`` and ``anthropic`` Python libraries.

``python chat.py LIST BASE CLIENT...`` runs the conversations whose ``client`` is named (``openai-old`` is the same
program in an environment with an older library). BASE is the endpoint, e.g. ``http://127.0.0.1:8011``.
"""

import asyncio
import json
import sys
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import anthropic
import openai

Row = dict[str, Any]


def run(row: Row, base: str) -> None:
    """One conversation, turn by turn, sending the model's answers back as clients do."""
    url = f"{base}/{row['recording']}"
    history: list[Any] = []
    for turn in row["turns"]:
        history.append({"role": "user", "content": turn})
        if row["client"] == "anthropic":
            text = _anthropic(row, url, history)
        elif row["client"] == "responses":
            text = _responses(row, url, history)
        else:
            text = _chat(row, url, history)
        history.append({"role": "assistant", "content": text})


@cache
def _openai(url: str, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=1)


@cache
def _anthropic_client(url: str, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=url, api_key=key)


def _with_system(row: Row, history: list[Any]) -> list[Any]:
    return ([{"role": "system", "content": row["system"]}] if row["system"] else []) + history


def _chat(row: Row, url: str, history: list[Any]) -> str:
    create = _openai(url, row["key"]).chat.completions.create
    messages = _with_system(row, history)
    if row["stream"]:
        parts = create(model=row["model"], messages=messages, stream=True, **row["params"])
        return "".join(part.choices[0].delta.content or "" for part in parts if part.choices).strip()
    return str(create(model=row["model"], messages=messages, **row["params"]).choices[0].message.content)


def _responses(row: Row, url: str, history: list[Any]) -> str:
    extra = {"instructions": row["system"]} if row["system"] else {}
    answer = _openai(url, row["key"]).responses.create(
        model=row["model"], input=list(history), **extra, **row["params"]
    )
    return str(answer.output_text)


def _anthropic(row: Row, url: str, history: list[Any]) -> str:
    extra = {"system": row["system"]} if row["system"] else {}
    params = dict(row["params"])
    limit = params.pop("max_tokens", 1024)
    # Current versions of the library name no sampling parameters; callers that still send them use extra_body.
    extra |= {"extra_body": params} if params else {}
    messages = _anthropic_client(url, row["key"]).messages
    if row["stream"]:
        with messages.stream(model=row["model"], messages=history, max_tokens=limit, **extra) as stream:
            return "".join(stream.text_stream).strip()
    message = messages.create(model=row["model"], messages=history, max_tokens=limit, **extra)
    return str(message.content[0].text)


async def run_async(rows: list[Row], base: str) -> None:
    """A batch job: one asynchronous client per key, eight requests at a time."""
    gate = asyncio.Semaphore(8)

    async def ask(client: openai.AsyncOpenAI, row: Row) -> None:
        async with gate:
            history: list[Any] = []
            for turn in row["turns"]:
                history.append({"role": "user", "content": turn})
                answer = await client.chat.completions.create(
                    model=row["model"], messages=_with_system(row, history), **row["params"]
                )
                history.append({"role": "assistant", "content": answer.choices[0].message.content})

    for (recording, key), some in groupby(sorted(rows, key=_place), key=_place):
        async with openai.AsyncOpenAI(base_url=f"{base}/{recording}/v1", api_key=key) as client:
            await asyncio.gather(*(ask(client, row) for row in some))


def _place(row: Row) -> tuple[str, str]:
    return row["recording"], row["key"]


def main() -> None:
    """Run the conversations of the named clients."""
    path, base, wanted = Path(sys.argv[1]), sys.argv[2], set(sys.argv[3:])
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["client"] in wanted]
    for row in rows:
        if row["client"] != "openai-async":
            run(row, base)
    asyncio.run(run_async([row for row in rows if row["client"] == "openai-async"], base))


if __name__ == "__main__":
    main()
