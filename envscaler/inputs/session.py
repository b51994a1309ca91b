"""Watched calls on a live environment, each with the state before and after."""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from envscaler.environment.schema.validate import as_passed
from envscaler.environment.state.difference import diff
from envscaler.environment.state.plain_rows import as_given
from envscaler.environment.state.shared_parts import ByIdentity, with_shared_parts
from envscaler.errors import GuestError
from envscaler.inputs.subject import Subject
from envscaler.records import (
    Call,
    Clock,
    FindingCall,
    JsonObject,
    JsonValue,
    Observation,
    ObservationKind,
    trusted,
)
from envscaler.sandbox import LiveEnvironment, Look, ProbeResult, Sandbox, Snapshot, Start

SEED = 7
AT_ONCE = 32
"""Calls in one round trip."""
MOST_TIMEOUTS = 3
"""Calls of one tool that may run into a limit in one examination."""
_GIVEN_UP = ProbeResult(
    Observation(kind=ObservationKind.REFUSED, value={"error": "not called again"})
)
LATE = frozenset((ObservationKind.TIMEOUT, ObservationKind.MEMORY, ObservationKind.KILLED))


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One watched call."""

    start: int
    """Index of the state that its sequence began in."""
    history: tuple[FindingCall, ...]
    """The calls before it."""
    call: FindingCall
    before: JsonObject
    after: JsonObject
    result: ProbeResult
    refused: bool = False
    """The class said no, in whatever way it does."""

    @property
    def value(self) -> JsonValue:
        return self.result.observation.value

    @property
    def returned(self) -> bool:
        return self.result.observation.kind is ObservationKind.OK

    @property
    def invalid(self) -> bool:
        """It did not fit the schema, so nothing ran."""
        return self.result.observation.kind is ObservationKind.REFUSED

    @property
    def succeeded(self) -> bool:
        """It returned, and did not refuse."""
        return self.returned and not self.refused

    @property
    def changed(self) -> bool:
        return self.result.state is not None

    @property
    def changed_paths(self) -> list[str]:
        """Where the state is another one now."""
        found = diff(self.before, self.after)
        return [*found.added, *found.removed, *found.changed]

    @property
    def sequence(self) -> tuple[FindingCall, ...]:
        return (*self.history, self.call)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a session can go back to."""

    snapshot: Snapshot
    state: JsonObject
    history: tuple[FindingCall, ...]


class Session:
    """A live environment, its present state, and the calls since its start. Made by `begin`."""

    def __init__(
        self,
        live: LiveEnvironment,
        subject: Subject,
        start: int,
        state: JsonObject,
        late: "Counter[str] | None" = None,
        watchers: "Sequence[Callable[[CallRecord], None]]" = (),
    ) -> None:
        self._live = live
        self._late = Counter[str]() if late is None else late
        self._convention = subject.convention
        self._tools = subject.tools
        self._start = start
        self._watchers = watchers
        self.state = state
        self.history: tuple[FindingCall, ...] = ()

    async def make(
        self,
        tool: str,
        arguments: JsonObject,
        *,
        look: Look = "state",
        back: "Point | None" = None,
    ) -> CallRecord:
        """Make a call and remember it.

        Args:
            tool: The tool.
            arguments: Its arguments.
            look: What is told of the call. Only one that goes back can be but timed: what state it
                left is not known.
            back: Where to go back to afterwards.

        Raises:
            SandboxError: The machinery failed.
        """
        call = self._call(tool, arguments)
        if self._late[tool] >= MOST_TIMEOUTS:
            seen = CallRecord(self._start, self.history, call, self.state, self.state, _GIVEN_UP)
            if back is not None:
                await self.back(back)
            return seen
        there = None if back is None else back.snapshot
        told = await self._live.probe(tool, arguments, look=look, back=there)
        return self._noted(call, told, back)

    async def make_each(
        self,
        calls: Sequence[tuple[str, JsonObject]],
        *,
        look: Look = "state",
        back: "Point | None" = None,
    ) -> list[CallRecord]:
        """Make calls one after the other, as `make` does, in few round trips.

        Args:
            calls: Tool and arguments of each.
            look: As of `make`.
            back: Where to go back to behind each.

        Raises:
            SandboxError: The machinery failed.
        """
        there = None if back is None else back.snapshot
        made: list[CallRecord] = []
        while len(made) < len(calls):
            left = calls[len(made) : len(made) + AT_ONCE]
            told: list[ProbeResult] = []
            if all(self._late[tool] < MOST_TIMEOUTS for tool, _ in left):
                some = [trusted(Call, name=tool, arguments=given) for tool, given in left]
                told = await self._live.probe_each(some, look=look, back=there)
            for (tool, given), one in zip(left, told, strict=False):
                made.append(self._noted(self._call(tool, given), one, back))
            if not told:  # one by one it is seen which of them ends the worker
                made += [await self.make(*one, look=look, back=back) for one in left]
        return made

    def _call(self, tool: str, arguments: JsonObject) -> FindingCall:
        """Name a call by what reaches the tool."""
        known = self._tools.get(tool)
        given = arguments if known is None else as_passed(known, arguments)
        return trusted(FindingCall, tool=tool, arguments=given)

    def _noted(self, call: FindingCall, told: ProbeResult, back: "Point | None") -> CallRecord:
        """Remember what came of a call."""
        result = self._read(told)
        self._late[call.tool] += result.observation.kind in LATE
        after = self.state if result.state is None else with_shared_parts(result.state)
        refused = self._convention.refuses_by(result.observation)
        seen = CallRecord(self._start, self.history, call, self.state, after, result, refused)
        if back is not None:
            self.state, self.history = back.state, back.history
            return seen
        if result.observation.kind is not ObservationKind.REFUSED:
            self.history = (*self.history, call)
        self.state = after
        for watch in self._watchers:
            watch(seen)
        return seen

    def _read(self, result: ProbeResult) -> ProbeResult:
        """Take the result out of its text, in a class that writes JSON into one."""
        seen = result.observation
        value = self._convention.read(seen.value)
        if value is seen.value:
            return result
        return replace(result, observation=seen.model_copy(update={"value": value}))

    async def point(self) -> Point:
        """Remember where it is."""
        return Point(await self._live.snapshot(), self.state, self.history)

    async def back(self, point: Point) -> None:
        """Go back to a point of this session."""
        await self._live.restore(point.snapshot)
        self.state, self.history = point.state, point.history

    async def close(self) -> None:
        """Give up the environment."""
        await self._live.close()


