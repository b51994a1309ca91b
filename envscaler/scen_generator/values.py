"""Arguments that a call may take in a state, the most telling ones first."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import cast

from pydantic import JsonValue

from envscaler.explore.places import (
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
"""Values tried for one argument."""
_TELLING = 2
"""Characters from which on a text that is found in another one tells something."""


class Values:
    """Argument values found in a state by the names of parameters and fields.

    A `text`, such as the source of a check, says what matters: the records that it speaks of come
    first. Other values that it mentions come last, for they are most likely there already, and
    what is sought is a call that changes something.
    """

    def __init__(self, state: JsonObject) -> None:
        self._state = state
        self._collections = collections_of(state)
        self._found: dict[str, list[Scalar]] = {}

    def of(self, name: str, schema: JsonObject, text: str = "") -> list[JsonValue]:
        """List values for the argument `name`.

        Choices of the schema, ids of the collection that the name points to, what fields of the
        same name hold, and, when there is none of these, something of the right type. Lists and
        objects are put together from such values.
        """
        match schema.get("type"):
            case "array":
                items = cast("JsonObject", schema.get("items") or {})
                return [[value] for value in self.of(name, items, text)]
            case "object":
                return self._objects(schema, text)
            case _:
                return [*self._scalars(name, schema, text)[:MOST_VALUES]]

    def others(self, name: str, schema: JsonObject, value: JsonValue) -> list[JsonValue]:
        """List values that the argument may take instead of `value`."""
        found = [*self.of(name, schema), *_neighbours(value)]
        return [other for other in found if other != value][:MOST_VALUES]

    def calls(self, tool: Tool, text: str, most: int) -> list[JsonObject]:
        """List the arguments of `most` calls of a tool, at most.

        The first values are the best, so calls are tried by how far they are from those, and the
        plain ones before those with an optional argument.
        """
        properties = cast("dict[str, JsonObject]", tool.parameters.get("properties") or {})
        required = cast("list[str]", tool.parameters.get("required") or [])
        optional = [name for name in properties if name not in required]
        pools = {name: self.of(name, inner, text) for name, inner in properties.items()}
        ranked = [
            (sum(place), order, dict(zip(names, _picked(pools, names, place), strict=True)))
            for order, names in enumerate([required, *([*required, name] for name in optional)])
            for place in _places([len(pools[name]) for name in names])
        ]
        ranked.sort(key=lambda found: found[:2])
        return [arguments for _, _, arguments in ranked[:most]]

    def _scalars(self, name: str, schema: JsonObject, text: str) -> list[Scalar]:
        choices = schema.get("enum")
        if isinstance(choices, list):
            return _unmentioned_first(scalars_of(iter(choices)), text)
        target = target_of(name, self._collections) if stem_of(name) is not None else None
        ids = _most_telling_first(target, text) if target else []
        found = [*ids, *_unmentioned_first(self._fields(name), text)]
        fitting = [value for value in found if _fits(value, schema)]
        return list(dict.fromkeys(fitting)) or _anything(schema)

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

    def _objects(self, schema: JsonObject, text: str) -> list[JsonValue]:
        """List objects: with all properties that the schema names, else with one field each."""
        properties = cast("dict[str, JsonObject]", schema.get("properties") or {})
        if properties:
            pools = {name: self.of(name, inner, text) for name, inner in properties.items()}
            return [{name: pool[0] for name, pool in pools.items() if pool}]
        fields = dict.fromkeys(
            field
            for collection in self._collections
            for record in collection.records[:1]
            for field, value in record.items()
            if isinstance(value, Scalar)
        )
        named = sorted(fields, key=lambda field: field not in text)[:MOST_VALUES]
        return [{field: _unmentioned_first(self._fields(field), text)[0]} for field in named]


def _picked(
    pools: dict[str, list[JsonValue]], names: Sequence[str], place: Sequence[int]
) -> list[JsonValue]:
    return [pools[name][at] for name, at in zip(names, place, strict=True)]


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


def _most_telling_first(collection: Collection, text: str) -> list[Scalar]:
    """Order ids by whether a text speaks of them, then by how much it says of their records."""

    def told(key: Scalar, record: JsonObject) -> tuple[bool, int]:
        return not _mentioned(key, text), -sum(
            _mentioned(each, text) for each in walk_values(record)
        )

    pairs = zip(collection.ids, collection.records, strict=True)
    return [key for key, _ in sorted(pairs, key=lambda pair: told(*pair))]


def _unmentioned_first(values: Sequence[Scalar], text: str) -> list[Scalar]:
    return sorted(values, key=lambda value: _mentioned(value, text))


def _mentioned(value: JsonValue, text: str) -> bool:
    return isinstance(value, str) and len(value) >= _TELLING and value in text


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
