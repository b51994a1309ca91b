"""Sentences about when: gaps between records of one owner, ends after starts, one of two places."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from pydantic import JsonValue

from envscaler.check_env.stated_rules.apart import ends_of
from envscaler.check_env.stated_rules.rule import Broken, StatedRule
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import Tables, shown
from envscaler.check_env.stated_rules.words import NUMBER, names, number_of, stems

_GAP = re.compile(
    rf"\bat least {NUMBER} (?P<unit>days?|weeks?)\b.*\b(after|apart|between|since|before|pass)"
    rf"|\bonce (every|in) {NUMBER} (?P<other>days?|weeks?)\b"
)
_AFTER = re.compile(r"\b(after|before|later than|earlier than)\b|<")
_ONE_OF_TWO = re.compile(r"\bnever both\b|\bnot both\b|\bexactly one of\b")
_NEITHER = re.compile(r"\bneither\b|\bexactly one\b|\bone of them\b")


def gaps(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as asking for days between two records of the same owner."""
    found = _GAP.search(one.text.lower())
    if found is None:
        return
    days = _days_told(found)
    for path, table in schema.tables.items():
        if table.kind != "records":
            continue
        dates = [name for name in schema.fields[path] if _is_date_field(schema, path, name)]
        owners = _told_owners(schema, path, one)
        if len(dates) != 1 or len(owners) != 1:
            continue
        if schema.is_named(path, one.meant) or names(dates[0], one.meant):
            yield _gap_rule(one, path, owners[0], dates[0], days)


def _days_told(gap: re.Match[str]) -> int:
    number = number_of(gap[1] or gap[5] or "") or 0
    return number * (7 if "week" in (gap["unit"] or gap["other"]) else 1)


def _told_owners(schema: Schema, path: str, one: Statement) -> list[str]:
    """Name the fields of a table that refer to what a sentence tells."""
    links = [link.name for link in schema.references if link.path == path]
    return [name for name in links if schema.is_told(path, name, one.meant)]


def _is_date_field(schema: Schema, path: str, name: str) -> bool:
    held = [row.fields.get(name) for row in schema.rows(path)]
    known = [value for value in held if value is not None]
    return bool(known) and all(day_of(value) is not None for value in known)


def day_of(value: JsonValue) -> int | None:
    """Return the number of a day written as `2025-01-31`, with or without a time."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d", value):
        return None
    try:
        return date.fromisoformat(value[:10]).toordinal()
    except ValueError:
        return None


def _gap_rule(one: Statement, path: str, owner: str, day: str, days: int) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        found: dict[str, list[tuple[int, str]]] = {}
        for row in tables.rows(path):
            when = day_of(row.fields.get(day))
            for key in row.values(owner) if when is not None else ():
                found.setdefault(key, []).append((when or 0, row.key))
        return frozenset(
            f"{first[1]} and {second[1]}"
            for rows in found.values()
            for first, second in pairwise(sorted(rows))
            if second[0] - first[0] < days
        )

    said = f"{shown(path, day)} of the same {owner} are at least {days} days apart"
    return StatedRule(said, one, frozenset((path,)), broken)


def ends_after(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that something ends after it starts, not at once."""
    if not _AFTER.search(one.text.lower()):
        return
    for path, table in schema.tables.items():
        ends = ends_of(schema.fields[path])
        if table.kind != "records" or ends is None or not schema.is_named(path, one.meant):
            continue
        told = [any(part in one.said for part in stems(end)) for end in ends]
        if all(told):
            yield _ends_rule(one, path, ends)


def _ends_rule(one: Statement, path: str, ends: tuple[str, str]) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        return frozenset(
            row.key
            for row in tables.rows(path)
            if not _is_before(row.fields.get(ends[0]), row.fields.get(ends[1]))
        )

    said = f"{shown(path, ends[1])} is after {ends[0]}"
    return StatedRule(said, one, frozenset((path,)), broken)


def _is_before(first: JsonValue, last: JsonValue) -> bool:
    """Say whether one comes before the other; also where they cannot be compared."""
    if isinstance(first, str) and isinstance(last, str):
        return first < last
    if isinstance(first, int | float) and isinstance(last, int | float):
        return first < last
    return True


def one_of_two(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that just one of two fields is given."""
    text = one.text.lower()
    if not _ONE_OF_TWO.search(text):
        return
    for path in schema.tables:
        empty = [name for name in schema.fields[path] if _may_be_empty(schema, path, name)]
        told = [name for name in empty if schema.is_told(path, name, one.meant)]
        if len(told) == 2:
            yield _one_rule(one, path, (told[0], told[1]), neither=bool(_NEITHER.search(text)))


def _may_be_empty(schema: Schema, path: str, name: str) -> bool:
    return any(row.fields.get(name) is None for row in schema.rows(path))


def _one_rule(one: Statement, path: str, pair: tuple[str, str], *, neither: bool) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        return frozenset(
            row.key
            for row in tables.rows(path)
            for given in [sum(row.fields.get(name) is not None for name in pair)]
            if given > 1 or (neither and given < 1)
        )

    how = "just one" if neither else "at most one"
    said = f"{how} of {pair[0]} and {pair[1]} of {path} is given"
    return StatedRule(said, one, frozenset((path,)), broken)
