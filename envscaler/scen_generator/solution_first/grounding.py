"""Names for records that a person would use, and the queries that lead from them to the ids.

An id is left out of a task only where both were found: a description that fits one record alone,
and queries, tried in the environment, that answer with this id when given no more than the
description.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Literal

from pydantic import JsonValue

from envscaler.environment.state.collections import Collection, Key, id_field, stem_of, target_of
from envscaler.environment.state.plurals import singular
from envscaler.records import Call, JsonObject, Tool
from envscaler.sandbox import LiveEnvironment
from envscaler.scen_generator.solution_first.context import SearchContext, parameters_of
from envscaler.scen_generator.solution_first.trace import succeeded

Kind = Literal["name", "text", "link"]

_NAMES = ("name", "title", "username", "label", "subject", "headline", "email")
_SECRET = re.compile(r"hash|password|token|secret|salt|url|path|checksum")
_OPEN_WORDS = frozenset(("query", "keyword", "keywords", "text", "term", "search", "value"))
_LONGEST = 60
"""Characters of a text that a person would still name a record by."""
_PAIRS = 12
_TRIES = 6
"""Arguments tried for one query."""


@dataclass(frozen=True, slots=True)
class DescribedField:
    """What a record is told from others by."""

    field: str
    value: JsonValue
    """What the field holds."""
    named: "ReferringExpression | None" = None
    """The record that the value refers to, where it is an id."""


@dataclass(frozen=True, slots=True)
class ReferringExpression:
    """Fields that one record of a collection has alone."""

    collection: Collection
    key: Key
    fields: tuple[DescribedField, ...]


@dataclass(frozen=True, slots=True)
class Grounding:
    """A description, and the queries by which it leads to the id."""

    description: ReferringExpression
    calls: tuple[Call, ...]


class Grounder:
    """Finds groundings in one state; what was found once is kept.

    Args:
        context: The environment and its state.
    """

    def __init__(self, context: SearchContext) -> None:
        self._context = context
        self._found: dict[tuple[str, Key], Grounding | None] = {}
        self._queries = [
            tool
            for name, tool in context.tools.items()
            if name in set(context.environment.structure.queries)
        ]

    async def find(
        self, collection: Collection, key: Key, live: LiveEnvironment
    ) -> Grounding | None:
        """Return how to find a record, or None when it has to be told by its id.

        Args:
            collection: Where the record is.
            key: Its id.
            live: The environment, still in the state of the context.
        """
        place = (collection.path, key)
        if place not in self._found:
            self._found[place] = await self._find(collection, key, live)
        return self._found[place]

    async def _find(
        self, collection: Collection, key: Key, live: LiveEnvironment
    ) -> Grounding | None:
        for description in descriptions(collection, key, self._context.collections):
            calls = await self._calls(description, live)
            if calls is not None:
                return Grounding(description, calls)
        return None

    async def _calls(
        self, description: ReferringExpression, live: LiveEnvironment
    ) -> tuple[Call, ...] | None:
        """Return queries that lead to a record; None when none were found."""
        before: list[Call] = []
        for each in description.fields:
            if each.named is not None:
                inner = await self._calls(each.named, live)
                if inner is None:
                    return None
                before += inner
        known = {each.field: each.value for each in description.fields}
        for tool in sorted(self._queries, key=lambda tool: not _is_about(tool, description)):
            for arguments in islice(_arguments(tool, known), _TRIES):
                observation = await live.call(tool.name, arguments)
                if succeeded(observation) and _answers(observation.value, description, arguments):
                    call = Call(name=tool.name, arguments=arguments)
                    return (*before, call)
        return None


def descriptions(
    collection: Collection, key: Key, collections: Sequence[Collection], *, links: bool = True
) -> Iterator[ReferringExpression]:
    """Yield descriptions that fit one record alone, the most natural first.

    Args:
        collection: Where the record is.
        key: Its id.
        collections: All of the state.
        links: Also describe it by the records that it refers to.
    """
    record = collection.records[collection.ids.index(key)]
    fields = [*_described_fields(collection, record, collections, links=links)]
    names = [each for kind, each in fields if kind == "name"]
    others = [each for kind, each in fields if kind != "name"]
    singles = [(each,) for each in (*names, *others)]
    pairs = islice(combinations([*names, *others], 2), _PAIRS)
    for chosen in (*singles, *pairs):
        if _fitting(collection, chosen) == 1:
            yield ReferringExpression(collection, key, chosen)


def _described_fields(
    collection: Collection, record: JsonObject, collections: Sequence[Collection], *, links: bool
) -> Iterator[tuple[Kind, DescribedField]]:
    own = id_field(collection)
    for field, value in record.items():
        if field == own or _SECRET.search(field):
            continue
        if stem_of(field) is not None:
            if links:
                for each in _linked_fields(collection, field, value, collections):
                    yield "link", each
        elif _is_speakable(value):
            is_name = field in _NAMES or field.endswith(("_name", "_title"))
            yield "name" if is_name else "text", DescribedField(field, value)


def _linked_fields(
    collection: Collection, field: str, value: JsonValue, collections: Sequence[Collection]
) -> Iterator[DescribedField]:
    """Yield a field that refers to a record of another collection: by its name, and by its id."""
    target = target_of(field, collections)
    if target is None or target is collection or not isinstance(value, str | int):
        return
    if value in target.ids:
        named = next(descriptions(target, value, collections, links=False), None)
        yield DescribedField(field, value, named)
        yield DescribedField(field, value)


def _is_speakable(value: JsonValue) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.strip() == value


def _fitting(collection: Collection, fields: Sequence[DescribedField]) -> int:
    """Count the records that have all fields."""
    return sum(_has_all(record, fields) for record in collection.records)


def _is_about(tool: Tool, description: ReferringExpression) -> bool:
    return singular(description.collection.name) in tool.name


def _arguments(tool: Tool, known: Mapping[str, JsonValue]) -> Iterator[JsonObject]:
    """Yield ways to fill the required arguments of a query with what is known."""
    required, optional = parameters_of(tool)
    pools = [[*_values_for(name, known)] for name in required]
    for values in product(*pools):
        yield dict(zip(required, values, strict=True))
    if not required:
        for name in optional:
            for value in _values_for(name, known):
                yield {name: value}


def _values_for(name: str, known: Mapping[str, JsonValue]) -> Iterator[JsonValue]:
    for field, value in known.items():
        words = set(name.split("_"))
        alike = name == field or name.endswith(f"_{field}") or field.endswith(f"_{name}")
        if alike or (isinstance(value, str) and words & _OPEN_WORDS):
            yield value


def _answers(value: JsonValue, description: ReferringExpression, arguments: JsonObject) -> bool:
    """Tell whether a result names the record, and shows which of several it is."""
    records = [*_records_with(value, description.key)]
    if any(_has_all(record, description.fields) for record in records):
        return True
    given = [*arguments.values()]
    if any(each.value not in given for each in description.fields):
        return False
    return {key for key in description.collection.ids if _mentions(value, key)} == {description.key}


def _has_all(record: JsonObject, fields: Sequence[DescribedField]) -> bool:
    return all(record.get(each.field) == each.value for each in fields)


def _records_with(value: JsonValue, key: Key) -> Iterator[JsonObject]:
    """Yield the objects in a result that hold an id, or stand under it."""
    if isinstance(value, list):
        for item in value:
            yield from _records_with(item, key)
    elif isinstance(value, dict):
        if any(_is(item, key) for item in value.values()):
            yield value
        for name, item in value.items():
            if name == key and isinstance(item, dict):
                yield item
            yield from _records_with(item, key)


def _mentions(value: JsonValue, key: Key) -> bool:
    if isinstance(value, list):
        return any(_mentions(item, key) for item in value)
    if isinstance(value, dict):
        return key in value or any(_mentions(item, key) for item in value.values())
    return _is(value, key)


def _is(value: JsonValue, key: Key) -> bool:
    return type(value) is type(key) and value == key
