"""What the pipeline says to a model and what it hears: the border of `llm`."""

from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypedDict

from envscaler.records import JsonObject, JsonValue, Tool, ToolCall, Usage

Role = Literal["miner", "coder", "tester", "judge", "task_writer", "check_writer", "agent", "user"]
"""Who is speaking; each may have its own model, endpoint and temperature."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a role's requests go, and the key that opens it."""

    base_url: str | None
    """None: OpenAI's own."""
    api_key: str = field(repr=False)
    """May be empty, as local servers want none."""


class WireMessage(TypedDict, total=False):
    """One message in the OpenAI chat format."""

    role: str
    content: str | None
    reasoning_content: str
    tool_calls: list[JsonObject]
    tool_call_id: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt, and which template it came from."""

    name: str
    """Path below `prompts/` without the ending, such as `skel_builder/judge`."""
    sha: str
    """First 12 hexadecimal digits of the SHA-256 of the template."""
    messages: tuple[WireMessage, ...]
    schema: JsonObject | None = None
    """What `response_format` calls `json_schema`; None where the reply is no JSON object."""

    def then(self, *messages: WireMessage) -> "Prompt":
        """Return the same prompt with `messages` behind it: a dialogue that goes on."""
        return replace(self, messages=(*self.messages, *messages))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A model's answer, its reasoning set apart."""

    content: str
    """Visible text, without reasoning. Empty beside tool calls, and when the model said nothing."""
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    extra: JsonObject = field(default_factory=dict[str, JsonValue])
    """What else the endpoint put into the message, which goes back to it with the dialogue."""
    finish_reason: str = "stop"
    model: str
    """The model that the endpoint says has answered."""
    usage: Usage
    cached: bool = False
    """It came from the store and cost nothing now."""


class ChatModel(Protocol):
    """All that the pipeline needs from a model. Tests pass a `ScriptedModel`."""

    async def complete(
        self, prompt: Prompt, *, tools: tuple[Tool, ...] = (), sample: int = 0, seed: int = 0
    ) -> Reply:
        """Answer a prompt.

        Args:
            prompt: The messages, with the name of their template.
            tools: Offered to the model natively.
            sample: Which of several answers to the very same request is meant.
            seed: Sent along where the role's settings say so.

        Raises:
            ProviderError: No usable answer came.
            PendingError: The answer was asked for in a batch file.
            EndpointError: No request to this endpoint can succeed.
            BudgetError: The user's limit is reached.
        """
        ...
