"""Arguments that a call may take in a state, the most telling ones first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import nsmallest
from itertools import chain, combinations, zip_longest
from random import Random
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import (
    Collection,
    Scalar,
    collections_of,
    field_values,
    scalars_of,
    stem_of,
    target_of,
    walk_values,
)
from envscaler.records import JsonObject, Tool

MOST_VALUES = 4
"""Values of fields tried for one argument."""
MOST_CHOICES = 12
"""Ids, or choices of a schema, tried for one argument."""
MOST_OTHERS = 8
"""Values tried in the place of a right one."""
_TELLING = 2
"""Characters from which on a text that is found in another one tells something."""
FAR = 2
"""Distance of what has nothing to do with a topic."""
_Named = tuple[Scalar, JsonObject]
_Ranked = tuple[int, int, int, list[tuple[int, JsonValue]], Sequence[str]]
"""An id and its record."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """What a text, such as the source of a check, speaks of."""

    text: str = ""
    named: frozenset[Scalar] = frozenset[Scalar]()
    """Ids that stand in it."""
    related: frozenset[Scalar] = frozenset[Scalar]()
    """Ids that these records hold, and ids of records that hold these."""

    def distance(self, value: JsonValue) -> int:
        """Return 0 when an argument holds a named id, 1 for a related one, else `FAR`."""
        held = {each for each in walk_values(value) if isinstance(each, str | int)}
        return 0 if held & self.named else 1 if held & self.related else FAR


NOTHING = Mentioned()
"""No record matters more than another."""


class Values:
    """Argument values found in a state by the names of parameters and fields.

    A topic says what matters: the records that it speaks of come first. Other values that it
    mentions come last, for they are most likely there already, and what is sought is a call that
    changes something. Where it says nothing, records of every status take turns: which status
    lets a tool succeed is not known.
    """

    def __init__(self, state: JsonObject) -> None:
        self._state = state
        self._collections = collections_of(state)
        self._found: dict[str, list[Scalar]] = {}
        self._spread = {one.path: _spread(one) for one in self._collections}

    def topic(self, text: str) -> Mentioned:
        """Find out what a text speaks of."""
        records = [
            (key, frozenset(each for each in walk_values(record) if isinstance(each, str | int)))
            for one in self._collections
            for key, record in zip(one.ids, one.records, strict=True)
        ]
        named = frozenset(key for key, _ in records if _mentioned(key, text))
        inside = frozenset(chain.from_iterable(held for key, held in records if key in named))
        known = {key for key, _ in records}
        around = frozenset(key for key, held in records if held & named)
        return Mentioned(text, named, (inside & known | around) - named)

    def of(self, name: str, schema: JsonObject, topic: Mentioned = NOTHING) -> list[JsonValue]:
        """List values for the argument `name`.

        Choices of the schema, ids of the collection that the name points to, what fields of the
        same name hold, and, when there is none of these, something of the right type. Lists and
        objects are put together from such values.
        """
        match schema.get("type"):
            case "array":
                items = cast("JsonObject", schema.get("items") or {})
                return [[value] for value in self.of(name, items, topic)]
            case "object":
                return self._objects(schema, topic)
            case _:
                return [*self._scalars(name, schema, topic)]

    def others(self, name: str, schema: JsonObject, value: JsonValue) -> list[JsonValue]:
        """List values that the argument may take instead of `value`."""
        found = [*self.of(name, schema), *_neighbours(value)]
        return [other for other in found if other != value][:MOST_OTHERS]

    def calls(self, tool: Tool, topic: Mentioned, most: int) -> list[tuple[int, JsonObject]]:
        """List the arguments of `most` calls of a tool, at most, and how far off the topic each is.

        Calls on the records of the topic come first. The first values are the best, so calls are
        tried by how far they are from those, and the plain ones before those with an optional
        argument.
        """
        properties, required = tool.properties, tool.required
        optional = [name for name in properties if name not in required]
        pools = {
            name: [(topic.distance(value), value) for value in self.of(name, inner, topic)]
            for name, inner in properties.items()
        }
        ranked = [*_ranked([required, *([*required, name] for name in optional)], pools)]
        best = nsmallest(most, ranked, key=lambda call: call[:3])
        return [
            (far, dict(zip(names, (value for _, value in picked), strict=True)))
            for far, _, _, picked, names in best
        ]

    def _scalars(self, name: str, schema: JsonObject, topic: Mentioned) -> list[Scalar]:
        choices = schema.get("enum")
        if isinstance(choices, list):
            return _unmentioned_first(scalars_of(iter(choices)), topic)[:MOST_CHOICES]
        target = target_of(name, self._collections) if stem_of(name) is not None else None
        ids = self._most_telling_first(target, topic) if target else []
        fitting = [value for value in ids if _fits(value, schema)]
        if fitting:
            return list(dict.fromkeys(fitting))[:MOST_CHOICES]
        fields = _spaced([value for value in self._fields(name) if _fits(value, schema)])
        return _unmentioned_first(fields, topic) or _anything(schema)

    def _most_telling_first(self, collection: Collection, topic: Mentioned) -> list[Scalar]:
        """Order ids by whether the topic names them, then by how much it says of their records."""

        def told(pair: _Named) -> tuple[int, int]:
            key, record = pair
            said = sum(_mentioned(each, topic.text) for each in walk_values(record))
            return topic.distance(key), -said

        pairs = self._spread[collection.path]
        return [key for key, _ in (sorted(pairs, key=told) if topic.text else pairs)]

    def _fields(self, name: str) -> list[Scalar]:
        """List what fields of that name hold; `new_status` falls back to `status`."""
        words = name.split("_")
        for start in range(len(words)):
            field = "_".join(words[start:])
            if field not in self._found:
                self._found[field] = scalars_of(field_values(self._state, field))
            if self._found[field]:
                return self._found[field]
        return []

    def _objects(self, schema: JsonObject, topic: Mentioned) -> list[JsonValue]:
        """List objects: with all properties that the schema names, else with one field each."""
        properties = cast("dict[str, JsonObject]", schema.get("properties") or {})
        if properties:
            pools = {name: self.of(name, inner, topic) for name, inner in properties.items()}
            return [{name: pool[0] for name, pool in pools.items() if pool}]
        fields = dict.fromkeys(
            field
            for collection in self._collections
            for record in collection.records[:1]
            for field, value in record.items()
            if isinstance(value, Scalar)
        )
        named = sorted(fields, key=lambda field: field not in topic.text)[:MOST_VALUES]
        return [{field: _unmentioned_first(self._fields(field), topic)[0]} for field in named]


def _ranked(
    choices: Sequence[Sequence[str]], pools: Mapping[str, Sequence[tuple[int, JsonValue]]]
) -> Iterator[_Ranked]:
    """Yield the calls that can be made of the values of parameters, with what they are ranked by.

    Args:
        choices: The parameters that are given, the best choice first.
        pools: The values of each, the best first, with how far off the topic each is.
    """
    for order, names in enumerate(choices):
        for place in _places([len(pools[name]) for name in names]):
            picked = [pools[name][at] for name, at in zip(names, place, strict=True)]
            yield min((far for far, _ in picked), default=FAR), sum(place), order, picked, names


def _places(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield places in pools of these sizes: all first ones, and where one or two are others."""
    if not all(sizes):
        return
    first = (0,) * len(sizes)
    yield first
    others = [(index, at) for index, size in enumerate(sizes) for at in range(1, size)]
    for index, at in others:
        yield (*first[:index], at, *first[index + 1 :])
    for (one, at), (two, other) in combinations(others, 2):
        if one != two:
            place = [*first]
            place[one], place[two] = at, other
            yield tuple(place)


