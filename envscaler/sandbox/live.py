"""A live environment: calls, states, snapshots, and the journal that can rebuild it anywhere."""

import asyncio
from collections.abc import Sequence
from itertools import islice, takewhile
from typing import Literal

from envscaler.errors import GuestError, SandboxError
from envscaler.records import Call, JsonObject, Observation, ObservationKind, Tool
from envscaler.sandbox.batch import (
    AT_ONCE,
    UNDONE,
    BatchedCall,
    PlayedCall,
    ask_to_call,
    ask_to_open,
    ask_to_play,
    ask_to_replay,
    ask_to_try,
    read_state,
    states_of,
)
from envscaler.sandbox.channel import WorkerLostError
from envscaler.sandbox.decode import dump, explain, load, problem
from envscaler.sandbox.guest import wire
from envscaler.sandbox.journal import Journal, JournalCall, Snapshot
from envscaler.sandbox.launch import Loadable
from envscaler.sandbox.pool import Slot, Workers
from envscaler.sandbox.watched import ProbeResult, read_probe

Isolation = Literal["process", "shared"]
_Played = tuple[Observation, JsonObject | None]  # and the state, where somebody looked


class LiveEnvironment:
    """An environment that runs. Made by `Sandbox.open`.

    Args:
        workers: Where it gets a worker when it needs one.
        loadable: Its class.
        tools: The frozen schema: nothing else can be called.
        journal: Where it starts, and what has been called already.
        isolation: A worker of its own, or a place in a shared one.
    """

    def __init__(
        self,
        workers: Workers,
        loadable: Loadable,
        tools: Sequence[Tool],
        journal: Journal,
        isolation: Isolation,
    ) -> None:
        self._workers = workers
        self._loadable = loadable
        self._tools = {tool.name: tool for tool in tools}
        self._start = journal
        self._calls = [(call.name, call.arguments, call.undone) for call in journal.calls]
        self._isolation = isolation
        self._slot: Slot | None = None
        self._turn = asyncio.Lock()
        self._closed = False
        self._initial = dump(journal.initial_state)
        self._origin = (loadable.key, self._initial, journal.clock, journal.seed)

    @property
    def pid(self) -> int | None:
        """Process in which it lives; None while it has none."""
        return None if self._slot is None else self._slot.channel.pid

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

    async def probe(self, tool: str, arguments: JsonObject, *, closely: bool = True) -> ProbeResult:
        """Call a tool as `call` does, and tell what else it did; not closely, only to the state.

        Raises:
            SandboxError: The machinery failed, or the environment is closed.
        """
        planned = self._plan(tool, arguments)
        if planned.refused is not None:
            return ProbeResult(planned.refused)
        async with self._turn:
            return await self._probe(tool, planned.arguments, closely=closely)

    async def _probe(self, tool: str, arguments: JsonObject, *, closely: bool) -> ProbeResult:
        slot = await self._ensure_worker()
        body = dump((slot.number, len(self._calls) + 1, tool, arguments, closely))
        workers = self._workers
        try:
            status, reply = await slot.channel.request(
                wire.WATCH, body, within=workers.settings.call_hard, limit=workers.state_limit
            )
            result = read_probe(status, reply)
        except WorkerLostError as error:
            result = ProbeResult(problem(ObservationKind.KILLED, str(error)))
        undone = result.observation.kind in UNDONE or slot.channel.lost != ""
        if undone:
            await self._move_out()
        self._calls.append((tool, arguments, undone))
        return result

    async def attempt(
        self, tool: str, arguments: JsonObject, back: Snapshot
    ) -> tuple[Observation, JsonObject]:
        """Make a call where a snapshot was just taken, look at the state, and go back.

        Raises:
            GuestError: The state cannot be read.
            SandboxError: The machinery failed.
        """
        planned = self._plan(tool, arguments, look=True)
        played: PlayedCall | None = None
        if planned.refused is None and back.copy is not None:
            async with self._turn:
                slot, step = await self._ensure_worker(), len(self._calls) + 1
                played, is_back = await ask_to_try(self._workers, slot, step, planned, back.copy)
                if not is_back:
                    await self._move_out()
        if played is not None and played.state is not None:
            return played.observation, read_state(played.state, self._loadable)
        observation, state = await self.call(tool, arguments), await self.state()
        await self.restore(back)
        return observation, state

    async def start(self) -> None:
        """Load the class and the state, and replay the journal.

        Raises:
            GuestError: The class or its constructor refuses.
            SandboxError: The machinery failed, or the journal does not replay.
        """
        async with self._turn:
            await self._move_in()

    async def _move_in(self) -> Slot:
        """Build the environment in a new place, up to where the journal ends."""
        if self._closed:
            raise SandboxError("The environment is closed")
        while True:
            slot = await self._new_slot()
            try:
                self._slot = slot
                await self._build(slot)
            except WorkerLostError as error:
                if await slot.channel.is_forsaken():
                    continue
                name = self._loadable.name
                raise GuestError(f"{name} does not survive its start: {error}") from error
            return slot

    async def _new_slot(self) -> Slot:
        if self._isolation == "shared":
            return await self._workers.share(self._loadable)
        return Slot(await self._workers.own(self._loadable), 0)

    async def _build(self, slot: Slot) -> None:
        status, reply = await ask_to_open(self._workers, slot, self._start, self._initial)
        if status not in (wire.OK, wire.PRINTED):
            await self._move_out()
            raise GuestError(
                f"{self._loadable.name} does not start from this state: "
                f"{explain(load(reply), self._loadable.source)}"
            )
        await slot.channel.identify()
        await self._replay(slot)

    async def _replay(self, slot: Slot) -> None:
        """Make every call of the journal that was not undone."""
        left = [
            (step, BatchedCall(tool, arguments, look=False))
            for step, (tool, arguments, undone) in enumerate(self._calls, 1)
            if not undone
        ]
        stopped = await ask_to_replay(self._workers, slot, left)
        if stopped:
            await self._move_out()
            raise SandboxError(f"{self._loadable.name} cannot be rebuilt: {stopped} this time")

    async def state(self) -> JsonObject:
        """Return every attribute as tagged JSON.

        Raises:
            GuestError: The state is cyclic, too large or holds what JSON cannot.
            SandboxError: The machinery failed.
        """
        async with self._turn:
            return await self._state()

    async def _state(self) -> JsonObject:
        return read_state(await self._ask(wire.STATE), self._loadable)

    async def _ask(self, operation: int) -> tuple[int, bytes]:
        """Ask about the instance; a worker that died in between is rebuilt once."""
        slot = await self._ensure_worker()
        try:
            return await self._workers.ask(slot.channel, operation, str(slot.number).encode())
        except WorkerLostError:
            slot = await self._ensure_worker()
            return await self._workers.ask(slot.channel, operation, str(slot.number).encode())

    async def _ensure_worker(self) -> Slot:
        """Return the place where the environment lives, rebuilt when it was lost."""
        slot = self._slot
        return await self._move_in() if slot is None or slot.channel.lost else slot

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
            self._calls = list(snapshot.calls)
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

    async def _move_out(self) -> None:
        slot, self._slot = self._slot, None
        if slot is not None:
            await slot.leave(self._workers.load_deadline)

    async def close(self) -> None:
        """Give up the worker. The journal stays readable."""
        self._closed = True
        await self._move_out()
