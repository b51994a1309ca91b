"""Replies of models and endpoints, made up at random from the pieces of real ones."""

import json
import random
from collections.abc import Callable

from envscaler.records import JsonObject, JsonValue

TOOLS = ("find", "list", "note")
_CALL = '{"name": "find", "arguments": {"id": "O1"}}'
_MARKS = (
    "<tool_call>", "</tool_call>", "<tool_calls>", "<function=find>", "</function>", "[TOOL_CALLS]",
    "[ARGS]", "<|python_tag|>", "<|tool_call_begin|>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>",
    "<|channel|>commentary to=functions.find", "<|message|>", "<think>", "</think>", "[THINK]",
    "<thought>", "</thought>", "<message>", "</message>", "<done/>", "<tool_response>", "```json\n",
    "```python\n", "```\n", "```tool_code\n", "~~~\n", "functools[", "<parameter=id>", "<arg_key>",
)  # fmt: skip
_PIECES = (
    "{", "}", "[", "]", '"', "\\", ":", ",", "(", ")", "=", "'", "\n", "\r\n", " ", "\t", "\x00",
    "\x1b[2J", "\u202e", "\ud83d", "\udc00", "é", "find", "list", "null", "NaN", "1e999", "-0.0",
    "123456789012345678901", "9" * 400, "9" * 5000, "{}", '{"id": "O1"}', _CALL, "find(id='O1')",
    '"name"', '"arguments"', '"parameters"', "\\ud83d", "[" * 70, "]" * 70, '{"a":' * 70, "Done.",
)  # fmt: skip
_NAMES = ("find", "functions.find:0", "multi_tool_use.parallel", "", "\ud83d", "burn", "x" * 90)


def make_text(chance: random.Random) -> str:
    """Make a text up: pieces, or a whole call with something cut, doubled or put in."""
    if chance.random() < 0.3:
        text = (
            f"<tool_call>{_CALL}</tool_call>" if chance.random() < 0.7 else f"```json\n{_CALL}\n```"
        )
        for _ in range(chance.randrange(3)):
            text = _MUTATIONS[chance.randrange(len(_MUTATIONS))](text, chance)
        return text
    count = chance.randrange(1, 12)
    return "".join(chance.choice(chance.choice((_MARKS, _PIECES))) for _ in range(count))


def make_response(chance: random.Random) -> bytes:
    """Make the body of a response up."""
    message: JsonObject = {"role": "assistant", "content": _content(chance)}
    for name in ("reasoning_content", "reasoning", "refusal", "reasoning_details", "signature"):
        if chance.random() < 0.15:
            message[name] = _content(chance)
    if chance.random() < 0.5:
        message["tool_calls"] = [_call(chance) for _ in range(chance.randrange(4))]
    reason = chance.choice(("stop", "length", "tool_calls", None))
    body: JsonObject = {"choices": [{"message": message, "finish_reason": reason}]}
    return json.dumps(body).encode()


def _content(chance: random.Random) -> JsonValue:
    kinds: tuple[Callable[[], JsonValue], ...] = (
        lambda: make_text(chance),
        lambda: make_text(chance),
        lambda: None,
        lambda: "",
        lambda: [{"type": "text", "text": make_text(chance)}],
        lambda: [{"type": "thinking", "thinking": make_text(chance)}, make_text(chance)],
        lambda: {"text": make_text(chance)},
        lambda: 7,
    )
    return chance.choice(kinds)()


def _call(chance: random.Random) -> JsonValue:
    arguments: JsonValue = make_text(chance) if chance.random() < 0.6 else _nested(chance)
    function: JsonObject = {"name": chance.choice(_NAMES), "arguments": arguments}
    shapes: tuple[JsonValue, ...] = (
        {"id": chance.choice(("c", "", None, 7)), "type": "function", "function": function},
        {"id": "c", **function},
        {"function": function, "extra_content": {"signature": make_text(chance)}},
        {"function": None},
        make_text(chance),
        None,
    )
    return chance.choice(shapes)


def _nested(chance: random.Random) -> JsonValue:
    value: JsonValue = chance.choice((1, -0.0, 10**25, "\ud83d", None, True, 1e308, "x"))
    for _ in range(chance.choice((0, 1, 3, 60, 64, 66, 130, 300))):
        value = {"a": value} if chance.random() < 0.5 else [value]
    return {"id": value}


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _double(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + text[chance.randrange(len(text) + 1) :] + text[start:]


def _insert(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + chance.choice(chance.choice((_MARKS, _PIECES))) + text[start:]


_MUTATIONS = (_cut, _double, _insert)
