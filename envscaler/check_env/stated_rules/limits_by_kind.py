"""Limits that depend on what kind of owner it is: `basic members have at most two, plus five`.

The sentence names the owners and a number for each kind; what is counted need not be named. It is
what belongs to an owner and is open or not over; where that may be several things, all of them have
to be too many.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envscaler.check_env.stated_rules.rule import Broken, StatedRule
from envscaler.check_env.stated_rules.schema import Filter, Reference, Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import Row, Tables, shown
from envscaler.check_env.stated_rules.words import NUMBER, number_of, stem

_CLAUSE = re.compile(r"[,;:]|\band\b")
_AT_MOST = re.compile(
    rf"\b(?:at most|no more than|not more than|up to|maximum of|limit of|only)\s+{NUMBER}\b",
    re.IGNORECASE,
)
_MOST_KINDS = 8


@dataclass(frozen=True, slots=True)
class Counted:
    """What belongs to owners of different kinds."""

    link: Reference
    kind: str
    """The field of the owner that says of what kind it is."""
    most: tuple[tuple[str, int], ...]
    """Kind and number."""
    open: str = ""
    """Only rows count of which this field is None; all where no field is named."""
    only: Filter | None = None

    def takes(self, row: Row) -> bool:
        if self.open and row.fields.get(self.open) is not None:
            return False
        return self.only is None or self.only.takes(row)

    def held(self, tables: Tables) -> dict[str, tuple[int, int]]:
        """Return owner → how many belong to it, and how many may."""
        count = Counter(
            owner
            for row in tables.rows(self.link.path)
            if self.takes(row)
            for owner in row.values(self.link.name)
        )
        most = dict(self.most)
        return {
            row.key: (count[row.key], most[kind])
            for row in tables.rows(self.link.target)
            for kind in [str(row.fields.get(self.kind))]
            if kind in most
        }

    def broken(self, tables: Tables) -> Broken:
        return frozenset(key for key, (count, most) in self.held(tables).items() if count > most)

    def is_likely(self, schema: Schema) -> bool:
        """Say whether no state breaks it; where all rows count, some owner has to have as many."""
        pairs = [pair for state in schema.states for pair in self.held(state).values()]
        chosen = bool(self.open) or self.only is not None
        met = any(one == most for one, most in pairs)
        return all(one <= most for one, most in pairs) and (chosen or met)


def limits_by_kind(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as a number for each kind of owner."""
    if one.context or not _AT_MOST.search(one.text):
        return
    for link in schema.references:
        if link.path == link.target or not schema.is_named(link.target, one.said):
            continue
        for kind, most in _kinds(one, schema, link.target):
            found = [each for each in _ways(schema, link, kind, most) if each.is_likely(schema)]
            if found:
                yield _rule(one, found)
                return


def _kinds(
    one: Statement, schema: Schema, path: str
) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    """Yield fields of which two words stand in clauses with a number, or one alone."""
    for name in schema.fields[path]:
        held = [row.fields.get(name) for row in schema.rows(path)]
        words = {word for word in held if isinstance(word, str) and word.isalpha()}
        if 2 <= len(words) <= _MOST_KINDS:
            most = tuple(dict(_numbers(one, words)).items())
            if most:
                yield name, most


def _numbers(one: Statement, words: set[str]) -> Iterator[tuple[str, int]]:
    for clause in _CLAUSE.split(one.text):
        number = _AT_MOST.search(clause)
        said = {stem(word) for word in re.findall(r"[a-z]+", clause.lower())}
        named = [word for word in sorted(words) if stem(word) in said]
        if number is not None and len(named) == 1:
            yield named[0], number_of(number[1]) or 0


def _ways(
    schema: Schema, link: Reference, kind: str, most: tuple[tuple[str, int], ...]
) -> Iterator[Counted]:
    """Yield what may be counted: rows with something open, or not over; all where none may be."""
    rows = [*schema.rows(link.path)]
    empty = [name for name in schema.fields[link.path] if _may_be_open(rows, name)]
    status = [
        name
        for name, held in schema.words.get(link.path, {}).items()
        if all(isinstance(word, str) for word in held)
    ]
    yield from (Counted(link, kind, most, open=name) for name in empty)
    yield from (Counted(link, kind, most, only=Filter(name, (), told=False)) for name in status)
    if not empty and not status:
        yield Counted(link, kind, most)


def _may_be_open(rows: Sequence[Row], name: str) -> bool:
    """Say whether a field is given in some rows, and is None in others."""
    return {row.fields.get(name) is None for row in rows} == {True, False}


def _rule(one: Statement, ways: Sequence[Counted]) -> StatedRule:
    link, kind = ways[0].link, ways[0].kind
    numbers = ", ".join(f"{most} where {kind} is {word!r}" for word, most in ways[0].most)
    said = f"{shown(link.path, link.name)} names one of {link.target} at most so often: {numbers}"

    def broken(tables: Tables) -> Broken:
        return frozenset[str].intersection(*(each.broken(tables) for each in ways))

    return StatedRule(said, one, frozenset((link.path, link.target)), broken)
