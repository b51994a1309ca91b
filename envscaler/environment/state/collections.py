"""Where a state keeps its records, and which of them a name points to."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.plurals import singular
from envscaler.environment.state.shared_parts import ByIdentity
from envscaler.records import JsonObject

Key = str | int
Scalar = str | int | float | bool
_Pairs = Sequence[tuple[JsonValue, JsonValue]]

_ID = re.compile(r"^(?P<stem>\w*?)_?(?:ids?|keys?|numbers?|codes?)$")
_NUMBERING = re.compile(r"^[A-Za-z]{0,4}[-_]?\d+$")
_PART = re.compile(r"^[a-z_]+$")
_MAX_DEPTH = 4
_MAPS = frozenset(("$dict", "$ordereddict", "$counter"))
_NUMBERED = ("no", "nr")
"""Fields with the number of a record in a list, where it has no id."""
_CODED = ("code", "key", "sku")
"""Fields that are ids where they tell the records of a list apart, and else refer to others."""
_CALLED = ("name", "title")
"""Fields by which people call a record."""
_LISTS = frozenset(("$tuple", "$set", "$frozenset", "$deque"))


@dataclass(frozen=True, slots=True)
class Collection:
    """Records of one kind."""

    path: str
    """Names from the attribute inwards; `*` stands for any key or place: `orders.*.items`."""
    ids: tuple[Key, ...]
    """What each record is called by: its key, or what its id field holds."""
    records: tuple[JsonObject, ...]
    """In the order of `ids`."""
    keyed: bool
    """A dict whose keys are the ids, not a list."""

    @property
    def name(self) -> str:
        return self.path.rstrip(".*").rpartition(".")[2]


def pairs_of(value: JsonValue) -> list[tuple[JsonValue, JsonValue]] | None:
    """Return the items of a dict, whatever its keys are; None when the value is none."""
    if not isinstance(value, dict):
        return None
    if len(value) == 1:
        [(tag, content)] = value.items()
        if tag == "$defaultdict" and isinstance(content, list):
            return cast("list[tuple[JsonValue, JsonValue]]", content[1])
        if tag in _MAPS:
            return cast("list[tuple[JsonValue, JsonValue]]", content)
        if tag.startswith("$"):
            return None
    return [*value.items()]


def is_tag(value: JsonObject) -> bool:
    """Say whether an object may be a tag: it has one key, which begins as theirs do."""
    return len(value) == 1 and next(iter(value)).startswith("$")


def items_of(value: JsonValue) -> list[JsonValue] | None:
    """Return the items of a list, tuple or set; None when the value is none."""
    if isinstance(value, dict) and len(value) == 1:
        [(tag, content)] = value.items()
        return cast("list[JsonValue]", content) if tag in _LISTS else None
    return value if isinstance(value, list) else None


def record_of(value: JsonValue) -> JsonObject | None:
    """Return the fields of a record: a dict with plain names, or a dataclass instance."""
    if not isinstance(value, dict):
        return None
    if len(value) != 1:
        return dict(value)
    if "$dataclass" in value:
        return cast("JsonObject", cast("list[JsonValue]", value["$dataclass"])[1])
    pairs = pairs_of(value)
    if pairs is None or not all(isinstance(key, str) for key, _ in pairs):
        return None
    return {cast("str", key): item for key, item in pairs}


def field_names(records: Iterable[Mapping[str, JsonValue]]) -> list[str]:
    """Return the names of the fields of some records, each once, in order."""
    return [*dict.fromkeys(name for record in records for name in record)]


_MOST_KNOWN = 64
_MOST_PARTS = 1024
_Found = tuple[Collection, ...]
_known = ByIdentity[_Found](_MOST_KNOWN)
_known_parts = ByIdentity[_Found](_MOST_PARTS)


def collections_of(state: JsonObject) -> tuple[Collection, ...]:
    """List the collections of records, the outer ones first.

    The last states are remembered, as many parameters are looked up in one state. A state is never
    changed after it was read.
    """
    return _known.of(state, lambda: _read_collections(state))


def _read_collections(state: JsonObject) -> _Found:
    found = [
        one
        for name, value in state.items()
        if isinstance(value, dict | list)
        for one in _known_parts.of(value, partial(_read_part, value, name), name)
    ]
    return tuple(sorted(found, key=lambda one: one.path.count(".")))


def _read_part(value: JsonValue, name: str) -> _Found:
    """List the collections in an attribute."""
    found: dict[str, list[tuple[Key, JsonObject]]] = {}
    keyed: dict[str, bool] = {}
    _collect(value, name, 0, found, keyed)
    return tuple(
        Collection(
            path,
            tuple(key for key, _ in pairs),
            tuple(record for _, record in pairs),
            keyed[path],
        )
        for path, pairs in found.items()
    )


def _collect(
    value: JsonValue,
    path: str,
    depth: int,
    found: dict[str, list[tuple[Key, JsonObject]]],
    keyed: dict[str, bool],
) -> None:
    """Add the collections of a value, itself first, to those that were found."""
    if depth > _MAX_DEPTH:
        return
    pairs = pairs_of(value)
    records = [*map(record_of, _inside(value, pairs))]
    fields = _all_of(records)
    if fields and _is_collection(fields):
        found.setdefault(path, []).extend(_called(fields, pairs, path))
        keyed[path] = pairs is not None
    is_one_thing = pairs is not None and path not in found
    for part, item in _parts(pairs) if is_one_thing else _fields_inside(records):
        _collect(item, f"{path}.{part}", depth + 1, found, keyed)


def _inside(value: JsonValue, pairs: _Pairs | None) -> Sequence[JsonValue]:
    """Return what a dict or a list holds; nothing for other values."""
    return (items_of(value) or ()) if pairs is None else [item for _, item in pairs]


def _all_of(records: Sequence[JsonObject | None]) -> list[JsonObject]:
    """Return the records, where there is nothing else among them; else none."""
    found = [record for record in records if record is not None]
    return found if len(found) == len(records) else []


def _called(
    records: Sequence[JsonObject], pairs: _Pairs | None, path: str
) -> Iterator[tuple[Key, JsonObject]]:
    """Yield records with their ids: the key, or what a record in a list says itself."""
    name = path.rstrip(".*").rpartition(".")[2]
    ids = _ids_in_list(records, name) if pairs is None else [key for key, _ in pairs]
    for own, record in zip(ids, records, strict=True):
        if isinstance(own, str | int):
            yield own, record


def _parts(pairs: _Pairs | None) -> Iterator[tuple[str, JsonValue]]:
    """Yield the parts of a dict: names are parts of one thing, other keys are ids of many alike."""
    for key, item in pairs or ():
        if isinstance(item, dict | list):
            yield (key if isinstance(key, str) and _PART.match(key) else "*"), item


def _fields_inside(records: Iterable[JsonObject | None]) -> Iterator[tuple[str, JsonValue]]:
    """Yield the fields of the records in a collection, under whatever id."""
    for record in records:
        for field, item in (record or {}).items():
            if isinstance(item, dict | list):
                yield f"*.{field}", item


def _is_collection(records: Sequence[JsonObject]) -> bool:
    """Tell records of one kind, which share most fields, from the parts of a single thing."""
    shared = set(records[0]).intersection(*records)
    return bool(shared) and 2 * len(shared) >= len(records[0])


def _ids_in_list(records: Sequence[JsonObject], name: str) -> list[JsonValue]:
    """Return what records in a list are called by; a code only where it tells them apart."""
    own = [_own_id(one, name) for one in records]
    if any(one is not None for one in own):
        return own
    codes = [[one.get(field) for one in records] for field in _CODED]
    apart = (held for held in codes if None not in held and len({*map(str, held)}) == len(held))
    return next(apart, own)


def _own_id(record: JsonObject, name: str) -> JsonValue:
    """Return what a record in a list is called by."""
    for field in (f"{singular(name)}_id", "id", "_id"):
        if field in record:
            return record[field]
    own = (singular(name), f"{singular(name)}_number", f"{singular(name)}_no", "number")
    numbers = (record[one] for one in own if _is_number(record.get(one)))
    others = (record[field] for field in record if field.endswith("_id") or field in _NUMBERED)
    return next(numbers, next(others, None))


def _is_number(value: JsonValue) -> bool:
    """Say whether a value is a number, or a text such as `F12`, that tells records apart."""
    return isinstance(value, int) or (isinstance(value, str) and bool(_NUMBERING.match(value)))


def id_field(collection: Collection) -> str | None:
    """Name the field that holds a record's own id."""
    if not collection.records:
        return None
    first, own = collection.records[0], collection.ids[0]
    stem = singular(collection.name)
    names = (f"{stem}_id", "id", "_id", stem, f"{stem}_number", f"{stem}_no", "number")
    likely = [*names, *(field for field in first if field.endswith("id")), *_NUMBERED, *_CODED]
    found = next((field for field in likely if first.get(field) == own), None)
    return found if found is not None or collection.keyed else _telling_field(collection)


