"""How code, states and calls are shown to testers and judges. The same input, the same text."""

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from itertools import islice

from pydantic import JsonValue

from envscaler.environment.code.assemble import read_class
from envscaler.environment.state.encoding import StateDiff
from envscaler.records import JsonObject, Tool

STATE_CHARS = 24_000
"""Longest state that is shown whole: some 8,000 tokens."""
VALUE_CHARS = 4_000
"""Longest result, and longest list of differences."""
_SHORTER = (20, 10, 5, 3, 1)


def state_text(state: JsonObject) -> str:
    """Write a state as JSON, a record per line; when too long, the first of each collection."""
    text = _lines(state)
    for most in _SHORTER:
        if len(text) <= STATE_CHARS:
            return text
        head = {name: _head(value, most) for name, value in state.items()}
        text = f"// shortened: at most {most} of each collection are shown\n{_lines(head)}"
    return cut(text, STATE_CHARS)


def value_text(value: JsonValue) -> str:
    """Write a result as JSON, cut when it is too long."""
    return cut(json.dumps(value, ensure_ascii=False), VALUE_CHARS)


def cut(text: str, most: int) -> str:
    """Return at most `most` characters of a text, and say how many are missing."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text) - most} more characters)"


def difference_lines(changes: StateDiff) -> tuple[str, ...]:
    """Write one line per changed path, at most `VALUE_CHARS` in all."""
    lines = [
        *(f"{path}: added {value_text(new)}" for path, new in changes.added.items()),
        *(f"{path}: removed {value_text(old)}" for path, old in changes.removed.items()),
        *(
            f"{path}: {value_text(old)} → {value_text(new)}"
            for path, (old, new) in changes.changed.items()
        ),
    ]
    room, shown = VALUE_CHARS, 0
    for line in lines:
        room -= len(line)
        if room < 0 and shown:
            break
        shown += 1
    left = len(lines) - shown
    return (*lines[:shown], *([f"… and {left} more differences"] if left else []))


def tool_text(tool: Tool) -> str:
    """Write a tool as a signature, its description and a line per parameter."""
    described = [
        f"    - {name}: {' '.join(str(schema['description']).split())}"
        for name, schema in tool.properties.items()
        if schema.get("description")
    ]
    lines = [tool.description.strip(), *(["", "Parameters:", *described] if described else [])]
    return f"{tool_signature(tool)}\n" + textwrap.indent("\n".join(lines), "  ")


def tool_signature(tool: Tool) -> str:
    """Write a tool as a call with the types of its parameters; `?` marks optional ones."""
    parameters = ", ".join(
        f"{name}{'' if name in tool.required else '?'}: {_type_text(schema)}"
        for name, schema in tool.properties.items()
    )
    return f"{tool.name}({parameters})"


def class_outline(source: str, class_name: str) -> str:
    """Return a module without the methods of its class, the constructor excepted."""
    found = read_class(source, class_name)
    lines = found.source.splitlines()
    for name, method in found.methods.items():
        if name != "__init__":
            first = min([method.lineno, *(mark.lineno for mark in method.decorator_list)])
            for index in range(first - 1, method.end_lineno or first):
                lines[index] = ""
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip()


def method_excerpt(source: str, class_name: str, name: str) -> str:
    """Return the source of a method, and behind it of the helpers that it reaches."""
    found = read_class(source, class_name)
    functions = [node for node in found.module.body if isinstance(node, ast.FunctionDef)]
    known = {node.name: node for node in functions} | found.methods
    reached = [name]
    for each in reached:  # grows while it is walked
        for other in _names_in(known[each]):
            if other in known and other not in reached:
                reached.append(other)
    segments = (ast.get_source_segment(found.source, known[each], padded=True) for each in reached)
    return "\n\n".join(textwrap.dedent(segment or "") for segment in segments)


def _names_in(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Name):
            yield part.id


def _lines(state: JsonObject) -> str:
    parts = ",\n".join(f"{json.dumps(name)}: {_collection(value)}" for name, value in state.items())
    return f"{{\n{parts}\n}}"


def _collection(value: JsonValue) -> str:
    if isinstance(value, dict) and value:
        items = [f"  {json.dumps(key)}: {_dump(item)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + "\n}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {_dump(item)}" for item in value) + "\n]"
    return _dump(value)


def _head(value: JsonValue, most: int) -> JsonValue:
    if isinstance(value, dict):
        return dict(islice(value.items(), most))
    return value[:most] if isinstance(value, list) else value


def _dump(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _type_text(schema: JsonObject) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list):
        return " | ".join(_dump(choice) for choice in choices)
    items = schema.get("items")
    of_what = f" of {_type_text(items)}" if isinstance(items, dict) and items else ""
    return f"{schema.get('type', 'any')}{of_what}"
