"""Check the arguments of a call against the schema of its tool, before anything runs."""

from collections.abc import Callable
from typing import cast

from pydantic import JsonValue

from envscaler.records import JsonObject, Tool

_TYPES: dict[str, Callable[[JsonValue], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def check_arguments(tool: Tool, arguments: JsonObject) -> tuple[JsonObject, str | None]:
    """Compare arguments with a tool's schema.

    An explicit null for an optional argument counts as absent, because data set formats put
    nulls there.

    Returns:
        The arguments without such nulls, and what is wrong with them as one sentence, or None.
    """
    schema, properties, required = tool.parameters, tool.properties, tool.required
    cleaned = as_passed(tool, arguments)
    for name in required:
        if name not in cleaned:
            return cleaned, f"{tool.name} needs the argument {name!r}."
    for name, value in cleaned.items():
        problem = (
            _problem(value, properties[name], name)
            if name in properties
            else _unknown(name, schema, properties, tool.name)
        )
        if problem:
            return cleaned, problem
    return cleaned, None


def as_passed(tool: Tool, arguments: JsonObject) -> JsonObject:
    """Return the arguments that reach a tool: without nulls for those that it does not need."""
    if None not in arguments.values():
        return arguments
    properties, required = tool.properties, tool.required
    return {
        name: value
        for name, value in arguments.items()
        if value is not None or name in required or name not in properties
    }


def _unknown(
    name: str, schema: JsonObject, properties: dict[str, JsonObject], owner: str
) -> str | None:
    if schema.get("additionalProperties"):
        return None
    known = f"it takes {', '.join(properties)}" if properties else "it takes none"
    return f"{owner} has no argument {name!r}; {known}."


def _problem(value: JsonValue, schema: JsonObject, path: str) -> str | None:
    """Say what is wrong with `value`, or None."""
    kind = schema.get("type")
    if not _is_of(value, kind):
        return f"{path} has to be of type {_listed(kind)}, got {_short(value)}."
    choices = schema.get("enum")
    if isinstance(choices, list) and value not in choices:
        allowed = ", ".join(_short(choice) for choice in choices)
        return f"{path} has to be one of {allowed}, got {_short(value)}."
    return _problem_inside(value, schema, path)


def _is_of(value: JsonValue, kind: JsonValue) -> bool:
    """Tell whether a value is of a type, or of one of a list; of an unknown one it is."""
    if isinstance(kind, str):
        return kind not in _TYPES or _TYPES[kind](value)
    return not isinstance(kind, list) or any(_is_of(value, one) for one in kind)


def _listed(kind: JsonValue) -> str:
    if not isinstance(kind, list):
        return str(kind)
    *first, last = (str(one) for one in kind)
    return f"{', '.join(first)} or {last}" if first else last


def _problem_inside(value: JsonValue, schema: JsonObject, path: str) -> str | None:
    if isinstance(value, list):
        return _problem_in_list(value, schema, path)
    return _problem_in_object(value, schema, path) if isinstance(value, dict) else None


def _problem_in_list(values: list[JsonValue], schema: JsonObject, path: str) -> str | None:
    if problem := _problem_of_length(values, schema, path):
        return problem
    items = schema.get("items")
    if not isinstance(items, dict) or not items:
        return None
    problems = (_problem(value, items, f"{path}[{n}]") for n, value in enumerate(values))
    return next(filter(None, problems), None)


def _problem_of_length(values: list[JsonValue], schema: JsonObject, path: str) -> str | None:
    """Say whether a pair, or another list of fixed length, has too few or too many items."""
    least, most = schema.get("minItems"), schema.get("maxItems")
    if isinstance(least, int) and len(values) < least:
        return f"{path} has to have at least {least} items, got {len(values)}."
    if isinstance(most, int) and len(values) > most:
        return f"{path} has to have at most {most} items, got {len(values)}."
    return None


def _problem_in_object(value: JsonObject, schema: JsonObject, path: str) -> str | None:
    properties = cast("dict[str, JsonObject]", schema.get("properties") or {})
    required = cast("list[str]", schema.get("required") or [])
    missing = next((name for name in required if name not in value), None)
    if missing is not None:
        return f"{path} needs the key {missing!r}."
    rest = schema.get("additionalProperties")
    problems = (
        _problem(item, inner, f"{path}.{name}")
        for name, item in value.items()
        if isinstance(inner := properties.get(name, rest), dict)
        and (item is not None or name in required)
    )
    return next(filter(None, problems), None)


def _short(value: JsonValue) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
