"""Numbers beyond what a docstring allows have to be refused, and those just within it taken."""

import re
from collections.abc import AsyncIterator, Sequence

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.ranges import Range, ranges
from envscaler.check_env.stated_rules.statements import statements_of
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, properties_of
from envscaler.records import FindingKind

_BASES = 3
"""Calls that an edge is tried in: what one record refuses may be its own affair."""
_ALSO = re.compile(
    r"\b(other|different|new|now|current|present|not|nor|below|under|above|over|only|unless|limit|exceed|exceeds|remaining|available|enough)\b"
)


async def argument_ranges(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that changes take numbers that their docstrings exclude, or refuse what they allow."""
    subject = explorer.stage.subject
    numbers = _whole_numbers(subject)
    told: set[tuple[str, str]] = set()
    for statement in statements_of(subject) if any(numbers.values()) else ():
        for one in ranges(statement, numbers):
            bases = _bases(explorer, one)
            if (one.tool, one.parameter) in told or not bases:
                continue
            told.add((one.tool, one.parameter))
            claim = await _taken_beyond(explorer, one, bases[0])
            claim = claim or await _refused_within(explorer, one, bases[:_BASES])
            if claim is not None:
                yield claim


def _whole_numbers(subject: Subject) -> dict[str, list[str]]:
    """Return the parameters of each change, or other tool that is no query, that are integers."""
    changes = [tool for name, tool in subject.tools.items() if subject.kinds[name] != "query"]
    return {
        tool.name: [
            one for one, schema in properties_of(tool).items() if schema.get("type") == "integer"
        ]
        for tool in changes
    }


def _bases(explorer: Explorer, one: Range) -> list[CallRecord]:
    """Return calls that changed something with a number within a range, first in their state."""
    changing = explorer.ledger.changing.get(one.tool, ())
    return [seen for seen in changing if not seen.history and one.has(_given(seen, one) or 0)]


def _given(seen: CallRecord, one: Range) -> int | None:
    value = seen.call.arguments.get(one.parameter)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


async def _taken_beyond(
    explorer: Explorer, one: Range, base: CallRecord
) -> CandidateFinding | None:
    """Claim that a number just beyond a range is taken."""
    for value in (_next(one.low, -1), _next(one.high, 1)):
        if value is not None:
            seen = await _called(explorer, one, base, value)
            if seen.succeeded and seen.changed:
                return _claim(one, seen, value, taken=True)
    return None


async def _refused_within(
    explorer: Explorer, one: Range, bases: Sequence[CallRecord]
) -> CandidateFinding | None:
    """Claim that a number on an edge of a range is refused, and the next one is not."""
    if _ALSO.search(one.statement.text.lower()):
        return None  # a number within may be refused for something else that is said of it
    for edge, inner in ((one.low, _next(one.low, 1)), (one.high, _next(one.high, -1))):
        if edge is None or inner is None or not one.has(inner):
            continue
        refused = await _refused_at(explorer, one, bases, (edge, inner))
        if refused is not None:
            return _claim(one, refused, edge, taken=False)
    return None


async def _refused_at(
    explorer: Explorer, one: Range, bases: Sequence[CallRecord], values: tuple[int, int]
) -> CallRecord | None:
    """Return a call that is refused with a number, where all are, and none with the next one."""
    edge, inner = values
    at_edge = [await _called(explorer, one, each, edge) for each in bases]
    within = [await _called(explorer, one, each, inner) for each in bases]
    refused = all(seen.refused for seen in at_edge)
    return at_edge[0] if refused and all(seen.succeeded for seen in within) else None


def _next(value: int | None, by: int) -> int | None:
    return None if value is None else value + by


async def _called(explorer: Explorer, one: Range, base: CallRecord, value: int) -> CallRecord:
    session = await explorer.stage.begin(base.start)
    try:
        return await session.make(one.tool, {**base.call.arguments, one.parameter: value})
    finally:
        await session.close()


def _claim(one: Range, seen: CallRecord, value: int, *, taken: bool) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = replay[-1]
        return last.succeeded and last.changed if taken else last.refused

    how = "is taken" if taken else "is refused, and the next one is taken"
    said = (
        f"{one.parameter} {value} {how}, but it may be {one.shown}. "
        f"Stated in {one.statement.place}: {one.statement.text[:160]!r}"
    )
    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        seen.start,
        seen.sequence,
        shows,
        key=f"{one.parameter} {one.shown}",
        severity="possible",
    )
