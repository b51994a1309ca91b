"""Queries that list more rows than they were asked for.

The answer has to follow the argument, one row more for each, so a parameter that means something
else, or a query that lists ties too, is no case of it.
"""

from collections.abc import AsyncIterator, Sequence

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.wrong_answers import answer_of
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import items_of
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind

_LIMITS = frozenset(("limit", "count", "top", "top_n", "top_k", "n", "k", "max_results"))
_ASKED = (1, 2)


async def too_many_rows(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a query lists more rows than its limit, by the same number for each limit."""
    for tool, schema in explorer.stage.subject.tools.items():
        asked = explorer.ledger.answers(tool)
        for name, shape in properties_of(schema).items():
            if asked and name in _LIMITS and shape.get("type") == "integer":
                claim = await _asked_again(explorer, asked[0], name)
                if claim is not None:
                    yield claim


async def _asked_again(explorer: Explorer, base: CallRecord, name: str) -> CandidateFinding | None:
    calls = tuple(
        FindingCall(tool=base.call.tool, arguments={**base.call.arguments, name: limit})
        for limit in _ASKED
    )

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return exceeds(replay[-len(_ASKED) :])

    replay = await explorer.stage.replay(base.start, calls)
    if not exceeds(replay):
        return None
    lengths = " and ".join(str(rows_of(one)) for one in replay)
    said = f"Asked for 1 and 2 by {name}, it lists {lengths} rows"
    return CandidateFinding(FindingKind.WRONG_ANSWER, said, base.start, calls, shows)


def exceeds(replay: Sequence[CallRecord]) -> bool:
    """Say whether answers follow their limit, and are each longer than it."""
    if len(replay) != len(_ASKED) or not all(one.succeeded for one in replay):
        return False
    excess = {rows_of(one) - limit for one, limit in zip(replay, _ASKED, strict=True)}
    return len(excess) == 1 and min(excess) > 0


def rows_of(seen: CallRecord) -> int:
    """Count the rows of an answer that is a list; 0 for any other."""
    return len(items_of(answer_of(seen)) or ())
