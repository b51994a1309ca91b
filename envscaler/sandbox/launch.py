"""Start the process that workers come from."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from envscaler.errors import IsolationError, SandboxError
from envscaler.sandbox.channel import Channel, Traffic
from envscaler.sandbox.forker import Forker
from envscaler.sandbox.guest import wire
from envscaler.sandbox.guest.wire import Limits

_PACKAGE = Path(__file__).resolve().parent
_FLAGS = ("-S", "-s", "-B", "-P", "-X", "utf8")
_FIND_GUEST = "import sys; sys.path.append(sys.argv[1]); "
_PREPARE = "from guest import boot; boot.prepare(); "
_RUN = "from guest.{} import main; main(sys.argv[2])"
_BOOT_ZYGOTE = _FIND_GUEST + _PREPARE + _RUN.format("zygote")
_BOOT_UNLOCKED = _FIND_GUEST + _RUN.format("unlocked")
# What the linker would look up late, every worker would look up anew.
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "LD_BIND_NOW": "1"}
_START_TIME = 20.0
_STOP_TIME = 5.0
_DESCRIPTORS_EACH = 2
_MAX_DEATHS = 3
"""So often the template of one class may die."""


@dataclass(frozen=True)
class Loadable:
    """A class that workers can load."""

    name: str
    source: str
    code: bytes
    """Compiled by a worker, and only ever read by workers."""
    kind: int
    """One of `wire`'s."""

    @property
    def packed(self) -> bytes:
        """As a worker or a template reads it."""
        return wire.pack(bytes((self.kind,)), self.name.encode(), self.code)

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.source


class Launcher(Protocol):
    """Where workers come from."""

    level: str
    """What stands between generated code and the machine."""
    traffic: Traffic
    """Of all its workers."""
    loads: bool
    """Whether its workers come with their class loaded."""

    def spawn(self, loadable: Loadable | None) -> Channel:
        """Start a worker; without a class, it has loaded nothing.

        Raises:
            BusyError: Not now.
            SandboxError: It cannot be started.
        """
        ...

    def forget(self, loadable: Loadable) -> None:
        """Keep nothing ready for a class any more."""
        ...

    def check(self) -> bool:
        """Look whether it is alive at this moment."""
        ...

    async def close(self) -> None: ...


class Zygote:
    """The clean process, from which everything is forked. Made by `start`."""

    loads = True

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._owner = os.getpid()
        self.traffic = Traffic()
        self._root = Forker(control, self.traffic, self._kill)
        self._templates: dict[tuple[str, str], Forker] = {}
        self._deaths: Counter[tuple[str, str]] = Counter()
        self.level = "seccomp"
        self.fixed_addresses = False

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
                process = _popen(python, _BOOT_ZYGOTE, theirs, json.dumps(asdict(limits)))
            except IsolationError:
                ours.close()
                raise
        try:
            report = await _first_message(ours, python)
        except IsolationError:
            ours.close()
            process.kill()
            await _reap(process)
            raise
        zygote = cls(process, ours)
        zygote.fixed_addresses = bool(report["fixed_addresses"])
        if report["landlock"]:
            zygote.level = "seccomp+landlock"
        return zygote

    def spawn(self, loadable: Loadable | None) -> Channel:
        if loadable is None:
            return self._root.fork_worker()
        return self._template(loadable).fork_worker()

    def _template(self, loadable: Loadable) -> Forker:
        """Return the template of a class, which is made the first time."""
        template = self._templates.get(loadable.key)
        if template is not None and template.check():
            return template
        if template is not None:
            self._deaths[loadable.key] += 1
        if self._deaths[loadable.key] >= _MAX_DEATHS and self._root.check():
            raise SandboxError(f"The template of {loadable.name} dies again and again")
        made = self._root.fork_template(loadable.packed)
        self._templates[loadable.key] = made
        return made

    def forget(self, loadable: Loadable) -> None:
        template = self._templates.pop(loadable.key, None)
        if template is not None:
            template.retire()

    def check(self) -> bool:
        return self._root.check()

    def _kill(self) -> None:
        if self._owner == os.getpid():
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """End the clean process; everything that was forked from it ends with it."""
        for template in self._templates.values():
            template.close()
        self._root.close()
        if self._owner == os.getpid():
            await _reap(self._process)


async def _first_message(control: socket.socket, python: str) -> dict[str, object]:
    """Return what the clean process reports.

    Raises:
        IsolationError: It is not locked, or says nothing.
    """
    try:
        async with asyncio.timeout(_START_TIME):
            loop = asyncio.get_running_loop()
            message = await loop.sock_recv(control, wire.CONTROL_BYTES)
    except (TimeoutError, OSError):
        message = b""
    if not message:
        raise IsolationError(f"{python} does not start")
    report: dict[str, object] = json.loads(message)
    if report["problem"]:
        raise IsolationError(str(report["problem"]))
    return report


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
    command = [python, *_FLAGS, "-c", boot, str(_PACKAGE), *rest]
    try:
        return subprocess.Popen(
            command,
            env=_ENVIRONMENT,
            cwd="/",
            # As its standard input: one number, whatever else this process holds open.
            stdin=end.fileno(),
            start_new_session=True,
        )
    except OSError as error:
        raise IsolationError(f"{python} does not start: {error.strerror}") from error


class UnlockedHandle:
    """A worker process without a wall."""

    forsaken = False

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._owner = os.getpid()
        self.pid = process.pid

    def disown(self) -> None:
        """Do nothing: it came from nobody else."""

    def kill(self) -> None:
        if self._owner == os.getpid():
            self._process.kill()


class UnlockedLauncher:
    """Starts worker processes without isolation: time-outs only.

    Args:
        limits: What one request may use.
        python: Interpreter of the workers.
    """

    level = "process"
    loads = False

    def __init__(self, limits: Limits, python: str = sys.executable) -> None:
        self._limits = json.dumps(asdict(limits))
        self._python = python
        self.traffic = Traffic()
        self._processes: list[subprocess.Popen[bytes]] = []

    def spawn(self, loadable: Loadable | None) -> Channel:
        del loadable
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = _popen(self._python, _BOOT_UNLOCKED, theirs, self._limits)
            except IsolationError:
                ours.close()
                raise
        self._processes = [one for one in self._processes if one.poll() is None]
        self._processes.append(process)
        return Channel(ours, UnlockedHandle(process), self.traffic)

    def forget(self, loadable: Loadable) -> None:
        del loadable

    def check(self) -> bool:
        return True

    async def close(self) -> None:
        for process in self._processes:
            process.kill()
            await _reap(process)
