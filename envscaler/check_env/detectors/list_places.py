"""Lists of which a check looks at one entry only: at the first of a crew, of what a dish contains.

What makes a call refused must not depend on whether it is the first or the last entry that has it.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.edit import with_field
from envscaler.check_env.stated_rules.reader import words_of
from envscaler.check_env.stated_rules.tables import Row, Tables, row_addresses
from envscaler.environment.state.collections import field_names, items_of, pairs_of
from envscaler.environment.state.relation import tells_status
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingCall, FindingKind, JsonObject

_MOST_CALLS = 10
_MOST_LONGER = 6
_MOST_PAIRS = 12
_MOST_OTHERS = 4
_MOST_WORDS = 4
_FIRST = re.compile(r"\b(first|leader|leading|captain|driver|head|main|primary|lead|chair)\b")
"""Words by which an entry may be meant for its place."""
Place = tuple[str, tuple[str, ...], Row]
"""A table, the address of a row in it, and the row."""


@dataclass(frozen=True, slots=True)
class TwoPlaces:
    """Two states, in which the first and the last entry of a list has the same thing."""

    first: JsonObject
    last: JsonObject
    said: str


async def list_places(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a tool looks at one entry of a list where it has to look at all."""
    words = words_of(explorer.stage.subject)
    for name, kept in explorer.ledger.changing.items():
        tool = explorer.stage.subject.tools[name]
        alone = [one for one in kept if not one.history and one.start < explorer.given]
        if not _FIRST.search(tool.description.lower()):
            claim = await first_claim(_tried(explorer, one, words) for one in alone[:_MOST_CALLS])
            if claim is not None:
                yield claim


async def _tried(
    explorer: Explorer, seen: CallRecord, words: frozenset[str]
) -> CandidateFinding | None:
    """Compare the places in the lists of a call, with two entries where it has one."""
    several = await _with_two(explorer, seen, words)
    return await _uneven(explorer, several or seen, words)


async def _with_two(
    explorer: Explorer, seen: CallRecord, words: frozenset[str]
) -> CallRecord | None:
    """Return a call with two entries in a list that has one, if there is one that succeeds."""
    tables = Tables(seen.before, words)
    for name, value in seen.call.arguments.items():
        for entries in _longer(tables, name, value):
            arguments: JsonObject = {**seen.call.arguments, name: entries}
            call = FindingCall(tool=seen.call.tool, arguments=arguments)
            [again] = await explorer.stage.replay(seen.start, [call])
            if again.succeeded and again.changed:
                return again
    return None


def _longer(tables: Tables, name: str, value: JsonValue) -> Iterator[list[JsonValue]]:
    """Yield lists with a second key of the table that the only key of an argument is from."""
    only = value[0] if isinstance(value, list) and len(value) == 1 else None
    if not isinstance(only, str | int):
        return
    for path in meant_tables(tables, name, [str(only)]):
        for key in sorted(tables.keys(path) - {str(only)})[:_MOST_LONGER]:
            yield [only, int(key) if isinstance(only, int) and key.isdigit() else key]


async def _uneven(
    explorer: Explorer, seen: CallRecord, words: frozenset[str]
) -> CandidateFinding | None:
    tables = Tables(seen.before, words)
    named = [*_named(tables, seen.call.arguments)]
    pairs = (
        *_of_argument(tables, seen),
        *_of_references(tables, seen.before, named),
        *_of_fields(seen.before, named),
    )
    others = (*_of_others(tables, seen.before, named),)
    for pair in (*pairs[:_MOST_PAIRS], *others[:_MOST_OTHERS]):
        outcomes = [await _taken(explorer, state, seen) for state in (pair.first, pair.last)]
        if None not in outcomes and outcomes[0] != outcomes[1]:
            return _claim(explorer, seen, pair, first_refused=not outcomes[0])
    return None


