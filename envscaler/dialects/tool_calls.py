"""Tool calls that are written as text, in whatever way a model is used to.

The way that models are asked for is `<tool_call>{"name": …, "arguments": {…}}</tool_call>`. Other
marks and other keys around the same JSON are read too, and calls as Python writes them. What
cannot be read without guessing, such as `<parameter=…>` marks, whose values have no types, is
named as what it is; no call is ever read with a part of it left out. In all ways time is in
proportion to the text.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from pydantic import JsonValue

from envscaler.dialects.python_calls import looks_like_python, python_calls
from envscaler.errors import ReplyError
from envscaler.model_json import arguments_of, first_value, loads, skip_space
from envscaler.records import JsonObject, ToolCall

_EXAMPLE = '{"name": "tool", "arguments": {}}'
_NAME_KEYS = ("name", "tool_name", "function_name", "tool", "function")
_ARGUMENT_KEYS = (
    "arguments",
    "parameters",
    "args",
    "params",
    "input",
    "tool_input",
    "action_input",
    "tool_arguments",
    "function_arguments",
)
_WRAPPERS = ("function", "function_call", "tool_call")
_LABELS = frozenset({"id", "type", "index", "call_id", "tool_call_id"})
_LONGEST_TAIL = 20
_NUMBER = re.compile(r":\d+$")
_MOST_MISSING = 3
"""Braces at the end whose lack is named."""
_MOST_CANDIDATES = 8
"""Objects in a text that are tried as a call; a limit, since each try may go on to the end."""

_OPENING = re.compile(
    r"<tool_calls?>|<function_?calls?>|<TOOLCALL>|<longcat_tool_call>|<\|tool_call\|>"
    r"|<minimax:tool_call>|<seed:tool_call>|<｜DSML｜function_calls>|<\|tool_call>"
    r"|<function=|<(?:｜DSML｜)?invoke\s+name=\""
    r"|\[TOOL_CALLS\]|<\|python_tag\|>|<\|python_start\|>|functools(?=\[)"
    r"|<\|action_start\|>(?:\s*<\|plugin\|>)?|<\|START_ACTION\|>|<\|tools_prefix\|>"
    r"|<\|tool_call_start\|>|<\|tool_calls_section_begin\|>|<\|tool_call_begin\|>"
    r"|<｜tool▁calls▁begin｜>|<｜tool▁call▁begin｜>"
    r"|(?:<\|start\|>assistant)?(?:<\|channel\|>commentary)? ?to=(?=functions\.)"
    r"|^[ \t]*```[ \t]*(?:tool_calls?|tool_code|function_calls?)[ \t]*\r?$",
    re.M,
)
"""What stands before a call: Hermes and Qwen, Jamba, Granite, Phi, Nemotron, Llama, Mistral,
InternLM, Command R, Apertus, LFM, Kimi, DeepSeek, gpt-oss, and others in their way."""
_CLOSING = re.compile(
    r"</tool_calls?>|</function_?calls?>|</TOOLCALL>|</longcat_tool_call>|<\|/tool_call\|>"
    r"|</function>|<\|python_end\|>|<\|action_end\|>|<\|END_ACTION\|>|<\|tools_suffix\|>"
    r"|<\|tool_call_end\|>|<\|tool_calls_section_end\|>|<｜tool▁calls?▁end｜>|<\|call\|>"
    r"|</invoke>|</minimax:tool_call>|</seed:tool_call>"
    r"|<\|eom_id\|>|<\|eot_id\|>|^[ \t]*```(?:[ \t]*\r?$|(?=<))",
    re.M,
)
_NAMED = re.compile(
    r"(?:function<｜tool▁sep｜>)?(?P<name>[\w.\-:]++)\s*+"
    r"(?:\"?>|\[ARGS\]|\[CALL_ID\]\w++\[ARGS\]|<｜tool▁sep｜>|<\|tool_call_argument_begin\|>"
    r"|(?:<\|channel\|>commentary\s*+)?(?:<\|constrain\|>)?(?:json)?\s*+<\|message\|>)?"
    r"\s*+(?:```(?:json)?\s*+)?(?=\{)"
)
"""A name and what separates it from its arguments, where the name stands outside the JSON."""
_PYTHON = re.compile(r"\[?\s*+[A-Za-z_][\w.]*+\(")
_MORE = re.compile(r"\s*+[;,]?\s*+(?=[{\[])")
_TOO_MANY = re.compile(r"\s*\}+")
"""Braces behind a call that is whole."""
_FENCED = re.compile(r"```[ \t]*+\w*+[ \t]*+\r?\n(?P<body>[^`]*+)```")
_INNER_FENCE = re.compile(r"```\w*(?=\s)")
_OPEN_FENCE = re.compile(r"^[ \t]*```[ \t]*\w+\s*\Z", re.M)
_TAIL = re.compile(r"(?:</tool_calls?>|<\|eom_id\|>|<\|eot_id\|>)\Z")
_CANDIDATE = re.compile(r"\{\s*\"(?:name|type|id|tool|tool_name|function)\"")
_UNREADABLE = (
    (re.compile(r"<parameter[= ]|<｜DSML｜parameter"), "with <parameter> marks"),
    (re.compile(r"<arg_key>|<arg_value>"), "with <arg_key> marks"),
    (re.compile(r"call:[\w.\-]+\{"), "as call:name{…}"),
)
_LOOKED_AT = 2000
"""Characters of an unreadable call in which its way of writing is looked for."""


@dataclass(frozen=True, slots=True)
class _Written:
    name: str
    arguments: JsonObject


def read_tool_calls(text: str, tools: Collection[str] = ()) -> tuple[str, tuple[ToolCall, ...]]:
    """Take the tool calls out of a reply.

    Args:
        text: The reply, without its reasoning.
        tools: Names of the tools there are; a call without marks is known by them.

    Returns:
        The text around the calls, and the calls in order, with ids `call_0`, `call_1`, …

    Raises:
        ReplyError: A call cannot be read, or stands without marks in the midst of a text.
    """
    visible, written = _marked(text, tools)
    if not written:
        visible, written = _unmarked(visible, tools)
    if stray := _OPENING.search(visible) or re.search("</tool_calls?>", visible):
        raise ReplyError(f"A {stray.group().strip()} has no matching mark before or behind it")
    calls = (
        ToolCall(id=f"call_{index}", name=call.name, arguments=call.arguments)
        for index, call in enumerate(written)
    )
    return visible.strip(), tuple(calls)


def written_call(text: str, tools: Collection[str]) -> str | None:
    """Say how a call is written in a text that should hold none; None when there is none."""
    if mark := _OPENING.search(text):
        return f"with {mark.group().strip()}"
    if _has_json_call(text):
        return "as JSON"
    return "as a Python call" if looks_like_python(text, tools) else None


def plain_name(name: str, tools: Collection[str]) -> str:
    """Return the tool that is meant by a name with a namespace or a number around it.

    Servers leave in what the model's own format has: `functions.find`, `functions.find:0`,
    `default_api.find`, `find<|channel|>commentary`.
    """
    if name in tools:
        return name
    bare = name.partition("<|")[0].strip()
    bare = _NUMBER.sub("", bare).removeprefix("functions.").removeprefix("default_api").lstrip(".:")
    return bare if bare in tools else name


def _marked(text: str, tools: Collection[str]) -> tuple[str, list[_Written]]:
    kept: list[str] = []
    written: list[_Written] = []
    position = 0
    while mark := _OPENING.search(text, position):
        kept.append(_without_open_fence(text[position : mark.start()]))
        found, position = _block(text, mark.end(), len(written), tools)
        written += found
    visible = "".join([*kept, text[position:]])
    return _without_open_fence(visible) if written else visible, written


def _without_open_fence(text: str) -> str:
    """Take away the fence that a model has opened around a call."""
    end = _cut_off(_OPEN_FENCE, text)
    return text[:end] if text[end:].strip() else text


def _cut_off(mark: re.Pattern[str], text: str) -> int:
    """Return where a text ends without the marks and spaces at its end."""
    end = len(text)
    while True:
        while end and text[end - 1].isspace():
            end -= 1
        found = mark.search(text, max(0, end - _LONGEST_TAIL), end)
        if found is None:
            return end
        end = found.start()


def _block(
    text: str, start: int, number: int, tools: Collection[str]
) -> tuple[list[_Written], int]:
    """Read the calls behind an opening mark, and return where the text goes on."""
    start = skip_space(text, _behind(_INNER_FENCE, text, _behind(_OPENING, text, start)))
    try:
        if _PYTHON.match(text, start):
            end = _end_of_block(text, start)
            written = _python(text[start:end])
        else:
            written, end = _calls_at(text, start, tools)
    except ValueError as error:
        body = text[start : _end_of_block(text, start)]
        raise ReplyError(_unreadable(body, number, error)) from error
    return written, _behind(_CLOSING, text, _behind(_TOO_MANY, text, end))


def _calls_at(text: str, start: int, tools: Collection[str]) -> tuple[list[_Written], int]:
    """Read what begins at `start`: a name and arguments, or one or more JSON values."""
    if named := _NAMED.match(text, start):
        value, end = first_value(text, named.end())
        return [_Written(named["name"], arguments_of(value))], end
    written: list[_Written] = []
    while True:
        value, end = first_value(text, start)
        written += _calls_in(value, tools)
        more = _MORE.match(text, end)
        if more is None:
            return written, end
        start = more.end()


def _calls_in(value: JsonValue, tools: Collection[str]) -> Iterator[_Written]:
    """Read JSON as one call, or as a list of them.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(value, dict) and value.keys() == {"tool_calls"}:
        value = value["tool_calls"]
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            raise ValueError(f"it must be an object like {_EXAMPLE}")  # noqa: TRY004
        yield _call_in(_unpacked(item), tools)


