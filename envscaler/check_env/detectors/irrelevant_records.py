"""Answers that depend on records which, by their description, do not count.

A query that adds up the sold tickets has to answer the same when those that are not sold are taken
out of the state.
"""

from collections.abc import AsyncIterator, Sequence

from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.detectors.listings import answer_in, records_of
from envscaler.check_env.detectors.meant_records import Meant, meant_records, unexpired
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.encoding import canonical
from envscaler.environment.state.reduced import reduced
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingCall, FindingKind

_MOST_ASKED = 10
_SHOWN = 60


async def irrelevant_records(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that queries count what they say does not count."""
    states = [one.before for kept in explorer.ledger.idle.values() for one in kept[:3]]
    for name, tool in explorer.stage.subject.tools.items():
        asked = explorer.ledger.answers(name)
        if not asked or explorer.ledger.changing.get(name):
            continue
        said = tool.description
        dated = unexpired(said, asked[0].before)
        every = (*meant_records(said, states), *dated)
        claim = await first_claim(_depending(explorer, asked, meant) for meant in every)
        if claim is not None:
            yield claim


async def _depending(
    explorer: Explorer, asked: Sequence[CallRecord], meant: Meant
) -> CandidateFinding | None:
    tried = 0
    for seen in asked:
        if _words_left_out(seen, meant) and seen.value and tried < _MOST_ASKED:
            tried += 1
            without = await without_records(explorer, seen.start, seen.call, meant)
            if without is not None and canonical(without.value) != canonical(seen.value):
                return _claim(explorer, seen, without, meant)
    return None


def _words_left_out(seen: CallRecord, meant: Meant) -> list[str]:
    """Name what the records hold that do not count."""
    records = records_of(seen.before).get(meant.path, {}).values()
    return sorted({str(one.get(meant.field)) for one in records if not meant.includes(one)})


async def without_records(
    explorer: Explorer, start: int, call: FindingCall, meant: Meant
) -> CallRecord | None:
    """Ask in the state without the records that do not count; None when that fails."""
    stage = explorer.stage
    state = await stage.beginning(start)
    whole = stage.with_parts(start, state, {meant.path: state[meant.path]})
    less = reduced(whole, meant.path, lambda _, record: meant.includes(record))
    seen = await stage.repeat(less, call)
    return seen if seen is not None and seen.succeeded and not seen.changed else None


def _claim(
    explorer: Explorer, seen: CallRecord, without: CallRecord, meant: Meant
) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = replay[-1]
        again = await without_records(explorer, last.start, last.call, meant)
        return (
            last.succeeded and again is not None and canonical(again.value) != canonical(last.value)
        )

    others = " or ".join(map(repr, _words_left_out(seen, meant)))
    told, right = (str(answer_in(one.value))[:_SHOWN] for one in (seen, without))
    said = (
        f"Its description says {meant.phrase!r}, but the answer depends on records of {meant.path} "
        f"whose {meant.field} is {others}: with them it is {told}, without them {right}"
    )
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, (seen.call,), shows, severity="possible")
