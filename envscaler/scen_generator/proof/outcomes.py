"""From solutions to the ends that are right: what they change, and what the task leaves open."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from pydantic import JsonValue

from envscaler.environment.state.encoding import canonical
from envscaler.errors import RejectedError
from envscaler.inputs.arguments import Caller
from envscaler.inputs.subject import Subject, read_subject
from envscaler.records import Call, Environment, JsonObject, ReferenceCall
from envscaler.sandbox import Sandbox, Start
from envscaler.sandbox.journal import StartLike
from envscaler.scen_generator.proof.changes import find_changes, made_up
from envscaler.scen_generator.proof.checked_state import as_checks_see, scalars_in
from envscaler.scen_generator.proof.left_open import (
    OpenValue,
    choices_in,
    names_in,
    open_values,
    replaced,
    said_by,
    with_others,
)
from envscaler.scen_generator.proof.spared import (
    Spared,
    covers,
    merged,
    opened,
    spared_by,
    spared_by_looking,
    stamped_beside,
    without_opened,
)
from envscaler.scen_generator.proof.state_checks import Outcome
from envscaler.scen_generator.solution_first.trace import Trace, run_calls

_LATER = (
    timedelta(days=1, hours=3, minutes=17, seconds=11),
    timedelta(hours=1, minutes=17, seconds=11),
    timedelta(seconds=11),
)
"""How much later the other run of a solution is: what differs then is left open. Where a deadline
passes meanwhile, the run is less late."""
_LOOKS = 2
"""Calls of each query by which it is seen what queries change."""


async def fresh_state(
    environment: Environment,
    start: StartLike,
    sandbox: Sandbox,
    loaded: JsonObject | None = None,
) -> JsonObject:
    """Return the state of the fresh object: what is given, and what the constructor holds.

    Args:
        environment: Where it starts.
        start: What is given.
        sandbox: Where it runs.
        loaded: The state that it has then, where somebody has looked.

    Raises:
        GuestError: The class refuses the initial state.
        RejectedError: The object, given all of its state, is another one.
    """
    loaded = loaded or await sandbox.fresh(environment, start)
    given = start.initial_state
    whole = {**given, **{name: item for name, item in loaded.items() if name not in given}}
    if whole.keys() == given.keys():
        return given
    for state in (whole, loaded):  # a loading method may take another form than attributes have
        again = Start(initial_state=state, clock=start.clock, seed=start.seed)
        if canonical(await sandbox.fresh(environment, again)) == canonical(loaded):
            return state
    raise RejectedError(
        "initial_state", "What the constructor holds is otherwise when it is given to it"
    )


@dataclass
class Outcomes:
    """Finds the right ends of one scenario.

    Args:
        environment: Where it plays.
        start: Its initial state is that of the fresh object.
        sandbox: Where solutions run.
        task: As the agent is told it; None when it is made from the solution, and so determines
            all of its arguments.
        free: What an author opened: keys from the outside in, such as `bookings.*.note`.
    """

    environment: Environment
    start: StartLike
    sandbox: Sandbox
    task: str | None = None
    free: Sequence[str] = ()
    left_open: list[str] = field(init=False, default_factory=list[str])
    """What was found to be open, each with the reason."""
    _noise: Spared | None = field(init=False, default=None)

    async def find(self, calls: Sequence[Call], executed: Trace) -> Outcome:
        """Return the end of a solution, with all that another right solution may have otherwise.

        Args:
            calls: The solution.
            executed: What it did, with the state after each call.

        Raises:
            GuestError: The class refuses the initial state.
            RejectedError: At another time the solution does something else.
        """
        before, after = as_checks_see(self.start.initial_state), as_checks_see(executed.state)
        held = {*scalars_in(before)}
        other, values = await self._other_run(calls, executed, held)
        noise = await self.noise()
        tree = merged(noise, opened(self.free, before, after))
        found = find_changes(
            before,
            after,
            as_checks_see(other.state),
            made_up(before, after, self._known(calls, executed, held, values)),
            {each.value: said_by(each, self.task or "") for each in values if each.value},
        )
        changes = tuple(
            without_opened(change, self.free) for change in found if not covers(tree, change)
        )
        self._tell(values)
        stamps = stamped_beside(changes, before)
        return Outcome(changes, merged(merged(spared_by(changes), tree), stamps))

    def _known(
        self,
        calls: Sequence[Call],
        executed: Trace,
        held: Set[object],
        values: Sequence[OpenValue],
    ) -> Set[object]:
        """Return the values that no tool made up and that the solution was not free to choose."""
        given = {each for call in calls for each in scalars_in(call.arguments)}
        made = _made_by_tools(calls, executed.states, held)
        chosen = {each.value for each in values if each.value}
        return (held | names_in(self.environment.source) | (given - made)) - chosen

    async def noise(self) -> Spared:
        """Return what queries change, as it is seen when they are called."""
        if self._noise is None:
            self._noise = await self._look()
            if self._noise:
                names = ", ".join(map(str, self._noise))
                self._note(f"{names}: changed by queries, which may be called freely")
        return self._noise

    def _tell(self, values: Sequence[OpenValue]) -> None:
        for each in values:
            self._note(str(each))
        for pattern in self.free:
            self._note(f"{pattern}: opened by its author")

    def _note(self, text: str) -> None:
        if text not in self.left_open:
            self.left_open.append(text)

    async def _look(self) -> Spared:
        live = await self.sandbox.open(self.environment, self.start)
        try:
            start = await live.state()
            await live.play(sweep(read_subject(self.environment), start))
            before, after = as_checks_see(start), as_checks_see(await live.state())
        finally:
            await live.close()
        return spared_by_looking(find_changes(before, after, after, frozenset()))

    async def _other_run(
        self, calls: Sequence[Call], executed: Trace, held: Set[object]
    ) -> tuple[Trace, tuple[OpenValue, ...]]:
        """Run a solution at another time, and with other values where the task leaves them open.

        A value without which the calls go otherwise is not open after all.
        """
        values = self._open_values(calls, held)
        whole = await self._later(with_others(calls, values, held), executed)
        if whole is not None:
            return whole, values
        sound = [
            each
            for each in values
            if await self._later(with_others(calls, (each,), held), executed) is not None
        ]
        for some in (tuple(sound), ()):
            other = await self._later(with_others(calls, some, held), executed)
            if other is not None:
                return other, some
        raise RejectedError("not_repeatable", "The solution fails at another time")

    def _open_values(self, calls: Sequence[Call], held: Set[object]) -> tuple[OpenValue, ...]:
        if self.task is None:
            return ()
        fixed = held | choices_in(self.environment.source)
        return open_values(calls, self.task, fixed, self.environment.tools)

    async def _later(self, calls: Sequence[Call], first: Trace) -> Trace | None:
        """Run calls later and with another seed; None when they go otherwise however late."""
        for delay in _LATER:
            other = await self._run(calls, first, delay)
            if _went_alike(first, other):
                return other
        return None

    async def _run(self, calls: Sequence[Call], first: Trace, delay: timedelta) -> Trace:
        """Run calls later and with another seed; ids that come out otherwise are passed on."""
        clock = self.start.clock
        later = clock.model_copy(update={"start": clock.start + delay})
        start = Start(initial_state=self.start.initial_state, clock=later, seed=self.start.seed + 1)
        live = await self.sandbox.open(self.environment, start)
        made: list[ReferenceCall] = []
        others: dict[str, str] = {}
        try:
            state = await live.state()
            for call, old in zip(calls, first.calls, strict=True):
                ran = await run_calls(live, [replaced(call, others)], state)
                state, [new] = ran.state, ran.calls
                made.append(new)
                others |= _otherwise(old.observation.value, new.observation.value)
            return Trace(tuple(made), state)
        finally:
            await live.close()


def _made_by_tools(
    calls: Sequence[Call], states: Iterable[JsonObject], held: Set[object]
) -> frozenset[object]:
    """Return the values that were in the state before a call gave them."""
    given, made = set[object](), set[object]()
    last: JsonObject | None = None
    for call, state in zip(calls, states, strict=True):
        given |= {*scalars_in(call.arguments)}
        if state is not last:  # after a query it is the one before
            made |= {*scalars_in(as_checks_see(state))} - held - given
        last = state
    return frozenset(made)


def _otherwise(one: JsonValue, other: JsonValue) -> dict[str, str]:
    """Return the texts of one result that are others in another result of the same form."""
    if isinstance(one, str) and isinstance(other, str):
        return {one: other} if one != other else {}
    pairs: Iterable[tuple[JsonValue, JsonValue]] = ()
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = ((item, other[key]) for key, item in one.items() if key in other)
    elif isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
    found: dict[str, str] = {}
    for pair in pairs:
        found |= _otherwise(*pair)
    return found


def _went_alike(one: Trace, other: Trace) -> bool:
    pairs = zip(one.calls, other.calls, strict=True)
    return all((a.succeeded, a.changed) == (b.succeeded, b.changed) for a, b in pairs)


def sweep(subject: Subject, state: JsonObject, each: int = _LOOKS) -> list[Call]:
    """List calls of every query, with arguments that may succeed in a state."""
    caller = Caller(subject, Random(0))
    return [
        Call(name=tool.name, arguments=arguments)
        for tool in subject.tools.values()
        if subject.kinds[tool.name] == "query"
        for arguments in caller.sensible(tool, state, each)
    ]
