"""What this machine grants: open files, and so environments, and cores."""

import contextlib
import os
import sys

from envscaler.errors import IsolationError

_EACH = 2
"""Descriptors of one live environment: its socket, and the handle of its process."""
_OTHERS = 64
_MANY = 1 << 20

if sys.platform == "win32":

    def raise_descriptor_limit() -> int:
        """Return for how many live environments open files are enough: none lives here."""
        return 0

else:
    import resource

    def raise_descriptor_limit() -> int:
        """Use all open files that the system grants.

        Returns:
            How many live environments that is enough for.
        """
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            soft = _MANY
        return (soft - _OTHERS) // _EACH


def usable_cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def refuse_windows() -> None:
    """Say what helps where processes cannot be forked and locked at all.

    Raises:
        IsolationError: This is Windows.
    """
    if sys.platform == "win32":
        raise IsolationError("Windows cannot run generated code; use WSL 2, where it is isolated")
