"""A sandbox that the tests of a module share: to start one costs more than what most do in it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from envscaler.config.sections import SandboxSettings
from envscaler.sandbox import Sandbox

T = TypeVar("T")


class _Kept:
    """A loop, and the sandboxes that were started in it."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self._ends = AsyncExitStack()
        self._started: dict[SandboxSettings, Sandbox] = {}

    async def sandbox(self, settings: SandboxSettings) -> Sandbox:
        if settings not in self._started:
            opened = Sandbox.start(settings)
            self._started[settings] = await self._ends.enter_async_context(opened)
        return self._started[settings]

    def close(self) -> None:
        self.runner.run(self._ends.aclose())
        self.runner.close()


_kept: list[_Kept] = []
"""None or one."""


def in_one_sandbox(settings: SandboxSettings, use: Callable[[Sandbox], Awaitable[T]]) -> T:
    """Use the sandbox of the module with these settings, which is started when it is first used.

    Not for a test that something comes out again in another sandbox, nor for one that breaks it.
    """
    kept = _kept[0] if _kept else _Kept()
    _kept[:] = [kept]

    async def work() -> T:
        return await use(await kept.sandbox(settings))

    return kept.runner.run(work())


def end_sandboxes() -> None:
    """End what was started, as after each module."""
    while _kept:
        _kept.pop().close()
