"""How states and tools are shown to a model."""

import json
import re
from itertools import islice

from pydantic import JsonValue

from envscaler.records import JsonObject, ObservationKind, ReferenceCall, Tool

STATE_CHARS = 30_000
"""Longest state that a prompt shows in full: about 10,000 tokens."""
RESULT_CHARS = 1_500
"""Longest result of a call that a prompt shows in full."""
_SHORTER = (40, 20, 10, 5, 3, 1)
_SECTION = re.compile(
    r"(?P<name>args|arguments|parameters|params|returns?|raises|constraints?)\s*:\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_LEFT_OUT = frozenset(("args", "arguments", "parameters", "params", "return", "returns"))
_BULLET = re.compile(r"^\s*[-*]\s+", re.MULTILINE)


def state_text(state: JsonObject, max_chars: int = STATE_CHARS) -> str:
    """Write a state as JSON with a record per line, cut to fit and saying so when it is."""
    text = _lines(state)
    for limit in _SHORTER:
        if len(text) <= max_chars:
            break
        note = f"(too long to show; the first {limit} of each collection, there are more)\n"
        text = note + _lines({name: _head(value, limit) for name, value in state.items()})
    return text


def tools_text(tools: tuple[Tool, ...]) -> str:
    """Write each tool as a signature with its descriptions, and each constraint on its own line.

    What it returns is left out: nobody reads results here.
    """
    return "\n".join(_tool_text(tool) for tool in tools)


def call_text(call: ReferenceCall) -> str:
    """Write an executed call, and what came of it."""
    result = _dump(call.observation.value)
    if len(result) > RESULT_CHARS:
        result = f"{result[:RESULT_CHARS]} … ({len(result) - RESULT_CHARS} more characters)"
    kind = call.observation.kind
    why = "" if kind is ObservationKind.OK else f" ({kind})"
    failed = "" if call.succeeded else f"failed{why}, "
    effect = "changed the data" if call.changed else "changed nothing"
    return f"`{call.name}({_dump(call.arguments)})` {failed}{effect}: {result}"


def cleared(state: JsonObject) -> JsonObject:
    """Return a state with every collection emptied."""
    return {name: _head(value, 0) for name, value in state.items()}


def _head(value: JsonValue, limit: int) -> JsonValue:
    if isinstance(value, dict):
        return dict(islice(value.items(), limit))
    return value[:limit] if isinstance(value, list) else value


def _lines(state: JsonObject) -> str:
    body = ",\n".join(f"{_dump(name)}: {_collection(value)}" for name, value in state.items())
    return f"```json\n{{\n{body}\n}}\n```"


def _collection(value: JsonValue) -> str:
    if isinstance(value, dict) and value:
        body = ",\n".join(f"  {_dump(key)}: {_dump(item)}" for key, item in value.items())
        return f"{{\n{body}\n}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {_dump(item)}" for item in value) + "\n]"
    return _dump(value)


def _dump(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tool_text(tool: Tool) -> str:
    properties, required = tool.properties, tool.required
    arguments = ", ".join(
        f"{name}{'' if name in required else '?'}: {_type_text(schema)}"
        for name, schema in properties.items()
    )
    summary, constraints = _parts(tool.description)
    lines = [f"- `{tool.name}({arguments})`: {summary}"]
    for name, schema in properties.items():
        if schema.get("description"):
            lines.append(f"  - `{name}`: {_one_line(str(schema['description']))}")
    return "\n".join([*lines, *(f"  - {constraint}" for constraint in constraints)])


def _parts(description: str) -> tuple[str, list[str]]:
    """Return what a tool does, and its constraints; arguments and results are left out."""
    sections = [("", "")]
    for line in description.splitlines():
        name, said = sections[-1]
        header = _SECTION.fullmatch(line)
        if header:
            sections.append((header["name"].lower(), header["rest"]))
        elif name and line and not line[0].isspace() and not _BULLET.match(line):
            sections.append(("", line))
        else:
            sections[-1] = (name, f"{said}\n{line}")
    summary = _one_line(" ".join(said for name, said in sections if not name))
    items = (
        _one_line(item)
        for name, said in sections
        if name and name not in _LEFT_OUT
        for item in _BULLET.split(said)
    )
    return summary, [item for item in items if item]


def _type_text(schema: JsonObject) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list):
        text = " | ".join(_dump(choice) for choice in choices)
    else:
        items = schema.get("items")
        text = str(schema.get("type", "any"))
        text += f" of {_type_text(items)}" if isinstance(items, dict) and items else ""
    return f"{text} = {_dump(schema['default'])}" if "default" in schema else text


def _one_line(text: str) -> str:
    return " ".join(text.split())
