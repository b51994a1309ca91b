"""Sentences that say that a number is made of others: `balance is opening plus the amounts`."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from envscaler.check_env.stated_rules.rule import Broken, StatedRule
from envscaler.check_env.stated_rules.schema import Filter, Reference, Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import VALUE, Row, Tables, number_in, shown
from envscaler.environment.state.collections import pairs_of

_CUE = re.compile(
    r"\b(plus|less|minus|sums?|totals?|equals?|number of|count of|how many|adds? up|difference)\b"
)
_NEAR = 1e-6
_SUPPORT = 2
"""Rows whose number has to be made up right, one of them of something."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What a number of an owner is made of."""

    link: Reference
    whole: str
    """The number of the owner."""
    base: str
    """Another number of it to begin with; empty for none."""
    sign: int
    amount: str
    """The field that is summed; empty to count."""
    only: Filter | None

    def wrong(self, tables: Tables) -> Broken:
        """Return the owners whose number is another one."""
        made = self._made(tables)
        return frozenset(
            row.key
            for row in tables.rows(self.link.target)
            for held in [number_in(row.fields.get(self.whole))]
            for base in [number_in(row.fields.get(self.base)) if self.base else 0]
            if held is not None
            and base is not None
            and abs(base + self.sign * made[row.key] - held) > _NEAR
        )

    def _made(self, tables: Tables) -> Counter[str]:
        made: Counter[str] = Counter()
        for row in tables.rows(self.link.path):
            if self.only is None or self.only.takes(row):
                for owner in row.values(self.link.name):
                    made[owner] += self._part(row, owner)  # type: ignore[assignment]
        return made

    def _part(self, row: Row, owner: str) -> float:
        """Return what a row adds to an owner: its amount, or what is under the owner's key."""
        if not self.amount:
            return 1
        value = row.fields.get(self.amount)
        if self.amount == self.link.name:
            found = {str(key): item for key, item in pairs_of(value) or ()}
            value = found.get(owner)
        return number_in(value) or 0

    def is_shown(self, schema: Schema) -> bool:
        """Say whether the states have enough of it to tell it from chance."""
        rows = [
            (row.key, self._made(state)[row.key])
            for state in schema.states
            for row in state.rows(self.link.target)
        ]
        return len(rows) >= _SUPPORT and any(part for _, part in rows)


def sums(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying what a number is made of."""
    if not _CUE.search(one.text.lower()):
        return
    for found in _readings(one, schema):
        if found.is_shown(schema) and not any(found.wrong(state) for state in schema.states):
            yield _rule(one, found)
            return


def _readings(one: Statement, schema: Schema) -> Iterator[Sum]:
    """Yield what a sentence may say that a number is made of, the number named first before."""
    for link in schema.references:
        owners = schema.numbers[link.target]
        told = [name for name in owners if name != VALUE and one.tells(name)]
        told.sort(key=lambda name: _place(name, one))
        for whole in told:
            yield from _made_of(one, schema, link, whole, told)


def _place(name: str, one: Statement) -> int:
    found = one.text.lower().find(name.split("_")[0].lower())
    return found if found >= 0 else len(one.text)


def _made_of(
    one: Statement, schema: Schema, link: Reference, whole: str, told: list[str]
) -> Iterator[Sum]:
    only = schema.filter_of(link.path, one)
    inner = [name for name in schema.numbers[link.path] if name != VALUE and one.tells(name)]
    amounts = [*inner, *([""] if schema.is_named(link.path, one.said) else [])]
    bases = [*(name for name in told if name != whole), ""]
    for base in bases:
        for amount in amounts:
            for sign in (-1, 1) if base else (1,):
                yield Sum(link, whole, base, sign, amount, only)


def _rule(one: Statement, found: Sum) -> StatedRule:
    link = found.link
    what = (
        f"the sum of {shown(link.path, found.amount)}" if found.amount else f"how many {link.path}"
    )
    which = f" with {found.only.name} {found.only.values[0]}" if found.only else ""
    start = f"{found.base} {'plus' if found.sign > 0 else 'less'} " if found.base else ""
    said = f"{shown(link.target, found.whole)} is {start}{what}{which}"
    return StatedRule(said, one, frozenset((link.path, link.target)), found.wrong)
