"""A state as one is shown it who rules on calls: what they are about first, then a few others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from pydantic import JsonValue

from envscaler.environment.state.collections import (
    items_of,
    record_of,
    stem_of,
    walk_values,
)
from envscaler.environment.state.plurals import singular
from envscaler.inputs.session import CallRecord
from envscaler.prompt_text import cut
from envscaler.records import JsonObject
from envscaler.skel_builder.predicate_prompts import part_pairs, plain, whole_state
from envscaler.skel_builder.shown_changes import telling_field

_RECORD_CHARS = 1_200
_FEW, _MOST_PARTS = 2, 40
"""Attributes beside which one may hold all collections, and how many these may be."""
_NAMED, _MENTIONED, _LINKED, _OTHER = range(4)
"""How near a record is to what calls are about."""
_HEAD_CHARS = 60
"""What the lines around the records of a part take."""
_ROW_CHARS = 6
"""What a line has beside its record."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A record, or another entry of a collection."""

    key: JsonValue
    """Its key, or what its fields hold that are ids; None for another entry of a list."""
    value: JsonValue
    text: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A collection, or another attribute, which has no rows."""

    path: str
    text: str = ""
    brackets: str = "{}"
    rows: list[_Row] = field(default_factory=list[_Row])


@dataclass(frozen=True, slots=True)
class _Focus:
    """What calls are about."""

    named: frozenset[str]
    """What their arguments hold, numbers aside."""
    numbers: frozenset[tuple[str, str]]
    """The numbers of their arguments, each with what it may be one of: `("reel", "7")`."""
    mentioned: frozenset[str]
    """What their results hold."""
    changed: frozenset[str]
    """The rows, as text, that are others afterwards."""


def state_about(state: JsonObject, played: Sequence[Sequence[CallRecord]], most: int) -> str:
    """Write a state as Python, whole if it may be.

    Else the records that calls name or change come first, then those that are linked to them, then
    others, as many as there is room for, all in the order that they have.

    Args:
        state: The one before the first call.
        played: Sequences of calls that begin there, those that are ruled on.
        most: Characters.
    """
    text, parts = whole_state(state), [*_parts_of(state)]
    fits = len(text) <= most
    if fits and len(parts) == len(state):
        return text
    every = {id(row) for one in parts for row in one.rows}
    shown = every if fits else _chosen(parts, _focus_of(played), most)
    return cut("\n".join(line for one in parts for line in _part_lines(one, shown)), 2 * most)


def named_rows(call: CallRecord, most: int) -> str:
    """Write the records that a call names or changes, as they are before it; empty without any."""
    focus = _focus_of([[call]])
    lines = [
        f"{part.path}: {row.text}"
        for part in _parts_of(call.before)
        for row in part.rows
        if _rank(part, row, focus) == _NAMED
    ]
    return cut("\n".join(lines), most)


def _focus_of(played: Sequence[Sequence[CallRecord]]) -> _Focus:
    calls = [*chain.from_iterable(played)]
    given = {(name, word) for one in calls for name, word in _given(one.call.arguments)}
    return _Focus(
        frozenset(word for _, word in given if not word.isdigit()),
        frozenset((stem_of(name) or "", word) for name, word in given if word.isdigit()),
        frozenset(chain.from_iterable(_words(one.value) for one in calls)),
        frozenset(chain(*(_changed_rows(one[0].before, one[-1].after) for one in played))),
    )


def _given(arguments: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield what arguments hold, each with the name of its parameter."""
    for name, value in arguments.items():
        yield from ((name, word) for word in _words(value))


def _changed_rows(before: JsonObject, after: JsonObject) -> set[str]:
    """Return what stood in the rows of a state that are gone, or other ones, later."""
    olds, news = (
        {row.text for part in _parts_of(one) for row in part.rows} for one in (before, after)
    )
    return olds - news


def _words(value: JsonValue) -> Iterator[str]:
    """Yield what may be an id or a name, as text; the fields of a record have none of theirs."""
    pairs = part_pairs(value)
    inside = [value] if pairs is None else [item for _, item in pairs]
    for one in chain.from_iterable(map(walk_values, inside)):
        if isinstance(one, str | int) and not isinstance(one, bool) and one != "":
            yield str(one)


