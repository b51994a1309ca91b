"""Sentences that say what a tool does: `exchange the tables`, `the loan becomes active`."""

import re
from collections import Counter
from collections.abc import Iterator

from pydantic import JsonValue

from envscaler.check_env.stated_rules.conditions import Links
from envscaler.check_env.stated_rules.rule import Broken, Condition, StatedRule, Step
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import shown
from envscaler.check_env.stated_rules.words import names, stem

_SWAP = re.compile(r"^(swap|exchange|switch)\b.*\b(two|both|with)\b", re.IGNORECASE)
_WORD = r"['\"`“‘]?(?P<word>[A-Za-z][\w-]*)['\"`”’]?"
_BECOMES = (
    re.compile(rf"\bmarks? (?:an?|the|one)?\b[^.;]*? as {_WORD}(?=\s*(?:[.;,(]|$))", re.IGNORECASE),
    re.compile(
        rf"\b(?:the|its|an?) (?P<noun>\w+) (?:then )?becomes {_WORD}(?=\s*(?:[.;,(]|$))",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:sets?|changes?|updates?|moves?)\b[^.;]*?\b(?P<field>\w*(?:status|state))\b"
        rf"(?: of the \w+)? to {_WORD}(?=\s*(?:[.;,(]|$))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<field>\w*(?:status|state)) (?:is|will be) (?:set|changed|updated) to {_WORD}",
        re.IGNORECASE,
    ),
)
_UNLESS = re.compile(r"\b(if|unless|when|where|may|might|optional|depending)\b", re.IGNORECASE)


def swaps(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence of a tool as exchanging a field of two records."""
    if not one.tool or one.parameter or not _SWAP.search(one.text):
        return
    for path, fields in schema.fields.items():
        for name in fields:
            if schema.tables[path].kind == "records" and names(name, one.said):
                yield _swap_rule(one, path, name)


def _swap_rule(one: Statement, path: str, name: str) -> StatedRule:
    def broken(step: Step) -> Broken:
        if step.seen.call.tool != one.tool:
            return frozenset()
        before = Counter(repr(row.fields.get(name)) for row in step.before.rows(path))
        after = Counter(repr(row.fields.get(name)) for row in step.after.rows(path))
        return frozenset((before - after).keys())

    said = f"{one.tool} exchanges {shown(path, name)}, so that all values stay"
    return StatedRule(said, one, frozenset((path,)), in_step=broken)


def becomes(one: Statement, schema: Schema, links: Links) -> Iterator[StatedRule]:
    """Read a sentence of a tool as saying what a status is after it."""
    if not one.tool or one.parameter or _UNLESS.search(one.text):
        return
    for pattern in _BECOMES:
        for match in pattern.finditer(one.text):
            found = _effect(one, schema, links, match)
            if found is not None:
                yield _becomes_rule(one, found)


def _effect(one: Statement, schema: Schema, links: Links, match: re.Match[str]) -> Condition | None:
    """Return which field of which record is what afterwards, where just one can be meant."""
    noun = match.groupdict().get("noun")
    found = [
        Condition(one.tool, parameter, path, field, frozenset((value,)), frozenset())
        for parameter, path in links.get(one.tool, {}).items()
        if not noun or names(schema.tables[path].name, one.said)
        for field, value in _fields_with(schema, path, match)
    ]
    return found[0] if len(found) == 1 else None


def _fields_with(
    schema: Schema, path: str, match: re.Match[str]
) -> Iterator[tuple[str, JsonValue]]:
    """Yield the status fields that have the word of a sentence; only the one that it names."""
    named = match.groupdict().get("field")
    for field, held in schema.words.get(path, {}).items():
        words = {stem(str(value)): value for value in held if isinstance(value, str)}
        value = words.get(stem(match["word"]))
        if value is not None and (not named or stem(named) == stem(field)):
            yield field, value


def _becomes_rule(one: Statement, found: Condition) -> StatedRule:
    def broken(step: Step) -> Broken:
        return found.broken_by(step, step.after)

    [value] = found.allowed
    said = f"after {found.tool}, {shown(found.path, found.field)} is {value}"
    return StatedRule(said, one, frozenset((found.path,)), in_step=broken)
