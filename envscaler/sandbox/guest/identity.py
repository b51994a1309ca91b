"""What a process could tell about itself and the machine, made the same everywhere.

Process numbers, users, processor times and paths of the host: nothing that a class may base a
result on, and nothing that it has to know.
"""

import _thread
import gc
import logging
import os
import resource
import sys
import threading
from collections.abc import Callable
from types import ModuleType

from . import clock
from .replace import Replacements

_PID, _PARENT, _USER, _THREAD = 4242, 1, 1000, 1


def _constant(value: object) -> Callable[..., object]:
    def answer(*_arguments: object, **_named: object) -> object:
        return value

    return answer


def _times() -> os.times_result:
    now = clock.now()
    return os.times_result((0.0, 0.0, 0.0, 0.0, now))


def _usage(_who: int = 0) -> resource.struct_rusage:
    return resource.struct_rusage((0.0, 0.0, *[0] * 14))


_SYSTEM: dict[str, Callable[..., object]] = {
    **dict.fromkeys(("getpid", "getpgrp", "getpgid", "getsid"), _constant(_PID)),
    **dict.fromkeys(("getuid", "geteuid", "getgid", "getegid"), _constant(_USER)),
    "getppid": _constant(_PARENT),
    "cpu_count": _constant(1),
    "process_cpu_count": _constant(1),
    "getloadavg": _constant((0.0, 0.0, 0.0)),
    "times": _times,
}


def install() -> Replacements:
    """Prepare this process to tell nothing about itself.

    Returns:
        What has to be replaced wherever a module keeps it.
    """
    found = [(os.__dict__[name], new) for name, new in _SYSTEM.items() if name in os.__dict__]
    posix = sys.modules[os.name].__dict__
    found += [(posix[name], new) for name, new in _SYSTEM.items() if name in posix]
    found += [
        (resource.getrusage, _usage),
        (_thread.get_native_id, _constant(_PID)),
        (_thread.get_ident, _constant(_THREAD)),
        # What these count moves by one with whatever the process did before it was forked.
        (sys.getrefcount, _constant(2)),
        (sys.getallocatedblocks, _constant(0)),
        (gc.get_count, _constant((0, 0, 0))),
    ]
    logging.__dict__["_startTime"] = clock.EPOCH
    _renumber_main_thread()
    _forget_paths()
    return [*found]


def _renumber_main_thread() -> None:
    """Let `threading` find the one thread under the number that it will be told."""
    main = threading.main_thread()
    main.__dict__["_ident"] = _THREAD
    threading.__dict__["_active"] = {_THREAD: main}


def _forget_paths() -> None:
    """Hide where the interpreter and its library lie on this machine."""
    sys.executable = sys.orig_argv[0] = "python"
    sys.orig_argv[1:] = []
    for name in ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix"):
        setattr(sys, name, "/python")
    setattr(sys, "_base_executable", "python")  # noqa: B010  a name of Python's own
    for name, module in list(sys.modules.items()):
        _forget_path(name, module)


def _forget_path(name: str, module: ModuleType) -> None:
    place = f"/python/{name.replace('.', '/')}.py"
    namespace = module.__dict__
    if isinstance(namespace.get("__file__"), str):
        namespace.update(__file__=place, __cached__=None)
        namespace.pop("__path__", None)
    spec = namespace.get("__spec__")
    if spec is not None and spec.has_location:
        spec.origin, spec.cached = place, None
