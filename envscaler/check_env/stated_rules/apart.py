"""Sentences that keep things apart: times that never overlap, pairs that never meet."""

import re
from collections.abc import Iterator
from itertools import combinations, product

from pydantic import JsonValue

from envscaler.check_env.stated_rules.rule import Broken, StatedRule, Step
from envscaler.check_env.stated_rules.schema import Reference, Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import Row, Tables
from envscaler.check_env.stated_rules.words import names, stems

_OVERLAP = re.compile(
    r"\boverlap|\bdouble.?book|\bshares? a (day|night|time|slot)|\bat the same time|\bclash"
)
_EACH = re.compile(r"\bneither\b.*\bnor\b|\bno \w+ (and|or|nor) no \w+|\bno \w+ or \w+")
"""Each of several things is spoken of by itself."""
_DAY = re.compile(r"(^|_)(day|date|weekday)$")
_CLOSED = re.compile(r"share a (day|night)|both (ends )?included|inclusive")
_ENDS = (
    ("start", "end"), ("from", "to"), ("begin", "end"), ("check_in", "check_out"),
    ("checkin", "checkout"), ("pickup", "return"), ("start", "until"), ("from", "until"),
    ("start", "finish"), ("arrival", "departure"), ("start", "stop"),
)  # fmt: skip
_NEVER = re.compile(r"\b(never|not|no|cannot|nobody|none|neither)\b")
_SERVED = re.compile(r"\b(contains?|includes?|one of|any of)\b")


