"""Predicates that an oracle writes: sorted, held against calls, and ruled on where broken.

A function that was written from a description may be wrong itself. So a call that breaks one is no
finding yet: it is made anew, shortened, and shown to the oracle with the function. What the oracle
calls a fault is serious. Where it mends its function, the calls are judged once more, and what it
has not ruled on after the last round is only possible.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal

from envscaler.check_env.confirm import CandidateFinding, confirm
from envscaler.check_env.detectors.broken_invariants import (
    NOTHING_BREAKS_IT,
    judged_calls,
    sort_invariants,
    wrong_outcomes,
)
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.judged_steps import StepUnderRule, step_of, unbroken
from envscaler.check_env.predicates.broken import Broken, broken_in, is_broken
from envscaler.check_env.predicates.call_pool import CallPool, pool_of
from envscaler.check_env.predicates.merge import merged
from envscaler.check_env.predicates.oracle import (
    Case,
    Counterexample,
    Material,
    Oracle,
    Ruling,
)
from envscaler.check_env.predicates.predicate import Predicate, told
from envscaler.check_env.probes.given_again import given_again
from envscaler.check_env.probes.probe import Probe
from envscaler.check_env.probes.run import Probing, run_probes
from envscaler.inputs.session import CallRecord, Stage
from envscaler.records import (
    Discarded,
    FindingCall,
    FindingKind,
    Invariant,
    JsonObject,
)

ROUNDS = 2
"""Times that an oracle rules on one predicate."""
_MOST_EXAMPLES = 4
_MOST_RESULTS = 8
_MOST_CHARS = 240
_TRIED = 2
"""Calls of a tool whose outcome is made wrong."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A confirmed example of what breaks a predicate, ready to be claimed."""

    broken: Broken
    calls: tuple[FindingCall, ...]
    example: Counterexample

    @property
    def never_succeeded(self) -> bool:
        """It is a refusal, and so was every call of its tool."""
        return self.example.seen.refused and not self.broken.succeeds


