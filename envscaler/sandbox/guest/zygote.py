"""The clean process: imports what generated code may use, locks itself, then only forks.

Started by the host with an empty environment and without site-packages. Each message on its
control socket carries one end of a socket pair; the answer carries a pidfd of the process that
serves it: a worker, or a template that forks workers of one class.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys

from . import boot, clock, identity, lockdown, memory, randomness, zones
from .forking import Forker
from .replace import replace_everywhere
from .seccomp import MACHINE, WORKER_CALLS, ZYGOTE_CALLS, Filter
from .warm_up import Example
from .wire import Limits
from .worker import Worker

MODULES = (
    "__future__", "abc", "array", "ast", "base64", "binascii", "bisect", "calendar", "cmath",
    "collections", "collections.abc", "colorsys", "contextlib", "contextvars", "copy", "copyreg",
    "csv",
    "dataclasses", "datetime", "decimal", "difflib", "enum", "fnmatch", "fractions", "functools",
    "graphlib", "hashlib", "heapq", "hmac", "html", "inspect", "io", "ipaddress", "itertools",
    "json", "keyword", "locale", "logging", "marshal", "math", "numbers", "operator", "os.path",
    "pickle", "posixpath", "pprint", "queue", "random", "re", "reprlib", "secrets", "shlex",
    "statistics", "string", "struct", "textwrap", "threading", "time", "timeit", "traceback",
    "types", "typing", "unicodedata", "urllib.parse", "uuid", "warnings", "weakref", "zlib",
    "zoneinfo", "_strptime", "encodings.idna", "encodings.latin_1", "encodings.ascii",
)  # fmt: skip
"""Imported before the lock; afterwards no file can be opened, so nothing else can be imported."""


def import_modules(limits: Limits) -> None:
    """Import what generated code may use."""
    sys.path.extend(limits.paths)
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in limits.modules:
        with contextlib.suppress(ImportError):
            module = importlib.import_module(name)
            # Some packages load their parts when they are asked for, and then no file can be read.
            for part in getattr(module, "__all__", ()):
                with contextlib.suppress(Exception):
                    getattr(module, part)


def freeze_world() -> None:
    """Make time, randomness and identity of this process the same everywhere."""
    replace_everywhere([*clock.install(), *randomness.install(), *identity.install()])
    zones.install()


def main(settings: str) -> None:
    """Set the scene, lock up, and fork on request until the host hangs up.

    Args:
        settings: `Limits` of every worker, as JSON.
    """
    boot.keep_only_control()
    gc.disable()
    # The kernel reaps: a worker that is killed leaves nothing behind.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limits = Limits(**json.loads(settings))
    import_modules(limits)
    freeze_world()
    control = socket.socket(fileno=boot.CONTROL)
    forker = _prepare(control, Worker(limits))
    lockdown.limit_resources(limits.memory)
    report = {**_lock(), "fixed_addresses": boot.are_addresses_fixed()}
    control.sendmsg([json.dumps(report).encode()])
    if forker is not None and not report["problem"]:
        forker.serve()


def _prepare(control: socket.socket, worker: Worker) -> Forker | None:
    """Do beforehand what every worker would have to do; None where no filter was written."""
    if MACHINE is None:
        return None
    example = Example()
    forker = Forker(control, worker, Filter(MACHINE, WORKER_CALLS), example)
    example.warm_up(worker)
    memory.fill_gaps()
    gc.freeze()
    forker.rehearse()
    return forker


def _lock() -> dict[str, object]:
    """Give up everything but forking.

    Returns:
        `landlock` (its version, 0 without) and `problem` (empty when the lock holds).
    """
    _leave_the_world()
    lockdown.die_with_parent()
    lockdown.be_first_out_of_memory()
    lockdown.give_up_privileges()
    landlock = lockdown.landlock()
    problem = ""
    if MACHINE is None:
        problem = f"no seccomp filter was written for {os.uname().machine}"
    else:
        try:
            Filter(MACHINE, ZYGOTE_CALLS).install()
        except OSError as error:
            problem = f"the kernel refuses seccomp filters: {error.strerror}"
    return {"landlock": landlock, "problem": problem}


def _leave_the_world() -> None:
    os.chdir("/")
    os.environ.clear()
    sys.path.clear()
    sys.argv.clear()
    boot.point_to_nothing(*range(boot.CONTROL))
