"""Workers on the nodes of a Ray cluster: `--executor ray`, extra `[ray]`."""

import asyncio
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from envscaler.errors import ConfigError, WorkerLostError
from envscaler.pipeline.executors.worker import work

if TYPE_CHECKING:
    from ray.actor import ActorHandle

_CPUS = 0.5
"""Of a core, for a worker. One that asks for a whole core could not be placed again on a cluster
that was full when a node died."""
_KNOCK = 10.0
"""Seconds in which a cluster has to answer."""
_PATIENCE = 120.0
"""Seconds in which a worker has to be placed and started."""


class _Actor:
    """A worker: an event loop on some node, spoken to by two methods."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[object] = asyncio.Queue()
        self._outbox: asyncio.Queue[object] = asyncio.Queue()
        self._work: asyncio.Task[None] | None = None

    async def put(self, message: object) -> None:
        """Take a message of the driver."""
        if self._work is None:
            self._work = asyncio.create_task(work(self))
        self._inbox.put_nowait(message)

    async def take(self) -> list[object]:
        """Wait for messages to the driver, and return all there are."""
        messages = [await self._outbox.get()]
        while not self._outbox.empty():
            messages.append(self._outbox.get_nowait())
        return messages

    async def send(self, message: object) -> None:
        """Send a message to the driver."""
        self._outbox.put_nowait(message)

    async def receive(self) -> object:
        """Wait for a message of the driver."""
        return await self._inbox.get()


class _ActorLink:
    """The driver's end of the way to an actor."""

    def __init__(self, actor: "ActorHandle[Any]") -> None:
        self._actor = actor
        self._taken: list[object] = []

    async def send(self, message: object) -> None:
        """Send a message.

        Raises:
            WorkerLostError: The actor or its node is gone.
        """
        await _answer(self._actor.put.remote(message))

    async def receive(self) -> object:
        """Wait for the next message.

        Raises:
            WorkerLostError: The actor or its node is gone.
        """
        if not self._taken:
            self._taken = (await _answer(self._actor.take.remote()))[::-1]
        return self._taken.pop()

    async def close(self) -> None:
        """End the actor."""
        import ray

        ray.kill(self._actor)


async def _answer(waiting: Any) -> Any:  # noqa: ANN401  what Ray's stubs say
    from ray.exceptions import RayActorError, RaySystemError

    try:
        return await waiting
    except (RayActorError, RaySystemError) as error:
        raise WorkerLostError("A worker on the Ray cluster ended") from error


async def start_actor() -> _ActorLink:
    """Start a worker on the node that has the fewest.

    Raises:
        ConfigError: No node can start it.
    """
    import ray
    from ray.exceptions import RayError

    kind = ray.remote(num_cpus=_CPUS, scheduling_strategy="SPREAD", max_concurrency=1000)(_Actor)
    actor = kind.remote()
    try:
        await asyncio.wait_for(actor.__ray_ready__.remote(), _PATIENCE)
    except TimeoutError as error:
        raise ConfigError(
            f"No node of the Ray cluster had {_CPUS} of a core free for {_PATIENCE:g} s; "
            "set runner.processes lower"
        ) from error
    except RayError as error:
        if isinstance(error.__cause__, ImportError) or "ModuleNotFoundError" in str(error):
            raise ConfigError(
                "A node of the Ray cluster has no envscaler; install the same version on all"
            ) from error
        raise WorkerLostError("A worker on the Ray cluster did not start") from error
    return _ActorLink(actor)


@contextmanager
def connected(address: str | None) -> Generator[int]:
    """Connect to a cluster, or start one on this machine; gives the number of its cores.

    Raises:
        ConfigError: Ray is not installed, or there is no cluster at the address.
    """
    try:
        from ray import cluster_resources, init, is_initialized, shutdown
    except ImportError as error:
        raise ConfigError(
            "--executor ray needs the extra [ray]: pip install 'envscaler[ray]'"
        ) from error
    theirs = is_initialized()  # by who calls us: it stays theirs
    if not theirs:
        _knock(address)
        try:
            init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            why = str(error).partition("\n")[0]
            raise ConfigError(f"No Ray cluster answers at {address}: {why}") from error
    try:
        yield max(1, int(cluster_resources().get("CPU", 1)))
    finally:
        if not theirs:
            shutdown()


def _knock(address: str | None) -> None:
    """Make sure that somebody listens: Ray itself would try for ten minutes.

    Raises:
        ConfigError: Nobody does.
    """
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if not (colon and port.isdecimal()):
        return  # a word such as auto, which Ray looks up on this machine
    try:
        socket.create_connection((host, int(port)), _KNOCK).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"No Ray cluster answers at {address} ({error}); `ray status` there says its address"
        ) from error