@dataclass
class PredicateJudge:
    """Has predicates written, and holds them against the calls of an examination."""

    oracle: Oracle
    predicates: list[Predicate] = field(default_factory=list[Predicate])
    """Those that tell something."""
    discarded: list[Discarded] = field(default_factory=list[Discarded])
    probing: Probing = field(default_factory=Probing)
    """The calls that were proposed."""
    _probes: Sequence[Probe] = ()
    _silent: list[Predicate] = field(default_factory=list[Predicate])

    @property
    def invariants(self) -> tuple[Invariant, ...]:
        return tuple(one.invariant for one in self.predicates)

    def watch(self, explorer: Explorer) -> CallPool:
        """Have all calls that are made from now on kept for the predicates."""
        pool = pool_of(explorer)
        pool.take(self.probing.made, self.probing.around)
        explorer.stage.watchers.append(pool.watch)
        return pool

    async def write(self, explorer: Explorer, lawful: Sequence[JsonObject]) -> None:
        """Have predicates written, and leave out rules that tell nothing.

        Raises:
            SandboxError: The machinery failed.
        """
        subject = explorer.stage.subject
        results = {
            tool: tuple(one.value for one in explorer.ledger.successes(tool)[:_MOST_RESULTS])
            for tool in subject.tools
        }
        written = await self.oracle.write(Material(subject, tuple(lawful), results))
        self.discarded += written.discarded
        self._probes = written.probes
        rules = [one for one in written.predicates if not one.tool]
        invariants = [one.invariant for one in rules]
        made = judged_calls(explorer)
        stage = explorer.stage
        found = await sort_invariants(invariants, lawful, stage.sandbox, subject.hints, made)
        self.discarded += found.discarded
        self.predicates += [one for one in rules if one.invariant in found.telling]
        for predicate in written.predicates:
            if predicate.tool:
                await self._sort(explorer, predicate)

    async def probe(self, explorer: Explorer) -> None:
        """Make the calls that the oracle proposes; the explorer judges each by itself, too.

        Raises:
            SandboxError: The machinery failed.
        """
        self.probing = await run_probes(explorer, self._probes)
        self.discarded += self.probing.discarded

    async def _sort(self, explorer: Explorer, predicate: Predicate) -> None:
        """Note what no outcome of its tool breaks, or would break."""
        made = explorer.ledger.successes(predicate.tool)
        seen = sorted(made, key=lambda one: len(str(one.value)), reverse=True)[:_TRIED]
        broken = [await is_broken(explorer.stage, predicate, one) for one in seen]
        left = [] if any(broken) or not seen else [predicate.invariant]
        for one in seen:
            wrong = chain(_exchanged(one, made), wrong_outcomes(one, explorer.stage.subject.hints))
            left = await unbroken(left, wrong, explorer.stage.sandbox)
        self.predicates.append(predicate)
        self._silent += [predicate] if left else []

    def _leave_out(self, broken: Sequence[Broken]) -> None:
        """Leave out what neither a wrong outcome nor any call that was made has broken."""
        telling = {id(one.predicate) for one in broken}
        silent = [one for one in self._silent if id(one) not in telling]
        self.predicates = [one for one in self.predicates if one not in silent]
        self.discarded += [Discarded(rule=one.about, reason=NOTHING_BREAKS_IT) for one in silent]

    async def claims(self, pool: CallPool) -> AsyncIterator[CandidateFinding]:
        """Claim what the oracle says is wrong, and ids that proposed calls have given again.

        Raises:
            SandboxError: The machinery failed.
        """
        for claim in given_again(pool.stage.subject, self.probing.runs):
            yield claim
        broken = await self._broken(pool, self.predicates)
        self._leave_out(broken)
        for _ in range(ROUNDS):
            broken, claims = await self._round(pool, broken)
            for claim in merged(claims):
                yield claim
        left = [one for part in await _shown(pool.stage, broken) for one in part]
        possible = [_claim(pool.stage, one, one.broken.predicate, "possible") for one in left]
        for claim in merged(possible):
            yield claim

    async def _round(
        self, pool: CallPool, broken: Sequence[Broken]
    ) -> tuple[list[Broken], list[CandidateFinding]]:
        """Have what is broken ruled on; what is broken still, and what was ruled to be a fault."""
        shown = await _shown(pool.stage, broken)
        cases = [_case(pool, part) for part in shown]
        rulings = await self.oracle.rule(pool.stage.subject, cases) if cases else []
        still, claims = list[Broken](), list[CandidateFinding]()
        for part, ruling in zip(shown, rulings, strict=True):
            predicate = self._mended(part[0].broken.predicate, ruling)
            claims += await _ruled(pool.stage, predicate, part, ruling)
            still += await self._still_broken(pool, part, ruling)
        return still, claims

    async def _broken(self, pool: CallPool, predicates: Sequence[Predicate]) -> list[Broken]:
        return await broken_in(pool, predicates, self._lawful, pool.stage.subject.tools)

    async def _still_broken(
        self, pool: CallPool, part: Sequence[_Shown], ruling: Ruling
    ) -> list[Broken]:
        """Return what breaks a function that was mended, but for what was ruled to be a fault."""
        if ruling.mended is None:
            return []
        known = {one.broken.key for place, one in enumerate(part) if place in ruling.faults}
        again = await self._broken(pool, [ruling.mended])
        return [one for one in again if one.key not in known]

    @property
    def _lawful(self) -> list[Predicate]:
        return [one for one in self.predicates if one.kind == "state"]

    def _mended(self, predicate: Predicate, ruling: Ruling) -> Predicate:
        """Put a function that was mended in the place of the old one."""
        if ruling.mended is None:
            return predicate
        mended = ruling.mended
        self.predicates = [mended if one is predicate else one for one in self.predicates]
        return mended


