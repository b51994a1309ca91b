"""Records in lists that go by a field of their own, such as the `tag` of a garment."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import JsonValue

from envscaler.environment.state.collections import (
    Collection,
    collections_of,
    items_of,
    record_of,
    target_of,
)
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.rows import kept_otherwise
from envscaler.scen_generator.solution_first.typed import is_counted

_CALLED = ("name", "title")


def collections_called(state: JsonObject, source: str) -> tuple[Collection, ...]:
    """List the collections of a state, those too whose records go by a field of their own.

    Args:
        state: As loaded, tagged.
        source: Of the class.
    """
    found = collections_of(state)
    known = {one.path for one in found if one.ids}
    others = [one for one in kept_otherwise(state, source) if one.path not in known]
    if not others and all(one.ids for one in found):
        return found
    return (*(_called(one, state) if not one.ids else one for one in found), *others)


def as_numbers(one: Collection, tools: Iterable[Tool]) -> Collection:
    """Return a collection with whole numbers for ids, where it keeps them as texts.

    A state that was JSON has no other keys than texts, and the tools take numbers all the same.
    """
    if not one.ids or not all(isinstance(key, str) and key.isdecimal() for key in one.ids):
        return one
    kinds = {
        str(schema.get("type"))
        for tool in tools
        for name, schema in tool.properties.items()
        if target_of(name, [one]) is not None
    }
    return replace(one, ids=tuple(map(int, one.ids))) if kinds - {"array"} == {"integer"} else one


def _called(one: Collection, state: JsonObject) -> Collection:
    records = [record_of(item) for item in items_of(_at(state, one.path)) or ()]
    known = [record for record in records if record is not None]
    own = _own_field(known) if len(known) == len(records) else None
    if own is None:
        return one
    ids = [key for record in known if isinstance(key := record[own], str | int)]
    return Collection(one.path, tuple(ids), tuple(known), keyed=False)


def _own_field(records: Sequence[JsonObject]) -> str | None:
    """Return the field that tells records apart: the first of them, or a name."""
    if not records:
        return None
    names = [*records[0]]
    ranked = [*names[:1], *(name for name in _CALLED if name in names)]
    apart = (
        name
        for name in ranked
        if not is_counted(name) and _tells_apart([one.get(name) for one in records])
    )
    return next(apart, None)


def _tells_apart(values: Sequence[JsonValue]) -> bool:
    plain = all(isinstance(each, str | int) and not isinstance(each, bool) for each in values)
    return plain and "" not in values and len({*map(repr, values)}) == len(values)


def _at(state: JsonObject, path: str) -> JsonValue:
    """Return what is at a path; None under `*`, where it is in many places."""
    value: JsonValue = state
    for name in path.split("."):
        value = (record_of(value) or {}).get(name)
    return value