def overlaps(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that times of one thing never overlap."""
    text = one.text.lower()
    if not _OVERLAP.search(text) or not _NEVER.search(text):
        return
    records = [path for path, table in schema.tables.items() if table.kind == "records"]
    found = [each for path in records if (each := _of_table(one, schema, path)) is not None]
    best = max((rank for rank, _ in found), default=0)
    chosen = [rules for rank, rules in found if rank == best]
    if len(chosen) == 1:
        yield from chosen[0]


def _of_table(one: Statement, schema: Schema, path: str) -> tuple[int, list[StatedRule]] | None:
    """Read a sentence as about the times of one table; how well it fits, and its rules."""
    ends = ends_of(schema.fields[path])
    if ends is None:
        return None
    group = [name for name in schema.fields[path] if _groups(schema, path, name, one, ends)]
    if not group:
        return None
    days = _days(schema, path, ends)
    owners = [name for name in group if name not in days]
    each = len(owners) > 1 and _EACH.search(one.text.lower())
    groups = [(*days, name) for name in owners] if each else [(*days, *owners)]
    rules = [_overlap_rule(one, schema, path, names, ends) for names in groups]
    return len(group) + 2 * schema.is_named(path, one.meant), rules


def _days(schema: Schema, path: str, ends: tuple[str, str]) -> list[str]:
    """Name the field with the day, where what begins and ends are times of a day."""
    starts = {str(row.fields.get(ends[0])) for row in schema.rows(path)}
    if any(re.match(r"\d{4}-", one) for one in starts):
        return []
    return [name for name in schema.fields[path] if _DAY.search(name) and name not in ends][:1]


def ends_of(fields: list[str]) -> tuple[str, str] | None:
    """Return the fields that say when something begins and ends."""
    for first, last in _ENDS:
        starts = [name for name in fields if first in name.lower()]
        for name in starts:
            other = name.lower().replace(first, last)
            match = next((each for each in fields if each.lower() == other), None)
            if match is not None and match != name:
                return name, match
    return None


def _groups(schema: Schema, path: str, name: str, one: Statement, ends: tuple[str, str]) -> bool:
    if name in ends or name in schema.words.get(path, {}) or name in schema.numbers[path]:
        return False
    return schema.is_told(path, name, one.said) and stems(name) != stems(schema.tables[path].name)


def _overlap_rule(
    one: Statement, schema: Schema, path: str, group: tuple[str, ...], ends: tuple[str, str]
) -> StatedRule:
    only = schema.filter_for(path, one)
    closed = bool(_CLOSED.search(one.text.lower()))

    def broken(tables: Tables) -> Broken:
        found: dict[tuple[str, ...], list[Row]] = {}
        for row in tables.rows(path):
            for key in product(*(row.values(name) for name in group)):
                if only is None or only.takes(row):
                    found.setdefault(key, []).append(row)
        return frozenset(
            f"{a.key} and {b.key}"
            for rows in found.values()
            for a, b in combinations(rows, 2)
            if _overlap(a, b, ends, closed=closed)
        )

    said = f"no two {path} with the same {' and '.join(group)} overlap in {ends[0]} to {ends[1]}"
    return StatedRule(said, one, frozenset((path,)), broken)


def _overlap(one: Row, other: Row, ends: tuple[str, str], *, closed: bool) -> bool:
    a, b = one.fields.get(ends[0]), one.fields.get(ends[1])
    c, d = other.fields.get(ends[0]), other.fields.get(ends[1])
    return _before(a, d, closed=closed) and _before(c, b, closed=closed)


def _before(one: JsonValue, other: JsonValue, *, closed: bool) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one <= other if closed else one < other
    if isinstance(one, str) and isinstance(other, str):
        return one <= other if closed else one < other
    return False


def pairs_apart(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that the two of a pair never have the same of something."""
    text = one.text.lower()
    if not _NEVER.search(text) or not re.search(r"\b(same|together|one)\b", text):
        return
    for path in schema.tables:
        target = _target_of_pairs(schema, path)
        if not target or not schema.is_named(path, one.said):
            continue
        for name in schema.fields.get(target, ()):
            if names(name, one.said):
                yield _pair_rule(one, path, target, name)


def _target_of_pairs(schema: Schema, path: str) -> str:
    """Return the table that the two of each pair are of; empty where there are no such pairs."""
    targets = [link.target for link in schema.references if link.path == path]
    are_pairs = schema.tables[path].kind == "pairs" and len(targets) == 2
    return targets[0] if are_pairs and targets[0] == targets[1] else ""


def _pair_rule(one: Statement, path: str, target: str, name: str) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        held = {row.key: row.fields.get(name) for row in tables.rows(target)}
        return frozenset(
            row.key
            for row in tables.rows(path)
            for a, b in [(held.get(str(row.fields["0"])), held.get(str(row.fields["1"])))]
            if a is not None and a == b
        )

    said = f"the two of a pair of {path} never have the same {name}"
    return StatedRule(said, one, frozenset((path, target)), broken)


def disjoint(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that lists of two things never share anything where they meet."""
    text = one.text.lower()
    if not _NEVER.search(text) or not _SERVED.search(text):
        return
    links = [link for link in schema.references if schema.tables[link.path].kind == "records"]
    for first, second in combinations(links, 2):
        if first.path != second.path or first.target == second.target:
            continue
        for mine in _lists(schema, first.target, one):
            for theirs in _lists(schema, second.target, one):
                yield _disjoint_rule(one, (first, mine), (second, theirs))


def _lists(schema: Schema, path: str, one: Statement) -> list[str]:
    return [
        name
        for name in schema.fields[path]
        if names(name, one.said)
        and any(isinstance(row.fields.get(name), list) for row in schema.rows(path))
    ]


def _disjoint_rule(
    one: Statement, mine: tuple[Reference, str], theirs: tuple[Reference, str]
) -> StatedRule:
    (first, name), (second, other) = mine, theirs

    def new(step: Step) -> Broken:
        known = {(row.key, *map(str, row.fields.values())) for row in step.before.rows(first.path)}
        left = {row.key: set(row.values(name)) for row in step.after.rows(first.target)}
        right = {row.key: set(row.values(other)) for row in step.after.rows(second.target)}
        return frozenset(
            f"{row.key}: {', '.join(sorted(shared))}"
            for row in step.after.rows(first.path)
            if (row.key, *map(str, row.fields.values())) not in known
            for a in row.values(first.name)
            for b in row.values(second.name)
            for shared in [left.get(a, set[str]()) & right.get(b, set[str]())]
            if shared
        )

    said = f"{name} of the {first.name} and {other} of the {second.name} of one of {first.path} "
    said += "have nothing in common"
    return StatedRule(said, one, frozenset((first.path,)), in_step=new)
