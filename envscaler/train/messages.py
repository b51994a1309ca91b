"""Rows of chat messages in the OpenAI style, as TRL and chat templates read them.

Arguments are objects: as strings they crash some templates and are encoded twice by others. A key
without a value is left out, since `datasets` turns columns of equal keys into typed columns, with
nulls in the arguments and timestamps for dates.
"""

from collections.abc import Iterator
from typing import cast

from envscaler.records import JsonObject, JsonValue, Message, ToolCall
from envscaler.resources import package_text
from envscaler.train.dialogue import Dialogue, without_malformed
from envscaler.train.export import NO_TRAJECTORIES, Format
from envscaler.train.tools import tools_column, without_tools

CONVERSATIONS = Format(
    name="messages",
    remedy=NO_TRAJECTORIES,
    about=package_text("train/messages.md").rstrip(),
)

TURNS = Format(
    name="messages-per-turn",
    remedy=NO_TRAJECTORIES,
    about=package_text("train/messages_per_turn.md").rstrip(),
)


def conversation_rows(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield one row with the whole conversation, to train on every assistant message.

    Malformed replies are left out: a trainer cannot be told to skip one message.

    Raises:
        RejectedError: Other calls of a malformed reply ran, so it cannot be left out.
    """
    messages: list[JsonValue] = opening(dialogue)
    for turn in without_malformed(dialogue):
        messages += [*map(_message, turn.heard), _message(turn.reply)]
    yield {**origin_columns(dialogue), "messages": messages, "tools": _tools(dialogue)}


def turn_rows(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield a row per well-formed reply: `prompt` without reasoning, `completion` with it.

    This is for chat templates that drop the reasoning of earlier turns, where a row with the
    whole conversation would train the earlier turns without theirs.
    """
    prompt: list[JsonValue] = opening(dialogue)
    for turn in dialogue.turns:
        prompt = prompt + [_message(message) for message in turn.heard]
        if turn.trained:
            yield {
                **origin_columns(dialogue),
                "prompt": prompt,
                "completion": [_message(turn.reply)],
                "tools": _tools(dialogue),
            }
        prompt = [*prompt, _message(turn.reply.model_copy(update={"reasoning": None}))]


def turn_chat(row: JsonObject) -> list[JsonValue]:
    """Write a row as one list of messages."""
    return cast("list[JsonValue]", row["prompt"]) + cast("list[JsonValue]", row["completion"])


def conversation_chat(row: JsonObject) -> list[JsonValue]:
    """Return the messages of a row."""
    return cast("list[JsonValue]", row["messages"])


def origin_columns(dialogue: Dialogue) -> JsonObject:
    """Say where a row comes from."""
    trajectory = dialogue.trajectory
    return {
        "trajectory_id": trajectory.id,
        "env_id": trajectory.env_id,
        "scenario_id": trajectory.scenario_id,
        "source": dialogue.source,
        "score": trajectory.reward.score if trajectory.reward else None,
    }


def _tools(dialogue: Dialogue) -> str:
    return tools_column(dialogue.trajectory.tools)


def opening(dialogue: Dialogue) -> list[JsonValue]:
    """Write the system message, without tools, if there is one."""
    system = without_tools(dialogue.system)
    return [{"role": "system", "content": system}] if system else []


def _message(message: Message) -> JsonObject:
    written: JsonObject = {"role": message.role, "content": message.content}
    if message.reasoning is not None:
        written["reasoning_content"] = message.reasoning
    if message.tool_calls:
        written["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        written["tool_call_id"] = message.tool_call_id
    return written


def _call(call: ToolCall) -> JsonObject:
    # Unreadable arguments stand only in history, where the tool's answer quotes them.
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    return {
        "type": "function",
        "id": call.id,
        "function": {"name": call.name, "arguments": arguments},
    }
