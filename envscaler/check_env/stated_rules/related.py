"""Relations between records that refer to each other, where a sentence speaks of them.

The relations are read off the lawful states, as Daikon does it for variables; the sentence need not
have any known form. It has to name every field that is compared, and to sound like a comparison of
the kind.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.stated_rules.comparisons import (
    WORD,
    Comparison,
    columns_of,
    comparisons_of,
    words_together,
)
from envscaler.check_env.stated_rules.frames import Column, Frame, Joined, frames_of
from envscaler.check_env.stated_rules.rule import Broken, StatedRule, Step
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.spoken import place_of, speaks_of
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import Tables
from envscaler.check_env.stated_rules.words import stems
from envscaler.environment.state.plurals import singular

_MOST_SAID = 4
"""Relations that one sentence may speak of; one that fits more of them speaks of none."""
_CLAUSE = re.compile(r"[,;()]")
_AT_LEAST = re.compile(r"\b(at least|reach\w*|above|more than|over|not below|no less)\b")
_AT_MOST = re.compile(r"\b(at most|exceed\w*|below|less than|up to|not above|no more)\b")
_SUMMED = re.compile(r"\b(together|altogether|combined|in all|in total|sum of)\b", re.IGNORECASE)
"""What is limited is a sum, and no single record."""
_OTHERWISE = re.compile(r"\b(unless|except|otherwise|until|if)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subset:
    """Which rows of a frame count: all, or those with a word in a field."""

    column: Column | None = None
    value: JsonValue = None

    def takes(self, row: Joined) -> bool:
        return self.column is None or row.cells.get(self.column) == self.value

    @property
    def words(self) -> tuple[str, ...]:
        """What a sentence has to name that is about these rows only: the word, or the flag."""
        if self.column is None:
            return ()
        return (self.column.name if isinstance(self.value, bool) else str(self.value),)

    @property
    def said(self) -> str:
        return f" where {self.column.shown} is {self.value!r}" if self.column else ""


def related(statements: Sequence[Statement], schema: Schema) -> Iterator[StatedRule]:
    """Yield what holds between records in all lawful states and is spoken of."""
    general = [one for one in statements if _is_general(one)]
    told: dict[str, dict[str, StatedRule]] = {}
    for frame, subset, found in _holding(schema):
        for one in general:
            if is_said(one, frame, subset, found, schema):
                rule = _rule(one, frame, subset, found)
                told.setdefault(one.text, {}).setdefault(rule.text, rule)
    few = [rules for rules in told.values() if len(rules) <= _MOST_SAID]
    first = {text: rule for rules in reversed(few) for text, rule in rules.items()}
    yield from first.values()


def _is_general(one: Statement) -> bool:
    """Say whether a sentence is a rule of the whole, without exception, and no list of fields."""
    if one.tool or one.context or one.of_answer:
        return False
    return not _OTHERWISE.search(one.text) and "{" not in one.text


def _holding(schema: Schema) -> Iterator[tuple[Frame, Subset, Comparison]]:
    """Yield what holds in all lawful states."""
    for frame in frames_of(schema):
        yield from ((frame, subset, found) for subset, found in _in_frame(frame, schema))


def _in_frame(frame: Frame, schema: Schema) -> Iterator[tuple[Subset, Comparison]]:
    """Yield what holds in all rows of a frame, or in those with a word of a status."""
    rows = [row for state in schema.states for row in frame.rows(state)]
    status = [column for column in columns_of(rows) if _tells_status(column, frame, schema)]
    whole = [*comparisons_of(rows, schema.naming)]
    yield from ((Subset(), found) for found in whole)
    known = {found.said for found in whole}
    for column in status:
        if not column.via:
            yield from _where(rows, column, status, (schema.naming, known))


def _where(
    rows: Sequence[Joined],
    column: Column,
    status: Sequence[Column],
    known: tuple[frozenset[str], set[str]],
) -> Iterator[tuple[Subset, Comparison]]:
    """Yield what holds only in the rows with a certain word in a field."""
    naming, said = known
    for word, found in words_together(rows, status, column):
        yield Subset(column, word), found
    for value in sorted({str(row.cells.get(column)) for row in rows}):
        subset = Subset(column, {"True": True, "False": False}.get(value, value))
        some = [row for row in rows if subset.takes(row)]
        for found in comparisons_of(some, naming):
            if found.said not in said:
                yield subset, found


def _path_of(column: Column, frame: Frame) -> str:
    links = (*frame.links, *((frame.several,) if frame.several else ()))
    return next((one.target for one in links if one.name == column.via), frame.path)


def _tells_status(column: Column, frame: Frame, schema: Schema) -> bool:
    return column.name in schema.words.get(_path_of(column, frame), {})


def is_said(
    one: Statement, frame: Frame, subset: Subset, found: Comparison, schema: Schema
) -> bool:
    """Say whether a sentence speaks of all that a relation is about, and sounds like it."""
    text = one.text
    if found.ordered and _SUMMED.search(text):
        return False
    clauses = _CLAUSE.split(text) if found.ordered else [text]
    if not any(_is_clause_of(clause, frame, found, schema) for clause in clauses):
        return False
    if not all(speaks_of(text, word) for word in (*found.words, *subset.words)):
        return False
    return _tells_tables(found, schema) or _names_table(text, frame, found, schema)


def _tells_tables(found: Comparison, schema: Schema) -> bool:
    """Say whether the fields that are compared tell by themselves which tables they are of."""
    return len(found.columns) > 1 and all(_is_single(one, schema) for one in found.columns)


def _names_table(text: str, frame: Frame, found: Comparison, schema: Schema) -> bool:
    """Say whether a sentence names one of the tables that a relation is about."""
    nouns = {_noun_of(column, frame, schema) for column in found.columns}
    if frame.path in schema.tables:
        nouns.add(schema.tables[frame.path].name)
    return any(speaks_of(text, noun) for noun in nouns)


def _is_clause_of(clause: str, frame: Frame, found: Comparison, schema: Schema) -> bool:
    """Say whether a clause sounds like a relation and names its fields, the right way round."""
    return (
        found.cue.search(clause.lower()) is not None
        and all(_is_named(clause, column, frame, schema) for column in found.columns)
        and _tells_apart(clause, found, frame, schema)
        and (not found.ordered or _is_that_way(clause, *_called(found, frame, schema)))
    )


def _tells_apart(clause: str, found: Comparison, frame: Frame, schema: Schema) -> bool:
    """Say whether a clause names the ways to two records of one table, where these are compared."""
    alike = {(column.name, _noun_of(column, frame, schema)) for column in found.columns}
    ways = [column.via for column in found.columns if column.via]
    same = len(alike) == 1 and len(ways) > 1
    return not same or all(speaks_of(clause, singular(way)) for way in ways)


def _called(found: Comparison, frame: Frame, schema: Schema) -> tuple[str, str]:
    """Return what the two that are ordered are called: by the field, else by the record."""
    low, high = found.columns
    if low.name == high.name:
        return _noun_of(low, frame, schema), _noun_of(high, frame, schema)
    return low.name, high.name


def _is_that_way(clause: str, low: str, high: str) -> bool:
    """Say whether a clause does not say that the first is at least the second."""
    first, second = place_of(clause, low), place_of(clause, high)
    if first is None or second is None:
        return True
    begin, end = sorted((first, second))
    between = clause[begin:end].lower()
    is_low_first = first < second
    if _AT_LEAST.search(between):
        return not is_low_first
    return is_low_first or not _AT_MOST.search(between)


def _is_named(text: str, column: Column, frame: Frame, schema: Schema) -> bool:
    """Say whether a sentence names a field; where it is the name of a record, the record will do.

    Fields of one name in two tables are told apart by the tables, so those have to be named too.
    """
    noun = _noun_of(column, frame, schema)
    if stems(column.name) == stems(noun):
        return False
    if column.name in {"name", "title", "id"}:
        return speaks_of(text, noun)
    if not speaks_of(text, column.name):
        return False
    twice = sum(column.name in schema.fields[path] for path in schema.tables) > 1
    return not twice or speaks_of(text, noun) or speaks_of(text, singular(column.via))


def _is_single(column: Column, schema: Schema) -> bool:
    """Say whether only one table has a field of this name, so that the field tells the table."""
    return sum(column.name in schema.fields[path] for path in schema.tables) == 1


def _noun_of(column: Column, frame: Frame, schema: Schema) -> str:
    return schema.tables[_path_of(column, frame)].name


def _rule(one: Statement, frame: Frame, subset: Subset, found: Comparison) -> StatedRule:
    said = f"In {frame.path}{subset.said}, {found.said}"
    links = (*frame.links, *((frame.several,) if frame.several else ()))
    paths = frozenset((frame.path, *(link.target for link in links)))

    def wrong(tables: Tables) -> dict[str, Joined]:
        rows = (row for row in frame.rows(tables) if subset.takes(row))
        return {row.key: row for row in rows if not found.holds(row)}

    def in_state(tables: Tables) -> Broken:
        return frozenset(wrong(tables))

    def in_step(step: Step) -> Broken:
        # What a record was held against may change later: a limit is lowered, a price is raised.
        old = {row.key: row.own for row in frame.rows(step.before)}
        before = wrong(step.before)
        return frozenset(
            key
            for key, row in wrong(step.after).items()
            if key not in before and old.get(key) != row.own
        )

    if found.cue is WORD:
        return StatedRule(said, one, paths, in_state)
    return StatedRule(said, one, paths, in_step=in_step)