def _unpacked(value: JsonObject) -> JsonObject:
    """Take away the object that the OpenAI style has around name and arguments."""
    for key in _WRAPPERS:
        inner = value.get(key)
        if isinstance(inner, dict) and value.keys() - {key} <= _LABELS:
            return inner
    return value


def _call_in(value: JsonObject, tools: Collection[str]) -> _Written:
    if len(value) == 1 and (name := next(iter(value))) in tools:
        return _Written(name, _read_arguments(value[name]))
    names = [key for key in _NAME_KEYS if isinstance(value.get(key), str)]
    given = [key for key in _ARGUMENT_KEYS if key in value]
    if len(names) != 1:
        raise ValueError(f"it must be an object like {_EXAMPLE}")
    if len(given) > 1:
        raise ValueError(f"it has arguments under {' and '.join(given)}; use one of them")
    others = value.keys() - {*names, *given} - (_LABELS if given else {"type"})
    if others:
        raise ValueError(f'it has {", ".join(sorted(others))[:80]} outside of "arguments"')
    return _Written(str(value[names[0]]), _read_arguments(value[given[0]]) if given else {})


def _read_arguments(written: JsonValue) -> JsonObject:
    try:
        return arguments_of(written)
    except ValueError as error:
        raise ValueError(f"its arguments must be an object: {error}") from error


