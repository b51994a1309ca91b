"""The side of the driver: hands rows to workers, and starts another where one is lost."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from envscaler.chat import Reply
from envscaler.errors import ConfigError, WorkerLostError
from envscaler.llm.calls import Models
from envscaler.pipeline.executors.messages import AskModel, Maker, MakeRow, Prepare, SetUp, Versions
from envscaler.pipeline.executors.peer import Link, Peer, Serve

_TOGETHER = 2
"""Tries of a row beside others. One of them may have killed the worker of all, so the last try of
each is made alone: only a row that kills by itself is given up."""


class WorkerLink(Link, Protocol):
    """The driver's end of the way to a worker that it has started."""

    async def close(self) -> None:
        """End the worker."""
        ...


Start = Callable[[], Awaitable[WorkerLink]]
"""Starts a worker."""


class Pool:
    """Workers, each started when it is first needed.

    Args:
        start: Starts one.
        count: How many there are at most.
        setup: Sent to each first.
        wanted: What each has to run.
        models: Whom the driver asks.
    """

    def __init__(
        self, start: Start, count: int, setup: SetUp, wanted: Versions, models: Models
    ) -> None:
        self._numbers = itertools.count()
        ask = _asker(models)
        self._slots = [_Slot(start, setup, wanted, ask) for _ in range(count)]
        self._alone = _Slot(start, setup, wanted, ask)
        self._one = asyncio.Lock()

    def step(self, maker: Maker) -> Callable[[object], Awaitable[object]]:
        """Return the step that `maker` makes, done by workers."""
        prepare = Prepare(next(self._numbers), maker)

        async def make(row: object) -> object:
            for _ in range(_TOGETHER):
                slot = min(self._slots, key=lambda each: each.load)
                with suppress(WorkerLostError):
                    return await slot.make(prepare, row)
            async with self._one:
                try:
                    return await self._alone.make(prepare, row)
                except WorkerLostError as error:
                    said = f"{error}, {_TOGETHER + 1} times, at last with no other row beside it"
                    raise WorkerLostError(said) from error

        return make

    async def close(self) -> None:
        """End all workers."""
        await asyncio.gather(*(slot.close() for slot in (*self._slots, self._alone)))


@asynccontextmanager
async def open_pool(
    start: Start, count: int, setup: SetUp, wanted: Versions, models: Models
) -> AsyncGenerator[Pool]:
    """Open a pool, and end its workers."""
    pool = Pool(start, count, setup, wanted, models)
    try:
        yield pool
    finally:
        await pool.close()


class _Slot:
    """The place of one worker, which may be lost and started anew."""

    def __init__(self, start: Start, setup: SetUp, wanted: Versions, serve: Serve) -> None:
        self._start = start
        self._setup = setup
        self._wanted = wanted
        self._serve = serve
        self._starting = asyncio.Lock()
        self._link: WorkerLink | None = None
        self._peer: Peer | None = None
        self._reading: asyncio.Task[None] | None = None
        self._prepared: set[int] = set()
        """Steps that its worker knows."""
        self.load = 0
        """Rows that its worker has."""

    async def make(self, prepare: Prepare, row: object) -> object:
        """Have the worker make a row.

        Raises:
            WorkerLostError: It is gone.
            Exception: What it raised.
        """
        self.load += 1
        try:
            async with self._starting:
                peer = await self._worker()
                if prepare.step not in self._prepared:
                    await peer.call(prepare)
                    self._prepared.add(prepare.step)
            return await peer.call(MakeRow(prepare.step, row))
        finally:
            self.load -= 1

    async def _worker(self) -> Peer:
        if self._peer is not None and not self._peer.is_lost:
            return self._peer
        await self.close()
        self._link = await self._start()
        peer = Peer(self._link, self._serve)
        self._reading = asyncio.create_task(peer.run())
        self._check(await peer.call(self._setup))
        self._peer = peer
        return peer

    def _check(self, found: object) -> None:
        if found != self._wanted:
            raise ConfigError(f"A worker runs {found}; this process runs {self._wanted}")

    async def close(self) -> None:
        """End the worker, if there is one."""
        link, reading = self._link, self._reading
        self._link = self._peer = self._reading = None
        self._prepared.clear()
        if link is not None:
            await link.close()
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def _asker(models: Models) -> Serve:
    async def ask(body: object) -> Reply:
        if not isinstance(body, AskModel):
            raise TypeError(body)
        return await models[body.role].complete(
            body.prompt, tools=body.tools, sample=body.sample, seed=body.seed
        )

    return ask
