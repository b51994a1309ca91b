"""Rows whose own field lies beyond the limit of that name: a `price` above `max_price`."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.detectors.listings import (
    distinct_values,
    listed_ids,
    listed_path,
    records_of,
    rows_in,
)
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import record_of
from envscaler.environment.state.relation import comparable, is_less, is_more, is_number
from envscaler.inputs.correspondence import moved_day
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind, Tool

_MOST = re.compile(
    r"^(?:max|maximum|up_to|at_most)_(?P<before>\w+)$|^(?P<after>\w+)_(?:max|to|until|till|before|by)$"
)
_LEAST = re.compile(
    r"^(?:min|minimum|at_least)_(?P<before>\w+)$|^(?P<after>\w+)_(?:min|from|since|after)$"
)
_MOST_ASKED = 3
_MOST_VALUES = 4


async def own_limits(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that rows are listed whose field is beyond the limit that was asked for."""
    for name, tool in explorer.stage.subject.tools.items():
        if explorer.ledger.changing.get(name):
            continue
        asked = [one for one in explorer.ledger.answers(name) if rows_in(one.value)]
        asked.sort(key=lambda one: -len(rows_in(one.value) or ()))
        path = listed_path(explorer, name)
        claim = await first_claim(
            _beyond(explorer, asked[:_MOST_ASKED], Limit(parameter, field, sign, path))
            for parameter, field, sign in limits_of(tool)
        )
        if claim is not None:
            yield claim


def limits_of(tool: Tool) -> Iterator[tuple[str, str, int]]:
    """Yield parameters that limit a field of their name, with 1 for at most, -1 for at least."""
    for parameter in properties_of(tool):
        for sign, pattern in ((1, _MOST), (-1, _LEAST)):
            found = pattern.match(parameter)
            if found:
                yield parameter, found["before"] or found["after"], sign


@dataclass(frozen=True, slots=True)
class Limit:
    """A parameter, the field of rows that it limits, and on which side."""

    parameter: str
    field: str
    sign: int
    """1 where the field is at most so much, -1 where it is at least."""
    path: str
    """The collection whose records are listed; empty where that is not known."""

    def held(self, seen: CallRecord) -> list[JsonValue]:
        """Return what the rows of an answer, or their records, have in the field."""
        if not seen.succeeded:
            return []
        own = [(record_of(row) or {}).get(self.field) for row in rows_in(seen.value) or ()]
        held = own if any(one is not None for one in own) else self._of_records(seen)
        return [one for one in held if comparable(one, one)]

    def listed(self, seen: CallRecord) -> list[str] | None:
        """Return the ids that a successful answer lists; None where that is not known."""
        return listed_ids(seen, self.path) if seen.succeeded and self.path else None

    def _of_records(self, seen: CallRecord) -> list[JsonValue]:
        """Return what the records that an answer lists have in the field."""
        records = records_of(seen.before).get(self.path, {})
        return [records[one].get(self.field) for one in self.listed(seen) or ()]


async def _beyond(
    explorer: Explorer, asked: Sequence[CallRecord], limit: Limit
) -> CandidateFinding | None:
    for seen in asked:
        rest = {name: one for name, one in seen.call.arguments.items() if name != limit.parameter}
        [wide] = await explorer.stage.replay(
            seen.start, [FindingCall(tool=seen.call.tool, arguments=rest)]
        )
        held = distinct_values(limit.held(wide))[:_MOST_VALUES]
        for value in (beside(one, step) for one in held for step in (-limit.sign, limit.sign)):
            call = FindingCall(tool=seen.call.tool, arguments={**rest, limit.parameter: value})
            [again] = await explorer.stage.replay(seen.start, [call])
            if beyond(again, limit, value):
                return _claim(again, limit, value)
            if left_out(wide, again, limit, value):
                return _missing(wide, again, limit, value)
    return None


def beside(value: JsonValue, step: int) -> JsonValue:
    """Return the number, or the day, so many steps away; other values as they are."""
    if is_number(value):
        return value + step
    return moved_day(value, step) if isinstance(value, str) else value


def beyond(seen: CallRecord, limit: Limit, value: JsonValue) -> list[JsonValue]:
    """Return what rows of an answer have in a field that is beyond a limit."""
    past = is_more if limit.sign > 0 else is_less
    return [one for one in limit.held(seen) if comparable(one, value) and past(one, value)]


def left_out(
    wide: CallRecord, narrow: CallRecord, limit: Limit, value: JsonValue
) -> list[tuple[str, JsonValue]]:
    """Return ids of records within a limit, with their values, that only the wide answer lists."""
    inside = is_less if limit.sign > 0 else is_more
    every, some = limit.listed(wide), limit.listed(narrow)
    if every is None or some is None:
        return []
    records = records_of(wide.before).get(limit.path, {})
    held = [(key, records[key].get(limit.field)) for key in every if key not in some]
    return [(key, one) for key, one in held if comparable(one, value) and inside(one, value)]


def _missing(
    wide: CallRecord, narrow: CallRecord, limit: Limit, value: JsonValue
) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return len(replay) > 1 and bool(left_out(replay[-2], replay[-1], limit, value))

    [(key, held), *_] = left_out(wide, narrow, limit, value)
    said = (
        f"With {limit.parameter}={value!r} it leaves out {key!r}, whose {limit.field} is {held!r}"
    )
    kind, calls = FindingKind.WRONG_ANSWER, (wide.call, narrow.call)
    return CandidateFinding(kind, said, wide.start, calls, shows)


def _claim(seen: CallRecord, limit: Limit, value: JsonValue) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return bool(beyond(replay[-1], limit, value))

    found = beyond(seen, limit, value)
    said = f"With {limit.parameter}={value!r} it lists a row whose {limit.field} is {found[0]!r}"
    return CandidateFinding(FindingKind.WRONG_ANSWER, said, seen.start, (seen.call,), shows)
