"""Two ways to tell a model about tools and to hear which of them it calls.

*native* is the endpoint's function calling. *text* needs a plain chat endpoint only: tools in
the system prompt, `<tool_call>` blocks in the reply, results in `<tool_response>` blocks of a user
message (Hermes and Qwen). An episode keeps the same messages in both; only the wire differs.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby
from typing import Literal, Protocol, cast

from envscaler.chat import Reply, WireMessage
from envscaler.dialects.tool_calls import plain_name, read_tool_calls, written_call
from envscaler.errors import ReplyError
from envscaler.records import JsonObject, Message, Tool, ToolCall

ToolFormatName = Literal["native", "text"]

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 64
_SAID_NOTHING = "(empty)"
"""Endpoints refuse an assistant's message without text, though models write such ones."""


class ToolFormat(Protocol):
    """How calls are written: a tool format."""

    @property
    def prompt(self) -> str:
        """Name of the agent's system prompt."""
        ...

    def offered(self, tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
        """Return the tools that are sent beside the messages."""
        ...

    def read(self, reply: Reply, taken: Collection[str], tools: Collection[str] = ()) -> Message:
        """Turn a reply into the assistant's message; never raises, see `Message.problem`.

        Args:
            reply: What the model answered.
            taken: Ids of all earlier calls of the episode.
            tools: Names of the tools there are.
        """
        ...

    def write(self, messages: Sequence[Message]) -> list[WireMessage]:
        """Turn messages into what the endpoint is sent."""
        ...


class NativeFormat:
    """The endpoint's own function calling."""

    prompt = "interact/agent_native"

    def offered(self, tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
        return tools

    def read(self, reply: Reply, taken: Collection[str], tools: Collection[str] = ()) -> Message:
        problem = None
        if not reply.tool_calls and (way := written_call(reply.content, tools)):
            problem = f"It has a tool call written as text, {way}; use function calling."
        calls = _with_own_ids(_with_plain_names(reply.tool_calls, tools), taken)
        return _assistant(reply, reply.content, calls, problem)

    def write(self, messages: Sequence[Message]) -> list[WireMessage]:
        return [_native_wire(message) for message in messages]


class TextFormat:
    """Tool calls as text, in the Hermes and Qwen format."""

    prompt = "interact/agent_text"

    def offered(self, tools: tuple[Tool, ...]) -> tuple[Tool, ...]:  # noqa: ARG002
        return ()

    def read(self, reply: Reply, taken: Collection[str], tools: Collection[str] = ()) -> Message:
        if "<tool_response>" in reply.content:
            problem = "It has a <tool_response> in it, which only tools may write."
            return _assistant(reply, reply.content, (), problem)
        try:
            content, calls = read_tool_calls(reply.content, tools)
        except ReplyError as error:
            return _assistant(reply, reply.content, (), f"{error}.")
        # Servers that know the model's own format may read a call that nobody offered natively.
        calls = _with_plain_names((*reply.tool_calls, *calls), tools)
        return _assistant(reply, content, _with_own_ids(calls, taken), None)

    def write(self, messages: Sequence[Message]) -> list[WireMessage]:
        wire: list[WireMessage] = []
        for is_result, group in groupby(messages, key=lambda message: message.role == "tool"):
            if is_result:
                blocks = (
                    f"<tool_response>\n{result.content}\n</tool_response>" for result in group
                )
                wire.append(WireMessage(role="user", content="\n".join(blocks)))
            else:
                wire.extend(_prompt_wire(message) for message in group)
        return wire


TOOL_FORMATS: Mapping[ToolFormatName, ToolFormat] = {"native": NativeFormat(), "text": TextFormat()}


def _assistant(
    reply: Reply, content: str, calls: Iterable[ToolCall], problem: str | None
) -> Message:
    return Message(
        role="assistant",
        content=content,
        reasoning=reply.reasoning,
        tool_calls=tuple(calls),
        problem=problem,
        extra=reply.extra,
    )


def _with_plain_names(calls: Iterable[ToolCall], tools: Collection[str]) -> Iterator[ToolCall]:
    for call in calls:
        name = plain_name(call.name, tools)
        yield call if name == call.name else call.model_copy(update={"name": name})


def _with_own_ids(calls: Iterable[ToolCall], taken: Collection[str]) -> Iterator[ToolCall]:
    """Rename calls whose id was there before: some endpoints begin anew with every reply."""
    used = set(taken)
    for call in calls:
        numbers = (f"call_{number}" for number in count(len(used)))
        free = next(name for name in numbers if name not in used) if call.id in used else call.id
        used.add(free)
        yield call if free == call.id else call.model_copy(update={"id": free})


def _native_wire(message: Message) -> WireMessage:
    wire = _plain_wire(message)
    if message.tool_calls:
        wire["content"] = message.content or None
        wire["tool_calls"] = [_native_call(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        wire["tool_call_id"] = message.tool_call_id
    return wire


def _native_call(call: ToolCall) -> JsonObject:
    # Many servers parse the arguments of past calls and refuse the whole request when they cannot.
    # What was unreadable is quoted in the call's answer, so that it can be left out here.
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    text = json.dumps(arguments, ensure_ascii=False)
    # An invented name may have characters that endpoints refuse to see again.
    name = _NOT_IN_NAMES.sub("_", call.name)[:_LONGEST_NAME] or "_"
    return {
        **call.extra,
        "id": call.id,
        "type": "function",
        "function": {"name": name, "arguments": text},
    }


def _prompt_wire(message: Message) -> WireMessage:
    wire = _plain_wire(message)
    if message.tool_calls:
        blocks = [_prompt_call(call) for call in message.tool_calls]
        wire["content"] = "\n".join(filter(None, [message.content, *blocks]))
    return wire


def _prompt_call(call: ToolCall) -> str:
    body = json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)
    return f"<tool_call>\n{body}\n</tool_call>"


def _plain_wire(message: Message) -> WireMessage:
    says_nothing = message.role == "assistant" and not message.content.strip()
    content = _SAID_NOTHING if says_nothing else message.content
    wire = cast("WireMessage", {**message.extra, "role": message.role, "content": content})
    if message.reasoning is not None:
        wire["reasoning_content"] = message.reasoning
    return wire
