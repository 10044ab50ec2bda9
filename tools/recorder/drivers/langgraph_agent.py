"""A LangGraph agent with tools, started by unrelated keys.

``python langgraph_agent.py QUESTIONS BASE RECORDING KEYS EACH``
"""

import json
import sys
from pathlib import Path

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.prebuilt import create_react_agent

#: The template that the framework's tutorial would hand out: strangers keep it as it is.
PROMPT = (
    "You are a careful agent. Think about which of your tools brings you closer to an answer, use one tool at a time, "
    "never invent its result, and stop as soon as the question is answered. Current plan: none yet."
)


@tool  # type: ignore[untyped-decorator]
def search_notes(query: str) -> str:
    """Search the user's notes for a few words and return the best paragraph."""
    return f"One paragraph about {query}."


@tool  # type: ignore[untyped-decorator]
def calculate(expression: str) -> str:
    """Evaluate an arithmetic expression such as 2 * (3 + 4)."""
    return str(len(expression))


@tool  # type: ignore[untyped-decorator]
def send_reply(recipient: str, text: str) -> str:
    """Send a short reply to a recipient."""
    return f"Sent {len(text)} characters to {recipient}."


def main() -> None:
    """Each key asks its own questions."""
    questions, base, recording, keys, each = sys.argv[1:6]
    texts = [json.loads(line)["text"] for line in Path(questions).read_text(encoding="utf-8").splitlines()]
    for index in range(int(keys) * int(each)):
        llm = ChatOpenAI(model="m-large", base_url=f"{base}/{recording}/v1", api_key=f"agent-{index % int(keys):02}")
        agent = create_react_agent(llm, [search_notes, calculate, send_reply], prompt=PROMPT)
        agent.invoke({"messages": [("user", texts[index])]}, {"recursion_limit": 12})


if __name__ == "__main__":
    main()
