"""Sentences that limit how many, or how much: `never more bookings than capacity`."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from envscaler.check_env.stated_rules.rule import Broken, StatedRule
from envscaler.check_env.stated_rules.schema import Filter, Reference, Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import (
    ABOVE,
    ITEMS,
    VALUE,
    Row,
    Table,
    Tables,
    number_in,
    row_addresses,
    shown,
)
from envscaler.check_env.stated_rules.words import NUMBER, names, number_of, stem, stems

_CUE = re.compile(
    r"\bmore\b.*\bthan\b|\bexceed|\bat most\b|\bno more than\b|\bup to\b|\blimited to\b|\bonly\b"
    r"|\bnever\b.*\b(above|over)\b|\bover(book|fill)|\bonce\b|\btwice\b|\bmore\b"
)
_COMPARES = re.compile(
    r"\bmore\b.*\bthan\b|\bexceed|\bat most\b|\bno more than\b|\blimited to\b"
    r"|\bnever\b.*\b(above|over)\b|\boverbook"
)
_CONSTANT = re.compile(
    rf"(?:at most|no more than|not more than|more than|up to|limited to|exceeds?"
    rf"|only(?: \w+){{0,3}}?|not \w+ more than)\s+{NUMBER}\b(?P<noun>(?:\s+[\w-]+){{0,3}})",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\b(sum|total|together|combined|in all)\b")
_SAYS_NOTHING = frozenset(
    (
        "a", "all", "an", "any", "different", "distinct", "further", "her", "his", "in", "its",
        "more", "of", "other", "own", "single", "such", "the", "their", "whole",
    )
)  # fmt: skip
"""Words before what is counted that leave none of it out."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How many rows belong to each owner, or the sum of a field of theirs."""

    path: str
    amount: str
    """The field that is summed; empty to count rows, `ITEMS` to count the items of a list."""
    owner: Callable[[Row, tuple[str, ...]], list[str]]
    """Whose a row is."""
    only: Filter | None

    def of(self, tables: Tables) -> Counter[str]:
        found: Counter[str] = Counter()
        for address, row in row_addresses(tables, self.path):
            if self.only is not None and not self.only.takes(row):
                continue
            for owner in self.owner(row, address):
                found[owner] += self.weight(row)  # type: ignore[assignment]
        return found

    def weight(self, row: Row) -> float:
        if not self.amount:
            return 1
        if self.amount == ITEMS:
            return len(row.values(ITEMS))
        return number_in(row.fields.get(self.amount)) or 0