def _unmarked(text: str, tools: Collection[str]) -> tuple[str, list[_Written]]:
    """Read a text that is nothing but calls; other text with a call in it is refused."""
    whole = _unwrapped(text)
    try:
        if looks_like_python(whole, tools):
            return "", _python(whole)
        if whole.startswith(("{", "[")):
            written, end = _calls_at(whole, 0, tools)
            if end == len(whole) and all(call.name in tools for call in written):
                return "", written
    except ValueError:
        pass
    if _has_json_call(text):
        raise ReplyError(
            "It has a tool call without marks; put it into <tool_call> and </tool_call>"
        )
    return text, []


def _unwrapped(text: str) -> str:
    """Take closing marks behind a text away, and a fence around all of it."""
    text = text[: _cut_off(_TAIL, text)].strip()
    fenced = _FENCED.fullmatch(text)
    return fenced["body"].strip() if fenced else text


def _has_json_call(text: str) -> bool:
    candidates = islice(_CANDIDATE.finditer(text), _MOST_CANDIDATES)
    return any(_is_call(text, candidate.start()) for candidate in candidates)


def _is_call(text: str, start: int) -> bool:
    try:
        value, _ = first_value(text, start)
    except ValueError:
        return False
    value = _unpacked(value) if isinstance(value, dict) else {}
    return any(isinstance(value.get(key), str) for key in _NAME_KEYS) and any(
        isinstance(value.get(key), dict | str) for key in _ARGUMENT_KEYS
    )


def _python(text: str) -> list[_Written]:
    calls = python_calls(text)
    if not calls:
        raise ValueError("is empty")
    return [_Written(name, arguments_of(arguments)) for name, arguments in calls]


def _behind(mark: re.Pattern[str], text: str, start: int) -> int:
    """Return the place behind all marks of a kind that follow one another."""
    while found := mark.match(text, skip_space(text, start)):
        start = found.end()
    return start


def _end_of_block(text: str, start: int) -> int:
    opening = _OPENING.search(text, start)
    limit = opening.start() if opening else len(text)
    closing = _CLOSING.search(text, start, limit)
    return closing.start() if closing else limit


def _unreadable(body: str, number: int, error: ValueError) -> str:
    who = f"<tool_call> {number + 1}"
    if _PYTHON.match(body):
        return f"{who} is not JSON like {_EXAMPLE}: it is written as a Python call, and {error}"
    if not isinstance(error, json.JSONDecodeError):
        return f"{who} cannot be read: {error}"
    beginning = body[:_LOOKED_AT]
    way = next((way for form, way in _UNREADABLE if form.search(beginning)), None)
    why = f"it is written {way}" if way else _missing_braces(body) or error
    return f"{who} is not JSON like {_EXAMPLE}: {why}"


def _missing_braces(body: str) -> str:
    """Say that an object would be one if it were closed; empty when that is not all."""
    for missing in range(1, _MOST_MISSING + 1):
        try:
            closed = loads(body + "}" * missing)
        except ValueError:
            continue
        if isinstance(closed, dict):
            what = "a } is" if missing == 1 else f"{missing} }} are"
            return f"the object is not closed: {what} missing at the end"
    return ""