def _telling_field(collection: Collection) -> str | None:
    """Name the field by which records in a list go; a name is no id."""
    pairs = [*zip(collection.ids, collection.records, strict=True)]
    return next(
        (
            field
            for field in collection.records[0]
            if field not in _CALLED and all(record.get(field) == own for own, record in pairs)
        ),
        None,
    )


@lru_cache(4096)
def stem_of(name: str) -> str | None:
    """Return `order` for `order_id`, `order_ids` and `order_number`; None for other names."""
    found = _ID.match(name)
    return found["stem"] if found else None


def target_of(name: str, collections: Sequence[Collection]) -> Collection | None:
    """Find the collection whose ids a parameter or field holds.

    Leading words are dropped one by one, so that `assigned_user_id` finds `users`.
    """
    stem = stem_of(name)
    words = (stem if stem is not None else name).split("_")
    for start in range(len(words)):
        wanted = singular("_".join(words[start:]))
        for one in collections:
            if wanted and singular(one.name) == wanted:
                return one
    if stem is None:
        return None
    own = {name, f"{singular(stem)}_id"}
    return next((one for one in collections if id_field(one) in own), None)


def field_values(value: JsonValue, field: str) -> Iterator[JsonValue]:
    """Yield what fields of that name hold, anywhere inside."""
    pairs = pairs_of(value)
    if pairs is not None:
        for key, item in pairs:
            if key == field:
                yield item
            yield from field_values(item, field)
    elif isinstance(value, dict) and "$dataclass" in value:
        yield from field_values(record_of(value), field)
    else:
        for item in items_of(value) or ():
            yield from field_values(item, field)


