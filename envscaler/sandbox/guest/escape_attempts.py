"""Attempts to break out, run by us in a throwaway worker before anything generated is run."""

import contextlib
import ctypes
import errno
import mmap
import os
import signal
import socket
from collections.abc import Callable

_DESCRIPTORS = 1024
"""So many numbers are looked at."""
_OWN = 3
"""What it is spoken to through; those below lead nowhere."""


def _open() -> None:
    os.close(os.open("/etc/passwd", os.O_RDONLY))


def _stat() -> None:
    os.stat("/")  # noqa: PTH116  the bare system call is what is tried


def _socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _unix_socket() -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _execute() -> None:
    # That there is no such program is only known to who was let through to look for it.
    with contextlib.suppress(FileNotFoundError):
        os.execv("/nonexistent", ["nonexistent"])


def _kill() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.kill(0, 0) != 0:
        raise PermissionError


def _signal_handler() -> None:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)


def _executable_memory() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _other_descriptors() -> None:
    if not any(map(_is_open, range(_OWN + 1, _DESCRIPTORS))):
        raise OSError("there are none")


def _is_open(number: int) -> bool:
    try:
        os.lseek(number, 0, os.SEEK_CUR)
    except OSError as error:
        return error.errno != errno.EBADF
    return True


ATTEMPTS: dict[str, Callable[[], None]] = {
    "open a file": _open,
    "stat a file": _stat,
    "open a socket": _socket,
    "open a unix socket": _unix_socket,
    "fork": _fork,
    "send a signal": _kill,
    "handle a signal": _signal_handler,
    "map executable memory": _executable_memory,
    "start a program": _execute,
    "use a descriptor of others": _other_descriptors,
}
"""What is tried → how; each raises OSError when it is stopped."""


def breaches() -> list[str]:
    """Try everything and return what worked."""
    return [name for name, attempt in ATTEMPTS.items() if _works(attempt)]


def _works(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True
