"""The host's end of a process that forks workers: the clean process, or a template of one class."""

import asyncio
import contextlib
import os
import signal
import socket
from collections import deque
from collections.abc import Callable

from envscaler.errors import SandboxError
from envscaler.sandbox.channel import Channel, Traffic
from envscaler.sandbox.guest import wire

_SILENCE = 20.0
_PID_DIGITS = 10
_LIMIT = "raise the limit of open files (ulimit -n)"


class BusyError(SandboxError):
    """So many requests are on their way that this one has to wait."""


class Handle:
    """A forked process that can be killed without hitting another of the same number.

    Args:
        origin: What it is forked from, which says a little later who it is.
    """

    __slots__ = ("_killed", "_origin", "_owner", "_pid", "_pidfd")

    def __init__(self, origin: "Forker") -> None:
        self._origin = origin
        self._owner = os.getpid()
        self._pid = 0
        self._pidfd: int | None = None
        self._killed = False

    @property
    def pid(self) -> int:
        """Its number; 0 until it is known."""
        if not self._pid:
            self._origin.collect()
        return self._pid

    @property
    def forsaken(self) -> bool:
        """Whether what it was forked from is gone, and it went along for no fault of its own."""
        return not self._origin.check()

    def disown(self) -> None:
        """Give up what it should have been forked from."""
        self._origin.close()

    def identify(self, pid: int, pidfd: int | None) -> None:
        """Say who it is; without a descriptor it has ended already."""
        self._pid, self._pidfd = pid, pidfd
        if self._killed:
            self._end()

    def kill(self) -> None:
        """End the process, once."""
        if not self._killed:
            self._killed = True
            self._end()
            self._origin.forget_one()

    def _end(self) -> None:
        if self._pidfd is None:
            return
        # A process that was forked from the host holds the same descriptor, and must not use it.
        if self._owner == os.getpid():
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        os.close(self._pidfd)
        self._pidfd = None


class Forker:
    """A process that forks on request.

    Args:
        control: The host's end of its control socket.
        traffic: Of all workers of this host.
        end: Ends the process.
        silence: Seconds without an answer after which it is given up.
    """

    def __init__(
        self,
        control: socket.socket,
        traffic: Traffic,
        end: Callable[[], None],
        *,
        silence: float = _SILENCE,
    ) -> None:
        control.setblocking(False)
        self._control = control
        self._traffic = traffic
        self._end = end
        self._silence = silence
        self._owner = os.getpid()
        self._loop = asyncio.get_running_loop()
        self._expected: deque[Handle] = deque()
        self._answers = 0
        self._timer: asyncio.TimerHandle | None = None
        self._living = 0
        self._retired = False
        self.alive = True
        self._loop.add_reader(control.fileno(), self.collect)

    def fork_worker(self) -> Channel:
        """Have a worker forked.

        Raises:
            BusyError: Not now.
            SandboxError: It is gone, or no descriptor is left.
        """
        ours, theirs = _pair(socket.SOCK_STREAM)
        try:
            with theirs:
                handle = self._fork(wire.FORK, theirs.fileno())
        except SandboxError:
            ours.close()
            raise
        return Channel(ours, handle, self._traffic)

    def fork_template(self, loadable: bytes) -> "Forker":
        """Have a template forked.

        Args:
            loadable: Class that it holds: kind, name and code.

        Raises:
            BusyError: Not now.
            SandboxError: It is gone, or no descriptor is left.
        """
        ours, theirs = _pair(socket.SOCK_SEQPACKET)
        file = _file_of(loadable)
        try:
            with theirs:
                handle = self._fork(wire.TEMPLATE, theirs.fileno(), file)
        except SandboxError:
            ours.close()
            raise
        finally:
            os.close(file)
        return Forker(ours, self._traffic, handle.kill)

    def _fork(self, message: bytes, *descriptors: int) -> Handle:
        if not self.alive:
            raise SandboxError("The process that forks workers is gone")
        try:
            socket.send_fds(self._control, [message], descriptors)
        except BlockingIOError:
            raise BusyError("Too many workers are being started") from None
        except OSError as error:
            self.close()
            raise SandboxError("The process that forks workers is gone") from error
        handle = Handle(self)
        self._expected.append(handle)
        self._living += 1
        if self._timer is None:
            self._watch_silence()
        return handle

    def _watch_silence(self) -> None:
        self._timer = self._loop.call_later(self._silence, self._on_silence, self._answers)

    def _on_silence(self, answers: int) -> None:
        self._timer = None
        if not self._expected:
            return
        if answers == self._answers:
            self.close()
        else:
            self._watch_silence()

    def collect(self) -> None:
        """Take the answers that are there. An odd one ends the process."""
        while self.alive:
            try:
                message, descriptors, _, _ = socket.recv_fds(self._control, wire.CONTROL_BYTES, 1)
            except BlockingIOError:
                return
            except OSError:
                message, descriptors = b"", []
            if not self._expected or not message.isdigit() or len(message) > _PID_DIGITS:
                for descriptor in descriptors:
                    os.close(descriptor)
                self.close()
                return
            self._answers += 1
            descriptor = descriptors[0] if descriptors else None
            self._expected.popleft().identify(int(message), descriptor)

    def check(self) -> bool:
        """Look whether it is alive at this moment."""
        if self.alive and self._has_hung_up():
            self.close()
        return self.alive

    def _has_hung_up(self) -> bool:
        try:
            return not self._control.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def forget_one(self) -> None:
        """Count a process that was forked from here and is no more."""
        self._living -= 1
        if self._retired and not self._living:
            self.close()

    def retire(self) -> None:
        """End it as soon as nothing lives that was forked from it: that would end with it."""
        self._retired = True
        if not self._living:
            self.close()

    def close(self) -> None:
        """End it, and with it everything that was forked from it."""
        if not self.alive:
            return
        self.alive = False
        if self._timer is not None:
            self._timer.cancel()
        if self._owner == os.getpid():
            self._loop.remove_reader(self._control.fileno())
        self._control.close()
        self._end()


def _pair(kind: socket.SocketKind) -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair(socket.AF_UNIX, kind)
    except OSError as error:
        message = f"No worker can be started: {error.strerror}; {_LIMIT}"
        raise SandboxError(message) from error


def _file_of(content: bytes) -> int:
    """Write a file that lies in memory, and return its descriptor."""
    try:
        file = os.memfd_create("code")
    except OSError as error:
        message = f"No worker can be started: {error.strerror}; {_LIMIT}"
        raise SandboxError(message) from error
    written = 0
    while written < len(content):
        written += os.write(file, content[written:])
    return file
