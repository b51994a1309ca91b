"""Compile generated source in a worker that runs nothing."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from envscaler.errors import GuestError
from envscaler.sandbox.channel import Channel, WorkerLostError
from envscaler.sandbox.decode import explain, load
from envscaler.sandbox.guest import wire
from envscaler.sandbox.pool import Workers

_CACHED = 4096
_TRIES = 2
"""Workers that a source may cost: the first one may have been late on a busy machine."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A module that workers can run, opaque to the host."""

    code: bytes
    kind: int
    """One of `wire`'s."""
    number: int
    """Of all that one compiler has compiled, it alone has this one."""

    @property
    def is_confined(self) -> bool:
        """Whether it can touch nothing but its own variables and what it is given."""
        return self.kind in (wire.CONFINED, wire.READING)


class Compiler:
    """Source → compiled code, each source once.

    The code is opaque to the host: it came from a worker, and only workers read it.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._channel: Channel | None = None
        self._codes: OrderedDict[str, Compiled] = OrderedDict()
        self._compiled = 0
        self._turn = asyncio.Lock()

    async def compile(self, source: str, name: str) -> Compiled:
        """Compile a module.

        Args:
            source: Python.
            name: What it is, for the message.

        Raises:
            GuestError: It does not compile.
            SandboxError: No worker can be started.
        """
        code = self._codes.get(source)
        if code is None:
            # Many episodes of one class begin at once; one of them compiles for all.
            async with self._turn:
                code = self._codes.get(source) or await self._ask(source, name)
                self._codes[source] = code
            if len(self._codes) > _CACHED:
                self._codes.popitem(last=False)
        else:
            self._codes.move_to_end(source)
        return code

    async def _ask(self, source: str, name: str) -> Compiled:
        try:
            text = source.encode()
        except UnicodeEncodeError:
            raise GuestError(f"{name} is not text that can be encoded") from None
        lost: list[WorkerLostError] = []
        while len(lost) < _TRIES:
            if self._channel is None or self._channel.lost:
                self._channel = await self._workers.own(None)
            try:
                status, body = await self._workers.ask(self._channel, wire.COMPILE, text)
            except WorkerLostError as error:
                if not await self._channel.is_forsaken():
                    lost.append(error)
                continue
            if status != wire.OK or not body:
                raise GuestError(f"{name} does not compile: {explain(load(body), source)}")
            self._compiled += 1
            return Compiled(body[1:], kind=body[0], number=self._compiled)
        raise GuestError(f"{name} cannot be compiled: {lost[-1]}") from lost[-1]