def _parts_of(state: JsonObject) -> Iterator[_Part]:
    """Yield the collections of a state; one attribute that holds them all is opened."""
    for name, value in state.items():
        pairs = part_pairs(value) or ()
        few = len(state) <= _FEW and len(pairs) <= _MOST_PARTS
        if few and _are_parts([one for _, one in pairs]):
            yield from (_part(f"{name}.{key}", inner) for key, inner in pairs)
        else:
            yield _part(name, value)


def _are_parts(values: Sequence[JsonValue]) -> bool:
    """Say whether values are collections themselves: what they hold are dicts and lists."""
    held = [one for value in values for one in _inside(value)]
    return bool(held) and 2 * sum(isinstance(one, dict | list) for one in held) > len(held)


def _inside(value: JsonValue) -> Sequence[JsonValue]:
    pairs = part_pairs(value)
    return [one for _, one in pairs] if pairs is not None else items_of(value) or ()


def _part(path: str, value: JsonValue) -> _Part:
    pairs = part_pairs(value)
    if pairs:
        rows = [
            _Row(key, item, cut(f"{plain(key)}: {plain(item)}", _RECORD_CHARS))
            for key, item in pairs
        ]
        return _Part(path, brackets="{}", rows=rows)
    if isinstance(value, list) and value:
        own = telling_field(value, ())
        rows = [_Row(_own(item, own), item, cut(plain(item), _RECORD_CHARS)) for item in value]
        return _Part(path, brackets="[]", rows=rows)
    return _Part(path, text=cut(plain(value), _RECORD_CHARS))


def _own(entry: JsonValue, field: str) -> JsonValue:
    """Return what an entry of a list is called by: a field of it, what it begins with, or itself.

    Args:
        entry: The entry.
        field: The field that tells the entries of its list apart; empty where none does.
    """
    if isinstance(entry, str | int):
        return entry
    record = record_of(entry) or {}
    return record[field] if field in record else next(iter(items_of(entry) or ()), None)


def _rank(part: _Part, row: _Row, focus: _Focus) -> int:
    if _is_named(part, row, focus) or row.text in focus.changed:
        return _NAMED
    held = {one for one in _words(row.value) if len(one) > 1 and not one.isdigit()}
    mentioned = str(row.key) in focus.mentioned and not str(row.key).isdigit()
    return _MENTIONED if mentioned or held & focus.named else _OTHER


def _is_named(part: _Part, row: _Row, focus: _Focus) -> bool:
    """Say whether arguments hold the key of a row; a number has to be one of that collection."""
    key = str(row.key)
    if key in focus.named:
        return True
    kind = singular(part.path.rpartition(".")[2])
    return any(key == number and (stem in kind or kind in stem) for stem, number in focus.numbers)


def _chosen(parts: Sequence[_Part], focus: _Focus, most: int) -> set[int]:
    """Return the rows for which there is room, by their identity."""
    rows = [(part, place, row) for part in parts for place, row in enumerate(part.rows)]
    ranks = [_rank(part, row, focus) for part, _, row in rows]
    near = [row for (_, _, row), rank in zip(rows, ranks, strict=True) if rank == _NAMED]
    keys = {str(row.key) for row in near if row.key is not None}
    words = {*chain.from_iterable(_words(row.value) for row in near)}
    order = sorted(
        (_closer(rank, row, keys, words), place, at)
        for at, ((_, place, row), rank) in enumerate(zip(rows, ranks, strict=True))
    )
    room = most - sum(len(part.text) + _HEAD_CHARS for part in parts)
    return {*_fitting((rows[at][2] for _, _, at in order), room)}


def _fitting(rows: Iterable[_Row], room: int) -> Iterator[int]:
    """Yield the first rows, by their identity, that have so much room."""
    for row in rows:
        room -= len(row.text) + _ROW_CHARS
        if room < 0:
            return
        yield id(row)


def _closer(rank: int, row: _Row, keys: set[str], words: set[str]) -> int:
    """Return the rank of a row that refers to what calls name, or is referred to by it."""
    linked = str(row.key) in words or not keys.isdisjoint(_words(row.value))
    return min(rank, _LINKED) if linked else rank


def _part_lines(part: _Part, shown: set[int]) -> Iterator[str]:
    if not part.rows:
        yield f"{part.path} = {part.text}"
        return
    kept = [row for row in part.rows if id(row) in shown]
    left = len(part.rows) - len(kept)
    note = f"  # {len(kept)} of {len(part.rows)} are shown" if left else ""
    yield f"{part.path} = {part.brackets[0]}{note}"
    yield from (f"    {row.text}," for row in kept)
    yield part.brackets[1]
