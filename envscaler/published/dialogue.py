"""The published trajectories and rollout results as ours."""

import ast
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from pydantic import JsonValue

from envscaler.dialects.tool_calls import read_tool_calls
from envscaler.environment.state.encoding import python_text, tag
from envscaler.errors import ReplyError
from envscaler.model_json import arguments_of
from envscaler.published.rows import build, decoded, objects, text
from envscaler.records import (
    JsonObject,
    Message,
    Observation,
    ObservationKind,
    Reward,
    Step,
    StopReason,
    Tool,
    ToolCall,
    Trajectory,
    row_id,
)
from envscaler.replies import split_reasoning

_OPEN, _CLOSE = "<tool_response>", "</tool_response>"


def trajectory_row(row: JsonObject, scenario_id: str, attempt: int) -> Trajectory:
    """Convert a trajectory or a rollout result.

    Args:
        row: As published; its `messages` tell how the tools were called.
        scenario_id: The scenario's id with us.
        attempt: How many trajectories of that scenario came before.

    Raises:
        ArtifactError: A field is missing.
        RejectedError: A field holds something else than it should.
    """
    about = decoded(row, "task_info")
    env_id = text(about if isinstance(about, dict) else {}, "env_id")
    turns = objects(row, "messages")
    messages = _messages(turns)
    tool_format: Literal["native", "text"] = (
        "text" if any("<tool_call>" in _content(turn) for turn in turns) else "native"
    )
    return Trajectory(
        id=row_id("traj", scenario_id, json.dumps(turns)),
        env_id=env_id,
        scenario_id=scenario_id,
        attempt=attempt,
        dialogue=_dialogue_of(row),
        tool_format=tool_format,
        tools=tuple(_tool(item) for item in objects(row, "tools")),
        messages=messages,
        user_messages=_messages(objects(row, "user_messages")) if row.get("user_messages") else (),
        steps=tuple(_steps(messages)),
        stop_reason=StopReason.MAX_STEPS if row.get("truncated") is True else StopReason.FINISHED,
        reward=_reward(row.get("total_reward")),
        seed=0,
    )


def _dialogue_of(row: JsonObject) -> Literal["single_turn", "simulated_user"]:
    kind = row.get("traj_type")
    if isinstance(kind, str):
        return "simulated_user" if kind == "conversation" else "single_turn"
    return "simulated_user" if row.get("user_messages") else "single_turn"


def _messages(turns: list[JsonObject]) -> tuple[Message, ...]:
    messages: list[Message] = []
    waiting: list[str] = []
    for turn in turns:
        role, content = turn.get("role"), _content(turn)
        if role == "assistant":
            message = _assistant(turn, content, len(messages))
            waiting = [call.id for call in message.tool_calls]
            messages.append(message)
        elif role == "tool":
            messages.append(_result(content, turn.get("tool_call_id"), waiting))
        elif role == "user" and content.lstrip().startswith(_OPEN):
            messages += [_result(part, None, waiting) for part in _responses(content)]
        else:
            messages.append(build(Message, {"role": role, "content": content}))
    return tuple(messages)


def _result(content: str, call_id: JsonValue, waiting: list[str]) -> Message:
    """Make a tool's message; without an id of its own it answers the oldest call that waits."""
    oldest = waiting.pop(0) if waiting else None
    return Message(
        role="tool",
        content=content,
        tool_call_id=call_id if isinstance(call_id, str) else oldest,
    )


def _assistant(turn: JsonObject, content: str, position: int) -> Message:
    inline, visible = split_reasoning(content)
    stated = turn.get("reasoning_content") or turn.get("reasoning")
    reasoning = stated if isinstance(stated, str) else inline
    listed = objects(turn, "tool_calls") if turn.get("tool_calls") else []
    calls = tuple(_tool_call(item) for item in listed)
    problem = None
    if not calls and "<tool_call>" in visible:
        try:
            visible, read = read_tool_calls(visible)
            # Ids count within one message; here they have to differ over the whole dialogue.
            calls = tuple(
                call.model_copy(update={"id": f"call_{position}_{number}"})
                for number, call in enumerate(read)
            )
        except ReplyError as error:
            problem = str(error)
    return Message(
        role="assistant",
        content=visible,
        reasoning=reasoning,
        tool_calls=calls,
        problem=problem,
    )


def _tool_call(row: JsonObject) -> ToolCall:
    function = row.get("function", row)
    fields = function if isinstance(function, dict) else {}
    arguments = fields.get("arguments", {})
    if isinstance(arguments, str):
        with suppress(ValueError):  # they stay as they were written
            arguments = arguments_of(arguments)
    return build(
        ToolCall, {"id": row.get("id", ""), "name": fields.get("name"), "arguments": arguments}
    )


def _responses(content: str) -> list[str]:
    """Take the results out of a user message in the text tool format."""
    parts = content.split(_OPEN)[1:]
    return [part.partition(_CLOSE)[0].strip("\n") for part in parts]


def _steps(messages: tuple[Message, ...]) -> Iterator[Step]:
    calls = {call.id: call for message in messages for call in message.tool_calls}
    for message in messages:
        call = calls.get(message.tool_call_id or "")
        if message.role == "tool" and call is not None:
            yield Step(call=call, observation=_observation(message.content))


def _observation(content: str) -> Observation:
    """Read what Python's `str()` wrote; text that would not come out the same stays text."""
    value: JsonValue = content
    try:
        read = tag(ast.literal_eval(content))
        value = read if python_text(read) == content else content
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        pass
    return Observation(kind=ObservationKind.OK, value=value)


def _reward(score: JsonValue) -> Reward | None:
    if not isinstance(score, int | float):
        return None
    return Reward(score=score, verdicts=(), isolation="published")


def _tool(row: JsonObject) -> Tool:
    function = row.get("function", row)
    fields = function if isinstance(function, dict) else {}
    nothing: JsonObject = {"type": "object", "properties": {}, "required": []}
    return build(
        Tool,
        {
            "name": fields.get("name"),
            "description": fields.get("description") or "",
            "parameters": fields.get("parameters") or nothing,
        },
    )


def _content(turn: JsonObject) -> str:
    content = turn.get("content")
    return content if isinstance(content, str) else ""
