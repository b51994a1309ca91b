"""What a relation between the parts of a state is, and how records are read for one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeGuard

from pydantic import JsonValue

from envscaler.environment.state.collections import (
    Collection,
    collections_of,
    items_of,
    pairs_of,
)
from envscaler.environment.state.shared_parts import ByIdentity
from envscaler.records import JsonObject

_STATUS = re.compile(r"status|state|stage|phase|active|alive|open|closed|locked|available|enabled")
FEW_WORDS = 8
"""Values that a field has which says what state a record is in."""
SUPPORT = 2
"""Records that have to show a relation."""
Key = str | int


@dataclass(frozen=True)
class Relation:
    """Something that holds in all lawful states."""

    kind: str
    text: str
    names: frozenset[str]
    """Fields, collections and words that it is about."""
    broken: Callable[["View"], frozenset[str]] = field(compare=False)
    """Where it does not hold in a state."""
    core: frozenset[str] = frozenset()
    """The names that a sentence has to mention to be about it."""
    own: str = ""
    """The field that breaks it; what another record does later may be lawful. Empty for any."""


_by_id = ByIdentity[dict[str, JsonObject]](1024)


def _records_by_id(collection: Collection) -> dict[str, JsonObject]:
    return dict(zip(map(str, collection.ids), collection.records, strict=True))


class View:
    """A state by its collections, read once.

    Args:
        state: Tagged JSON.
    """

    def __init__(self, state: JsonObject) -> None:
        self.state = state
        self.collections = {one.path: one for one in collections_of(state)}
        self.by_id = {
            path: _by_id.of(one, partial(_records_by_id, one))
            for path, one in self.collections.items()
        }
        self.ids = {path: {*records} for path, records in self.by_id.items()}

    def records(self, path: str) -> Iterator[tuple[str, JsonObject]]:
        """Yield the records of a collection with their ids."""
        yield from self.by_id.get(path, {}).items()


def values_of(record: JsonObject, name: str) -> list[Key]:
    """Return the plain values of a field: one, those of a list, or the keys of a dict."""
    value = record.get(name)
    pairs, items = pairs_of(value), items_of(value)
    if pairs is not None:
        return [key for key, _ in pairs if isinstance(key, str | int)]
    inner = items if items is not None else [value]
    return [one for one in inner if isinstance(one, str | int) and not isinstance(one, bool)]


def amount(value: JsonValue) -> float | None:
    """Return a number, or the number of items; None for what has none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    items = items_of(value)
    return None if items is None else float(len(items))


def amounts(value: JsonValue) -> float | str | None:
    """Return what can be put in order: a number, a length, a date."""
    return str(value) if _is_date(value) else amount(value)


def noun(path: str) -> str:
    """Name a collection by its path."""
    return path.rstrip(".*").rpartition(".")[2]


def comparable(one: JsonValue, other: JsonValue) -> bool:
    """Say whether two values are both numbers or both dates."""
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers or (_is_date(one) and _is_date(other))


def _is_date(value: JsonValue) -> bool:
    return isinstance(value, str) and len(value) >= 10 and value[:4].isdigit() and value[4] == "-"


def is_more(one: JsonValue, other: JsonValue) -> bool:
    """Say whether one of two comparable values is more."""
    return one > other  # type: ignore[operator]  # only what is comparable comes here


def is_less(one: JsonValue, other: JsonValue) -> bool:
    """Say whether one of two comparable values is less."""
    return one < other  # type: ignore[operator]


def is_number(value: JsonValue) -> TypeGuard[int | float]:
    """Say whether a value is a number; a flag is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def tells_status(name: str) -> bool:
    """Say whether a field is of the kind that tells in what state a record is."""
    return bool(_STATUS.search(name))


def is_word(value: JsonValue) -> TypeGuard[str | bool]:
    """Say whether a value is a flag or a short text."""
    return isinstance(value, str | bool) and (not isinstance(value, str) or 0 < len(value) < 24)
