"""Two event loops that call each other over a link; either side may ask, and many at once."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Protocol

from envscaler.errors import WorkerLostError
from envscaler.pipeline.executors.messages import Request, Response

Serve = Callable[[object], Awaitable[object]]
"""Does what the other side asks for."""


class Link(Protocol):
    """One end of a way between a driver and a worker."""

    async def send(self, message: object) -> None:
        """Send a message.

        Raises:
            WorkerLostError: The other side is gone.
        """
        ...

    async def receive(self) -> object:
        """Wait for the next message.

        Raises:
            WorkerLostError: The other side is gone.
        """
        ...


class Peer:
    """One side of a link.

    Args:
        link: This end of it.
        serve: Does what the other side asks for; what it raises is raised there.
    """

    def __init__(self, link: Link, serve: Serve) -> None:
        self._link = link
        self._serve = serve
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[object]] = {}
        self._served: set[asyncio.Task[None]] = set()
        self._lost: WorkerLostError | None = None

    @property
    def is_lost(self) -> bool:
        """The other side is gone."""
        return self._lost is not None

    async def call(self, body: object) -> object:
        """Ask the other side for something.

        Raises:
            WorkerLostError: It is gone.
            Exception: What it raised.
        """
        if self._lost is not None:
            raise self._lost
        number = next(self._numbers)
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting[number] = done
        try:
            await self._link.send(Request(number, body))
            outcome = await done
        finally:
            self._waiting.pop(number, None)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def run(self) -> None:
        """Read what the other side says until it is gone; then all that waits fails."""
        try:
            while True:
                self._take(await self._link.receive())
        except WorkerLostError as error:
            self._lost = error
        finally:
            self._lost = self._lost or WorkerLostError("The driver was stopped")
            for task in self._served:
                task.cancel()
            for number in list(self._waiting):
                self._settle(Response(number, self._lost))
            await asyncio.gather(*self._served, return_exceptions=True)

    def _take(self, message: object) -> None:
        if isinstance(message, Response):
            self._settle(message)
        elif isinstance(message, Request):
            task = asyncio.create_task(self._answer(message))
            self._served.add(task)
            task.add_done_callback(self._served.discard)

    def _settle(self, response: Response) -> None:
        done = self._waiting.get(response.number)
        if done is not None and not done.done():  # nobody waits for a call that was cancelled
            done.set_result(response.outcome)

    async def _answer(self, request: Request) -> None:
        # A bug is not for this side to judge: whatever was raised is raised where it was asked for.
        [outcome] = await asyncio.gather(self._serve(request.body), return_exceptions=True)
        await self._link.send(Response(request.number, outcome))
