"""Where a live environment lives: its worker, made anew from the journal when it is lost."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from envscaler.errors import GuestError, SandboxError
from envscaler.records import Tool
from envscaler.sandbox.batch import BatchedCall, ask_to_open, ask_to_replay
from envscaler.sandbox.channel import Reply, WorkerLostError
from envscaler.sandbox.decode import dump, explain, load
from envscaler.sandbox.guest import wire
from envscaler.sandbox.journal import Journal
from envscaler.sandbox.launch import Loadable
from envscaler.sandbox.pool import Slot, Workers

Isolation = Literal["process", "shared"]


class Lodging:
    """A place in a worker, and what is needed to have another one.

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
        self._told: Reply | None = None
        """The state, where it was told and nothing happened since."""
        self._initial = dump(journal.initial_state)
        self._origin = (loadable.key, self._initial, journal.clock, journal.seed)

    @property
    def pid(self) -> int | None:
        """Process in which it lives; None while it has none."""
        return None if self._slot is None else self._slot.channel.pid

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
        look = self._isolation == "shared" and not self._calls
        status, reply = await ask_to_open(
            self._workers, slot, self._start, self._initial, look=look
        )
        if status not in (wire.OK, wire.PRINTED):
            await self._move_out()
            raise GuestError(
                f"{self._loadable.name} does not start from this state: "
                f"{explain(load(reply), self._loadable.source)}"
            )
        self._told = (status, reply) if status == wire.OK and reply else None
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
        slot = await self._move_in() if slot is None or slot.channel.lost else slot
        self._told = None  # something is about to happen
        return slot

    async def _move_out(self) -> None:
        self._told = None
        slot, self._slot = self._slot, None
        if slot is not None:
            slot.leave()

    async def close(self) -> None:
        """Give up the worker. The journal stays readable."""
        self._closed = True
        await self._move_out()