def _named(tables: Tables, arguments: JsonObject) -> Iterator[Place]:
    """Yield the records that a call names by an argument each."""
    given = {str(one) for one in arguments.values() if isinstance(one, str | int)}
    for path, rows in _records(tables):
        for address, row in rows:
            if row.key in given:
                yield path, address, row


def _records(tables: Tables) -> Iterator[tuple[str, list[tuple[tuple[str, ...], Row]]]]:
    """Yield the tables of records, each with its rows and their addresses."""
    for path, table in tables.tables.items():
        if table.kind == "records":
            yield path, [*row_addresses(tables, path)]


def _of_argument(tables: Tables, seen: CallRecord) -> Iterator[TwoPlaces]:
    """Yield states in which a record is in another state that a list of arguments names."""
    for name, value in seen.call.arguments.items():
        keys = [str(one) for one in value] if isinstance(value, list) else []
        yield from _of_keys(tables, seen.before, name, keys)


def _of_references(
    tables: Tables, state: JsonObject, named: Sequence[Place]
) -> Iterator[TwoPlaces]:
    """Yield states in which a record is in another state that a list of a named record names."""
    for path, _, row in named:
        for name, value in row.fields.items():
            keys = [str(one) for one in value] if isinstance(value, list) else []
            yield from _of_keys(tables, state, f"{path}.*.{name}", keys)


def _of_keys(
    tables: Tables, state: JsonObject, name: str, keys: Sequence[str]
) -> Iterator[TwoPlaces]:
    for path in meant_tables(tables, name, keys) if len(keys) > 1 else ():
        rows = {row.key: (address, row) for address, row in row_addresses(tables, path)}
        for field, word in _words(tables, path, rows[keys[0]][1]):
            both = [
                with_field(state, path, rows[key][0], field, word)
                for key in (keys[0], keys[-1])
                if rows[key][1].fields.get(field) != word
            ]
            yield from _two_places(both, f"{field} {word!r} of an entry of {name}")


def _two_places(states: Sequence[JsonObject | None], said: str) -> Iterator[TwoPlaces]:
    match [one for one in states if one is not None]:
        case [first, last]:
            yield TwoPlaces(first, last, said)
        case _:
            pass


def meant_tables(tables: Tables, name: str, keys: Sequence[str]) -> list[str]:
    """Return the table that has all of some keys; where several have, the one that is named."""
    found = [
        path
        for path, table in tables.tables.items()
        if table.kind == "records" and set(keys) <= tables.keys(path)
    ]
    named = [path for path in found if tables.tables[path].name in name]
    return found if len(found) == 1 else named if len(named) == 1 else []


def _words(tables: Tables, path: str, row: Row) -> Iterator[tuple[str, JsonValue]]:
    """Yield other words of the fields that say in what state a record is."""
    for field, value in row.fields.items():
        if isinstance(value, bool):
            yield field, not value
        elif isinstance(value, str) and tells_status(field):
            yield from ((field, word) for word in _other_texts(tables, path, field, value))


def _other_texts(tables: Tables, path: str, field: str, text: str) -> list[str]:
    """Return a few other texts that a field has in a table."""
    held = (one.fields.get(field) for one in tables.rows(path))
    others = dict.fromkeys(one for one in held if isinstance(one, str) and one != text)
    return [*others][:_MOST_WORDS]


def _of_others(tables: Tables, state: JsonObject, named: Sequence[Place]) -> Iterator[TwoPlaces]:
    """Yield states in which a list of a record that no argument names has what a named one has.

    It stands before, and after, something that the named one does not have.
    """
    keys = {(path, address) for path, address, _ in named}
    for path, field, address, known in _free_lists(tables, keys) if named else ():
        for theirs, has, all_of_them in _held(tables, named):
            shared, other = min(has), min(known - has, default="")
            if other and known & all_of_them:
                orders: tuple[list[JsonValue], ...] = ([shared, other], [other, shared])
                both = [with_field(state, path, address, field, each) for each in orders]
                yield from _two_places(both, f"an entry of {theirs} in {path}.*.{field}")


