"""The agent: a model, a tool format, and what is wrong with a reply.

All reasoning is kept in the trajectory. None is sent back, which most endpoints accept; the
setting `send_reasoning` sends what interleaved thinkers want to see again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from json import JSONDecodeError
from typing import Literal, Protocol

from envscaler.chat import Prompt, Reply
from envscaler.dialects.tool_calls import written_call
from envscaler.interact.tool_format import ToolFormat
from envscaler.llm.calls import Calls
from envscaler.model_json import arguments_of
from envscaler.prompt_text import function_line
from envscaler.prompts import render
from envscaler.records import Clock, Environment, Message, Tool, ToolCall

DialogueName = Literal["single_turn", "simulated_user"]
SendReasoning = Literal["none", "turn", "all"]

_QUOTED = 300
"""Characters of an unreadable call that are quoted back to the model."""
_ORDINARY = ("stop", "tool_calls", "length")


class Fault(StrEnum):
    """What is wrong with a reply of the agent."""

    EMPTY = auto()
    """It says nothing, or nothing outside its reasoning."""
    OUT_OF_TOKENS = auto()
    """It was cut off before it said anything; the next one would end likewise."""
    UNKNOWN_TOOL = auto()
    """All that is wrong is that it calls tools that do not exist."""
    MALFORMED = auto()
    """Anything else."""


@dataclass(frozen=True, slots=True)
class Act:
    """A reply of the agent."""

    message: Message
    fault: Fault | None
    length: int
    """Of the dialogue with it, in tokens."""


@dataclass(frozen=True, slots=True)
class Briefing:
    """What an agent is told before the first word of the user."""

    environment: Environment
    """Introduction, rules and tools."""
    clock: Clock
    """Says when it begins."""
    dialogue: DialogueName
    """Whether a user answers."""

    @property
    def tools(self) -> tuple[Tool, ...]:
        return self.environment.tools

    def prompt(self, tool_format: ToolFormat) -> Prompt:
        """Write what stands before the first word of the user."""
        return render(
            tool_format.prompt,
            environment=self.environment,
            tools=[function_line(tool) for tool in self.tools],
            now=self.clock.start.isoformat(),
            dialogue=self.dialogue,
        )


class Actor(Protocol):
    """Whoever acts: a model, or somebody who plays given calls."""

    @property
    def opening(self) -> tuple[Message, ...]:
        """The messages that stand before the first word of the user."""
        ...

    @property
    def tool_names(self) -> frozenset[str]:
        """The tools that there are."""
        ...

    def offer(self, tools: tuple[Tool, ...]) -> None:
        """Take note of the tools that there are from now on."""
        ...

    async def act(self, messages: Sequence[Message], /) -> Act:
        """Say or do the next thing.

        Args:
            messages: The dialogue behind the opening.

        Raises:
            ProviderError: A model gave no usable answer.
            GuestError: The environment broke.
        """
        ...


class Opening(Protocol):
    """What an agent starts with: the tools, and what it is told before the first word."""

    @property
    def tools(self) -> tuple[Tool, ...]: ...

    def prompt(self, tool_format: ToolFormat, /) -> Prompt:
        """Write what stands before the first word of the user."""
        ...


class Agent:
    """A model that acts in one environment.

    Args:
        calls: Asks the model.
        briefing: What it is told at the start.
        tool_format: How it calls tools.
        sample: Which of several answers to the same request is meant: the attempt.
        send_reasoning: Which reasoning is sent back: `none`, that of this `turn` (since the user's
            last message), or `all` of it.
    """

    def __init__(
        self,
        calls: Calls,
        briefing: Opening,
        *,
        tool_format: ToolFormat,
        sample: int,
        send_reasoning: SendReasoning,
    ) -> None:
        self._calls = calls
        self._calling = tool_format
        self._sample = sample
        self._send_reasoning: SendReasoning = send_reasoning
        self._opening = briefing.prompt(tool_format)
        self.offer(briefing.tools)

    @property
    def tool_names(self) -> frozenset[str]:
        """The tools that there are."""
        return self._tool_names

    def offer(self, tools: tuple[Tool, ...]) -> None:
        """Take note of the tools that there are from now on."""
        self._tool_names = frozenset(tool.name for tool in tools)
        self._tools = self._calling.offered(tools)

    @property
    def opening(self) -> tuple[Message, ...]:
        """The messages that stand before the first word of the user."""
        return tuple(Message.model_validate(wire) for wire in self._opening.messages)

    async def act(self, messages: Sequence[Message]) -> Act:
        """Ask for the next message.

        Args:
            messages: The dialogue behind the opening.

        Raises:
            ProviderError: The endpoint gave no usable answer.
        """
        known = select_reasoning(messages, self._send_reasoning)
        reply = await self._calls.reply(
            "agent",
            self._opening.then(*self._calling.write(known)),
            tools=self._tools,
            sample=self._sample,
        )
        taken = {call.id for message in messages for call in message.tool_calls}
        message = self._calling.read(reply, taken, self.tool_names)
        problem = message_problem(message, reply, self.tool_names)
        return Act(
            message=message.model_copy(update={"problem": problem}),
            fault=_fault(message, reply, self.tool_names) if problem else None,
            length=reply.usage.prompt_tokens + reply.usage.completion_tokens,
        )


def message_problem(message: Message, reply: Reply, tools: Collection[str]) -> str | None:
    """Say what is wrong with an assistant's message, in sentences for the model; None if nothing.

    Args:
        message: As read from `reply`.
        reply: Tells whether it was cut off.
        tools: Names of the tools that there are.
    """
    if message.tool_calls:
        problems = (call_problem(call, tools) for call in message.tool_calls)
        return " ".join(filter(None, problems)) or None
    if reply.finish_reason == "length":
        return "It was cut off at the length limit of a reply; be shorter."
    if message.content.strip():
        return message.problem
    return _silence(message, reply, tools)


def _silence(message: Message, reply: Reply, tools: Collection[str]) -> str:
    if not message.reasoning:
        told = (
            "" if reply.finish_reason in _ORDINARY else f" (finish reason: {reply.finish_reason})"
        )
        return f"It was empty{told}."
    if written_call(message.reasoning, tools):
        return "Its tool call is inside the reasoning (reasoning_content), where no tool sees it."
    return "All of it was reasoning (reasoning_content), which nobody sees, and nothing was said."


def _fault(message: Message, reply: Reply, tools: Collection[str]) -> Fault:
    """Name the fault of a message that has a problem."""
    if message.tool_calls:
        readable = all(isinstance(call.arguments, dict) for call in message.tool_calls)
        return Fault.UNKNOWN_TOOL if readable else Fault.MALFORMED
    if message.content.strip():
        return Fault.MALFORMED
    if reply.finish_reason == "length":
        return Fault.OUT_OF_TOKENS
    leaked = message.reasoning is not None and written_call(message.reasoning, tools)
    return Fault.MALFORMED if leaked else Fault.EMPTY


def call_problem(call: ToolCall, tools: Collection[str]) -> str | None:
    """Say why a call cannot be tried at all, in sentences for the model; None if it can."""
    if call.name not in tools:
        return f"There is no tool {call.name!r}. The tools are: {', '.join(sorted(tools))}."
    if isinstance(call.arguments, str):
        wrote = call.arguments[:_QUOTED]
        return (
            f"The arguments of {call.name} are not a JSON object: {wrote!r}{_why(call.arguments)}."
        )
    return None


def _why(arguments: str) -> str:
    """Say why arguments cannot be read, where that is more than a slip in their JSON."""
    try:
        arguments_of(arguments)
    except JSONDecodeError:
        return ""
    except ValueError as error:
        return f"; {error}"
    return ""


def select_reasoning(messages: Sequence[Message], choice: SendReasoning) -> list[Message]:
    """Return the messages, with only that reasoning which is sent back."""
    if choice == "all":
        return list(messages)
    return with_reasoning(messages) if choice == "turn" else without_reasoning(messages)


def without_reasoning(messages: Sequence[Message]) -> list[Message]:
    """Return the messages, all reasoning left out."""
    return [
        message if message.reasoning is None else message.model_copy(update={"reasoning": None})
        for message in messages
    ]


def with_reasoning(messages: Sequence[Message]) -> list[Message]:
    """Return the messages, only the reasoning since the user's last one kept."""
    users = [index for index, message in enumerate(messages) if message.role == "user"]
    start = users[-1] if users else 0
    return [*without_reasoning(messages[:start]), *messages[start:]]
