"""A state without some of its records."""

from collections.abc import Callable
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import record_of
from envscaler.records import JsonObject

Keeps = Callable[[str, JsonObject], bool]
"""Takes the key of a record, empty in lists, and its fields."""


def reduced(state: JsonObject, path: str, keeps: Keeps) -> JsonObject:
    """Return a state in which one collection has only some of its records.

    Args:
        state: Tagged JSON.
        path: Of an attribute that is a collection; deeper ones stay as they are.
        keeps: Says of a record whether it stays.
    """
    if path not in state:
        return state
    return {**state, path: _reduced(state[path], keeps)}


def _reduced(value: JsonValue, keeps: Keeps) -> JsonValue:
    found: JsonValue = value
    match value:
        case list():
            found = _items(value, keeps)
        case {"$defaultdict": [factory, pairs]}:
            found = {"$defaultdict": [factory, _pairs(pairs, keeps)]}
        case {"$dict": pairs} | {"$ordereddict": pairs}:
            found = dict.fromkeys(value, _pairs(pairs, keeps))
        case {"$tuple": list() as items} | {"$deque": list() as items}:
            found = dict.fromkeys(value, _items(items, keeps))
        case dict() if not any(key.startswith("$") for key in value):
            found = _entries(value, keeps)
        case _:
            pass
    return found


def _items(items: list[JsonValue], keeps: Keeps) -> list[JsonValue]:
    return [one for one in items if keeps("", record_of(one) or {})]


def _entries(value: JsonObject, keeps: Keeps) -> JsonObject:
    return {key: one for key, one in value.items() if keeps(key, record_of(one) or {})}


def _pairs(content: JsonValue, keeps: Keeps) -> JsonValue:
    pairs = cast("list[list[JsonValue]]", content)
    return [pair for pair in pairs if keeps(str(pair[0]), record_of(pair[1]) or {})]
