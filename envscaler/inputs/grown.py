"""A state with many more records in every collection, inner ones too, which refer to each other."""

from collections.abc import Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of, pairs_of, record_of
from envscaler.records import JsonObject

_MOST = 40_000
"""Values in a grown state; inner collections grow less when there are many of them."""


def grown(state: JsonObject, size: int) -> JsonObject:
    """Repeat the records of every collection under ids of their own.

    A record that holds a list of ids of its own collection gets the two before it: such chains
    have exponentially many ways through them, as real ones may.
    """
    return {name: _value(value, size, 0) for name, value in state.items()}


def _value(value: JsonValue, size: int, depth: int) -> JsonValue:
    pairs, items = pairs_of(value), items_of(value)
    size = max(2, size >> (2 * depth))
    if isinstance(value, dict) and pairs and _alike(pairs) and record_of(value) is not None:
        return _dict(value, size, depth)
    if isinstance(value, list) and items and not any(record_of(one) is None for one in items):
        return _list(items, size, depth)
    return _inside(value, size, depth)


def _list(items: Sequence[JsonValue], size: int, depth: int) -> list[JsonValue]:
    kept: list[JsonValue] = [_inside(item, size, depth) for item in items]
    return [*kept, *(kept[n % len(kept)] for n in range(max(0, size - len(kept))))]


def _alike(pairs: list[tuple[JsonValue, JsonValue]]) -> bool:
    """Say whether a dict holds things of one kind, not the fields of one thing."""
    inner = [item for _, item in pairs]
    return all(record_of(item) is not None for item in inner) and len(
        {frozenset(record_of(item) or {}) for item in inner}
    ) <= max(1, len(inner) // 2)


def _dict(value: JsonObject, size: int, depth: int) -> JsonObject:
    found: JsonObject = {key: _inside(item, size, depth) for key, item in value.items()}
    old = [*value]
    names = [*old]
    for turn in range(max(0, size - len(old))):
        key = old[turn % len(old)]
        new = f"{key}~{turn}"
        record = found[key]
        found[new] = _renamed(record, key, new, names[-2:], {*old})
        names.append(new)
    return found


def _inside(value: JsonValue, size: int, depth: int) -> JsonValue:
    if isinstance(value, dict):
        return {key: _value(item, size, depth + 1) for key, item in value.items()}
    return value


def _renamed(value: JsonValue, old: str, new: str, before: list[str], known: set[str]) -> JsonValue:
    """Give a copy of a record its own id, and references to those before it."""
    if not isinstance(value, dict):
        return value
    found: JsonObject = {}
    for key, item in value.items():
        if item == old:
            found[key] = new
        else:
            found[key] = [*before] if _are_ids(item, known) else item
    return found


def _are_ids(value: JsonValue, known: set[str]) -> bool:
    """Say whether a value is a list of ids of records."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, str) and one in known for one in value)
