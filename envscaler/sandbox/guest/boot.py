"""First thing that runs in the clean process: fixed addresses, and no descriptor but its own.

With random addresses, what shows an address (`repr` of an object, the order of a set of objects)
would differ from run to run. To generated code fixed ones give nothing away: it can read all the
memory of its own process in any case, and finds nothing there but the standard library.
"""

import ctypes
import os
import resource
import sys

CONTROL = 3
"""The descriptor through which a process of the sandbox is spoken to; the only one that it has."""
DESCRIPTORS = 64
"""In a process that forks all have lower numbers."""

_GIVEN = 0
_MANY = 1 << 20
"""Where there is no limit, no descriptor has a higher number."""
_ASK, _FIXED_ADDRESSES = 0xFFFFFFFF, 0x0040000


def prepare() -> None:
    """Start this interpreter again with fixed addresses, and let nobody watch for forks.

    Called before anything else is imported. Some containers do not allow fixed addresses; then they
    stay random.
    """
    if not are_addresses_fixed():
        _fix_addresses()
    # The hooks of the standard library mend what other threads left behind. Here is one thread
    # only, and each of them would cost a newborn worker a hundred pages.
    os.register_at_fork = _ignore


def _ignore(**_hooks: object) -> None:
    """Take the place of `os.register_at_fork`."""


def are_addresses_fixed() -> bool:
    """Say whether objects lie at the same addresses in every run."""
    return bool(_personality(_ASK) & _FIXED_ADDRESSES)


def _fix_addresses() -> None:
    if _personality(_personality(_ASK) | _FIXED_ADDRESSES) >= 0 and are_addresses_fixed():
        os.execv(sys.executable, sys.orig_argv)


def _personality(flags: int) -> int:
    call = getattr(ctypes.CDLL(None), "personality", None)
    return 0 if call is None else int(call(flags))


def keep_only_control() -> None:
    """Put the socket that came as standard input into its place, and close everything else."""
    os.dup2(_GIVEN, CONTROL, inheritable=False)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(CONTROL + 1, _MANY if soft == resource.RLIM_INFINITY else min(soft, _MANY))
    point_to_nothing(_GIVEN)


def point_to_nothing(*descriptors: int) -> None:
    """Let descriptors lead nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(nothing, descriptor)
    os.close(nothing)
