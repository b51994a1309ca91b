"""The one reader of model replies: JSON, code, tool calls, inline reasoning.

Every reader is pure and raises nothing but `ReplyError`, whose message is written for the model:
it is sent back with the reply so that the model can mend it.
"""

import json
import re
from typing import TypeVar, cast

from pydantic import JsonValue, ValidationError

from envscaler.errors import ReplyError
from envscaler.records import JsonObject, Record, ToolCall

RecordT = TypeVar("RecordT", bound=Record)

# A fence closes on a line of its own, so that a ``` inside a string does not end the block.
_BLOCK = re.compile(r"^```[ \t]*(?P<tag>\w*)[^\n]*\n(?P<body>.*?)^```[ \t]*$", re.M | re.S)
_OPEN_BLOCK = re.compile(r"^```[ \t]*(?P<tag>\w*)[^\n]*\n", re.M)
_TOOL_CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.S)
_MOST_MISSING = 3
"""Braces at the end whose lack is named."""
_PYTHON_TAGS = frozenset({"python", "py", "python3", ""})


def read_json(reply: str, kind: type[RecordT]) -> RecordT:
    """Read the JSON object of a reply as a record.

    The last fenced block that holds an object counts, since sketches come before answers; a reply
    without a fence may be the bare object.

    Raises:
        ReplyError: There is no object, or it is not a `kind`; the message says where.
    """
    value = _json_object(reply)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'object'}: {problem['msg']}"
            for problem in error.errors()[:5]
        )
        raise ReplyError(f"The JSON object is not as asked: {problems}") from error


def read_code(reply: str) -> str:
    """Return the one Python block of a reply, with a final newline.

    Raises:
        ReplyError: There is no block, or more than one.
    """
    blocks = [found["body"] for found in _BLOCK.finditer(reply) if found["tag"] in _PYTHON_TAGS]
    if len(blocks) > 1:
        raise ReplyError(f"Expected one ```python block, got {len(blocks)}; put all code in one")
    if not blocks:
        if _OPEN_BLOCK.search(reply):
            raise ReplyError("The ```python block is not closed; the reply seems to be cut off")
        raise ReplyError(f"Expected a ```python block, got {_excerpt(reply)}")
    code = blocks[0].strip("\n")
    if not code.strip():
        raise ReplyError("The ```python block is empty")
    return code + "\n"


def read_tool_calls(text: str) -> tuple[str, tuple[ToolCall, ...]]:
    """Take the `<tool_call>` blocks out of a reply (Hermes and Qwen format).

    Returns:
        The text around them, and the calls in order, with ids `call_0`, `call_1`, …

    Raises:
        ReplyError: A block is not closed or does not hold `{"name": …, "arguments": {…}}`.
    """
    visible = _TOOL_CALL.sub("", text)
    if "<tool_call>" in visible or "</tool_call>" in visible:
        raise ReplyError("A <tool_call> block has no matching </tool_call>")
    bodies = _TOOL_CALL.findall(text)
    calls = tuple(_tool_call(index, body) for index, body in enumerate(bodies))
    return visible.strip(), calls


def split_reasoning(text: str) -> tuple[str | None, str]:
    """Set inline reasoning apart from the answer.

    Returns:
        Reasoning or None, and the visible text. A `</think>` without its opening mark counts,
        since chat templates may put the opening into the prompt.
    """
    head, closed, rest = text.partition("</think>")
    if not closed:
        return None, text
    before, opened, thought = head.partition("<think>")
    if not opened:
        before, thought = "", head
    return thought.strip() or None, (before + rest).strip()


def _json_object(reply: str) -> JsonObject:
    blocks = [found["body"] for found in _BLOCK.finditer(reply) if found["tag"] != "python"]
    problem = ""
    for text in [*reversed(blocks), _outermost(reply)]:
        if not text.strip():
            continue
        try:
            value = cast("JsonValue", json.loads(text))
        except (json.JSONDecodeError, RecursionError) as error:
            problem = problem or f"The JSON does not parse: {error}"
            continue
        if isinstance(value, dict):
            return value
        problem = problem or f"Expected a JSON object, got {type(value).__name__}"
    raise ReplyError(problem or f"Expected a ```json block with an object, got {_excerpt(reply)}")


def _outermost(reply: str) -> str:
    return reply[reply.find("{") : reply.rfind("}") + 1] if "{" in reply else ""


def _tool_call(index: int, body: str) -> ToolCall:
    example = '{"name": "tool", "arguments": {}}'
    try:
        call = cast("JsonValue", json.loads(body))
    except (json.JSONDecodeError, RecursionError) as error:
        why = _missing_braces(body) or error
        raise ReplyError(f"<tool_call> {index + 1} is not JSON like {example}: {why}") from error
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        raise ReplyError(f"<tool_call> {index + 1} must be an object like {example}")
    arguments = call.get("arguments", {})
    if not isinstance(arguments, dict):
        raise ReplyError(f"The arguments of <tool_call> {index + 1} must be an object")
    return ToolCall(id=f"call_{index}", name=str(call["name"]), arguments=arguments)


def _missing_braces(body: str) -> str:
    """Say that an object would be one if it were closed; empty when that is not all."""
    for missing in range(1, _MOST_MISSING + 1):
        try:
            closed = cast("JsonValue", json.loads(body + "}" * missing))
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(closed, dict):
            what = "a } is" if missing == 1 else f"{missing} }} are"
            return f"the object is not closed: {what} missing at the end"
    return ""


def _excerpt(text: str) -> str:
    return repr(text[:80]) if text.strip() else "an empty reply"
