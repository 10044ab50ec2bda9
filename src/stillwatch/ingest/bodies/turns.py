"""Conversations: a list of messages, whichever API they follow. The shapes of parts don't collide: one reader does.

Sources of the shapes: OpenAI API reference ("Chat", "Responses"), Anthropic API reference ("Messages"), Amazon Bedrock
API reference ("ContentBlock"), OpenTelemetry "Input messages JSON schema", LiteLLM documentation ("Reasoning content").
"""

from typing import Any

from stillwatch.ingest.bodies.reading import COUNT_LIMIT, Reading, cut, image_digest, text_digest

_SYSTEM = frozenset({"system", "developer"})
_ASSISTANT = frozenset({"assistant", "model", "ai"})
_TOOL = frozenset({"tool", "function", "ipython"})
_CALLS = frozenset({"tool_use", "tool_call", "server_tool_use", "mcp_tool_use", "function_call"})
_IMAGES = frozenset({"image_url", "input_image", "image", "computer_screenshot"})


class Turns:
    """Collects a conversation turn by turn. One is used for the request and another for the answer."""

    __slots__ = (
        "answers_open", "assistant", "assistants", "before", "calls", "first", "images", "odd", "results",
        "signatures", "since", "system", "users",
    )  # fmt: skip

    def __init__(self) -> None:
        self.system: list[str] = []
        self.first: str | None = None
        self.since: list[str] = []  # user texts after the last assistant turn, the first message of all left out
        self.before: list[str] = []  # what ``since`` was when the last assistant turn began
        self.answers_open = False  # the last message so far is the model's
        self.assistant: list[str] = []
        self.users = self.assistants = self.calls = self.results = self.odd = 0
        self.images: list[int] = []
        self.signatures: list[int] = []

    def read(self, messages: list[Any]) -> None:
        """Take every message of a list."""
        for message in messages:
            if type(message) is dict:
                self.message(message)
            elif type(message) is str:
                self.user(message)
            else:
                self.odd += 1

    def message(self, message: dict[str, Any]) -> None:
        """Take one message of any role."""
        role = message.get("role")
        content = message.get("content")
        if content is None:
            content = message.get("parts")  # OpenTelemetry
        if role == "user":
            if type(content) is str:
                self.user(content)
                return
            results = self.results
            text = self.parts(content)
            if text is not None or self.results == results:  # a message of tool results alone is no user turn
                self.user(text or "")
            self.answers_open = False
        elif type(role) is not str:
            self.odd += 1
        elif role in _SYSTEM:
            text = content if type(content) is str else self.parts(content)
            if text:
                self.system.append(text)
        elif role in _ASSISTANT:
            self.assistant_turn(message, content)
        elif role in _TOOL:
            results = self.results
            self.answers_open = False
            if type(content) is not str:
                self.parts(content)
            self.results = max(self.results, results + 1)
        else:
            self.odd += 1

    def user(self, text: str) -> None:
        """Take the words of one user message."""
        self.users += 1
        self.answers_open = False
        if self.first is None:
            self.first = text
        else:
            self.since.append(text)

    def answered(self) -> None:
        """A turn of the model begins: user words so far are no longer the last ones."""
        self.assistants += 1
        self.answers_open = True
        if self.since:
            self.before = self.since
            self.since = []
        elif self.users == 1:
            self.before = []

    def assistant_turn(self, message: dict[str, Any], content: Any) -> None:
        """Take an assistant message: its words, its tool calls, and the opaque reasoning that it carries."""
        self.answered()
        text = content if type(content) is str else self.parts(content)
        if text:
            self.assistant.append(text)
        if len(message) <= 2:  # role and content: the common case
            return
        calls = message.get("tool_calls")
        if type(calls) is list:
            self.calls += len(calls)
        if type(message.get("function_call")) is dict:
            self.calls += 1
        for field in ("thinking_blocks", "reasoning_details"):
            blocks = message.get(field)
            if type(blocks) is list:
                self.parts(blocks)

    def sign(self, *values: Any) -> None:
        """Keep the hash of each opaque reasoning signature among ``values``."""
        for value in values:
            if type(value) is str and value:
                self.signatures.append(text_digest(value))

    def parts(self, content: Any) -> str | None:
        """The words of a list of parts, joined by new lines; ``None`` where there are none. Counts everything else."""
        if type(content) is dict:
            content = [content]
        if type(content) is not list:
            return None
        texts: list[str] = []
        for part in content:
            if type(part) is str:
                texts.append(part)
            elif type(part) is dict:
                text = self._part(part)
                if text is not None:
                    texts.append(text)
            else:
                self.odd += 1
        return "\n".join(texts) if texts else None

    def _part(self, part: dict[str, Any]) -> str | None:
        kind = part.get("type")
        if type(kind) is not str:
            return self._converse_part(part)
        if kind.endswith("text"):  # text, input_text, output_text
            text = part.get("text")
            if text is None:
                text = part.get("content")  # OpenTelemetry
            return text if type(text) is str else None
        if kind == "refusal":
            text = part.get("refusal")
            return text if type(text) is str else None
        if kind in _CALLS:
            self.calls += 1
        elif kind.endswith(("tool_result", "tool_call_response")):
            self.results += 1
            self._inner_images(part.get("content"))
        elif kind in _IMAGES or (kind in ("blob", "uri", "file") and part.get("modality") == "image"):
            self._image(part)
        elif "thinking" in kind or kind.startswith("reasoning"):
            self.sign(part.get("signature"), part.get("data"), part.get("encrypted_content"))
        return None

    def _converse_part(self, part: dict[str, Any]) -> str | None:
        text = part.get("text")
        if type(text) is str:
            return text
        if type(part.get("image")) is dict:
            self._image(part["image"])
        elif "toolUse" in part:
            self.calls += 1
        elif type(part.get("toolResult")) is dict:
            self.results += 1
            self._inner_images(part["toolResult"].get("content"))
        elif type(part.get("reasoningContent")) is dict:
            reasoning = part["reasoningContent"]
            inner = reasoning.get("reasoningText")
            self.sign(reasoning.get("redactedContent"), inner.get("signature") if type(inner) is dict else None)
        return None

    def _inner_images(self, content: Any) -> None:
        for part in content if type(content) is list else ():
            if type(part) is not dict:
                continue
            if type(part.get("image")) is dict:
                self._image(part["image"])
            elif type(part.get("type")) is str and part["type"] in _IMAGES:
                self._image(part)

    def _image(self, part: dict[str, Any]) -> None:
        source = part.get("source")
        address = part.get("image_url") or part.get("file_id") or part.get("uri") or part.get("content")
        if type(address) is dict:
            address = address.get("url")
        data = None
        if type(source) is dict:  # Anthropic and Bedrock
            data = source.get("data") or source.get("bytes")
            location = source.get("s3Location")
            address = source.get("url") or source.get("file_id")
            if address is None and type(location) is dict:
                address = location.get("uri")
        elif part.get("type") == "blob":  # OpenTelemetry
            data = address
        if type(data) is str:
            self.images.append(image_digest(data, is_base64=True))
        elif type(address) is str:
            self.images.append(image_digest(address))
        else:
            self.images.append(0)

    def into(self, reading: Reading) -> None:
        """Write the conversation of a request into its reading."""
        if self.system:
            reading.system_text = cut("\n\n".join(self.system))
        if self.first is not None:
            reading.first_text = cut(self.first)
        # A last message by the model is a beginning that the caller put into its mouth: the turn before it asks.
        last = self.before if self.answers_open else self.since
        if last:
            reading.last_text = cut("\n\n".join(last))
        if self.assistant:
            reading.assistant_text = cut("\n\n".join(self.assistant))
        reading.user_turns = min(self.users, COUNT_LIMIT)
        reading.assistant_turns = min(self.assistants, COUNT_LIMIT)
        reading.tool_calls_in = min(self.calls, COUNT_LIMIT)
        reading.tool_results = min(self.results, COUNT_LIMIT)
        reading.images = min(len(self.images), COUNT_LIMIT)
        if self.images:
            reading.image_hashes = self.images
        if self.signatures:
            reading.signatures = self.signatures
        if self.odd:
            reading.doubt("request: a message or part of unknown shape")
