"""What a query answered: which ids stand in it, and which records it shows."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from envscaler.environment.state.collections import Key
from envscaler.records import JsonObject


class Answer:
    """What a query answered.

    Args:
        value: None when it did not succeed.
    """

    def __init__(self, value: JsonValue | None) -> None:
        self.value = value
        self._told: frozenset[tuple[type, JsonValue]] | None = None

    def mentions(self, key: Key) -> bool:
        """Tell whether an id stands anywhere in it, as a value or as the name of a field."""
        if self._told is None:
            self._told = frozenset((type(each), each) for each in _plain_values(self.value))
        return (type(key), key) in self._told


Answers = dict[tuple[str, bytes], Answer]
"""Query and its arguments → what it answered."""


def shows(
    answer: JsonValue, key: Key, wanted: Mapping[str, JsonValue], *, is_alone: bool = False
) -> bool:
    """Tell whether an answer has a record with these fields.

    Args:
        answer: What a query answered.
        key: The id of the record.
        wanted: Fields and what they hold; one that holds nothing may be missing.
        is_alone: The query was asked for this record, so the answer need not repeat its id.
    """
    found = _objects(answer) if is_alone else _objects_of(answer, key)
    return any(all(each.get(name) == value for name, value in wanted.items()) for each in found)


def _objects(value: JsonValue) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
    for item in _inner(value):
        yield from _objects(item)


def _objects_of(value: JsonValue, key: Key) -> Iterator[JsonObject]:
    """Yield the objects that hold an id, or stand under it."""
    if isinstance(value, dict):
        if any(_is(item, key) for item in value.values()):
            yield value
        for name, item in value.items():
            if name == key and isinstance(item, dict):
                yield item
    for item in _inner(value):
        yield from _objects_of(item, key)


def _inner(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _plain_values(value: JsonValue) -> Iterator[JsonValue]:
    """Yield everything in a value that is neither an object nor a list, names of fields too."""
    if isinstance(value, dict):
        yield from value
    elif not isinstance(value, list):
        yield value
    for item in _inner(value):
        yield from _plain_values(item)


def _is(value: JsonValue, key: Key) -> bool:
    return type(value) is type(key) and value == key