def _exchanged(seen: CallRecord, others: Sequence[CallRecord]) -> Iterator[StepUnderRule]:
    """Yield a call with what came of other calls of its tool."""
    right = step_of(seen)
    for other in others:
        yield replace(right, call={**right.call, "result": other.value})
        yield replace(right, after=other.after)


async def _shown(stage: Stage, broken: Sequence[Broken]) -> list[list[_Shown]]:
    """Confirm what breaks predicates, and put together what is about one of them."""
    found: dict[int, list[_Shown]] = {}
    order = sorted(broken, key=lambda one: one.calls[0].rank)
    for one in order:
        part = found.setdefault(id(one.predicate), [])
        shown = await _confirmed(stage, one) if len(part) < _MOST_EXAMPLES else None
        if shown is not None:
            part.append(shown)
    return [part for part in found.values() if part]


async def _confirmed(stage: Stage, broken: Broken) -> _Shown | None:
    """Make the calls anew and shorten them; None when they do not show it again."""
    kept = broken.calls[0]
    last: list[CallRecord] = []

    async def shows(replay: Sequence[CallRecord]) -> bool:
        shown = await is_broken(stage, broken.predicate, replay[-1])
        last[:] = replay if shown else last
        return shown

    made = kept.made_state
    with stage.holding(made) if made is not None else nullcontext(kept.seen.start) as start:
        claim = CandidateFinding(
            FindingKind.BROKEN_INVARIANT, broken.said, start, kept.seen.sequence, shows
        )
        finding = await confirm(stage, claim)
    if finding is None:
        return None
    *earlier, seen = last
    # Of the calls that are left the function may say something else than of all of them.
    [said] = await told(broken.predicate, [step_of(seen)], stage.sandbox, stage.clock)
    example = Counterexample(said, seen, len(broken.calls), tuple(earlier))
    return _Shown(broken, finding.calls, example)


def _case(pool: CallPool, part: Sequence[_Shown]) -> Case:
    predicate = part[0].broken.predicate
    judged = len(pool.calls.get(predicate.tool or part[0].broken.tool, ()))
    return Case(predicate, tuple(one.example for one in part), judged)


async def _ruled(
    stage: Stage, predicate: Predicate, part: Sequence[_Shown], ruling: Ruling
) -> list[CandidateFinding]:
    """Claim what is a fault, by the mended function too; all is possible where nobody ruled."""
    if not ruling.settled:
        return [_claim(stage, one, predicate, "possible") for one in part]
    return [
        _claim(stage, one, predicate, "serious")
        for place, one in enumerate(part)
        if place in ruling.faults and await is_broken(stage, predicate, one.example.seen)
    ]


def _claim(
    stage: Stage, shown: _Shown, predicate: Predicate, severity: Literal["serious", "possible"]
) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return await is_broken(stage, predicate, replay[-1])

    said = f"{shown.example.said}. Stated: {' '.join(predicate.about.split())[:_MOST_CHARS]!r}"
    if severity == "possible":
        said = f"A function that a model wrote says: {said}"
    return CandidateFinding(
        _kind_of(stage, shown),
        said,
        shown.broken.calls[0].start_on(stage),
        shown.calls,
        shows,
        key=shown.broken.key,
        severity=severity,
        settled=severity == "serious",
    )


def _kind_of(stage: Stage, shown: _Shown) -> FindingKind:
    """Name what a function found: by what the call did where that is a fault in any class."""
    if shown.never_succeeded:
        return FindingKind.UNREACHABLE_SUCCESS
    tool, seen = shown.broken.tool, shown.example.seen
    kind = stage.subject.kinds[tool]
    if seen.changed_paths and seen.refused:
        return FindingKind.REFUSED_CALL_CHANGED_STATE
    if seen.changed_paths and kind == "query":
        return FindingKind.QUERY_CHANGES_STATE
    asks = kind == "query" or (kind == "unknown" and not stage.subject.writes(tool))
    return FindingKind.WRONG_ANSWER if asks and seen.succeeded else FindingKind.BROKEN_INVARIANT
