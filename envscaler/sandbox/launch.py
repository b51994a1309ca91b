"""Start the clean process and get locked workers from it."""

import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from envscaler.errors import IsolationError, SandboxError
from envscaler.sandbox.channel import Channel, Handle, Traffic
from envscaler.sandbox.guest import wire
from envscaler.sandbox.guest.wire import Limits

_PACKAGE = Path(__file__).resolve().parent
_FLAGS = ("-S", "-s", "-B", "-P", "-X", "utf8")
_BOOT = "import sys; sys.path.append(sys.argv[1]); from guest.{} import main; "
_BOOT_ZYGOTE = _BOOT.format("zygote") + "main(int(sys.argv[2]), sys.argv[3])"
_BOOT_PLAIN = _BOOT.format("plain") + "main(int(sys.argv[2]), sys.argv[3])"
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_START_TIME = 20.0
_STOP_TIME = 5.0
_DESCRIPTORS_EACH = 2


class Launcher(Protocol):
    """Where workers come from."""

    level: str
    """What stands between generated code and the machine."""
    alive: bool
    traffic: Traffic
    """Of all its workers."""

    async def spawn(self) -> Channel:
        """Start a worker.

        Raises:
            SandboxError: It cannot be started.
        """
        ...

    def check(self) -> bool:
        """Look whether it is alive at this moment."""
        ...

    async def close(self) -> None: ...


class Zygote:
    """The clean process, from which every worker is forked. Made by `start`."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._loop = asyncio.get_running_loop()
        self._expected: deque[asyncio.Future[Handle]] = deque()
        self.traffic = Traffic()
        self.level = "seccomp"
        self.alive = True

    @classmethod
    async def start(cls, limits: Limits, python: str = sys.executable) -> "Zygote":
        """Start and lock the clean process.

        Raises:
            IsolationError: It cannot lock itself, or does not start.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            try:
                zygote = cls(_popen(python, _BOOT_ZYGOTE, theirs, json.dumps(asdict(limits))), ours)
            except IsolationError:
                ours.close()
                raise
        try:
            async with asyncio.timeout(_START_TIME):
                message = await zygote._loop.sock_recv(zygote._control, wire.CONTROL_BYTES)
        except (TimeoutError, OSError):
            message = b""
        report = json.loads(message) if message else {"problem": f"{python} does not start"}
        if report["problem"]:
            await zygote.close()
            raise IsolationError(report["problem"])
        if report["landlock"]:
            zygote.level = "seccomp+landlock"
        zygote._loop.add_reader(zygote._control.fileno(), zygote._on_answer)
        return zygote

    async def spawn(self) -> Channel:
        if not self.alive:
            raise SandboxError("The clean process is gone")
        ours, theirs = _pair()
        answer: asyncio.Future[Handle] = self._loop.create_future()
        try:
            with theirs:
                await self._ask(theirs.fileno())
            self._expected.append(answer)
            handle = await asyncio.shield(answer)
        except BaseException:
            answer.add_done_callback(_discard)
            ours.close()
            raise
        return Channel(ours, handle, self.traffic)

    async def _ask(self, descriptor: int) -> None:
        """Send a request; the queue is short, so it may have to wait for room."""
        while True:
            try:
                socket.send_fds(self._control, [b"1"], [descriptor])
            except BlockingIOError:
                await asyncio.sleep(0.001)
            except OSError as error:
                self._on_death()
                raise SandboxError("The clean process is gone") from error
            else:
                return

    def _on_answer(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, wire.CONTROL_BYTES, 1)
        except BlockingIOError:
            return
        except OSError:
            message, descriptors = b"", []
        if not message:
            self._on_death()
            return
        handle = Handle(int(message), descriptors[0] if descriptors else None)
        waiter = self._expected.popleft()
        if waiter.done():
            handle.kill()
        else:
            waiter.set_result(handle)

    def check(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            try:
                gone = not self._control.recv(1, socket.MSG_PEEK)
            except ConnectionError:
                gone = True
            if gone:
                self._on_death()
        return self.alive

    def _on_death(self) -> None:
        if not self.alive:
            return
        self.alive = False
        self._loop.remove_reader(self._control.fileno())
        while self._expected:
            waiter = self._expected.popleft()
            if not waiter.done():
                waiter.set_exception(SandboxError("The clean process died"))

    async def close(self) -> None:
        """End the clean process; its workers end with it."""
        self._on_death()
        self._control.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await _reap(self._process)


def _discard(answer: asyncio.Future[Handle]) -> None:
    if not answer.cancelled() and answer.exception() is None:
        answer.result().kill()


async def _reap(process: subprocess.Popen[bytes]) -> None:
    """Collect a killed process without blocking the loop."""
    for _ in range(int(_STOP_TIME / 0.005)):
        if process.poll() is not None:
            return
        await asyncio.sleep(0.005)


def _popen(python: str, boot: str, end: socket.socket, *rest: str) -> subprocess.Popen[bytes]:
    """Start a clean process that holds one end of a socket pair.

    Raises:
        IsolationError: It cannot be started.
    """
    command = [python, *_FLAGS, "-c", boot, str(_PACKAGE), str(end.fileno()), *rest]
    try:
        return subprocess.Popen(
            command,
            env=_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            pass_fds=[end.fileno()],
            start_new_session=True,
        )
    except OSError as error:
        raise IsolationError(f"{python} does not start: {error.strerror}") from error


class PlainHandle:
    """A worker process without a wall."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def kill(self) -> None:
        self._process.kill()


class PlainLauncher:
    """Starts worker processes without a wall: an accident guard only.

    Args:
        limits: What one request may use.
        python: Interpreter of the workers.
    """

    level = "process"
    alive = True

    def __init__(self, limits: Limits, python: str = sys.executable) -> None:
        self._limits = json.dumps(asdict(limits))
        self._python = python
        self.traffic = Traffic()
        self._processes: list[subprocess.Popen[bytes]] = []

    async def spawn(self) -> Channel:
        ours, theirs = _pair()
        with theirs:
            try:
                process = _popen(self._python, _BOOT_PLAIN, theirs, self._limits)
            except IsolationError:
                ours.close()
                raise
        self._processes = [one for one in self._processes if one.poll() is None]
        self._processes.append(process)
        return Channel(ours, PlainHandle(process), self.traffic)

    def check(self) -> bool:
        return True

    async def close(self) -> None:
        for process in self._processes:
            process.kill()
            await _reap(process)


def _pair() -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair()
    except OSError as error:
        message = f"No worker can be started: {error.strerror}; {_LIMIT}"
        raise SandboxError(message) from error


_LIMIT = "raise the limit of open files (ulimit -n)"


def raise_descriptor_limit() -> int:
    """Use all open files that the system grants.

    Returns:
        How many live environments that is enough for.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (soft - 64) // _DESCRIPTORS_EACH


def usable_cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
