"""The agent: a model, a way of calling tools, and what is wrong with a reply.

All reasoning is kept in the trajectory. None is sent back, which every endpoint accepts; with the
setting `send_reasoning` that since the user's last message is, as interleaved thinkers want it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from envscaler.chat import Reply
from envscaler.interact.tool_format import ToolFormat, tool_line
from envscaler.llm.calls import Calls
from envscaler.prompts import render
from envscaler.records import Clock, Environment, Message, ToolCall

DialogueName = Literal["single_turn", "simulated_user"]

_QUOTED = 300
"""Characters of an unreadable call that are quoted back to the model."""


@dataclass(frozen=True, slots=True)
class Briefing:
    """What an agent is told before the first word of the user."""

    environment: Environment
    """Introduction, rules and tools."""
    clock: Clock
    """Says when it begins."""
    dialogue: DialogueName
    """Whether a user answers."""


class Agent:
    """A model that acts in one environment.

    Args:
        calls: Asks the model.
        briefing: What it is told at the start.
        calling: How it calls tools.
        sample: Which of several answers to the same request is meant: the attempt.
        send_reasoning: Send the reasoning since the user's last message back.
    """

    def __init__(
        self,
        calls: Calls,
        briefing: Briefing,
        *,
        tool_format: ToolFormat,
        sample: int,
        send_reasoning: bool,
    ) -> None:
        tools = briefing.environment.tools
        self.tool_names = frozenset(tool.name for tool in tools)
        self._tools = tool_format.offered(tools)
        self._calls = calls
        self._calling = tool_format
        self._sample = sample
        self._send_reasoning = send_reasoning
        self._opening = render(
            tool_format.prompt,
            environment=briefing.environment,
            tools=[tool_line(tool) for tool in tools],
            now=briefing.clock.start.isoformat(),
            dialogue=briefing.dialogue,
        )

    @property
    def opening(self) -> tuple[Message, ...]:
        """The messages that stand before the first word of the user."""
        return tuple(Message.model_validate(wire) for wire in self._opening.messages)

    async def act(self, messages: Sequence[Message]) -> tuple[Message, int]:
        """Ask for the next message.

        Args:
            messages: The dialogue behind the opening.

        Returns:
            The assistant's message, and the length of the dialogue with it, in tokens.

        Raises:
            ProviderError: The endpoint gave no usable answer.
        """
        known = with_reasoning(messages) if self._send_reasoning else without_reasoning(messages)
        reply = await self._calls.reply(
            "agent",
            self._opening.then(*self._calling.write(known)),
            tools=self._tools,
            sample=self._sample,
        )
        taken = {call.id for message in messages for call in message.tool_calls}
        message = self._calling.read(reply, taken)
        problem = message_problem(message, reply, self.tool_names)
        length = reply.usage.prompt_tokens + reply.usage.completion_tokens
        return message.model_copy(update={"problem": problem}), length


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
    if not message.content.strip():
        return "It was empty."
    return message.problem


def call_problem(call: ToolCall, tools: Collection[str]) -> str | None:
    """Say why a call cannot be tried at all, in sentences for the model; None if it can."""
    if call.name not in tools:
        return f"There is no tool {call.name!r}. The tools are: {', '.join(sorted(tools))}."
    if isinstance(call.arguments, str):
        wrote = call.arguments[:_QUOTED]
        return f"The arguments of {call.name} are not a JSON object: {wrote!r}."
    return None


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
