"""How states, tools, classes and calls are written for a model. The same input, the same text."""

import ast
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from pydantic import JsonValue

from envscaler.environment.code.assemble import read_class
from envscaler.environment.state.difference import StateDiff
from envscaler.records import JsonObject, ObservationKind, ReferenceCall, Tool

STATE_CHARS = 30_000
"""Longest state that is shown whole: some 10,000 tokens."""
VALUE_CHARS = 4_000
"""Longest result, and longest list of differences."""
RESULT_CHARS = 1_500
"""Longest result where many calls are shown."""
_SHORTER = (40, 20, 10, 5, 3, 1)
_SECTION = re.compile(
    r"(?P<name>args|arguments|parameters|params|returns?|raises|constraints?)\s*:\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_ARGUMENTS = frozenset(("args", "arguments", "parameters", "params"))
_RESULTS = frozenset(("return", "returns"))
_BULLET = re.compile(r"^\s*[-*]\s+", re.MULTILINE)


def state_text(state: JsonObject, most: int = STATE_CHARS) -> str:
    """Write a state as JSON, a record per line; when too long, the first of each collection."""
    text = _lines(state)
    for limit in _SHORTER:
        if len(text) <= most:
            return text
        head = {name: _head(value, limit) for name, value in state.items()}
        text = f"// shortened: at most {limit} of each collection are shown\n{_lines(head)}"
    return cut(text, most)


def value_text(value: JsonValue, most: int = VALUE_CHARS) -> str:
    """Write a value as JSON, cut when it is too long."""
    return cut(_dump(value), most)


def cut(text: str, most: int) -> str:
    """Return at most `most` characters of a text, and say how many are missing."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text) - most} more characters)"


def difference_lines(
    changes: StateDiff, write: Callable[[JsonValue], str] = value_text
) -> tuple[str, ...]:
    """Write one line per changed path, at most `VALUE_CHARS` in all.

    Args:
        changes: What is written.
        write: How values are.
    """
    lines = [
        *(f"{path}: added {write(new)}" for path, new in changes.added.items()),
        *(f"{path}: removed {write(old)}" for path, old in changes.removed.items()),
        *(f"{path}: {write(old)} → {write(new)}" for path, (old, new) in changes.changed.items()),
    ]
    room, shown = VALUE_CHARS, 0
    for line in lines:
        room -= len(line)
        if room < 0 and shown:
            break
        shown += 1
    left = len(lines) - shown
    return (*lines[:shown], *([f"… and {left} more differences"] if left else []))


def call_text(name: str, arguments: JsonValue) -> str:
    """Write a call, its arguments as JSON."""
    return f"`{name}({value_text(arguments)})`"


def executed_text(call: ReferenceCall) -> str:
    """Write an executed call, and what came of it."""
    kind = call.observation.kind
    why = "" if kind is ObservationKind.OK else f" ({kind})"
    failed = "" if call.succeeded else f"failed{why}, "
    effect = "changed the data" if call.changed else "changed nothing"
    result = value_text(call.observation.value, RESULT_CHARS)
    return f"{call_text(call.name, call.arguments)} {failed}{effect}: {result}"


def tools_text(tools: Iterable[Tool], *, results: bool = False) -> str:
    """Write each tool as a signature with its descriptions, and each constraint on its own line.

    Args:
        tools: What is written.
        results: Whether what a tool returns is written too.
    """
    return "\n".join(_tool_text(tool, results=results) for tool in tools)


def tool_signature(tool: Tool) -> str:
    """Write a tool as a call with the types of its parameters; `?` marks optional ones."""
    parameters = ", ".join(
        f"{name}{'' if name in tool.required else '?'}: {_type_text(schema)}"
        for name, schema in tool.properties.items()
    )
    return f"{tool.name}({parameters})"


def function_line(tool: Tool) -> str:
    """Write a tool as one line of JSON, as function calling would send it."""
    return json.dumps(tool.as_function(), ensure_ascii=False)


def class_outline(source: str, class_name: str) -> str:
    """Return a module without the methods of its class, the constructor excepted.

    The rest of the text stays as it is: comments often say how keys and values look.
    """
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
    body = ",\n".join(f"{_dump(name)}: {_collection(value)}" for name, value in state.items())
    return f"{{\n{body}\n}}"


def _collection(value: JsonValue) -> str:
    if isinstance(value, dict) and value:
        body = ",\n".join(f"  {_dump(key)}: {_dump(item)}" for key, item in value.items())
        return f"{{\n{body}\n}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {_dump(item)}" for item in value) + "\n]"
    return _dump(value)


def _head(value: JsonValue, limit: int) -> JsonValue:
    if isinstance(value, dict):
        return dict(islice(value.items(), limit))
    return value[:limit] if isinstance(value, list) else value


def _dump(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tool_text(tool: Tool, *, results: bool) -> str:
    summary, sections = _parts(tool.description)
    lines = [f"- `{tool_signature(tool)}`: {summary}"]
    for name, schema in tool.properties.items():
        if schema.get("description"):
            lines.append(f"  - `{name}`: {_one_line(str(schema['description']))}")
    for name, said in sections:
        if name in _RESULTS and results:
            lines.append(f"  - returns {_one_line(said)}")
        elif name not in _ARGUMENTS | _RESULTS:
            items = (_one_line(item) for item in _BULLET.split(said))
            lines += [f"  - {item}" for item in items if item]
    return "\n".join(lines)


def _parts(description: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what a tool does, and the sections of its description: name and text."""
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
    return summary, [(name, said) for name, said in sections if name]


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
