"""Limits that leave out what lies exactly on them, or count it, against what the docs say.

The limit is moved across a value that a record has: one step before it, onto it, one step past it.
What is listed has to follow the limit, for every record that is ever listed; then what happens on
the value itself has to be what the description says.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.detectors.bounds import Bound, bound_at_clock, bound_of, days_away
from envscaler.check_env.detectors.listings import (
    Asker,
    Question,
    distinct_values,
    field_values,
    listed_ids,
    question_of,
    rows_in,
)
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import record_of
from envscaler.environment.state.relation import comparable, is_more, is_number
from envscaler.inputs.correspondence import moved_day
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind, JsonObject, Tool

_STARTS = 2
_MOST_VALUES = 4
_MOST_BASES = 2
_MOST_ANSWERS = 6
_DIFFERENT = 2
"""Values that the records have to have that are listed at all."""
_CLOCKS = ("today", "now")
Ask = Callable[[JsonValue], Awaitable[CallRecord | None]]
"""Asks with the limit at a value."""


async def boundaries(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that queries draw a limit one step beside where they say they do."""
    for tool in explorer.stage.subject.tools:
        question = question_of(explorer, tool)
        if question is None:
            continue
        claim = await _by_parameter(explorer, question) or await _by_clock(explorer, question)
        if claim is not None:
            yield claim


async def _by_parameter(explorer: Explorer, question: Question) -> CandidateFinding | None:
    tool = explorer.stage.subject.tools[question.tool]
    described = _without_comparisons(tool)
    away = days_away(described)
    limits: dict[str, tuple[int, Bound]] = {}
    for name, shape in properties_of(tool).items():
        own = str(shape.get("description", ""))
        bound = bound_of(name, own, "" if away else described)
        if bound is not None:
            limits[name] = (0, bound)
        elif away is not None:
            limits[name] = away
    return await first_claim(
        _moved(explorer, question, base, (name, days, bound))
        for name, (days, bound) in limits.items()
        for base in _bases(question, name)
    )


def _without_comparisons(tool: Tool) -> str:
    """Return a description without what it says of two parameters: `first above last`."""
    names = "|".join(map(re.escape, properties_of(tool)))
    beside = r"(?:is |lies |being )?(?:not )?(?:above|below|after|before|\w+ than)"
    return re.sub(rf"\b(?:{names}) {beside} (?:{names})\b", " ", tool.description)


def _bases(question: Question, name: str) -> list[CallRecord]:
    """Return calls in different states to begin with, those that list most."""
    found: dict[int, CallRecord] = {}
    for seen in question.asked:
        if name in seen.call.arguments or listed_ids(seen, question.path):
            found.setdefault(seen.start, seen)
    return [*found.values()][:_MOST_BASES]


async def _moved(
    explorer: Explorer, question: Question, base: CallRecord, limit: tuple[str, int, Bound]
) -> CandidateFinding | None:
    name, days, bound = limit
    session = await explorer.stage.begin(base.start)
    asker = Asker(session, question.tool)

    def call(value: JsonValue) -> JsonObject:
        return {**base.call.arguments, name: value}

    async def ask(value: JsonValue) -> CallRecord | None:
        seen = await asker.ask(call(value))
        return seen if seen.succeeded and not seen.changed else None

    try:
        for field, held in _compared(question, base):
            found = await _contradiction(ask, question.path, held, (days, bound))
            if found is not None:
                key, value = found
                said = _said(f"{name}={value!r}", (question.path, key, field, held[key]), bound)
                calls = (FindingCall(tool=question.tool, arguments=call(value)),)
                return _claim((question.path, key, bound), said, base.start, calls)
    finally:
        await session.close()
    return None


def _compared(question: Question, base: CallRecord) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """Yield what may be held against a limit: what rows say by themselves, what records hold."""
    columns: dict[str, dict[str, JsonValue]] = {}
    for seen in question.asked[:_MOST_ANSWERS]:
        ids = listed_ids(seen, question.path) if seen.start == base.start else None
        for key, row in zip(ids or (), rows_in(seen.value) or (), strict=False):
            for name, value in (record_of(row) or {}).items():
                columns.setdefault(name, {}).setdefault(key, value)
    held = dict(field_values(base.before, question.path))
    yield from ((name, values) for name, values in columns.items() if name not in held)
    yield from held.items()


def _said(limit: str, held: tuple[str, str, str, JsonValue], bound: Bound) -> str:
    path, key, field, value = held
    does = "leaves out" if bound.included else "lists"
    return (
        f"With {limit}, it {does} {path}[{key!r}], whose {field} is {value!r}, exactly the limit; "
        f"its description says {bound.words!r}"
    )


