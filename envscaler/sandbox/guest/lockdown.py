"""Give up rights, as an ordinary user can: no new privileges, Landlock, resource limits."""

import contextlib
import ctypes
import os
import resource
import signal
import struct
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Landlock version → number of file system rights it knows; later ones know 16."""

_FILES = 8

Lock = Callable[[], None]
"""Takes rights from the process that calls it, for good."""

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends, however it ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def give_up_privileges() -> None:
    """Never gain rights again, and let no other process look into this one."""
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def be_first_out_of_memory() -> None:
    """Let the kernel choose this process and its children first when memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def landlock() -> int:
    """Deny every file, TCP port, abstract socket and signal to the outside.

    Returns:
        The version of Landlock in use, or 0 where the kernel has none.
    """
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return 0
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    ports, scopes = 3 if version >= 4 else 0, 3 if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = ctypes.create_string_buffer(struct.pack("QQQ", rights, ports, scopes), 24)
    descriptor = _libc.syscall(_LANDLOCK_CREATE, rules, size, 0)
    if descriptor < 0:
        return 0
    refused = _libc.syscall(_LANDLOCK_RESTRICT, descriptor, 0)
    os.close(descriptor)
    return 0 if refused else version


def limit_resources(memory: int) -> None:
    """Set hard limits that neither this process nor one that it forks can raise again.

    Args:
        memory: Bytes of address space.
    """
    limits = {"AS": memory, "CORE": 0, "FSIZE": 0, "MEMLOCK": 0}
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def start_and_open_nothing() -> None:
    """Set the limits that a process which forks, and hands descriptors over, cannot have.

    To an ordinary user the kernel lets a process send no descriptor while more than its own limit
    of open files are under way for that user, in whatever process.
    """
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
