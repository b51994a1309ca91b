"""`Env` and `AsyncEnv`: a scenario that can be played from Python.

    with envscaler.Env(("runs/one", "scen-79ad…")) as env:
        text = env.call("find_orders", {"status": "open"})
        print(env.score().reward)

Neither needs a model, a settings file or, given a row of `export-rl`, a run folder. `Env` can be
used in a notebook, in threads, in worker processes however they are started, and in a process that
was forked after it was opened; a pickled one is rebuilt from its journal.
"""

import asyncio
import weakref
from collections.abc import Coroutine, Generator, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from envscaler.playing.background import background
from envscaler.playing.playable import FunctionTool, Source, playable
from envscaler.playing.session import Score, Session, settings_of
from envscaler.records import JsonObject, Observation, Skeleton
from envscaler.sandbox import Journal, Snapshot

__all__ = ["AsyncEnv", "Env", "FunctionTool", "Score"]

ResultT = TypeVar("ResultT")
Arguments = Mapping[str, object] | str | None
"""Of a call: a mapping, or the text of a JSON object as models write it."""


class _Played:
    """What `Env` and `AsyncEnv` have in common: all that needs no waiting."""

    def __init__(
        self,
        source: Source,
        environment: Skeleton | None = None,
        *,
        settings: Sequence[str] = (),
        journal: Journal | None = None,
    ) -> None:
        chosen = settings_of(tuple(settings))
        self._keep(Session(playable(source, environment, chosen), settings, journal))

    def _keep(self, session: Session) -> None:
        self._session = session
        # Who forgets to close one must not keep its worker alive.
        release = weakref.finalize(self, Session.release, session)
        release.atexit = False

    @property
    def task(self) -> str:
        """What the agent is asked to do."""
        return self._session.playable.task

    @property
    def system(self) -> str:
        """What the agent is told before: the environment, its rules, how to work."""
        return self._session.playable.system

    @property
    def tools(self) -> list[FunctionTool]:
        """The tools as function objects in the OpenAI format, yours to change."""
        return self._session.playable.functions

    @property
    def scenario_id(self) -> str:
        return self._session.playable.scenario_id

    @property
    def last_observation(self) -> Observation | None:
        """The record of the last call; None before the first."""
        return self._session.last_observation

    @property
    def pid(self) -> int | None:
        """Process in which it lives; None while it has none."""
        return self._session.pid

    @property
    def journal(self) -> Journal:
        """Start, and every call that reached the environment: all that rebuilds it."""
        return self._session.journal

    def __getstate__(self) -> Session:
        return self._session

    def __setstate__(self, session: Session) -> None:
        self._keep(session)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.scenario_id}, {len(self.journal.calls)} calls>"


class Env(_Played):
    """A scenario that is being played.

    Args:
        source: A scenario, a row of `export-rl`, or a run folder with the id of a scenario.
        environment: Of a scenario that was not read with `load_run` or `load_scenarios`.
        settings: What differs from the defaults, such as `("sandbox.mode=weak",)`.
        journal: Calls that are made at once, to go on where another `Env` was.

    Raises:
        ConfigError: The source is none of these, or a setting that does not exist.
        ArtifactError: The row or the run is not whole, or there is no such scenario.
        GuestError: The class does not load, or refuses the initial state.
        SandboxError: The machinery around it failed, or the journal does not replay.
        IsolationError: This machine cannot isolate generated code.
    """

    def __init__(
        self,
        source: Source,
        environment: Skeleton | None = None,
        *,
        settings: Sequence[str] = (),
        journal: Journal | None = None,
    ) -> None:
        super().__init__(source, environment, settings=settings, journal=journal)
        _wait(self._session.open())

    def call(self, tool: str, arguments: Arguments = None) -> str:
        """Call a tool and return what the agent reads; whatever goes wrong is told there."""
        return _wait(self._session.call(tool, arguments))

    def score(self) -> Score:
        """Run the checks on the state as it is now."""
        return _wait(self._session.score())

    def state(self) -> JsonObject:
        """Return the state as it is now; what JSON has no word for is tagged.

        Raises:
            RowError: The environment broke.
        """
        return _wait(self._session.state())

    def snapshot(self) -> Snapshot:
        """Remember this point.

        Raises:
            RowError: The environment broke.
        """
        return _wait(self._session.snapshot())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a point, which may be of another `Env` of the same scenario.

        Raises:
            RowError: It belongs to another scenario, or the environment broke.
        """
        _wait(self._session.restore(snapshot))

    def close(self) -> None:
        """Give up the environment; a second time does nothing."""
        _wait(self._session.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncEnv(_Played):
    """The same as `Env`, with `await`; opened by `await env`, `async with`, or the first call.

    Raises:
        ConfigError: As for `Env`.
        ArtifactError: As for `Env`.
    """

    async def open(self) -> Self:
        """Bring the environment to life.

        Raises:
            EnvScalerError: As for `Env`.
        """
        await _go(self._session.open())
        return self

    async def call(self, tool: str, arguments: Arguments = None) -> str:
        """See `Env.call`."""
        return await _go(self._session.call(tool, arguments))

    async def score(self) -> Score:
        """See `Env.score`."""
        return await _go(self._session.score())

    async def state(self) -> JsonObject:
        """See `Env.state`."""
        return await _go(self._session.state())

    async def snapshot(self) -> Snapshot:
        """See `Env.snapshot`."""
        return await _go(self._session.snapshot())

    async def restore(self, snapshot: Snapshot) -> None:
        """See `Env.restore`."""
        await _go(self._session.restore(snapshot))

    async def close(self) -> None:
        """See `Env.close`."""
        await _go(self._session.close())

    def __await__(self) -> Generator[object, None, Self]:
        return self.open().__await__()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def _wait(work: Coroutine[object, object, ResultT]) -> ResultT:
    """Have work done in the background and wait for it, in whatever thread."""
    future = background().submit(work)
    try:
        return future.result()
    finally:
        future.cancel()  # after Ctrl-C nobody waits for it; without effect on what is done


async def _go(work: Coroutine[object, object, ResultT]) -> ResultT:
    """Have work done in the background while this loop goes on."""
    return await asyncio.wrap_future(background().submit(work))
