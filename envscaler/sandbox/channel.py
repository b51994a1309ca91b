"""The host's end of one worker: requests, deadlines, and a kill at the first sign of trouble."""

import asyncio
import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterator
from os import getpid, urandom
from typing import Protocol

from envscaler.errors import SandboxError
from envscaler.sandbox.guest import wire

_CHUNK = 1 << 16
"""Bytes taken at once; for larger ones memory would be mapped and given back each time."""
_TICK = 0.02
"""Seconds between two looks at the deadlines."""
_BRIEF = 1
"""Milliseconds that a lone caller waits for an answer without going through the loop."""
_TURN = 64
"""Of so many requests, one goes through the loop in any case."""
_SOON = 0.001
_BIRTH_TIME = 10.0
"""Seconds within which a process has to be there."""


def _do_nothing() -> None:
    """Be busy with nothing."""


def _draw() -> Iterator[int]:
    """Yield numbers that no worker can foresee; to ask the system for each is slow."""
    while True:
        yield from memoryview(urandom(4096)).cast("I")


_numbers = _draw()

Reply = tuple[int, bytes]
"""Status and body."""


class WorkerLostError(SandboxError):
    """The worker is gone, or had to be killed.

    Args:
        reason: What was seen.
        late: It missed the hard deadline.
    """

    def __init__(self, reason: str, *, late: bool = False) -> None:
        super().__init__(reason)
        self.late = late


class Process(Protocol):
    """A process that can be ended."""

    @property
    def pid(self) -> int:
        """Its number; 0 until it is known."""
        ...

    @property
    def forsaken(self) -> bool:
        """Whether what it came from has died and took it along."""
        ...

    def disown(self) -> None:
        """Give up what it should have come from."""
        ...

    def kill(self) -> None: ...


class Traffic:
    """What one host asks of its workers, and who waits for how long."""

    __slots__ = ("_timer", "_waiting", "requests")

    def __init__(self) -> None:
        self.requests = 0
        """Made so far."""
        self._waiting: set[Channel] = set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def anybody_waits(self) -> bool:
        """Whether a request waits for its answer in the loop."""
        return bool(self._waiting)

    def begin(self, channel: "Channel") -> None:
        """Watch over the deadline of a request. One timer serves all: most never need theirs."""
        self._waiting.add(channel)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TICK, self._look)

    def end(self, channel: "Channel") -> None:
        """Stop watching: the answer is there, or will not come."""
        self._waiting.discard(channel)

    def _look(self) -> None:
        self._timer = None
        now = time.monotonic()
        for channel in [one for one in self._waiting if one.deadline <= now]:
            channel.on_deadline()
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(_TICK, self._look)