async def _contradiction(
    ask: Ask, path: str, held: dict[str, JsonValue], limit: tuple[int, Bound]
) -> tuple[str, JsonValue] | None:
    """Return a record on the limit that is listed, or not, against what is said; and the limit."""
    days, bound = limit
    answers: list[tuple[JsonValue, frozenset[str]]] = []
    for value in distinct_values([*held.values()])[:_MOST_VALUES]:
        for one in _around(value, days):
            seen = await ask(one)
            ids = listed_ids(seen, path) if seen else None
            if ids is not None:
                answers.append((one, frozenset(ids)))
    moved = {key: around[1] for key, value in held.items() if (around := _around(value, days))}
    return beside_limit(
        answers, moved, included=bound.included, different=1 if days else _DIFFERENT
    )


def beside_limit(
    answers: Sequence[tuple[JsonValue, frozenset[str]]],
    held: Mapping[str, JsonValue],
    *,
    included: bool,
    different: int = _DIFFERENT,
) -> tuple[str, JsonValue] | None:
    """Return a record and a limit that it lies on, where all answers are drawn one step beside.

    Args:
        answers: Limits, each with the ids that are listed then.
        held: What the records have that is compared with the limit.
        included: Records on the limit should be listed.
        different: Values that the listed records have to have; where a stated number of days lies
            between, one shows enough.

    Returns:
        None when what is listed does not follow the limit through what the records have.
    """
    listed = _each_listed(answers, held)
    values = {str(held[key]) for key, _, _ in listed}
    if len(values) < different or not _follows(held, listed):
        return None
    on_it = [(key, limit, is_in) for key, limit, is_in in listed if held[key] == limit]
    if not on_it or any(is_in == included for _, _, is_in in on_it):
        return None
    key, limit, _ = on_it[0]
    return key, limit


Listed = tuple[str, JsonValue, bool]
"""A record, a limit, and whether the record is listed with that limit."""


def _each_listed(
    answers: Sequence[tuple[JsonValue, frozenset[str]]], held: Mapping[str, JsonValue]
) -> list[Listed]:
    """Return the records that any answer lists, with every limit."""
    ever = {key for _, ids in answers for key in ids}
    known = [key for key in held if key in ever]
    return [(key, limit, key in ids) for limit, ids in answers for key in known]


def _follows(held: Mapping[str, JsonValue], listed: Sequence[Listed]) -> bool:
    """Say whether all on one side of a limit are listed, and none on the other one."""
    above, below = set[bool](), set[bool]()
    for key, limit, is_in in listed:
        if not comparable(held[key], limit):
            return False
        if held[key] != limit:
            (above if is_more(held[key], limit) else below).add(is_in)
    return len(above) == len(below) == 1 and above != below


def _around(value: JsonValue, days: int = 0) -> list[JsonValue]:
    """Return the values just below, on and just above one; none for what has no neighbours."""
    if is_number(value) and not days:
        return [value - 1, value, value + 1]
    if isinstance(value, str) and comparable(value, value):
        return [moved_day(value, days + step) for step in (-1, 0, 1)]
    return []


def _claim(
    about: tuple[str, str, Bound], said: str, start: int, calls: tuple[FindingCall, ...]
) -> CandidateFinding:
    path, key, bound = about

    async def shows(replay: Sequence[CallRecord]) -> bool:
        listed = listed_ids(replay[-1], path) if replay[-1].succeeded else None
        return listed is not None and (key in listed) != bound.included

    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, start, calls, shows, severity="possible")


async def _by_clock(explorer: Explorer, question: Question) -> CandidateFinding | None:
    """Move the day that the state says it is across the dates of records."""
    description = explorer.stage.subject.tools[question.tool].description
    for base in question.asked[:_STARTS]:
        for clock, day in base.before.items():
            if not comparable(day, day) or (is_number(day) and clock not in _CLOCKS):
                continue
            names = (clock.replace("_", " "), *_CLOCKS)
            bound = bound_at_clock(names, description)
            if bound is None:
                continue
            claim = await _at_day(explorer, question, base, (clock, bound))
            if claim is not None:
                return claim
    return None


async def _at_day(
    explorer: Explorer, question: Question, base: CallRecord, limit: tuple[str, Bound]
) -> CandidateFinding | None:
    clock, bound = limit
    stage = explorer.stage
    state = stage.initial_states[base.start]

    async def ask(value: JsonValue) -> CallRecord | None:
        seen = await stage.repeat({**state, clock: value}, base.call)
        return seen if seen is not None and seen.succeeded else None

    for field, held in _compared(question, base):
        found = await _contradiction(ask, question.path, held, (0, bound))
        if found is not None:
            key, value = found
            said = _said(f"{clock}={value!r}", (question.path, key, field, held[key]), bound)
            start = stage.add({**state, clock: value})
            return _claim((question.path, key, bound), said, start, (base.call,))
    return None
