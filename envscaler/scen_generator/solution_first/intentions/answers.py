"""What a query answered: which ids stand in it, and which records it shows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import JsonValue

from envscaler.environment.state.collections import Key
from envscaler.records import Call, JsonObject


class Answer:
    """What a query answered.

    Args:
        value: None when it did not succeed.
    """

    def __init__(self, value: JsonValue | None) -> None:
        self.value = value

    def mentions(self, key: Key) -> bool:
        """Tell whether an id stands anywhere in it, as a value or as the name of a field."""
        return (type(key), key) in self._told

    def shows(self, key: Key, wanted: Mapping[str, JsonValue], *, is_alone: bool = False) -> bool:
        """Tell whether it has a record with these fields.

        Args:
            key: The id of the record.
            wanted: Fields and what they hold; one that holds nothing may be missing.
            is_alone: The query was asked for this record, so the answer need not repeat its id.
        """
        found = self._objects if is_alone else self._by_id.get((type(key), key), ())
        return any(all(each.get(name) == value for name, value in wanted.items()) for each in found)

    @cached_property
    def _told(self) -> frozenset[tuple[type, JsonValue]]:
        return frozenset((type(each), each) for each in _plain_values(self.value))

    @cached_property
    def _objects(self) -> list[JsonObject]:
        return [*_objects(self.value)]

    @cached_property
    def _by_id(self) -> dict[tuple[type, JsonValue], list[JsonObject]]:
        """Plain value → the objects that hold it, or stand under it."""
        found: dict[tuple[type, JsonValue], list[JsonObject]] = {}
        for each in self._objects:
            for name, item in each.items():
                if isinstance(item, dict):
                    found.setdefault((str, name), []).append(item)
                elif not isinstance(item, list):
                    found.setdefault((type(item), item), []).append(each)
        return found


@dataclass
class Answers:
    """What was asked in a state."""

    of: dict[tuple[str, bytes], Answer] = field(default_factory=dict[tuple[str, bytes], Answer])
    """Query and its arguments → what it answered."""
    lists: dict[tuple[str, tuple[str, ...], int], tuple[Call, ...] | None] = field(
        default_factory=dict[tuple[str, tuple[str, ...], int], tuple[Call, ...] | None]
    )
    """Group as text, fields and most records → the first queries that show these."""


def _objects(value: JsonValue) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
    for item in _inner(value):
        yield from _objects(item)


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
