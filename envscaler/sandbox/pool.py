"""Workers kept ready: spare ones for each class in use, shared ones, and blank ones for checks."""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from envscaler.config import SandboxSettings
from envscaler.errors import SandboxError
from envscaler.sandbox.channel import Channel, Reply, WorkerLostError
from envscaler.sandbox.guest import wire
from envscaler.sandbox.launch import Launcher, usable_cores

_SEATS = 64
"""Environments in one shared worker."""
_HOT = 2
"""Uses after which a class gets spare workers."""
_MAX_GRADINGS = 1000
"""Scenarios after which a worker for confined checks is replaced."""
_LULL = 0.003
"""Seconds without a request after which a spare is made: a fork would be in a busy host's way."""
_LULLS = 30
"""So many times it looks for a lull; then a spare is made anyway."""
_MAX_RESTARTS = 20
_SLACK = 1 << 16
"""Bytes of an answer beyond its value: names, messages."""
_ESCAPED = 6
"""One character of output takes at most so many bytes in JSON."""


@dataclass(frozen=True)
class Loadable:
    """A class that workers can load."""

    name: str
    source: str
    code: bytes
    """Compiled by a worker, and only ever read by workers."""

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.source


@dataclass(eq=False)
class Shared:
    """A worker that holds many environments of one class."""

    channel: Channel
    taken: int = 0
    issued: int = 0


@dataclass(eq=False)
class _Kept:
    """What is ready for one class; for the blank one, nothing is loaded."""

    loadable: Loadable | None
    spares: deque[Channel] = field(default_factory=deque[Channel])
    shared: list[Shared] = field(default_factory=list[Shared])
    uses: int = 0
    practice: bytes = b""
    """The last request to open this class that went well."""


@dataclass(eq=False)
class Seat:
    """Where one environment lives: a worker and a number in it."""

    channel: Channel
    number: int
    shared: Shared | None = None

    async def leave(self, within: float) -> None:
        """Give the place back; a worker of its own ends."""
        if self.shared is None:
            self.channel.kill()
            return
        self.shared.taken -= 1
        if not self.channel.lost:
            with contextlib.suppress(WorkerLostError):
                await self.channel.request(
                    wire.DROP, str(self.number).encode(), within=within, limit=_SLACK
                )


