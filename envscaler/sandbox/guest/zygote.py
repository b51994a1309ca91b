"""The clean process: imports what generated code may use, locks itself, then only forks.

Started by the host with an empty environment and without site-packages. Each message on its
control socket carries one end of a socket pair; the answer carries a pidfd of the worker that
serves it.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys

from . import chance, clock, lockdown, wire
from .seccomp import MACHINE, WORKER_CALLS, ZYGOTE_CALLS, Filter
from .wire import Limits
from .worker import Worker, serve

MODULES = (
    "abc", "array", "ast", "base64", "binascii", "bisect", "calendar", "cmath", "collections",
    "collections.abc", "colorsys", "contextlib", "contextvars", "copy", "copyreg", "csv",
    "dataclasses", "datetime", "decimal", "difflib", "enum", "fnmatch", "fractions", "functools",
    "graphlib", "hashlib", "heapq", "hmac", "html", "inspect", "io", "ipaddress", "itertools",
    "json", "keyword", "locale", "logging", "marshal", "math", "numbers", "operator", "os.path",
    "pickle", "posixpath", "pprint", "queue", "random", "re", "reprlib", "secrets", "shlex",
    "statistics", "string", "struct", "textwrap", "threading", "time", "timeit", "traceback",
    "types", "typing", "unicodedata", "urllib.parse", "uuid", "warnings", "weakref", "zlib",
    "zoneinfo", "_strptime", "encodings.idna", "encodings.latin_1", "encodings.ascii",
)  # fmt: skip
"""Imported before the lock; afterwards no file can be opened, so nothing else can be imported."""

_WORKER_SOCKET = 3


def import_modules() -> None:
    """Import what generated code may use."""
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def main(control: int, settings: str) -> None:
    """Set the scene, lock up, and fork on request until the host hangs up.

    Args:
        control: Descriptor of the control socket.
        settings: `Limits` of every worker, as JSON.
    """
    gc.disable()
    # Their hooks mend what other threads left behind. Here is one thread only, and each of them
    # would cost a newborn worker a hundred pages.
    os.register_at_fork = _ignore
    import_modules()
    clock.install()
    chance.install()
    limits = Limits(**json.loads(settings))
    worker = Worker(limits)
    channel = socket.socket(fileno=control)
    report = _lock()
    channel.sendmsg([json.dumps(report).encode()])
    if not report["problem"]:
        gc.freeze()
        _fork_on_request(channel, worker)


def _ignore(**_hooks: object) -> None:
    """Take the place of `os.register_at_fork`."""


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
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    # The kernel reaps: a worker that is killed leaves nothing behind.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _fork_on_request(channel: socket.socket, worker: Worker) -> None:
    if MACHINE is None:
        return
    worker_filter = Filter(MACHINE, WORKER_CALLS)
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(channel, wire.CONTROL_BYTES, 1)
        if not message:
            return
        child = os.fork()
        if child == 0:
            _become_worker(descriptors[0], worker, worker_filter)
        os.close(descriptors[0])
        _hand_over(channel, child)


def _hand_over(channel: socket.socket, child: int) -> None:
    answer = b"%d" % child
    try:
        handle = os.pidfd_open(child)
    except ProcessLookupError:
        channel.sendmsg([answer])
        return
    socket.send_fds(channel, [answer], [handle])
    os.close(handle)


def _become_worker(descriptor: int, worker: Worker, worker_filter: Filter) -> None:
    """Lock this process further and serve; never returns."""
    try:
        os.dup2(descriptor, _WORKER_SOCKET)
        os.closerange(_WORKER_SOCKET + 1, 64)
        lockdown.die_with_parent()
        lockdown.limit_resources(worker.limits.memory)
        gc.enable()
        gc.set_threshold(20_000, 20, 50)
        serve(_WORKER_SOCKET, worker, worker_filter.install)
    finally:
        os._exit(1)
