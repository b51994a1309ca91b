"""How states and tools are shown to a model."""

import json
from itertools import islice
from typing import cast

from pydantic import JsonValue

from envscaler.records import JsonObject, ReferenceCall, Tool

STATE_CHARS = 30_000
"""Longest state that a prompt shows in full: about 10,000 tokens."""
RESULT_CHARS = 1_500
"""Longest result of a call that a prompt shows in full."""
_SHORTER = (40, 20, 10, 5, 3, 1)


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
    """Write each tool as a signature with its descriptions."""
    return "\n".join(_tool_text(tool) for tool in tools)


def call_text(call: ReferenceCall) -> str:
    """Write an executed call, and what came of it."""
    result = _dump(call.observation.value)
    if len(result) > RESULT_CHARS:
        result = f"{result[:RESULT_CHARS]} … ({len(result) - RESULT_CHARS} more characters)"
    failed = "" if call.succeeded else f"failed ({call.observation.kind}), "
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
    properties = cast("dict[str, JsonObject]", tool.parameters.get("properties") or {})
    required = cast("list[str]", tool.parameters.get("required") or [])
    arguments = ", ".join(
        f"{name}{'' if name in required else '?'}: {_type_text(schema)}"
        for name, schema in properties.items()
    )
    lines = [f"- `{tool.name}({arguments})`: {_one_line(tool.description)}"]
    for name, schema in properties.items():
        if schema.get("description"):
            lines.append(f"  - `{name}`: {_one_line(str(schema['description']))}")
    return "\n".join(lines)


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
