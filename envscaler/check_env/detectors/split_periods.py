"""Periods that are asked for whole and in two parts, whose answers have to add up.

A question about the days from one to another, both of which count, is answered alike when it is
asked about the first days and then about the rest; so is one about minutes, or any whole numbers.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TypeGuard

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim, last_successes
from envscaler.check_env.detectors.bounds import bound_of
from envscaler.check_env.detectors.per_record import numbers_in
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import walk_values
from envscaler.environment.state.relation import comparable
from envscaler.inputs.correspondence import moved_day
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind, JsonObject, Tool

_BEGINS = re.compile(
    r"^(first|start|from|since|begin|after|earliest)|(_|^)(start|from|first|begin)$"
)
_ENDS = re.compile(r"^(last|end|to|until|till|through|up_to|latest)|(_|^)(end|to|until|last)$")
_BOTH = re.compile(r"\b(both|inclusive|included|including|through)\b")
_NOT_ADDED = re.compile(
    r"\b(average|mean|median|share|percent\w*|rate|ratio|most|least|highest|lowest|maximum|minimum|"
    r"different|distinct|unique|longest|how many days)\b"
)
_STANDS = re.compile(r"opening|closing|balance|running|before|after|so_far|cumul")
"""Names of what stands at a time, and is not added up over it."""
_MOST_ASKED = 12
_MOST_DAYS = 12
_MOST_NUMBERS = 24
_EQUAL = 1e-6


async def split_periods(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a period, both of whose ends count, is more than its two parts."""
    for name, tool in explorer.stage.subject.tools.items():
        ends = ends_of(tool)
        said = tool.description.lower()
        if ends is None or explorer.ledger.changing.get(name) or _NOT_ADDED.search(said):
            continue
        if not _both_count(tool, ends):
            continue
        asked = [one for one in explorer.ledger.idle.get(name, ()) if _fits(one, ends)]
        claim = await first_claim(_split(explorer, seen, ends) for seen in asked[:_MOST_ASKED])
        if claim is not None:
            yield claim


Ends = tuple[str, str]


def ends_of(tool: Tool) -> Ends | None:
    """Return the parameters with the first and the last day of a period."""
    names = [*properties_of(tool)]
    first = [name for name in names if _BEGINS.search(name)]
    last = [name for name in names if _ENDS.search(name) and name not in first]
    return (first[0], last[0]) if len(first) == len(last) == 1 else None


def _both_count(tool: Tool, ends: Ends) -> bool:
    if _BOTH.search(tool.description.lower()):
        return True
    own = [str(properties_of(tool)[name].get("description", "")) for name in ends]
    bounds = [bound_of(name, text, tool.description) for name, text in zip(ends, own, strict=True)]
    return all(one is not None and one.included for one in bounds)


def _fits(seen: CallRecord, ends: Ends) -> bool:
    first, last = (seen.call.arguments.get(name) for name in ends)
    days = isinstance(first, str) and isinstance(last, str) and comparable(first, last)
    alike = days or (_is_whole(first) and _is_whole(last))
    return alike and not seen.history and seen.succeeded and bool(numbers_in(seen.value))


async def _split(explorer: Explorer, seen: CallRecord, ends: Ends) -> CandidateFinding | None:
    wrong: list[tuple[str | int, tuple[FindingCall, ...]]] = []
    right = 0
    for place, periods in _parted(seen, ends):
        calls = tuple(_call(seen, ends, period) for period in periods)
        replay = await explorer.stage.replay(seen.start, calls)
        if uneven(replay) is not None:
            wrong.append((place, calls))
            if isinstance(place, str):
                break
        right += len(last_successes(replay, len(calls))) > 0 and uneven(replay) is None
    # Numbers may be no parts of anything; days that are asked for are.
    if not wrong or (isinstance(wrong[0][0], int) and 2 * right < len(wrong)):
        return None

    async def shows(again: Sequence[CallRecord]) -> bool:
        return uneven(again) is not None

    place, calls = wrong[0]
    said = f"Up to {place} and from the next on do not add up to the whole period"
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, calls, shows, severity="possible")


Period = tuple[str | int, str | int]


def _parted(seen: CallRecord, ends: Ends) -> Iterator[tuple[str | int, tuple[Period, ...]]]:
    """Yield where a period may be parted: on a value of the state; it whole, and its parts."""
    if isinstance(seen.call.arguments[ends[0]], str):
        for day in sorted({*_days(seen.before)})[:_MOST_DAYS]:
            first, last = moved_day(day, -400), moved_day(day, 400)
            yield day, ((first, last), (first, day), (moved_day(day, 1), last))
        return
    numbers = sorted({one for one in walk_values(seen.before) if _is_whole(one)})
    for number in numbers[1:-1][:_MOST_NUMBERS]:
        first, last = numbers[0], numbers[-1]
        yield number, ((first, last), (first, number), (number + 1, last))


def _is_whole(value: JsonValue) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _call(seen: CallRecord, ends: Ends, period: Period) -> FindingCall:
    given: JsonObject = {**seen.call.arguments, ends[0]: period[0], ends[1]: period[1]}
    return FindingCall(tool=seen.call.tool, arguments=given)


def _days(state: JsonValue) -> Iterator[str]:
    for value in walk_values(state):
        if isinstance(value, str) and len(value) == 10 and comparable(value, value):
            yield value


def uneven(replay: Sequence[CallRecord]) -> str | None:
    """Name a number of the whole that is not the sum of those of the parts."""
    numbers = [numbers_in(one.value) for one in last_successes(replay, 3)]
    if not numbers:
        return None
    whole, early, late = numbers
    for slot, number in whole.items():
        added = slot in early and slot in late and not _STANDS.search(str(slot).lower())
        if added and abs(early[slot] + late[slot] - number) > _EQUAL:
            return slot
    return None
