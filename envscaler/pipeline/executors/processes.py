"""Workers in processes of this machine: `--executor process`.

Messages are pickled. Both ends are this package, and the socket between them is closed to what
generated code runs in: it is not inherited.
"""

import asyncio
import os
import pickle
import signal
import socket
import struct
import sys
from asyncio.subprocess import Process, create_subprocess_exec
from contextlib import suppress

from envscaler.errors import WorkerLostError
from envscaler.pipeline.executors.worker import work

_LENGTH = struct.Struct(">Q")
_LEAVE = 5.0
"""Seconds that a process gets to end its sandbox."""


class _SocketLink:
    """One end of a socket: each message is its length and its pickle."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, message: object) -> None:
        """Send a message.

        Raises:
            WorkerLostError: The other side is gone.
        """
        pickled = pickle.dumps(message, protocol=5)
        try:
            self._writer.writelines((_LENGTH.pack(len(pickled)), pickled))
            await self._writer.drain()
        except OSError as error:
            raise WorkerLostError("A worker process ended") from error

    async def receive(self) -> object:
        """Wait for the next message.

        Raises:
            WorkerLostError: The other side is gone.
        """
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            pickled = await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise WorkerLostError("A worker process ended") from error
        return pickle.loads(pickled)  # noqa: S301  what the other end of our own socket sent

    async def close(self) -> None:
        """Let the other side see the end."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class _ProcessLink(_SocketLink):
    """The driver's end, which also ends the process."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, process: Process
    ) -> None:
        super().__init__(reader, writer)
        self._process = process

    async def close(self) -> None:
        """Let the process see the end, and wait until it is gone."""
        await super().close()
        try:
            await asyncio.wait_for(self._process.wait(), _LEAVE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def start_process() -> _ProcessLink:
    """Start a worker process."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await create_subprocess_exec(
            sys.executable,
            "-m",
            "envscaler.pipeline.executors.processes",
            str(theirs.fileno()),
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C is for the driver
        )
    return _ProcessLink(*await asyncio.open_connection(sock=ours), process)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


async def _serve(descriptor: int) -> None:
    os.set_inheritable(descriptor, False)
    connection = socket.socket(fileno=descriptor)
    link = _SocketLink(*await asyncio.open_connection(sock=connection))
    await work(link)
    await link.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the driver decides; its end is this one's
    asyncio.run(_serve(int(sys.argv[1])))
