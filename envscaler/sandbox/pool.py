"""Workers kept ready: spare ones for each class in use, shared ones, and blank ones for checks."""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from envscaler.config import SandboxSettings
from envscaler.errors import SandboxError
from envscaler.sandbox.channel import Channel, Reply
from envscaler.sandbox.forker import BusyError
from envscaler.sandbox.guest import wire
from envscaler.sandbox.launch import Launcher, Loadable
from envscaler.sandbox.machine import usable_cores
from envscaler.sandbox.shapes import Shapes

_SLOTS = 64
"""Environments in one shared worker."""
_HOT = 2
"""Uses after which a class gets spare workers."""
_MAX_GRADINGS = 1000
"""Scenarios after which a worker for confined checks is replaced."""
_MAX_CHECKS = 2048
"""Checks that a worker has seen after which it is replaced."""
_MAX_RESTARTS = 20
_SLACK = 1 << 16
"""Bytes of an answer beyond its value: names, messages."""
_ESCAPED = 6
"""One character of output takes at most so many bytes in JSON."""
_BUSY = 0.001
"""Seconds until a worker that could not be asked for is asked for again."""


@dataclass(eq=False)
class Shared:
    """A worker that holds many environments of one class."""

    channel: Channel
    taken: int = 0
    issued: int = 0
    retired: bool = False
    """It ends with the last environment in it."""
    gone: list[int] = field(default_factory=list[int])
    """Environments that left, of which it is not told yet."""

    def leave(self, number: int) -> None:
        """Count an environment that left. The worker is told with the next one that comes."""
        self.taken -= 1
        self.gone.append(number)
        if self.retired and not self.taken:
            self.channel.kill()

    def retire(self) -> None:
        """Take no further environment."""
        self.retired = True
        if not self.taken:
            self.channel.kill()


@dataclass(eq=False)
class Judge:
    """A worker for confined checks."""

    channel: Channel
    known: set[int] = field(default_factory=set[int])
    """Numbers of the checks that it has at hand."""


@dataclass(eq=False)
class _Kept:
    """What is ready for one class; for the blank one, nothing is loaded."""

    loadable: Loadable | None
    spares: deque[Channel] = field(default_factory=deque[Channel])
    shared: list[Shared] = field(default_factory=list[Shared])
    uses: int = 0


@dataclass(eq=False)
class Slot:
    """Where one environment lives: a worker and a number in it."""

    channel: Channel
    number: int
    shared: Shared | None = None

    def leave(self) -> None:
        """Give the place back; a worker of its own ends."""
        if self.shared is None:
            self.channel.kill()
        else:
            self.shared.leave(self.number)

    def take_gone(self) -> list[int]:
        """Return the environments that left this worker, of which it is not told yet."""
        if self.shared is None:
            return []
        gone, self.shared.gone = self.shared.gone, []
        return gone


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
        self._judges: list[Judge] = []
        self._free_judges = asyncio.Semaphore(usable_cores())
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._alive: set[Channel] = set()
        self._sweep_at = _SLOTS
        self._closed = False
        self._short: _Kept | None = None
        self.shapes = Shapes()

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
        if loadable is not None:
            await self._load(channel, loadable)
        self._short = kept
        if loadable is None:
            self.refill()
        return channel

    @asynccontextmanager
    async def judge(self) -> AsyncGenerator[Judge]:
        """Lend a worker for confined checks, which can go on to other checks; one for each core."""
        async with self._free_judges:
            judge = self._judges.pop() if self._judges else None
            if judge is None or judge.channel.lost:
                judge = Judge(await self._make(None))
            yield judge
            if judge.channel.requests < _MAX_GRADINGS and len(judge.known) < _MAX_CHECKS:
                self._judges.append(judge)
            else:
                judge.channel.kill()

    async def share(self, loadable: Loadable) -> Slot:
        """Hand out a place in a shared worker."""
        kept = self._keep(loadable)
        kept.uses += 1
        kept.shared = [shared for shared in kept.shared if not shared.channel.lost]
        free = [shared for shared in kept.shared if shared.taken < _SLOTS]
        if not free or (len(kept.shared) < usable_cores() and free[0].taken):
            shared = Shared(await self._make(loadable))
            await self._load(shared.channel, loadable)
            kept.shared.append(shared)
        else:
            shared = min(free, key=lambda shared: shared.taken)
        shared.taken += 1
        shared.issued += 1
        return Slot(shared.channel, shared.issued, shared)

    def _keep(self, loadable: Loadable | None) -> _Kept:
        if loadable is None:
            return self._blank
        kept = self._kept.setdefault(loadable.key, _Kept(loadable))
        self._kept.move_to_end(loadable.key)
        if len(self._kept) > self.settings.max_classes:
            _, oldest = self._kept.popitem(last=False)
            self._forget(oldest)
        return kept

    def _forget(self, kept: _Kept) -> None:
        while kept.spares:
            kept.spares.popleft().kill()
        for shared in kept.shared:
            shared.retire()
        if kept.loadable is not None:
            self._launcher.forget(kept.loadable)

    @staticmethod
    def _pop_spare(kept: _Kept) -> Channel | None:
        while kept.spares:
            channel = kept.spares.popleft()
            if not channel.lost:
                return channel
        return None

    def refill(self) -> None:
        """Have spares forked in place of the last that was taken. They have run nothing.

        Called while a worker is busy, so that nobody waits for it.
        """
        kept, self._short = self._short, None
        if kept is None or kept.uses < _HOT or not self._launcher.check():
            return
        # A spare is a comfort: whoever needs a worker will meet the error himself.
        with contextlib.suppress(SandboxError):
            while len(kept.spares) < self.settings.spare_workers:
                kept.spares.append(self._track(self._launcher.spawn(kept.loadable)))

    def _track(self, channel: Channel) -> Channel:
        if len(self._alive) >= self._sweep_at:
            self._alive = {one for one in self._alive if not one.lost}
            self._sweep_at = 2 * len(self._alive) + _SLOTS
        self._alive.add(channel)
        return channel

    async def _make(self, loadable: Loadable | None) -> Channel:
        while True:
            launcher = await self._living()
            try:
                return self._track(launcher.spawn(loadable))
            except BusyError:
                await asyncio.sleep(_BUSY)
            except SandboxError:
                if launcher.check():
                    raise

    async def _load(self, channel: Channel, loadable: Loadable) -> None:
        """Send the class to a worker that came without it."""
        if not self._launcher.loads:
            await self.ask(channel, wire.LOAD, loadable.packed)

    async def _living(self) -> Launcher:
        """Return the launcher, a new one when it died.

        Raises:
            SandboxError: The sandbox is closed, or the clean process dies again and again.
        """
        if self._closed:
            raise SandboxError("The sandbox is closed")
        if self._launcher.check():
            return self._launcher
        async with self._restarting:
            if not self._launcher.check():
                if self._restarts >= _MAX_RESTARTS:
                    raise SandboxError("The clean process dies again and again")
                self._restarts += 1
                await self._launcher.close()
                self._launcher = await self._restart()
        return self._launcher

    async def close(self) -> None:
        """End every worker and the clean process."""
        self._closed = True
        for channel in self._alive:
            channel.kill("the sandbox was closed")
        await self._launcher.close()