@dataclass(frozen=True, slots=True)
class Stage:
    """Where sessions are held: the environment, the sandbox, and the states to begin in."""

    subject: Subject
    sandbox: Sandbox
    initial_states: list[JsonObject]
    """Grows when an experiment needs a state of its own."""
    clock: Clock
    invented: bool
    """The states are no one's but ours, apart from the class's own."""
    guessed: bool = False
    """And what records look like was guessed, so a call may fail because of us."""
    late: Counter[str] = field(default_factory=Counter[str])
    """Tool → calls that ran into a limit; after a few it is not called any more."""
    watchers: list[Callable[[CallRecord], None]] = field(
        default_factory=list[Callable[[CallRecord], None]]
    )
    """Told of every call that is made from now on."""
    plain: bool = False
    """States are given as plain rows, of which the class makes objects itself."""

    begun: ByIdentity[JsonObject] = field(default_factory=lambda: ByIdentity[JsonObject](64))
    """State to begin in → what it is then."""

    def is_guess(self, start: int) -> bool:
        """Say whether a state may be one that the class was never meant to have."""
        return self.guessed and bool(self.initial_states[start])

    def add(self, state: JsonObject) -> int:
        """Keep a state as one to begin in, and return its number."""
        self.initial_states.append(state)
        return len(self.initial_states) - 1

    @contextmanager
    def holding(self, *states: JsonObject) -> Generator[int]:
        """Have states to begin in for a while; yields the number of the first."""
        place = len(self.initial_states)
        self.initial_states.extend(states)
        try:
            yield place
        finally:
            del self.initial_states[place : place + len(states)]

    def given_of(self, start: int, state: JsonObject) -> JsonObject:
        """Return of a later state what the state of a number gives, or all where it gives none."""
        return {name: state[name] for name in self.initial_states[start] if name in state} or state

    def with_parts(self, start: int, loaded: JsonObject, parts: JsonObject) -> JsonObject:
        """Return a state to begin in with other values of some attributes.

        What a loading method has made other things of than it was given is handed over whole, as it
        was then: rows and objects do not mix.

        Args:
            start: The number of the state.
            loaded: It, as an environment that began in it has it.
            parts: Attribute → value, as in `loaded`.
        """
        given = self.initial_states[start]
        as_given = all(given.get(name) == loaded.get(name) for name in parts)
        return {**(given if as_given else loaded), **parts}

    async def begin(
        self, start: int, clock: Clock | None = None, *, also_late: bool = False
    ) -> Session:
        """Open the environment in one of the states.

        Args:
            start: Which of them.
            clock: Instead of the usual one.
            also_late: Call also what ran into limits before.

        Raises:
            GuestError: It does not start in this state.
            SandboxError: The machinery failed.
        """
        given = self.initial_states[start]
        live = await self.sandbox.open(
            self.subject.skeleton,
            trusted(
                Start,
                initial_state=as_given(given, self.initial_states[0]) if self.plain else given,
                clock=clock or self.clock,
                seed=SEED,
            ),
            isolation="shared",
        )
        late = None if also_late else self.late
        state = with_shared_parts(await live.state())
        if clock is None:
            self.begun.of(given, lambda: state)
        return Session(live, self.subject, start, state, late, self.watchers)

    async def beginning(self, start: int) -> JsonObject:
        """Return the state in which the environment is before the first call.

        Raises:
            GuestError: It does not start in this state.
            SandboxError: The machinery failed.
        """
        known = self.begun.known(self.initial_states[start])
        if known is not None:
            return known
        session = await self.begin(start)
        await session.close()
        return session.state

    async def replay(
        self,
        start: int,
        calls: Sequence[FindingCall],
        clock: Clock | None = None,
        *,
        look: Look = "state",
    ) -> list[CallRecord]:
        """Make calls in a new environment."""
        session = await self.begin(start, clock, also_late=True)
        try:
            return await session.make_each([(one.tool, one.arguments) for one in calls], look=look)
        finally:
            await session.close()

    async def repeat(self, state: JsonObject, call: FindingCall) -> CallRecord | None:
        """Make a call in a state that is held for it alone; None when nothing starts there.

        Its `start` is the number that `add` gives the state, as long as no other is added before.
        """
        with self.holding(state) as start:
            try:
                [seen] = await self.replay(start, [call])
            except GuestError:
                return None
        return seen
