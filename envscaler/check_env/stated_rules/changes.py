"""Sentences about how a field may change: steps of a status, numbers that only grow."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import JsonValue

from envscaler.check_env.stated_rules.rule import Broken, StatedRule, Step
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import VALUE, Row, number_in, shown

_ARROW = re.compile(r"\s*(?:->|→|=>|-->)\s*")
_ONE = r"(?:[\"'“‘][\w ]+[\"'”’]|\w+)"
_GROUP = rf"{_ONE}(?:\s*(?:/|\bor\b|\band\b)\s*{_ONE})*"
_LAST = re.compile(rf"{_GROUP}\s*$")
_FIRST = re.compile(rf"\s*{_GROUP}")
_BECOME = re.compile(rf"(?P<from>{_GROUP}) (?:may|can) (?:also )?become (?P<to>{_GROUP})")
_GROWS = re.compile(
    r"\bnever (goes?|gets?|falls?|is|are)? ?(down|lower|less|decreases?|decreased|reduced)"
    r"|\bnever (goes?|runs?) backwards?|\bnever decreas|\bnever shrink"
    r"|\bonly (ever )?(grows?|increases?|rises?|goes up)"
)
_NEVER_CHANGES = re.compile(r"\b(never changes?|is never changed|cannot be changed)\s*(\.|$)")
_FEWEST = 3


def has_arrows(one: Statement) -> bool:
    """Say whether a sentence draws steps."""
    return bool(_ARROW.search(one.text))


def transitions(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence with arrows as the steps that a status may take."""
    if not has_arrows(one):
        return
    allowed = _allowed(f"{one.text}; {one.following}")
    words = {word for pair in allowed for word in pair}
    if len(words) < _FEWEST:
        return
    for path, fields in schema.words.items():
        for name, held in fields.items():
            if len(held & words) > 1:
                yield _transition_rule(one, path, name, frozenset(allowed))


def _allowed(text: str) -> set[tuple[str, str]]:
    """Return the steps of chains such as `open -> working -> done, or open -> cancelled`."""
    found: set[tuple[str, str]] = set()
    parts = _ARROW.split(text)
    for left, right in pairwise(parts):
        before, after = _LAST.search(left), _FIRST.match(right)
        if before and after:
            found |= {(a, b) for a in _listed(before[0]) for b in _listed(after[0])}
    for match in _BECOME.finditer(text):
        found |= {(a, b) for a in _listed(match["from"]) for b in _listed(match["to"])}
    return found


def _listed(text: str) -> list[str]:
    words = re.split(r"\bor\b|\band\b|/|,|[\"'“”‘’]", text.lower())
    return [word.strip() for word in words if word.strip()]


def _transition_rule(
    one: Statement, path: str, name: str, allowed: frozenset[tuple[str, str]]
) -> StatedRule:
    words = {word for pair in allowed for word in pair}

    def broken(step: Step) -> Broken:
        return frozenset(
            f"{key}: {old} to {new}"
            for key, old, new in changed(step, path, name)
            if old in words and new in words and (str(old), str(new)) not in allowed
        )

    steps = ", ".join(f"{a} to {b}" for a, b in sorted(allowed))
    said = f"{shown(path, name)} goes only from {steps}"
    return StatedRule(said, one, frozenset((path,)), in_step=broken)


def changed(step: Step, path: str, name: str) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """Yield the rows that a change gave another value of a field, with both."""
    before = _by_key(step.before.rows(path))
    for key, row in _by_key(step.after.rows(path)).items():
        if key in before:
            old, new = before[key].fields.get(name), row.fields.get(name)
            if old != new:
                yield key, old, new


def _by_key(rows: Sequence[Row]) -> dict[str, Row]:
    """Return rows by what they are called; none that share a name."""
    found: dict[str, Row] = {}
    twice: set[str] = set()
    for row in rows:
        key = "|".join(
            [*(str(v) for n, v in row.fields.items() if n.startswith("above ")), row.key]
        )
        if key in found:
            twice.add(key)
        found[key] = row
    return {key: row for key, row in found.items() if key not in twice}


def grows(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that a number never goes down."""
    if not _GROWS.search(one.text.lower()):
        return
    for path, fields in schema.numbers.items():
        for name in fields:
            told = one.tells(name)
            if name != VALUE and told:
                yield _grows_rule(one, path, name)


def _grows_rule(one: Statement, path: str, name: str) -> StatedRule:
    def broken(step: Step) -> Broken:
        return frozenset(
            f"{key}: {old} to {new}"
            for key, old, new in changed(step, path, name)
            for before, after in [(number_in(old), number_in(new))]
            if before is not None and after is not None and after < before
        )

    return StatedRule(
        f"{shown(path, name)} never goes down", one, frozenset((path,)), in_step=broken
    )


def fixed(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as saying that a field stays what it is."""
    if one.tool or not _NEVER_CHANGES.search(one.text.lower()):
        return
    for path, fields in schema.fields.items():
        for name in fields:
            about = rf"\b{re.escape(name)}\b[^,.;]{{0,40}}({_NEVER_CHANGES.pattern})"
            if re.search(about, one.text.lower()) and schema.is_named(path, one.meant):
                yield _fixed_rule(one, path, name)


def _fixed_rule(one: Statement, path: str, name: str) -> StatedRule:
    def broken(step: Step) -> Broken:
        return frozenset(f"{key}: {old} to {new}" for key, old, new in changed(step, path, name))

    return StatedRule(f"{shown(path, name)} never changes", one, frozenset((path,)), in_step=broken)
