"""What a command costs with all that it starts, workers in the sandbox included.

A control group counts exactly that, where this machine lets one be made; elsewhere it is the whole
machine that is counted, and what else runs on it is in the figure.
"""

import contextlib
import os
import subprocess
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

_FIRST, _SECOND = Path("/sys/fs/cgroup/cpuacct"), Path("/sys/fs/cgroup")
"""Where groups of the first and the second version are made."""
_NAME = f"envscaler-bench-{os.getpid()}"


def busy_seconds() -> float:
    """Return for how long the cores of this machine have been busy."""
    cells = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, hard, soft = map(int, cells[:7])
    return (user + nice + system + hard + soft) / os.sysconf("SC_CLK_TCK")


def counts_exactly() -> bool:
    """Say whether nothing but the command is counted."""
    with _group() as group:
        return group is not None


def seconds_of(command: Sequence[str], folder: str, root: Path) -> float:
    """Run a command of this project and return the processor time of all that it started.

    Args:
        command: Arguments of Python.
        folder: Where it runs.
        root: Checkout that is imported.
    """
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with _group() as group:
        before = _used(group)
        subprocess.run(
            command,
            cwd=folder,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: _join(group),  # no thread runs here
        )
        return _used(group) - before


@contextmanager
def counting() -> Generator[Callable[[], float]]:
    """Count this process and all that it starts from now on; yields what tells the seconds."""
    with _group() as group:
        _join(group)
        yield lambda: _used(group)


def _join(group: Path | None) -> None:
    if group is not None:
        (group / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


def _used(group: Path | None) -> float:
    if group is None:
        return busy_seconds()
    if group.parent == _FIRST:
        return int((group / "cpuacct.usage").read_text(encoding="ascii")) / 1e9
    told = dict(line.split() for line in (group / "cpu.stat").read_text("ascii").splitlines())
    return int(told["usage_usec"]) / 1e6


@contextmanager
def _group() -> Generator[Path | None]:
    """Make a control group; None where that cannot be done."""
    group = (_FIRST if _FIRST.is_dir() else _SECOND) / _NAME
    try:
        group.mkdir()
        _used(group)
    except (OSError, KeyError):
        yield None
        return
    try:
        yield group
    finally:
        with contextlib.suppress(OSError):  # what ends a moment later keeps it
            group.rmdir()
