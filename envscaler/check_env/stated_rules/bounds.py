"""Sentences that bound a number: `never negative`, `above 0`, `between 0 and 10`."""

import re
from collections.abc import Callable, Iterator

from pydantic import JsonValue

from envscaler.check_env.stated_rules.rule import Broken, StatedRule
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.check_env.stated_rules.tables import VALUE, Tables, number_in, shown
from envscaler.check_env.stated_rules.words import names

_NOT_NEGATIVE = re.compile(
    r"(never|not|cannot( be| become| go)?|non).{0,14}\b(negative|below (zero|0)|less than (zero|0)"
    r"|under (zero|0))"
)
_ABOVE_ZERO = re.compile(
    r"\b(above|greater than|more than|over) (0|zero)\b|\b(is|are|be) (always )?positive\b"
)
_BETWEEN = re.compile(
    r"\b(?:between|within|from) (-?\d+(?:\.\d+)?) ?(?:and|to|-|\.\.) ?(-?\d+(?:\.\d+)?)"
)
_NONE_LISTED = re.compile(r"without \w+ (is|are) (not|never) (listed|kept|stored|there)")
Holds = Callable[[float], bool]


def bounds(one: Statement, schema: Schema) -> Iterator[StatedRule]:
    """Read a sentence as bounding numbers."""
    found = _bound(one.text.lower())
    if one.tool or found is None:
        return
    holds, bound = found
    for path, fields in schema.numbers.items():
        for name in fields:
            values = name == VALUE and schema.is_named(path, one.said)
            if values or (name != VALUE and names(name, one.said)):
                yield _rule(one, path, name, holds, bound)


def _bound(text: str) -> tuple[Holds, str] | None:
    if _NOT_NEGATIVE.search(text):
        return (lambda value: value >= 0), "never negative"
    if _ABOVE_ZERO.search(text) or _NONE_LISTED.search(text):
        return (lambda value: value > 0), "above 0"
    between = _BETWEEN.search(text)
    if between is None:
        return None
    low, high = float(between[1]), float(between[2])
    return (lambda value: low <= value <= high), f"from {between[1]} to {between[2]}"


def _rule(one: Statement, path: str, name: str, holds: Holds, bound: str) -> StatedRule:
    def broken(tables: Tables) -> Broken:
        return frozenset(
            row.key
            for row in tables.rows(path)
            for value in [row.fields.get(name)]
            if _breaks(value, holds)
        )

    return StatedRule(f"{shown(path, name)} is {bound}", one, frozenset((path,)), broken)


def _breaks(value: JsonValue, holds: Holds) -> bool:
    inner = [*value.values()] if isinstance(value, dict) else [value]
    known = [number_in(each) for each in inner]
    return any(each is not None and not holds(each) for each in known)
