"""Conflicts that are seen when one thing comes first, and not when the other does.

Two calls of one tool, each of which succeeds alone, either both succeed or not; which comes first
does not matter. Where it does, a check compares in one direction only: the new hours with the ends
of the old ones, a large aircraft with its neighbours but not its neighbours with it.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import combinations

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.inputs.session import CallRecord, Session
from envscaler.records import FindingCall, FindingKind

_MOST_PAIRS = 60
_MOST_CALLS = 16
_CONFLICT = re.compile(
    r"\b(overlap\w*|at the same time|at one time|at once|apart|neighbou?r\w*|next to|beside|"
    r"adjacent|between|clash\w*|conflict\w*|collid\w*|meet|free (?:then|at)|double[- ]book\w*|"
    r"no two|never two|nobody .* twice|no matter which|planned first)\b",
    re.IGNORECASE,
)


async def one_sided(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a conflict of two calls is refused in one order and taken in the other."""
    stated = [one for one in explorer.stage.subject.sentences if _CONFLICT.search(one)]
    if not stated:
        return
    for tool, seen in explorer.ledger.changing.items():
        claim = await _in_both_orders(explorer, [one for one in seen if not one.history])
        if claim is not None:
            yield claim


async def _in_both_orders(
    explorer: Explorer, seen: Sequence[CallRecord]
) -> CandidateFinding | None:
    for start in dict.fromkeys(one.start for one in seen):
        calls = [*dict.fromkeys(one.call.model_dump_json() for one in seen if one.start == start)]
        own = [FindingCall.model_validate_json(one) for one in calls[:_MOST_CALLS]]
        session = await explorer.stage.begin(start)
        try:
            found = await _odd_pair(session, [*_pairs(own)][:_MOST_PAIRS])
        finally:
            await session.close()
        if found is not None:
            return _claim(start, found)
    return None


Pair = tuple[FindingCall, FindingCall]


def _pairs(calls: Sequence[FindingCall]) -> Iterator[Pair]:
    """Yield pairs of calls that are about two things, one of which they share."""
    for one, two in combinations(calls, 2):
        same = [name for name in one.arguments if one.arguments[name] == two.arguments.get(name)]
        if same and len(same) < len(one.arguments):
            yield one, two


async def _odd_pair(session: Session, pairs: Sequence[Pair]) -> Pair | None:
    """Return a pair that is taken in this order, and refused in the other."""
    point = await session.point()
    for one, two in pairs:
        both: list[bool] = []
        for first, second in ((one, two), (two, one)):
            made = [await session.make(call.tool, call.arguments) for call in (first, second)]
            both.append(made[0].changed and made[0].succeeded and made[1].succeeded)
            await session.back(point)
        if both[0] != both[1]:
            return (one, two) if both[0] else (two, one)
    return None


def _claim(start: int, pair: Pair) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return len(replay) > 1 and all(one.succeeded and one.changed for one in replay[-2:])

    said = "two calls are both taken in this order; in the other the second is refused"
    return CandidateFinding(FindingKind.BROKEN_INVARIANT, said, start, pair, shows)
