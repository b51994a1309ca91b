"""The side of a worker: makes the rows that the driver hands it."""

import platform
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import cast, get_args

from envscaler import __version__
from envscaler.chat import Prompt, Reply, Role
from envscaler.llm.calls import Models
from envscaler.pipeline.executors.messages import AskModel, MakeRow, Prepare, SetUp, Versions
from envscaler.pipeline.executors.peer import Link, Peer
from envscaler.pipeline.run import Run
from envscaler.prompts import own_prompts
from envscaler.records import Tool
from envscaler.sandbox import Sandbox


def versions() -> Versions:
    """Return what this process runs."""
    major, minor, _ = platform.python_version_tuple()
    return Versions((int(major), int(minor)), __version__)


async def work(link: Link) -> None:
    """Make rows until the driver is gone."""
    async with AsyncExitStack() as stack:
        worker = _Worker(stack)
        worker.peer = Peer(link, worker.serve)
        await worker.peer.run()


class _Worker:
    peer: Peer

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._run: Run | None = None
        self._steps: dict[int, Callable[[object], Awaitable[object]]] = {}

    async def serve(self, body: object) -> object:
        """Do what the driver asks for.

        Raises:
            EnvScalerError: As the step says.
        """
        match body:
            case SetUp():
                sandbox = await self._stack.enter_async_context(
                    Sandbox.start(body.settings.sandbox)
                )
                self._run = Run(body.folder, body.settings, remote_models(self.peer), sandbox)
                return versions()
            case Prepare() if self._run is not None:
                step = body.maker(self._run)  # for rows of the kind that the driver sends to it
                self._steps[body.step] = cast("Callable[[object], Awaitable[object]]", step)
                return None
            case MakeRow() if self._run is not None:
                with own_prompts(self._run.settings.prompts):
                    return await self._steps[body.step](body.row)
            case _:
                raise TypeError(body)


def remote_models(driver: Peer) -> Models:
    """Return models that the driver asks."""
    return {role: _RemoteModel(driver, role) for role in get_args(Role)}


@dataclass(frozen=True, slots=True)
class _RemoteModel:
    driver: Peer
    role: Role

    async def complete(
        self, prompt: Prompt, *, tools: tuple[Tool, ...] = (), sample: int = 0, seed: int = 0
    ) -> Reply:
        """Have the driver ask."""
        asked = AskModel(self.role, prompt, tools, sample, seed)
        return cast("Reply", await self.driver.call(asked))
