"""What one tool takes, its opposite has to give back: book and cancel, lend and return."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, last_successes
from envscaler.check_env.detectors.listings import may_be_id
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import walk_values
from envscaler.environment.state.difference import diff
from envscaler.environment.state.relation import is_number
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import required_of
from envscaler.records import FindingKind, JsonObject, Tool

_OPPOSITES = {
    "add": ("remove", "delete", "withdraw"),
    "book": ("cancel", "release"),
    "reserve": ("cancel", "release", "unreserve"),
    "borrow": ("return",),
    "lend": ("return", "take"),
    "check": ("return", "release"),
    "assign": ("unassign", "release"),
    "enroll": ("unenroll", "withdraw", "drop"),
    "register": ("unregister", "deregister", "remove", "cancel"),
    "place": ("cancel",),
    "order": ("cancel",),
    "open": ("close",),
    "lock": ("unlock",),
    "block": ("unblock",),
    "rent": ("return", "release"),
    "let": ("give", "release"),
    "create": ("delete", "remove", "cancel"),
    "submit": ("cancel", "withdraw"),
    "schedule": ("cancel", "unschedule"),
}
_IN_PART = re.compile(r"\b(half|part|percent|%|fee|minus|penalty)\b|\d ?%")
"""What is not given back whole is said so."""
_MOST = 8
_RIGHT = 1


async def inverse_operations(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that an opposite gives back less, or more, than was taken."""
    for tool in explorer.stage.subject.tools:
        for back in _opposites(explorer, tool):
            if _IN_PART.search(explorer.stage.subject.tools[back].description.lower()):
                continue
            right, wrong = 0, list[Sequence[CallRecord]]()
            for seen in explorer.ledger.changes(tool)[:_MOST]:
                replay = await _there_and_back(explorer, seen, back)
                uneven = _uneven(replay) if replay else None
                right += uneven is False
                if replay and uneven:
                    wrong.append(replay)
            if wrong:
                yield _claim(wrong[0], right)


def _opposites(explorer: Explorer, tool: str) -> Iterator[str]:
    verb, _, noun = tool.partition("_")
    for other in explorer.stage.subject.tools:
        their, _, what = other.partition("_")
        if their in _OPPOSITES.get(verb, ()) and (
            noun == what or not what or noun in what or not noun
        ):
            yield other


async def _there_and_back(
    explorer: Explorer, seen: CallRecord, back: str
) -> Sequence[CallRecord] | None:
    """Make a call and its opposite on what it made; None when the opposite is refused."""
    session = await explorer.stage.begin(seen.start)
    try:
        there = await session.make(seen.call.tool, seen.call.arguments)
        point = await session.point()
        for arguments in _arguments(explorer, there, back):
            after = await session.make(back, arguments)
            if after.succeeded and after.changed:
                return [there, after]
            await session.back(point)
    finally:
        await session.close()
    return None


def _arguments(explorer: Explorer, there: CallRecord, back: str) -> Iterator[JsonObject]:
    """Yield arguments of the opposite: new ids, what the answer tells, what was given."""
    values = dict.fromkeys([*new_keys(there), *told_keys(there)])
    return completed(explorer.stage.subject.tools[back], there, values)


def completed(tool: Tool, there: CallRecord, values: Iterable[JsonValue]) -> Iterator[JsonObject]:
    """Yield what a tool needs of the arguments of a call; of some values, the one that it lacks."""
    needed, given = required_of(tool), there.call.arguments
    known = {name: given[name] for name in needed if name in given}
    missing = [name for name in needed if name not in given]
    if not missing:
        yield known
    elif len(missing) == 1:
        yield from ({**known, missing[0]: value} for value in values)


def new_keys(there: CallRecord) -> list[str]:
    """Return the keys that a call put into the state."""
    return [path.rpartition(".")[2] for path in diff(there.before, there.after).added]


def told_keys(there: CallRecord) -> list[JsonValue]:
    """Return what an answer tells that may be a key."""
    return [one for one in walk_values(there.value) if may_be_id(one)]


def _uneven(replay: Sequence[CallRecord]) -> bool | None:
    """Say whether a number that the first call changed is moved back, but not to what it was."""
    there, back = replay[-2], replay[-1]
    first, second = diff(there.before, there.after), diff(back.before, back.after)
    if second.removed and not first.added:
        return None  # what was there before grew, and is taken away as a whole
    moved = [
        (old, new, second.changed[path][1])
        for path, (old, new) in first.changed.items()
        if path in second.changed and is_number(old) and is_number(new)
    ]
    return any(_misses(old, new, end) for old, new, end in moved) if moved else None


def _misses(old: float, new: float, end: JsonValue) -> bool:
    """Say whether a number was moved back, but not to what it was."""
    return is_number(end) and end != old and (end - new) * (old - new) > 0


def _claim(replay: Sequence[CallRecord], right: int) -> CandidateFinding:
    there, back = replay[-2], replay[-1]
    first, second = diff(there.before, there.after).changed, diff(back.before, back.after).changed
    path = next(
        path
        for path, (old, _) in first.items()
        if path in second and is_number(old) and second[path][1] != old
    )
    was, taken, now = first[path][0], first[path][1], second[path][1]
    said = f"{path} was {was} before {there.call.tool}, {taken} after it, and is {now} now"
    if right:
        said += f"; in {right} other cases it came back to what it was"

    async def shows(again: Sequence[CallRecord]) -> bool:
        return bool(last_successes(again, 2)) and _uneven(again) is True

    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        back.start,
        back.sequence,
        shows,
        severity="serious" if right >= _RIGHT else "possible",
    )