def _spread(collection: Collection) -> list[_Named]:
    """List the records so that every status takes turns; of many, those of a status are mixed."""
    groups: dict[JsonValue, list[_Named]] = {}
    for pair in zip(collection.ids, collection.records, strict=True):
        groups.setdefault(_status(pair[1]), []).append(pair)
    if len(collection.ids) > MOST_CHOICES:
        random = Random(collection.path)
        for group in groups.values():
            random.shuffle(group)
    turns = zip_longest(*groups.values())
    return [pair for turn in turns for pair in turn if pair is not None]


def _status(record: JsonObject) -> Scalar | None:
    """Return what most likely decides what can be done with a record."""
    named = (value for name, value in record.items() if name.endswith(("status", "state")))
    flags = (value for value in record.values() if isinstance(value, bool))
    return next((value for value in chain(named, flags) if isinstance(value, Scalar)), None)


def _spaced(values: Sequence[Scalar]) -> list[Scalar]:
    """Take a few values from the first to the last, evenly."""
    if len(values) <= MOST_VALUES:
        return [*values]
    step = (len(values) - 1) / (MOST_VALUES - 1)
    return [values[round(number * step)] for number in range(MOST_VALUES)]


def _unmentioned_first(values: Sequence[Scalar], topic: Mentioned) -> list[Scalar]:
    return sorted(values, key=lambda value: _mentioned(value, topic.text))


def _mentioned(value: JsonValue, text: str) -> bool:
    """Tell whether a text has the value as a word, or as several."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return False
    word = str(value)
    if isinstance(value, str) and len(word) < _TELLING:
        return False
    return word in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _fits(value: Scalar, schema: JsonObject) -> bool:
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


def _anything(schema: JsonObject) -> list[Scalar]:
    match schema.get("type"):
        case "integer" | "number":
            return [1, 2]
        case "boolean":
            return [True, False]
        case "string":
            return ["something else"]
        case _:
            return []


def _neighbours(value: JsonValue) -> list[Scalar]:
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