def limits(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as a limit."""
    if not _CUE.search(one.text.lower()):
        return
    found = [*_readings(one, schema)]
    best = max((rank for rank, _ in found), default=0)
    rules = [rule for rank, rule in found if rank == best]
    if len(rules) == 1:
        yield rules[0]


def _readings(one: Statement, schema: Schema) -> Iterator[tuple[int, StatedRule]]:
    """Yield the ways to read a sentence as a limit, each with how well it fits."""
    number = _CONSTANT.search(one.text)
    if number:
        yield from _constant(one, schema, number_of(number[1]) or 0, number["noun"] or "")
    elif _COMPARES.search(one.text.lower()):
        yield from _by_field(one, schema)


def _by_field(one: Statement, schema: Schema) -> Iterator[tuple[int, StatedRule]]:
    """Yield readings in which a field of the owner is the limit."""
    for path, owners, link in _owned(schema):
        for limit in _named_limits(one, schema, owners):
            owner_said = _is_owner_told(one, schema, owners, link)
            for amount in _amounts(schema, path, one):
                if amount == limit or not _is_meant(schema, (path, owners), amount, one):
                    continue
                rank = 2 * owner_said + 2 * schema.is_named(path, one.said) + 2 * bool(amount)
                rank += 2 * (limit in one.tokens or stem(limit) in one.said)
                yield rank, _limit_rule(one, schema, (path, amount, link), (owners, limit))


def _named_limits(one: Statement, schema: Schema, owners: str) -> Iterator[str]:
    """Yield the numbers of a table that a sentence names."""
    for limit in schema.numbers[owners]:
        named = schema.is_named(owners, one.said) if limit == VALUE else one.tells(limit)
        if named and not schema.refers(owners, limit):
            yield limit


def _is_owner_told(one: Statement, schema: Schema, owners: str, link: Reference | None) -> bool:
    by_link = link is not None and names(link.name, one.meant)
    return schema.is_named(owners, one.meant) or by_link


def _is_meant(schema: Schema, paths: tuple[str, str], amount: str, one: Statement) -> bool:
    """Say whether a sentence can be about these rows: it names them, or no others."""
    path, owners = paths
    if schema.is_named(path, one.meant) or amount not in {"", ITEMS}:
        return True
    others = (each for each in schema.tables if each not in {path, owners})
    return bool(amount) and not any(schema.is_named(each, one.meant) for each in others)


def _amounts(schema: Schema, path: str, one: Statement) -> Iterator[str]:
    """Yield what may be measured: how many, or a number of each row that the sentence names."""
    if schema.tables[path].kind == "lists":
        yield ITEMS
        return
    told = [
        name
        for name in schema.numbers[path]
        if name != VALUE and names(name, one.said) and not schema.refers(path, name)
    ]
    if schema.tables[path].kind == "records" and not (told and _TOTAL.search(one.text.lower())):
        yield ""
    yield from told


def _owned(schema: Schema) -> Iterator[tuple[str, str, Reference | None]]:
    """Yield tables whose rows belong to those of another one, and how."""
    for link in schema.references:
        if link.path != link.target and link.name != ITEMS:
            yield link.path, link.target, link
    for path, other in product(schema.tables, repeat=2):
        if _is_within(path, schema.tables[other]):
            yield path, other, None


def _is_within(path: str, other: Table) -> bool:
    """Say whether a table lies in the records of another, or one level below its values."""
    if other.kind == "records":
        return path.startswith(f"{other.path}.*")
    return other.kind == "values" and path.count("*") == other.path.count("*") + 1


@dataclass(frozen=True, slots=True)
class FieldLimit:
    """A measure that is at most a field of the owner."""

    path: str
    name: str
    measure: Measure
    by_key: bool
    """Owners are told by their keys, not by all keys of the dicts around them."""

    def held(self, tables: Tables) -> Counter[str]:
        return self.measure.of(tables)

    def key(self, address: tuple[str, ...]) -> str:
        """Return what an owner is called in `held`."""
        return address[-1] if self.by_key else "|".join(address)

    def broken(self, tables: Tables) -> Broken:
        held = self.held(tables)
        return frozenset(
            self.key(address)
            for address, row in row_addresses(tables, self.path)
            for most in [number_in(row.fields.get(self.name))]
            if most is not None and held[self.key(address)] > most
        )


def _limit_rule(
    one: Statement,
    schema: Schema,
    measured: tuple[str, str, Reference | None],
    limit: tuple[str, str],
) -> StatedRule:
    (path, amount, link), (owners, name) = measured, limit
    only = schema.filter_for(path, one, frozenset((name,)))
    depth = owners.count("*") + 1

    def owner(row: Row, address: tuple[str, ...]) -> list[str]:
        return ["|".join(address[:depth])] if link is None else row.values(link.name)

    found = FieldLimit(owners, name, Measure(path, amount, owner, only), link is not None)
    what = f"the sum of {shown(path, amount)}" if amount not in {"", ITEMS} else f"how many {path}"
    said = f"{what}{_which(only)} there are for one of {owners} is at most {shown(owners, name)}"
    return StatedRule(said, one, frozenset((path, owners)), found.broken, limit=found)


def _which(only: Filter | None) -> str:
    if only is None:
        return ""
    return f" with {only.name} {' or '.join(map(str, only.values))}" if only.told else " not over"


def _constant(
    one: Statement, schema: Schema, number: int, noun: str
) -> Iterator[tuple[int, StatedRule]]:
    """Yield readings in which the limit is a number of the sentence."""
    counted = stems(noun) if noun.split()[:1] not in (["a"], ["an"], ["per"]) else frozenset[str]()
    for path, table in schema.tables.items():
        if counted and table.kind in {"records", "lists"}:
            yield from _by_length(one, schema, path, number, counted)
        if table.kind == "records":
            yield from _by_group(one, schema, path, number, counted)


def _by_length(
    one: Statement, schema: Schema, path: str, number: int, counted: frozenset[str]
) -> Iterator[tuple[int, StatedRule]]:
    """Yield readings in which a number limits a list that a record holds, or a sum over it."""
    for name in schema.fields[path]:
        if _is_list(schema, path, name):
            if stems(name) and stems(name) <= counted:
                yield 3, _length_rule(one, path, name, number)
            yield from _sum_of_named(one, schema, (path, name), number, counted)


def _by_group(
    one: Statement, schema: Schema, path: str, number: int, counted: frozenset[str]
) -> Iterator[tuple[int, StatedRule]]:
    """Yield the reading in which a number limits how many records have something in common."""
    own = stems(schema.tables[path].name)
    nouns = bool(own) and own <= (counted or one.meant)
    if counted and not nouns and not path.endswith(".*"):
        return
    group = _group(schema, path, one, own)
    if group and (nouns or len(group) > 1) and _is_of_all(one, schema, path):
        yield 2 * nouns + len(group), _group_rule(one, schema, path, group, number)


def _is_of_all(one: Statement, schema: Schema, path: str) -> bool:
    """Say whether a sentence counts all rows of a table, or those with a word that it has.

    `At most one open trip` counts some of them, and which ones an end without a value tells.
    """
    number, own = _CONSTANT.search(one.text), stems(schema.tables[path].name)
    nouns = (number["noun"] or "").lower().split() if number else []
    place = next((at for at, word in enumerate(nouns) if stem(word) in own), 0)
    left = {*nouns[:place]} - _SAYS_NOTHING
    only = schema.filter_for(path, one)
    names_known = [*schema.fields[path], *(table.name for table in schema.tables.values())]
    known = {word for name in names_known for word in stems(name)}
    return (only is not None and only.told) or all(stem(word) in known for word in left)


def _is_list(schema: Schema, path: str, name: str) -> bool:
    held = [row.fields.get(name) for row in schema.rows(path)]
    return bool(held) and all(isinstance(value, list) for value in held)


def _group(schema: Schema, path: str, one: Statement, own: frozenset[str]) -> tuple[str, ...]:
    """Return the fields by which a sentence counts rows together."""
    found = [name for name in schema.fields[path] if _may_group(schema, path, name, own)]
    told = tuple(name for name in found if schema.is_told(path, name, one.said))
    return told or tuple(name for name in found if schema.is_told(path, name, one.meant))


def _may_group(schema: Schema, path: str, name: str, own: frozenset[str]) -> bool:
    """Say whether a field may be what rows have in common: no status, name or amount."""
    if name in schema.words.get(path, {}) or name in {ITEMS, VALUE} or stems(name) == own:
        return False
    numeric = name in schema.numbers[path]
    return not numeric or name.startswith(ABOVE) or schema.refers(path, name)


def _group_rule(
    one: Statement, schema: Schema, path: str, group: tuple[str, ...], number: int
) -> StatedRule:
    only = schema.filter_for(path, one)

    def broken(tables: Tables) -> Broken:
        found: Counter[str] = Counter()
        for row in tables.rows(path):
            if only is not None and not only.takes(row):
                continue
            for key in _keys(row, group):
                found[key] += 1
        return frozenset(key for key, count in found.items() if count > number)

    fields = " and ".join(shown(path, name) for name in group)
    said = f"at most {number} of {path}{_which(only)} agree in {fields}"
    return StatedRule(said, one, frozenset((path,)), broken)


def _keys(row: Row, group: tuple[str, ...]) -> list[str]:
    """Return what a row counts for; nothing when a field of the group is empty."""
    keys = [""]
    for name in group:
        keys = [f"{key}|{value}" for key in keys for value in row.values(name)]
    return keys


def _length_rule(one: Statement, path: str, name: str, number: int) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        return frozenset(row.key for row in tables.rows(path) if len(row.values(name)) > number)

    return StatedRule(f"{shown(path, name)} has at most {number}", one, frozenset((path,)), broken)


def _sum_of_named(
    one: Statement, schema: Schema, where: tuple[str, str], number: int, counted: frozenset[str]
) -> Iterator[tuple[int, StatedRule]]:
    """Yield that what a list names has together at most so much of something."""
    for link in schema.references:
        if (link.path, link.name) != where:
            continue
        for amount in schema.numbers[link.target]:
            if stems(amount) and stems(amount) <= counted:
                yield 4, _sum_rule(one, link, amount, number)


def _sum_rule(one: Statement, link: Reference, amount: str, number: int) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        each = {row.key: number_in(row.fields.get(amount)) or 0 for row in tables.rows(link.target)}
        return frozenset(
            row.key
            for row in tables.rows(link.path)
            if sum(each.get(key, 0) for key in row.values(link.name)) > number
        )

    whole = shown(link.target, amount)
    said = f"{whole} of all that {shown(link.path, link.name)} names is at most {number} together"
    return StatedRule(said, one, frozenset((link.path, link.target)), broken)
