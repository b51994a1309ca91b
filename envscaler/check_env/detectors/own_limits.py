"""Rows whose own field lies beyond the limit of that name: a `price` above `max_price`."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.listings import distinct_values, rows_in
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import record_of
from envscaler.environment.state.relation import comparable, is_less, is_more
from envscaler.inputs.correspondence import moved_day
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind, Tool

_MOST = re.compile(r"^(?:max|maximum|up_to|at_most)_(?P<before>\w+)$|^(?P<after>\w+)_max$")
_LEAST = re.compile(r"^(?:min|minimum|at_least)_(?P<before>\w+)$|^(?P<after>\w+)_min$")
_MOST_ASKED = 3
_MOST_VALUES = 4


async def own_limits(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that rows are listed whose field is beyond the limit that was asked for."""
    for name, tool in explorer.stage.subject.tools.items():
        if explorer.ledger.changing.get(name):
            continue
        asked = [
            one
            for one in explorer.ledger.idle.get(name, ())
            if not one.history and one.succeeded and rows_in(one.value)
        ]
        asked.sort(key=lambda one: -len(rows_in(one.value) or ()))
        for parameter, field, sign in limits_of(tool):
            claim = await _beyond(explorer, asked[:_MOST_ASKED], (parameter, field, sign))
            if claim is not None:
                yield claim
                break


def limits_of(tool: Tool) -> Iterator[tuple[str, str, int]]:
    """Yield parameters that limit a field of their name, with 1 for at most, -1 for at least."""
    for parameter in properties_of(tool):
        for sign, pattern in ((1, _MOST), (-1, _LEAST)):
            found = pattern.match(parameter)
            if found:
                yield parameter, found["before"] or found["after"], sign


async def _beyond(
    explorer: Explorer, asked: Sequence[CallRecord], limit: tuple[str, str, int]
) -> CandidateFinding | None:
    parameter, field, sign = limit
    for seen in asked:
        rest = {name: one for name, one in seen.call.arguments.items() if name != parameter}
        [wide] = await explorer.stage.replay(
            seen.start, [FindingCall(tool=seen.call.tool, arguments=rest)]
        )
        for value in distinct_values(_held(wide, field))[:_MOST_VALUES]:
            inside = _beside(value, -sign)
            call = FindingCall(tool=seen.call.tool, arguments={**rest, parameter: inside})
            [again] = await explorer.stage.replay(seen.start, [call])
            if beyond(again, field, inside, sign):
                return _claim(again, limit, inside)
    return None


def _held(seen: CallRecord, field: str) -> list[JsonValue]:
    """Return what the rows of an answer have in a field, where it is plain."""
    rows = rows_in(seen.value) if seen.succeeded else None
    held = [(record_of(row) or {}).get(field) for row in rows or ()]
    return [one for one in held if comparable(one, one)]


def _beside(value: JsonValue, step: int) -> JsonValue:
    if isinstance(value, int | float):
        return value + step
    return moved_day(value, step) if isinstance(value, str) else value


def beyond(seen: CallRecord, field: str, limit: JsonValue, sign: int) -> list[JsonValue]:
    """Return what rows of an answer have in a field that is beyond a limit."""
    past = is_more if sign > 0 else is_less
    return [one for one in _held(seen, field) if comparable(one, limit) and past(one, limit)]


def _claim(seen: CallRecord, limit: tuple[str, str, int], value: JsonValue) -> CandidateFinding:
    parameter, field, sign = limit

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return bool(beyond(replay[-1], field, value, sign))

    found = beyond(seen, field, value, sign)
    said = f"With {parameter}={value!r} it lists a row whose {field} is {found[0]!r}"
    return CandidateFinding(FindingKind.WRONG_ANSWER, said, seen.start, (seen.call,), shows)
