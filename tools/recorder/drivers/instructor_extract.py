"""Typed extraction with instructor: ``python instructor_extract.py BOOKINGS BASE RECORDING COUNT``."""

import json
import sys
from pathlib import Path
from typing import Literal

import instructor
import openai
from pydantic import BaseModel


class Booking(BaseModel):
    """What the ferry line wants to know about a message."""

    traveller: str
    berth: int | None
    vehicles: list[str]
    month: Literal["March", "June", "August"]


def main() -> None:
    """One request a message."""
    bookings, base, recording, count = sys.argv[1:5]
    client = instructor.from_openai(openai.OpenAI(base_url=f"{base}/{recording}/v1", api_key="extract-0"))
    for line in Path(bookings).read_text(encoding="utf-8").splitlines()[: int(count)]:
        messages = [{"role": "user", "content": "Extract: " + json.loads(line)["text"]}]
        client.chat.completions.create(model="m-small", response_model=Booking, messages=messages, max_retries=1)


if __name__ == "__main__":
    main()
