"""Which values an argument may take in a state: found by name, not by understanding."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice, product
from typing import cast

from pydantic import JsonValue

from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.layout import collections_of, target_of

MOST_VALUES = 4
"""Values tried for one argument."""

Plain = str | int | float | bool


def values_for(
    name: str, schema: JsonObject, state: JsonObject, prefer: str = ""
) -> list[JsonValue]:
    """List values that the argument `name` may take, those mentioned in `prefer` first.

    Choices of the schema, ids of the collection that the name points to, what fields of the same
    name hold, and, when there is none of these, something of the right type.
    """
    if schema.get("type") == "array":
        items = cast("JsonObject", schema.get("items") or {})
        return [[value] for value in values_for(name, items, state, prefer)]
    choices = schema.get("enum")
    if isinstance(choices, list):
        found = [choice for choice in choices if isinstance(choice, Plain)]
    else:
        found = [*_ids(name, state), *_field_values(name, state)]
    fitting = _distinct(value for value in found if _fits(value, schema)) or _anything(schema)
    fitting.sort(key=lambda value: not (str(value) and str(value) in prefer))
    return list(fitting[:MOST_VALUES])


def other_values(
    name: str, schema: JsonObject, state: JsonObject, value: JsonValue
) -> list[JsonValue]:
    """List values that the argument might take instead of `value`."""
    found = [*values_for(name, schema, state), *_neighbours(value)]
    return [other for other in found if other != value][:MOST_VALUES]


def calls_of(tool: Tool, state: JsonObject, prefer: str, most: int) -> list[JsonObject]:
    """List arguments to call a tool with, the likeliest first.

    Args:
        tool: The tool.
        state: Where values are looked for.
        prefer: Values mentioned in this text come first.
        most: Length of the list, at most.
    """
    properties = cast("dict[str, JsonObject]", tool.parameters.get("properties") or {})
    required = cast("list[str]", tool.parameters.get("required") or [])
    pools = [values_for(name, properties.get(name, {}), state, prefer) for name in required]
    # The first values are the best, so combinations are tried by how far they are from those.
    places = sorted(product(*(range(len(pool)) for pool in pools)), key=sum)
    return [
        {name: pool[at] for name, pool, at in zip(required, pools, place, strict=True)}
        for place in islice(places, most)
    ]


def _ids(name: str, state: JsonObject) -> Iterator[Plain]:
    collections = collections_of(state)
    target = target_of(name, collections)
    if target is not None:
        yield from sorted(collections[target])


def _field_values(name: str, state: JsonObject) -> list[Plain]:
    """List what fields of that name hold; `new_status` falls back to `status`."""
    words = name.split("_")
    for start in range(len(words)):
        found = list(_walk(state, "_".join(words[start:])))
        if found:
            return found
    return []


def _walk(value: JsonValue, field: str) -> Iterator[Plain]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == field and isinstance(item, Plain):
                yield item
            else:
                yield from _walk(item, field)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, field)


def _fits(value: Plain, schema: JsonObject) -> bool:
    match schema.get("type"):
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return True


def _anything(schema: JsonObject) -> list[Plain]:
    match schema.get("type"):
        case "integer" | "number":
            return [1, 2]
        case "boolean":
            return [True, False]
        case "string":
            return ["something else"]
        case _:
            return []


def _neighbours(value: JsonValue) -> list[Plain]:
    """List values close to one: the next day, one more, the opposite, another text."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value - 1]
        case str():
            return [_next_day(value) or f"{value} too"]
        case _:
            return []


def _next_day(text: str) -> str | None:
    try:
        following = date.fromisoformat(text[:10]) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return following.isoformat() + text[10:]


def _distinct(values: Iterable[Plain]) -> list[Plain]:
    # True == 1, so the type is part of what a value is.
    return list({(type(value), value): value for value in values}.values())
