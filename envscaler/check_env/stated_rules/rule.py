"""A rule that was read from a sentence: what it says as code, and where it stands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import Row, Tables
from envscaler.inputs.session import CallRecord
from envscaler.records import JsonObject

Broken = frozenset[str]
"""Where a rule does not hold."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change as rules see it."""

    before: Tables
    after: Tables
    seen: CallRecord


class Limited(Protocol):
    """A limit that is a field of the owner, so that states just at it can be made."""

    @property
    def path(self) -> str:
        """Table of the owners."""
        ...

    @property
    def name(self) -> str:
        """The field that is the limit."""
        ...

    def held(self, tables: Tables) -> Mapping[str, float]:
        """Return how much each owner has."""
        ...

    def key(self, address: tuple[str, ...]) -> str:
        """Return what an owner is called there."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to be so of a record before a tool may succeed."""

    tool: str
    parameter: str
    path: str
    field: str
    allowed: frozenset[JsonValue]
    """Values of the field with which it may succeed; empty when `refused` says it."""
    refused: frozenset[JsonValue]

    def forbids(self, value: JsonValue) -> bool:
        """Say whether the tool has to refuse a record that has this value."""
        if isinstance(value, dict | list):
            return False
        return value not in self.allowed if self.allowed else value in self.refused

    def rows(self, tables: Tables, arguments: JsonObject) -> Iterator[Row]:
        """Yield the records that a call names."""
        given = arguments.get(self.parameter)
        named = {str(each) for each in (given if isinstance(given, list) else [given])}
        return (row for row in tables.rows(self.path) if row.key in named)

    def broken_by(self, step: Step, tables: Tables) -> Broken:
        """Say which records have a value that they may not have when the tool succeeds.

        Args:
            step: A change.
            tables: Those before it or after it, as the sentence speaks of one or the other.
        """
        call = step.seen.call
        if call.tool != self.tool or not step.seen.succeeded:
            return frozenset()
        return frozenset(
            f"{row.key}: {row.fields.get(self.field)!r}"
            for row in self.rows(tables, call.arguments)
            if self.forbids(row.fields.get(self.field))
        )


@dataclass(frozen=True, slots=True)
class StatedRule:
    """A sentence as a predicate."""

    text: str
    """What is checked, in our words."""
    statement: Statement
    paths: frozenset[str]
    """Tables that it is about."""
    in_state: Callable[[Tables], Broken] | None = field(default=None, compare=False)
    """Where a state breaks it."""
    in_step: Callable[[Step], Broken] | None = field(default=None, compare=False)
    """Where a change breaks it, for rules that are about changes."""
    limit: Limited | None = field(default=None, compare=False)
    """What it limits, where the limit is a field."""
    condition: Condition | None = None
    """What it asks before a call, where it asks that."""

    def broken_in(self, tables: Tables) -> Broken:
        """Return where a state breaks the rule; read once."""
        if self.in_state is None:
            return frozenset()
        if self.text not in tables.broken:
            tables.broken[self.text] = self.in_state(tables)
        return tables.broken[self.text]

    def broken_by(self, step: Step) -> Broken:
        """Return where a change breaks the rule, that was not broken before."""
        if self.in_step is not None:
            return self.in_step(step)
        return self.broken_in(step.after) - self.broken_in(step.before)
