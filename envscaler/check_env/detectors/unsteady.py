"""Does a query answer the same question in the same state differently?"""

import ast
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.listings import answer_in
from envscaler.check_env.explorer import Explorer
from envscaler.environment.code.set_order import picks_from_set
from envscaler.environment.code.syntax import parse
from envscaler.environment.state.encoding import canonical
from envscaler.inputs.session import CallRecord
from envscaler.records import Clock, FindingCall, FindingKind

_TIMES = 6
_ASKED = 12
"""Ways in which a query of a class that draws lots is asked."""
_DRAWS = frozenset(("random", "secrets", "uuid", "hash", "id"))
"""Modules and functions that draw, or tell what differs from process to process."""
_STANDING = Clock(step=0)
_CLOCKS = re.compile(
    r"^(now|today|clock|(current|simulated)_(time|date|day|datetime)|date|day|time)$"
)
_BY_CHANCE = frozenset(("random", "roll", "shuffle", "toss", "dice", "lottery", "token"))


async def unsteady_answers(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that queries draw lots, or look at the machine's clock where the state has its own."""
    ways = _ASKED if may_draw(explorer.stage.subject.skeleton.source) else 1
    for tool in explorer.stage.subject.tools:
        if explorer.ledger.changing.get(tool) or _BY_CHANCE & set(tool.split("_")):
            continue
        asked = explorer.ledger.answers(tool)
        for seen in asked[:ways]:
            claim = await _by_chance(explorer, seen) or await _by_clock(explorer, seen)
            if claim is not None:
                yield claim
                break
        else:
            for claim in _by_set(explorer, tool):
                yield claim


def may_draw(source: str) -> bool:
    """Say whether code, not what is written about it, names something that draws."""
    return any(not _DRAWS.isdisjoint(_named(node)) for node in ast.walk(parse(source)))


def _named(node: ast.AST) -> Sequence[str]:
    """Return the names that an import or an expression begins with."""
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.ImportFrom(module=str(module)):
            return module.split(".")
        case ast.Import(names=names):
            return [part for one in names for part in one.name.split(".")]
        case _:
            return ()


def _by_set(explorer: Explorer, tool: str) -> Iterator[CandidateFinding]:
    """Claim that the answer is whichever text of a set comes first."""
    picks = picks_from_set(explorer.stage.subject.methods[tool])
    for seen in explorer.ledger.idle.get(tool, ()):
        answer = answer_in(seen.value)
        told = [answer, *(answer.values() if isinstance(answer, dict) else ())]
        if picks and seen.succeeded and any(isinstance(one, str) for one in told):
            said = "It picks whichever text of a set comes first, which differs between processes"
            yield CandidateFinding(
                FindingKind.HIDDEN_STATE, said, seen.start, seen.sequence, _answers
            )
            return


async def _answers(replay: Sequence[CallRecord]) -> bool:
    return replay[-1].succeeded


async def _by_chance(explorer: Explorer, seen: CallRecord) -> CandidateFinding | None:
    calls = [seen.call] * _TIMES
    replay = await explorer.stage.replay(seen.start, calls, _STANDING)
    if not _differ(replay):
        return None
    kind = FindingKind.HIDDEN_STATE
    said = "The same call in the same state and at the same time answers differently"
    return CandidateFinding(kind, said, seen.start, tuple(calls), _differs, _STANDING)


async def _differs(replay: Sequence[CallRecord]) -> bool:
    return _differ(replay)


def _differ(replay: Sequence[CallRecord]) -> bool:
    same = all(one.returned and not one.changed for one in replay)
    return same and len({canonical(one.value) for one in replay}) > 1


async def _by_clock(explorer: Explorer, seen: CallRecord) -> CandidateFinding | None:
    """Ask years later, where the state says what time it is."""
    own = [name for name in seen.before if _CLOCKS.match(name)]
    if not own:
        return None
    first = (await explorer.stage.replay(seen.start, [seen.call], _STANDING))[0]
    for days in (-4000, 4000):
        clock = Clock(start=_STANDING.start + timedelta(days=days), step=0)

        async def shows(replay: Sequence[CallRecord]) -> bool:
            return replay[-1].returned and canonical(replay[-1].value) != canonical(first.value)

        calls: tuple[FindingCall, ...] = (seen.call,)
        replay = await explorer.stage.replay(seen.start, calls, clock)
        if first.returned and await shows(replay):
            said = f"The answer depends on the machine's clock, though the state has {own[0]!r}"
            return CandidateFinding(FindingKind.HIDDEN_STATE, said, seen.start, calls, shows, clock)
    return None
