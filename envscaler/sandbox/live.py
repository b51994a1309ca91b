"""A live environment: calls, states, snapshots, and the journal that can rebuild it anywhere."""

from collections.abc import Sequence
from itertools import islice, takewhile

from envscaler.errors import SandboxError
from envscaler.records import Call, JsonObject, Observation, ObservationKind
from envscaler.sandbox.batch import (
    AT_ONCE,
    UNDONE,
    BatchedCall,
    PlayedCall,
    ask_to_call,
    ask_to_play,
    ask_to_try,
    read_state,
    states_of,
)
from envscaler.sandbox.channel import WorkerLostError
from envscaler.sandbox.decode import problem
from envscaler.sandbox.guest import wire
from envscaler.sandbox.journal import Journal, JournalCall, Snapshot
from envscaler.sandbox.lodging import Isolation, Lodging
from envscaler.sandbox.watched import ProbeResult, ask_to_watch, ask_to_watch_each

__all__ = ["Isolation", "LiveEnvironment"]

_Played = tuple[Observation, JsonObject | None]  # and the state, where somebody looked


class LiveEnvironment(Lodging):
    """An environment that runs. Made by `Sandbox.open`."""

    @property
    def journal(self) -> Journal:
        calls = tuple(
            JournalCall.model_construct(name=name, arguments=arguments, undone=undone)
            for name, arguments, undone in self._calls
        )
        return self._start.model_copy(update={"calls": calls})

    async def call(self, tool: str, arguments: JsonObject) -> Observation:
        """Call a tool. Whatever the generated code does comes back as an observation.

        Raises:
            SandboxError: The machinery failed, or the environment is closed.
        """
        planned = self._plan(tool, arguments)
        if planned.refused is not None:
            return planned.refused
        async with self._turn:
            return await self._call(tool, planned.arguments)

    def _plan(self, tool: str, arguments: JsonObject, *, look: bool = False) -> BatchedCall:
        schema = self._tools.get(tool)
        if schema is None:
            wrong = f"There is no tool {tool!r}; there are: {', '.join(self._tools)}."
        else:
            arguments, wrong = self._workers.shapes.check(schema, arguments)
        refused = None if wrong is None else problem(ObservationKind.REFUSED, wrong)
        return BatchedCall(tool, arguments, look, refused)

    async def play(self, calls: Sequence[Call]) -> list[Observation]:
        """Make calls one after the other, as `call` does, in few round trips.

        Raises:
            SandboxError: The machinery failed, or the environment is closed.
        """
        planned = [self._plan(call.name, call.arguments) for call in calls]
        return [observation for observation, _ in await self._play_all(planned)]

    async def trace(self, calls: Sequence[Call]) -> list[tuple[Observation, JsonObject]]:
        """Make calls one after the other, and look at the state after each.

        Raises:
            GuestError: A state cannot be read.
            SandboxError: The machinery failed, or the environment is closed.
        """
        planned = [self._plan(call.name, call.arguments, look=True) for call in calls]
        played = await self._play_all(planned)
        return [(observation, state) for observation, state in played if state is not None]

    async def _play_all(self, calls: Sequence[BatchedCall]) -> list[_Played]:
        done: list[_Played] = []
        async with self._turn:
            while len(done) < len(calls):
                call = calls[len(done)]
                if call.refused is not None:
                    done.append((call.refused, await self._state() if call.look else None))
                    continue
                left = islice(calls, len(done), len(done) + AT_ONCE)
                some = [*takewhile(lambda one: one.refused is None, left)]
                done += await self._play_some(some)
        return done

    async def _play_some(self, calls: Sequence[BatchedCall]) -> list[_Played]:
        """Make the first of some calls, as many as their worker tells of."""
        slot = await self._ensure_worker()
        numbered = [*enumerate(calls, len(self._calls) + 1)]
        try:
            played = await ask_to_play(self._workers, slot, numbered)
        except WorkerLostError:
            # One by one it is seen which of them ends the worker.
            return [await self._play_one(call) for call in calls]
        for call, one in zip(calls, played, strict=False):
            self._calls.append((call.tool, call.arguments, one.observation.kind in UNDONE))
        if played[-1].observation.kind in UNDONE:
            await self._move_out()
        states = states_of(played, self._loadable)
        return [*zip((one.observation for one in played), states, strict=True)]

    async def _play_one(self, call: BatchedCall) -> _Played:
        made = await self._call(call.tool, call.arguments)
        return made, await self._state() if call.look else None

    async def _call(self, tool: str, arguments: JsonObject) -> Observation:
        while True:
            slot = await self._ensure_worker()
            try:
                observation = await ask_to_call(
                    self._workers, slot, len(self._calls) + 1, tool, arguments
                )
            except WorkerLostError as error:
                if await slot.channel.is_forsaken():
                    continue
                observation = problem(ObservationKind.KILLED, f"{error}; the call was undone")
            break
        undone = observation.kind in UNDONE
        if undone:
            await self._move_out()
        undone = undone or observation.kind is ObservationKind.KILLED
        self._calls.append((tool, arguments, undone))
        return observation

    async def probe(
        self,
        tool: str,
        arguments: JsonObject,
        *,
        look: wire.Look = "closely",
        back: Snapshot | None = None,
    ) -> ProbeResult:
        """Call a tool as `call` does, and tell what else it did.

        Args:
            tool: The tool.
            arguments: Its arguments.
            look: What is told of it; `time` leaves out whether the state has changed.
            back: A snapshot of this environment to go back to afterwards.

        Raises:
            SandboxError: The machinery failed, or the environment is closed.
        """
        planned = self._plan(tool, arguments)
        if planned.refused is not None:
            result, is_back = ProbeResult(planned.refused), False
        else:
            async with self._turn:
                result, is_back = await self._probe(planned, back, look=look)
        if back is not None and not is_back:
            await self.restore(back)
        return result

    async def _probe(
        self, call: BatchedCall, back: Snapshot | None, *, look: wire.Look
    ) -> tuple[ProbeResult, bool]:
        """Make a watched call; say also whether it is back where it was to go."""
        slot, step = await self._ensure_worker(), len(self._calls) + 1
        copy = None if back is None else back.copy
        is_back = False
        try:
            if copy is None:
                result = await ask_to_watch(self._workers, slot, (step, call), look=look)
            else:
                told = [(step, call)]
                some, is_back = await ask_to_watch_each(self._workers, slot, told, copy, look=look)
                result = some[0]
        except WorkerLostError as error:
            result = ProbeResult(problem(ObservationKind.KILLED, str(error)))
        if is_back and back is not None:
            self._calls = list(back.calls)
            return result, True
        undone = result.observation.kind in UNDONE or slot.channel.lost != ""
        if undone:
            await self._move_out()
        self._calls.append((call.tool, call.arguments, undone))
        return result, False

    async def probe_each(
        self, calls: Sequence[Call], *, look: wire.Look = "closely", back: Snapshot | None = None
    ) -> list[ProbeResult]:
        """Make calls as `probe` does, in one round trip.

        Args:
            calls: One or more of them.
            look: What is told of each.
            back: A snapshot of this environment to go back to behind each.

        Returns:
            What came of the first of them, as many as could be made so; none where the worker was
            lost over them, and all is as before.

        Raises:
            SandboxError: The machinery failed, or the environment is closed.
        """
        planned = [self._plan(call.name, call.arguments) for call in calls[:AT_ONCE]]
        some = [*takewhile(lambda one: one.refused is None, planned)]
        if len(some) < 2 or (back is not None and back.copy is None):
            first = calls[0]
            return [await self.probe(first.name, first.arguments, look=look, back=back)]
        async with self._turn:
            return await self._probe_some(some, back, look=look)

    async def _probe_some(
        self, calls: Sequence[BatchedCall], back: Snapshot | None, *, look: wire.Look
    ) -> list[ProbeResult]:
        slot, step = await self._ensure_worker(), len(self._calls) + 1
        numbered = [*enumerate(calls, step)] if back is None else [(step, one) for one in calls]
        copy = b"" if back is None or back.copy is None else back.copy
        try:
            told, is_back = await ask_to_watch_each(self._workers, slot, numbered, copy, look=look)
        except WorkerLostError:
            return []
        self._calls = list(back.calls) if back else [*self._calls, *_journaled(calls, told)]
        if told[-1].observation.kind in UNDONE or is_back != bool(copy):
            await self._move_out()
        return told

    async def attempt(
        self, tool: str, arguments: JsonObject, back: Snapshot
    ) -> tuple[Observation, JsonObject]:
        """Make a call where a snapshot was just taken, look at the state, and go back.

        Raises:
            GuestError: The state cannot be read.
            SandboxError: The machinery failed.
        """
        [played] = await self._try([self._plan(tool, arguments, look=True)], back) or [None]
        if played is not None and played.state is not None:
            return played.observation, read_state(played.state, self._loadable)
        observation, state = await self.call(tool, arguments), await self.state()
        await self.restore(back)
        return observation, state

    async def rehearse(self, calls: Sequence[Call], back: Snapshot) -> list[Observation]:
        """Make calls where a snapshot was just taken, and go back.

        Returns:
            What came of them, up to one that was refused or stopped, or told too much.

        Raises:
            SandboxError: The machinery failed.
        """
        played = await self._try([self._plan(call.name, call.arguments) for call in calls], back)
        observed = [one.observation for one in played]
        while not played and len(observed) < len(calls):
            call = calls[len(observed)]
            observed.append(await self.call(call.name, call.arguments))
            if observed[-1].kind not in (ObservationKind.OK, ObservationKind.EXCEPTION):
                break
        if self._slot is None or not played:
            await self.restore(back)
        return observed

    async def _try(self, calls: Sequence[BatchedCall], back: Snapshot) -> list[PlayedCall]:
        """Make calls and go back, in one round trip; none where that cannot be done so."""
        if back.copy is None or any(call.refused is not None for call in calls):
            return []
        async with self._turn:
            slot, step = await self._ensure_worker(), len(self._calls) + 1
            numbered = [*enumerate(calls, step)]
            played, is_back = await ask_to_try(self._workers, slot, numbered, back.copy)
            if not is_back:
                await self._move_out()
        return played

    async def state(self) -> JsonObject:
        """Return every attribute as tagged JSON.

        Raises:
            GuestError: The state is cyclic, too large or holds what JSON cannot.
            SandboxError: The machinery failed.
        """
        async with self._turn:
            return await self._state()

    async def _state(self) -> JsonObject:
        told = self._told or await self._ask(wire.STATE)
        self._told = None
        return read_state(told, self._loadable)

    async def snapshot(self) -> Snapshot:
        """Remember this point.

        Raises:
            SandboxError: The machinery failed.
        """
        async with self._turn:
            status, body = await self._ask(wire.SNAPSHOT)
            copy = body if status == wire.OK else None
            return Snapshot(self._origin, tuple(self._calls), copy)

    async def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, which may be of another environment with the same start.

        Raises:
            SandboxError: It belongs to another start, or the machinery failed.
        """
        if snapshot.origin != self._origin:
            raise SandboxError("The snapshot belongs to another environment or start")
        async with self._turn:
            self._calls, self._told = list(snapshot.calls), None
            if not await self._copy_back(snapshot):
                await self._move_out()
                await self._move_in()

    async def _copy_back(self, snapshot: Snapshot) -> bool:
        slot = self._slot
        if snapshot.copy is None or slot is None or slot.channel.lost:
            return False
        body = wire.pack(str(slot.number).encode(), snapshot.copy)
        try:
            status, _ = await self._workers.ask(slot.channel, wire.RESTORE, body)
        except WorkerLostError:
            return False
        return status in (wire.OK, wire.PRINTED)


def _journaled(
    calls: Sequence[BatchedCall], told: Sequence[ProbeResult]
) -> list[tuple[str, JsonObject, bool]]:
    """Return calls as a journal has them, as many as something was told of."""
    return [
        (call.tool, call.arguments, one.observation.kind in UNDONE)
        for call, one in zip(calls, told, strict=False)
    ]