_Held = dict[str, list[JsonValue]]
_known_fields = ByIdentity[_Held](_MOST_PARTS)


def values_held(state: JsonObject, field: str) -> Iterator[JsonValue]:
    """Yield what `field_values` yields of a state; each attribute is walked once for all fields.

    A state is never changed after it was read.
    """
    if len(state) == 1:  # which may be a tag
        yield from field_values(state, field)
        return
    for name, value in state.items():
        if name == field:
            yield value
        if isinstance(value, dict | list):
            yield from _known_fields.of(value, partial(_held_by, value)).get(field, ())


def _held_by(value: JsonValue) -> _Held:
    """Return what the fields of each name hold, anywhere inside."""
    found: _Held = {}
    _note_held(value, found)
    return found


def _note_held(value: JsonValue, found: _Held) -> None:
    pairs = pairs_of(value)
    if pairs is not None:
        for key, item in pairs:
            if isinstance(key, str):
                found.setdefault(key, []).append(item)
            if isinstance(item, dict | list):
                _note_held(item, found)
    elif isinstance(value, dict) and "$dataclass" in value:
        _note_held(record_of(value), found)
    else:
        for item in items_of(value) or ():
            if isinstance(item, dict | list):
                _note_held(item, found)


def scalars_of(values: Iterator[JsonValue]) -> list[Scalar]:
    """Return the distinct plain values, those inside lists too, in order."""
    flat: list[Scalar] = []
    for value in values:
        inner = items_of(value)
        flat += [item for item in (inner or [value]) if isinstance(item, Scalar)]
    return list({(type(item), item): item for item in flat}.values())


def walk_values(value: JsonValue) -> Iterator[JsonValue]:
    """Yield everything that is neither a dict nor a list, keys included."""
    pairs, items = pairs_of(value), items_of(value)
    if pairs is not None:
        for key, item in pairs:
            yield key
            yield from walk_values(item)
    elif items is not None:
        for item in items:
            yield from walk_values(item)
    elif (record := record_of(value)) is not None:  # of a data type
        yield from walk_values(record)
    else:
        yield value


def emptied(state: JsonObject) -> JsonObject:
    """Return a state with every collection emptied."""
    return {
        name: {} if isinstance(value, dict) else [] if isinstance(value, list) else value
        for name, value in state.items()
    }


_Types = dict[tuple[str, str], set[type]]
_known_types = ByIdentity[_Types](_MOST_PARTS)


def field_types(state: JsonObject) -> _Types:
    """Return the types that each field of a collection has, by path of the collection and name.

    The fields of the outer collections come first.
    """
    found: _Types = {}
    for name, value in state.items():
        if isinstance(value, dict | list):
            found |= _known_types.of(value, partial(_types_in, value, name), name)
    return dict(sorted(found.items(), key=lambda one: one[0][0].count(".")))


def _types_in(part: JsonValue, name: str) -> _Types:
    found: _Types = {}
    for one in _known_parts.of(part, partial(_read_part, part, name), name):
        for record in one.records:
            for field, value in record.items():
                if value is not None:
                    found.setdefault((one.path, field), set()).add(type(value))
    return found
