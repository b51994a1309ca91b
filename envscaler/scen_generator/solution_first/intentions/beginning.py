"""Two environments of one start, in which every intention for a scenario is tried out."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from envscaler.records import Environment
from envscaler.sandbox import LiveEnvironment, Sandbox, Snapshot
from envscaler.sandbox.journal import StartLike


class Beginning:
    """Environments that stand at their start. Made by `of`.

    Args:
        asking: For queries.
        trying: For changes.
        start: A snapshot of either before anything was called.
    """

    def __init__(self, asking: LiveEnvironment, trying: LiveEnvironment, start: Snapshot) -> None:
        self._asking, self._trying = asking, trying
        self._start = start

    @classmethod
    @asynccontextmanager
    async def of(
        cls, environment: Environment, start: StartLike, sandbox: Sandbox
    ) -> AsyncGenerator["Beginning"]:
        """Open the environments, and close them in the end.

        Raises:
            GuestError: The class refuses the initial state.
        """
        asking = await sandbox.open(environment, start)
        try:
            trying = await sandbox.open(environment, start)
            try:
                yield cls(asking, trying, await trying.snapshot())
            finally:
                await trying.close()
        finally:
            await asking.close()

    async def pair(self) -> tuple[LiveEnvironment, LiveEnvironment]:
        """Return one to ask and one to try in, both as they were before anything was called."""
        await self._asking.restore(self._start)
        await self._trying.restore(self._start)
        return self._asking, self._trying
