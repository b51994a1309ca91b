"""Calls of an instrumented class: which lines each reaches and what it compares."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import chain
from typing import NamedTuple, cast

from pydantic import JsonValue

from envscaler.environment.code.instrument import TAKE, Instrumented, instrument
from envscaler.inputs.subject import Subject
from envscaler.records import (
    Call,
    Clock,
    FindingCall,
    JsonObject,
    Observation,
    ObservationKind,
    Tool,
    trusted,
)
from envscaler.sandbox import LiveEnvironment, Sandbox, Snapshot, Start

_MOST_TURNS = 2
_TAKE = Call(name=TAKE, arguments={})
_TAKEN = frozenset((ObservationKind.OK, ObservationKind.EXCEPTION))
"""How a call ends after which it is asked what it did."""
SEED = 7
"""Of what is random in an environment under test."""


class Event(NamedTuple):
    """One comparison, look-up or check of a form; a tuple, as one call may make hundreds."""

    line: int
    operation: str
    left: JsonValue
    right: JsonValue

    @property
    def holds(self) -> bool:
        """Say whether both sides are equal, or one is in the other."""
        shown = self.right if isinstance(self.right, dict) else {}
        owner = shown.get("keys", shown.get("items"))
        if isinstance(owner, list):
            return any(type(one) is type(self.left) and one == self.left for one in owner)
        return type(self.left) is type(self.right) and self.left == self.right


Reached = tuple[int, str, int, bool]
"""Line, operation, how often it was made there before, and whether it held."""


@dataclass(frozen=True)
class Trace:
    """One call of an instrumented class."""

    arguments: JsonObject
    kind: ObservationKind
    value: JsonValue
    succeeded: bool
    events: tuple[Event, ...]
    lines: frozenset[int]

    @cached_property
    def reached(self) -> frozenset[Reached]:
        """Lines, and comparisons with how they ended: a condition may have several."""
        found: set[Reached] = {(line, "", 0, True) for line in self.lines}
        turns: Counter[tuple[int, str]] = Counter()
        for event in self.events:
            turn = turns[event.line, event.operation]
            turns[event.line, event.operation] += 1
            found.add((event.line, event.operation, min(turn, _MOST_TURNS), event.holds))
        return frozenset(found)


@cache
def _log_text() -> str:
    return files("envscaler.inputs").joinpath("comparison_log.py").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Traced:
    """An instrumented environment that can be opened in any state. Made by `traced`."""

    subject: Subject
    instrumented: Instrumented
    sandbox: Sandbox

    async def open(self, state: JsonObject, clock: Clock) -> "TraceSession":
        """Start it in a state.

        Raises:
            GuestError: It does not start there.
            SandboxError: The machinery failed.
        """
        skeleton = self.subject.skeleton
        taker = Tool(name=TAKE, description="", parameters={"type": "object", "properties": {}})
        row = skeleton.model_copy(
            update={"source": self.instrumented.source, "tools": (*skeleton.tools, taker)}
        )
        start = trusted(Start, initial_state=state, clock=clock, seed=SEED)
        live = await self.sandbox.open(row, start, isolation="shared")
        await live.call(TAKE, {})
        return TraceSession(self.subject, live, await live.snapshot())

    @property
    def lines(self) -> Mapping[str, frozenset[int]]:
        """Method → lines on which its statements begin."""
        return self.instrumented.lines


def traced(subject: Subject, sandbox: Sandbox) -> Traced:
    """Instrument an environment.

    Raises:
        ReplyError: Its source cannot be read.
    """
    skeleton = subject.skeleton
    return Traced(subject, instrument(skeleton.source, skeleton.class_name, _log_text()), sandbox)


class TraceSession:
    """Calls of an instrumented class that all begin in the same state."""

    def __init__(self, subject: Subject, live: LiveEnvironment, point: Snapshot) -> None:
        self._subject = subject
        self._live = live
        self._point = point

    async def run(self, tool: str, arguments: JsonObject) -> Trace:
        """Make a call, see what it did, and go back."""
        calls = (trusted(Call, name=tool, arguments=arguments), _TAKE)
        observation, *taken = await self._live.rehearse(calls, self._point)
        if not taken or observation.kind not in _TAKEN:
            return self._trace(arguments, observation, None)
        return self._trace(arguments, observation, taken[0].value)

    async def step(self, tool: str, arguments: JsonObject) -> Trace:
        """Make a call and stay where it leads."""
        observation = await self._live.call(tool, arguments)
        if observation.kind not in _TAKEN:
            return self._trace(arguments, observation, None)
        taken = await self._live.call(TAKE, {})
        return self._trace(arguments, observation, taken.value)

    async def lines(self, calls: Sequence[FindingCall]) -> frozenset[int]:
        """Return the lines that calls reach, made one after the other, and go back."""
        asked = [trusted(Call, name=one.tool, arguments=one.arguments) for one in calls]
        pairs = [*chain.from_iterable((one, _TAKE) for one in asked)]
        told = await self._live.rehearse(pairs, self._point)
        if len(told) == len(pairs):
            return frozenset(chain.from_iterable(_read(one.value)[1] for one in told[1::2]))
        # One by one it goes on behind a call that was stopped or refused.
        found = [await self.step(one.name, one.arguments) for one in asked]
        await self._live.restore(self._point)
        return frozenset(chain.from_iterable(trace.lines for trace in found))

    def _trace(self, arguments: JsonObject, observation: Observation, taken: JsonValue) -> Trace:
        """Put together what came of a call, and what was written down meanwhile."""
        events, lines = _read(taken)
        return Trace(
            arguments=arguments,
            kind=observation.kind,
            value=observation.value,
            succeeded=self._subject.convention.succeeded(observation),
            events=events,
            lines=lines,
        )

    async def state(self) -> JsonObject:
        """Return the present state."""
        return await self._live.state()

    async def close(self) -> None:
        """Give up the environment."""
        await self._live.close()


def _read(taken: JsonValue) -> tuple[tuple[Event, ...], frozenset[int]]:
    if not isinstance(taken, dict):
        return (), frozenset()
    events = cast("list[tuple[int, str, JsonValue, JsonValue]]", taken["events"])
    lines = cast("list[int]", taken["lines"])
    return tuple(Event(*one) for one in events), frozenset(lines)
