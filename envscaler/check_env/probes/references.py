"""Arguments that name what an earlier call of the same sequence returned."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of, pairs_of, record_of
from envscaler.records import JsonObject

MARK = "$result"
"""The key of a reference: the place of the call that is meant, from 0; `path` says where in it."""


def problem_in(arguments: JsonObject, place: int) -> str:
    """Say which reference of a call is none; empty when all of them are.

    Args:
        arguments: Those of the call.
        place: Of the call in its sequence.
    """
    for one in _references(arguments):
        number, path = one[MARK], one.get("path", "")
        earlier = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < place
        if not earlier or not isinstance(path, str):
            return f"{one} names no earlier call, or its path is no text"
    return ""


def missing_in(arguments: JsonObject, results: Sequence[JsonValue]) -> str:
    """Say which reference of a call leads to nothing in the results; empty when all lead on."""
    for one in _references(arguments):
        if not _found(one, results):
            return f"the result of call {one[MARK]} has no {one.get('path', '')!r}"
    return ""


def filled(arguments: JsonObject, results: Sequence[JsonValue]) -> JsonObject:
    """Put results in the place of references, all of which lead to something."""
    return {name: _filled(value, results) for name, value in arguments.items()}


def _filled(value: JsonValue, results: Sequence[JsonValue]) -> JsonValue:
    if isinstance(value, list):
        return [_filled(item, results) for item in value]
    if not isinstance(value, dict):
        return value
    return _found(value, results)[0] if MARK in value else filled(value, results)


def _references(value: JsonValue) -> Iterator[JsonObject]:
    if isinstance(value, dict) and MARK in value:
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _references(item)


def _found(reference: JsonObject, results: Sequence[JsonValue]) -> list[JsonValue]:
    """Return what a reference leads to; an empty list when it is nothing."""
    number = reference[MARK]
    found = [results[number]] if isinstance(number, int) and number < len(results) else []
    for part in filter(None, str(reference.get("path", "")).split(".")):
        found = [inner for value in found for inner in _inside(value, part)]
    return found


def _inside(value: JsonValue, part: str) -> list[JsonValue]:
    """Return what a value holds under a name or at a place; an empty list when it is nothing."""
    record = record_of(value)
    pairs = [*record.items()] if record is not None else pairs_of(value)
    if pairs is not None:
        return [item for key, item in pairs if str(key) == part][:1]
    items = items_of(value) or []
    if not part.removeprefix("-").isdecimal():
        return []
    place = int(part)
    return [items[place]] if -len(items) <= place < len(items) else []