class Workers:
    """Hands out workers, and keeps some ready.

    Args:
        settings: Limits, and how many to keep.
        launcher: Where workers come from.
        restart: Makes a new launcher when that one has died.
    """

    def __init__(
        self,
        settings: SandboxSettings,
        launcher: Launcher,
        restart: Callable[[], Awaitable[Launcher]],
    ) -> None:
        self.settings = settings
        self._launcher = launcher
        self._restart = restart
        self._restarting = asyncio.Lock()
        self._restarts = 0
        self._blank = _Kept(None)
        self._graders: list[Channel] = []
        self._free_graders = asyncio.Semaphore(usable_cores())
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._filling: asyncio.Task[None] | None = None
        self._alive: set[Channel] = set()
        self._closed = False

    @property
    def level(self) -> str:
        return self._launcher.level

    @property
    def patience(self) -> float:
        """Seconds between a soft and a hard deadline."""
        return self.settings.call_hard - self.settings.call_soft

    @property
    def load_deadline(self) -> float:
        return self.settings.load_time + self.patience

    @property
    def reply_limit(self) -> int:
        """Largest answer to a call."""
        return self.settings.reply_bytes + _ESCAPED * self.settings.output_bytes + _SLACK

    @property
    def state_limit(self) -> int:
        """Largest answer that holds a state."""
        return self.settings.state_bytes + _SLACK

    def machinery_failed(self) -> bool:
        """Say whether workers die because the clean process did, not because of what they run."""
        return not self._launcher.check()

    async def ask(self, channel: Channel, operation: int, body: bytes = b"") -> Reply:
        """Make a request that has to do with loading or states."""
        return await channel.request(
            operation, body, within=self.load_deadline, limit=self.state_limit
        )

    async def own(self, loadable: Loadable | None) -> Channel:
        """Hand out a worker for one use; with None, one that has loaded nothing.

        Raises:
            SandboxError: No worker can be started, or the class kills it while it is loaded.
        """
        kept = self._keep(loadable)
        kept.uses += 1
        channel = self._pop_spare(kept) or await self._make(loadable)
        self._refill()
        return channel

    @asynccontextmanager
    async def grader(self) -> AsyncGenerator[Channel]:
        """Lend a worker for confined checks, which can go on to other checks; one for each core."""
        async with self._free_graders:
            channel = self._graders.pop() if self._graders else await self._make(None)
            if channel.lost:
                channel = await self._make(None)
            yield channel
            if channel.requests < _MAX_GRADINGS:
                self._graders.append(channel)
            else:
                channel.kill()

    async def seat(self, loadable: Loadable) -> Seat:
        """Hand out a place in a shared worker."""
        kept = self._keep(loadable)
        kept.uses += 1
        kept.shared = [shared for shared in kept.shared if not shared.channel.lost]
        free = [shared for shared in kept.shared if shared.taken < _SEATS]
        if not free or (len(kept.shared) < usable_cores() and free[0].taken):
            shared = Shared(await self._make(loadable))
            kept.shared.append(shared)
        else:
            shared = min(free, key=lambda one: one.taken)
        shared.taken += 1
        shared.issued += 1
        return Seat(shared.channel, shared.issued, shared)

    def _keep(self, loadable: Loadable | None) -> _Kept:
        if loadable is None:
            return self._blank
        kept = self._kept.setdefault(loadable.key, _Kept(loadable))
        self._kept.move_to_end(loadable.key)
        if len(self._kept) > self.settings.max_classes:
            _, oldest = self._kept.popitem(last=False)
            self._forget(oldest)
        return kept

    @staticmethod
    def _forget(kept: _Kept) -> None:
        while kept.spares:
            kept.spares.popleft().kill()
        for shared in kept.shared:
            if not shared.taken:
                shared.channel.kill()

    @staticmethod
    def _pop_spare(kept: _Kept) -> Channel | None:
        while kept.spares:
            channel = kept.spares.pop()
            if not channel.lost:
                return channel
        return None

    def _refill(self) -> None:
        """Have spares made while little else is going on."""
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        while lacking := [kept for kept in self._hot() if self._lacks(kept)]:
            await self._lull()
            await self._add_spare(min(lacking, key=lambda kept: len(kept.spares)))

    def _hot(self) -> list[_Kept]:
        return [kept for kept in (self._blank, *self._kept.values()) if kept.uses >= _HOT]

    def _lacks(self, kept: _Kept) -> bool:
        return len(kept.spares) < self.settings.spare_workers

    async def _lull(self) -> None:
        """Wait until nothing is asked of any worker, but not for ever."""
        for _ in range(_LULLS):
            before = self._launcher.traffic.requests
            await asyncio.sleep(_LULL)
            if self._launcher.traffic.requests == before:
                return

    async def _add_spare(self, kept: _Kept) -> None:
        try:
            channel = await self._make(kept.loadable)
            await self._practise(channel, kept.practice)
        except SandboxError:
            # A spare is a comfort: whoever needs a worker will meet the error himself.
            kept.uses = 0
            return
        kept.spares.append(channel)
        if kept not in self._hot():
            self._forget(kept)

    async def _practise(self, channel: Channel, opening: bytes) -> None:
        """Let a spare open the class once: its memory is then in place when it counts."""
        if opening:
            await self.ask(channel, wire.OPEN, opening)
            await self.ask(channel, wire.STATE, b"0")
            await self.ask(channel, wire.DROP, b"0")

    def opened(self, loadable: Loadable, opening: bytes) -> None:
        """Remember a request that opened a class in a worker of its own."""
        kept = self._kept.get(loadable.key)
        if kept is not None:
            kept.practice = opening

    async def _make(self, loadable: Loadable | None) -> Channel:
        while True:
            launcher = await self._living()
            try:
                channel = await launcher.spawn()
                self._alive = {one for one in self._alive if not one.lost}
                self._alive.add(channel)
                if loadable is not None:
                    body = wire.pack(loadable.name.encode(), loadable.code)
                    await self.ask(channel, wire.LOAD, body)
            except SandboxError:
                if launcher.check():
                    raise
            else:
                return channel

    async def _living(self) -> Launcher:
        """Return the launcher, a new one when it died.

        Raises:
            SandboxError: The sandbox is closed, or the clean process dies again and again.
        """
        if self._closed:
            raise SandboxError("The sandbox is closed")
        async with self._restarting:
            if not self._launcher.alive:
                if self._restarts >= _MAX_RESTARTS:
                    raise SandboxError("The clean process dies again and again")
                self._restarts += 1
                await self._launcher.close()
                self._launcher = await self._restart()
        return self._launcher

    async def close(self) -> None:
        """End every worker and the clean process."""
        self._closed = True
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        for channel in self._alive:
            channel.kill("the sandbox was closed")
        await self._launcher.close()