def _free_lists(
    tables: Tables, named: Set[tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[str, str, tuple[str, ...], set[str]]]:
    """Yield a table, a field, a record that is not named and has a list there, and all its texts.

    The texts are those that any record of the table has in the field.
    """
    for path, rows in _records(tables):
        others = [one for one in rows if (path, one[0]) not in named]
        for field in field_names(row.fields for _, row in rows):
            lists = (where for where, row in others if isinstance(row.fields.get(field), list))
            free = next(lists, None)
            if free is not None:
                yield path, field, free, _all_texts((row for _, row in rows), field)


def _all_texts(rows: Iterable[Row], field: str) -> set[str]:
    """Return the texts that any of some rows has in the lists of a field."""
    return {one for row in rows for one in _texts(row.fields.get(field))}


def _held(tables: Tables, named: Sequence[Place]) -> Iterator[tuple[str, set[str], set[str]]]:
    """Yield the fields of named records that hold texts, with these and those of their likes."""
    for path, _, row in named:
        for field, value in row.fields.items():
            has = {*_texts(value)}
            if has:
                yield f"{path}.*.{field}", has, _all_texts(tables.rows(path), field)


def _texts(value: JsonValue) -> list[str]:
    """Return the texts of a list, or the keys of a dict."""
    pairs = pairs_of(value)
    held = [key for key, _ in pairs] if pairs is not None else items_of(value) or []
    return [one for one in held if isinstance(one, str)]


def _of_fields(state: JsonObject, named: Sequence[Place]) -> Iterator[TwoPlaces]:
    """Yield states in which a list of one record has the first, or the last, of another's."""
    for row, field, both_ends in _with_two_ends(named):
        for other, address, theirs in _lists([one for one in named if one[2] is not row]):
            both = [with_field(state, other, address, theirs, [entry]) for entry in both_ends]
            yield from _two_places(both, f"an entry of {field} in {other}.*.{theirs}")


def _with_two_ends(named: Sequence[Place]) -> Iterator[tuple[Row, str, tuple[str, str]]]:
    """Yield the lists of several texts in some records, with the first and the last of them."""
    for path, _, row in named:
        for field, value in row.fields.items():
            entries = [one for one in items_of(value) or () if isinstance(one, str)]
            if len(set(entries)) > 1:
                yield row, f"{path}.*.{field}", (entries[0], entries[-1])


def _lists(named: Sequence[Place]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the fields of some records that hold lists."""
    for path, address, row in named:
        for field, value in row.fields.items():
            if items_of(value) is not None and isinstance(value, list):
                yield path, address, field


async def _taken(explorer: Explorer, state: JsonObject, seen: CallRecord) -> bool | None:
    """Say whether a call succeeds in a state; None when it fails there."""
    stage = explorer.stage
    again = await stage.repeat(stage.given_of(seen.start, state), seen.call)
    return again.succeeded if again is not None and (again.succeeded or again.refused) else None


def _claim(
    explorer: Explorer, seen: CallRecord, pairs: TwoPlaces, *, first_refused: bool
) -> CandidateFinding:
    stage = explorer.stage
    taken = pairs.last if first_refused else pairs.first
    start = stage.add(stage.given_of(seen.start, taken))

    async def shows(replay: Sequence[CallRecord]) -> bool:
        other = await _taken(explorer, pairs.first if first_refused else pairs.last, seen)
        return replay[-1].succeeded and other is False

    which, where = ("first", "last") if first_refused else ("last", "first")
    said = (
        f"It refuses {pairs.said} where that is the {which} one, "
        f"and not where it is the {where} one"
    )
    kind = FindingKind.BROKEN_INVARIANT
    return CandidateFinding(kind, said, start, (seen.call,), shows, severity="possible")
