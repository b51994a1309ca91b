"""Proposed sequences of calls, made and looked at closely, and what lies around them.

The state that a sequence ends in is one that chance seldom reaches, so other calls are made from
there too, with arguments that were proposed for it elsewhere. So is the last call of each
sequence again, with a number beside its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer
from envscaler.check_env.probes.probe import Probe, about_of, discarded
from envscaler.check_env.probes.references import filled, missing_in
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord, Session
from envscaler.records import Discarded, FindingCall, JsonObject

_MOST_CALLS = 4_000
"""Of one examination, those around the proposed ones included."""
_MOST_ENDS = 40
"""States that sequences end in from which other calls are made."""
_ONWARD = 3
"""Proposed calls of one tool from each of these."""


@dataclass
class Probing:
    """What proposed calls have shown."""

    made: list[CallRecord] = field(default_factory=list[CallRecord])
    """The proposed calls."""
    runs: list[Sequence[CallRecord]] = field(default_factory=list[Sequence[CallRecord]])
    """The same, those of each probe."""
    around: list[CallRecord] = field(default_factory=list[CallRecord])
    """Others, which begin where these have led or are like them."""
    discarded: list[Discarded] = field(default_factory=list[Discarded])
    """What was not made."""
    _ends: set[str] = field(default_factory=set[str])

    def is_new_end(self, state: JsonObject) -> bool:
        """Say whether a state is one to go on from, and remember it."""
        known = len(self._ends)
        self._ends.add(str(state))
        return len(self._ends) > known

    def onward(self, tool: str, start: int) -> list[JsonObject]:
        """Return arguments that were proposed for a tool, others for each state in turn."""
        same = (one for one in self.made if one.call.tool == tool and one.start == start)
        distinct = [*{str(one.call.arguments): one.call.arguments for one in same}.values()]
        first = len(self._ends) * _ONWARD % max(len(distinct), 1)
        return [*distinct[first:], *distinct[:first]][:_ONWARD]

    @property
    def is_spent(self) -> bool:
        return len(self.made) + len(self.around) >= _MOST_CALLS


async def run_probes(explorer: Explorer, probes: Sequence[Probe]) -> Probing:
    """Make the calls of probes, and others around them; the explorer notes and judges them all.

    Raises:
        SandboxError: The machinery failed.
    """
    probing = Probing()
    probing.runs = [await _run(explorer, probe, probing) for probe in probes]
    apart = -(-len(probing.runs) // _MOST_ENDS)
    for place, calls in enumerate(probing.runs):
        if calls and not probing.is_spent:
            await _look_around(explorer, calls, probing, onward=place % apart == 0)
    return probing


async def _run(explorer: Explorer, probe: Probe, probing: Probing) -> Sequence[CallRecord]:
    """Make the calls of a probe; what cannot be made is told."""
    made: list[CallRecord] = []
    problem = "" if not probing.is_spent else f"{_MOST_CALLS} calls were made before it"
    try:
        problem = problem or await _steps(explorer, probe, made)
    except GuestError as error:
        problem = str(error)
    if problem:
        about = about_of(probe.model_dump(mode="json"))
        probing.discarded.append(discarded(about, f"Not made from call {len(made)} on: {problem}"))
    probing.made += made
    return made


async def _steps(explorer: Explorer, probe: Probe, made: list[CallRecord]) -> str:
    """Make the calls of a probe, as far as what they refer to is there; say what is missing."""
    session = await explorer.stage.begin(probe.state)
    try:
        results: list[JsonValue] = []
        for call in probe.calls:
            if missing := missing_in(call.arguments, results):
                return missing
            arguments = filled(call.arguments, results)
            seen = [await explorer.make(session, call.tool, arguments) for _ in range(call.times)]
            made += seen
            results.append(seen[-1].value)
    finally:
        await session.close()
    return ""


async def _look_around(
    explorer: Explorer, calls: Sequence[CallRecord], probing: Probing, *, onward: bool
) -> None:
    """Make the last call of a probe with other numbers, and other calls behind it."""
    try:
        session = await explorer.stage.begin(calls[0].start)
    except GuestError:
        return
    try:
        for seen in calls[:-1]:
            await session.make(seen.call.tool, seen.call.arguments)
        last = calls[-1].call
        await _make_each(explorer, session, _beside(last), probing)
        await session.make(last.tool, last.arguments)
        if onward and probing.is_new_end(session.state):
            await _make_each(explorer, session, _onward(explorer, calls[0].start, probing), probing)
    except GuestError:
        return
    finally:
        await session.close()


async def _make_each(
    explorer: Explorer, session: Session, calls: Iterable[FindingCall], probing: Probing
) -> None:
    """Make calls, each from where the session is now."""
    point = await session.point()
    for call in calls:
        seen = await explorer.make(session, call.tool, call.arguments, back=point)
        probing.around.append(seen)


def _beside(call: FindingCall) -> Iterator[FindingCall]:
    """Yield a call with each of its whole numbers one less and one more."""
    for name, value in call.arguments.items():
        if isinstance(value, int) and not isinstance(value, bool):
            for other in (value - 1, value + 1):
                yield FindingCall(tool=call.tool, arguments={**call.arguments, name: other})


def _onward(explorer: Explorer, start: int, probing: Probing) -> Iterator[FindingCall]:
    """Yield calls of all tools: proposed ones, and one that succeeded in the same initial state."""
    for tool in explorer.stage.subject.tools:
        worked = (one for one in explorer.ledger.successes(tool) if one.start == start)
        found = [*probing.onward(tool, start), *(one.call.arguments for one in islice(worked, 1))]
        for arguments in found:
            yield FindingCall(tool=tool, arguments=arguments)