class Channel:
    """One worker as its host sees it. Requests are answered in order, one at a time.

    Args:
        end: The host's end of the socket pair.
        handle: The process behind the other end.
        traffic: Shared by all channels of a sandbox.
    """

    def __init__(self, end: socket.socket, handle: Process, traffic: Traffic) -> None:
        end.setblocking(False)
        self._end = end
        self._handle = handle
        self._traffic = traffic
        self._turn = asyncio.Lock()
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._number = end.fileno()
        self._owner = getpid()
        self._ready = select.poll()
        self._ready.register(self._number, select.POLLIN)
        self._busy = False
        self._loop.add_reader(self._number, self._on_readable)
        self.requests = 0
        self.deadline = 0.0
        """When the answer to the request under way has to be there."""
        self.lost = ""
        """Why the worker is gone; empty while it lives."""

    @property
    def pid(self) -> int:
        return self._handle.pid

    async def identify(self) -> None:
        """Wait until the number of the process is known, or the process is gone."""
        end = time.monotonic() + _BIRTH_TIME
        while not (self._handle.pid or self._handle.forsaken):
            if time.monotonic() > end:
                self._handle.disown()
                return
            await asyncio.sleep(_SOON)

    async def is_forsaken(self) -> bool:
        """Say whether the worker is gone for no fault of its own: it has to be made again."""
        await self.identify()
        return self._handle.forsaken

    async def request(
        self,
        operation: int,
        body: bytes = b"",
        *,
        within: float,
        limit: int,
        meanwhile: Callable[[], None] = _do_nothing,
    ) -> Reply:
        """Ask the worker for something.

        Args:
            operation: One of `wire`'s.
            body: What it is about.
            within: Hard deadline in seconds; the worker is killed when it passes.
            limit: Largest body of the answer in bytes.
            meanwhile: Done while the worker is busy.

        Raises:
            WorkerLostError: The worker is gone or was killed.
        """
        async with self._turn:
            if self.lost:
                raise WorkerLostError(self.lost)
            self._busy = True
            self.requests += 1
            self._traffic.requests += 1
            answered = False
            try:
                number = next(_numbers)
                await self._send(wire.HEADER.pack(len(body), operation, number) + body, within)
                meanwhile()
                self.deadline = time.monotonic() + within
                answer = await self._receive(number, limit)
                answered = True
                return answer
            finally:
                if not answered:
                    # Cancelled or broken half-way: whatever comes now answers nobody.
                    self.kill("it was given up in the middle of a request")
                self._busy = False

    async def _send(self, frame: bytes, within: float) -> None:
        try:
            sent = self._end.send(frame)
            if sent < len(frame):
                async with asyncio.timeout(within):
                    await self._loop.sock_sendall(self._end, memoryview(frame)[sent:])
        except TimeoutError:
            raise self._lose("it does not read its requests", late=True) from None
        except OSError as error:
            raise self._lose(f"it hung up: {error.strerror}") from None

    async def _receive(self, number: int, limit: int) -> Reply:
        data = self._wait_briefly() or await self._next()
        while len(data) < wire.HEADER.size:
            data += await self._next()
        size, status, answered = wire.HEADER.unpack_from(data)
        if answered != number:
            raise self._lose("it answered what nobody had asked")
        if size > limit:
            raise self._lose(f"it announced an answer of {size} bytes; {limit} are allowed")
        whole = size + wire.HEADER.size
        if len(data) < whole:
            parts, have = [data], len(data)
            while have < whole:
                parts.append(await self._next())
                have += len(parts[-1])
            data = b"".join(parts)
        if len(data) > whole:
            raise self._lose("it sent more than one answer")
        return status, data[wire.HEADER.size :]

    def _wait_briefly(self) -> bytes:
        """Take an answer that comes within a millisecond; empty when it does not.

        The way through the loop costs more than a hot call, so a lone caller stands still for it.
        Where several wait, and now and then in any case, others of the same loop have their turn.
        """
        if self._traffic.anybody_waits or self._traffic.requests % _TURN == 0:
            return b""
        # Asleep, not looking again and again: that takes the core from whoever could answer.
        return self._take_if_any() if self._ready.poll(_BRIEF) else b""

    def _take_if_any(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            return self._take()
        return b""

    def _take(self) -> bytes:
        try:
            data = self._end.recv(_CHUNK)
        except BlockingIOError:
            raise
        except OSError as error:
            raise self._lose(f"it hung up: {error.strerror}") from None
        if not data:
            raise self._lose("it died")
        return data

    async def _next(self) -> bytes:
        """Wait for more bytes.

        Raises:
            WorkerLostError: The deadline has passed, or the worker is gone.
        """
        while True:
            self._waiter = self._loop.create_future()
            self._traffic.begin(self)
            try:
                await self._waiter
            except TimeoutError:
                raise self._lose("no answer before the hard deadline", late=True) from None
            finally:
                self._traffic.end(self)
                self._waiter = None
            with contextlib.suppress(BlockingIOError):
                return self._take()

    def on_deadline(self) -> None:
        """Give the worker up: the answer is not there in time."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())

    def _on_readable(self) -> None:
        if self._waiter is not None:
            if not self._waiter.done():
                self._waiter.set_result(None)
        elif not self._busy:
            self._on_unasked()

    def _on_unasked(self) -> None:
        """Nothing was asked: the worker died, or something in it speaks out of turn."""
        with contextlib.suppress(BlockingIOError, WorkerLostError):
            self._take()
            self.kill("it spoke without being asked")

    def _lose(self, reason: str, *, late: bool = False) -> WorkerLostError:
        self.kill(reason)
        return WorkerLostError(f"The worker was lost: {reason}", late=late)

    def kill(self, reason: str = "it was closed") -> None:
        """End the worker and free its descriptors; a second time does nothing."""
        if self.lost:
            return
        self.lost = reason
        # In a process that was forked from the host, the loop's selector is still the host's.
        if self._owner == getpid():
            self._loop.remove_reader(self._number)
        self._handle.kill()
        self._end.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(WorkerLostError(f"The worker was lost: {reason}"))
