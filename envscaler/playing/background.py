"""One event loop in a thread of its own, with the sandboxes that live in it.

`Env` blocks and may be called from anywhere: inside a running loop (a notebook), from any thread,
in any worker process. So what it does is done by a loop that nobody else runs. A thread does not
survive a fork; a forked process starts a loop of its own and leaves the inherited one alone, whose
descriptors it shares with its parent.
"""

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from envscaler.config import SandboxSettings
from envscaler.sandbox import Sandbox

ResultT = TypeVar("ResultT")

_STOP_TIME = 10.0
"""Seconds that the sandboxes get to end when the interpreter does."""


class Background:
    """A running loop, and one sandbox for each kind of sandbox settings. Made by `background`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._sandboxes: dict[SandboxSettings, asyncio.Future[Sandbox]] = {}
        self._stack = AsyncExitStack()
        self._thread = threading.Thread(target=self._run, name="envscaler", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def submit(self, work: Coroutine[object, object, ResultT]) -> Future[ResultT]:
        """Have work done by the loop; callable from every thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def sandbox(self, settings: SandboxSettings) -> Sandbox:
        """Return the sandbox for these settings, started when it is the first time.

        Raises:
            IsolationError: This machine cannot isolate generated code.
        """
        started = self._sandboxes.get(settings)
        if started is None:
            # Several callers may wait for it, and one that gives up must not stop it.
            started = asyncio.ensure_future(
                self._stack.enter_async_context(Sandbox.start(settings))
            )
            self._sandboxes[settings] = started
        try:
            return await asyncio.shield(started)
        finally:
            if started.done() and (started.cancelled() or started.exception()):
                self._sandboxes.pop(settings, None)

    @property
    def is_here(self) -> bool:
        """Whether it runs in this process, and still runs."""
        return self is _process.current

    def close(self) -> None:
        """End the sandboxes and the loop."""
        try:
            self.submit(self._stack.aclose()).result(_STOP_TIME)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_STOP_TIME)
            self._loop.close()


@dataclass
class _Process:
    """What this process has."""

    current: Background | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    inherited: list[Background] = field(default_factory=list[Background])
    """Of the parent; kept, because to free them would close what the parent uses."""


_process = _Process()


def background() -> Background:
    """Return the loop of this process, started when it is the first time."""
    with _process.lock:
        if _process.current is None:
            _process.current = Background()
        return _process.current


def _begin_anew() -> None:
    # Another thread may have held the lock when the process was forked.
    _process.lock = threading.Lock()
    if _process.current is not None:
        _process.inherited.append(_process.current)
        _process.current = None


@atexit.register
def _end() -> None:
    if _process.current is not None:
        _process.current.close()
        _process.current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
