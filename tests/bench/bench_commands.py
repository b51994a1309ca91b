"""What whole commands cost, and the least they could: `python -m tests.bench.bench_commands`.

Beside each command stands the same number of calls, states, snapshots and forks, made bare in the
same run: in one process (`bare_work`), by a process that asks another (`bare_worker`), and for the
demo by our own workers (`own_workers`) and, from a sample, with a process for each environment
(`bare_processes`).
"""

import asyncio
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from envscaler.check_env.examine import examine
from envscaler.config import load_settings
from envscaler.published.read_environments import read_environments
from envscaler.sandbox import Sandbox
from tests.bench.figures import Figure, show
from tests.bench.processor_time import counts_exactly, seconds_of
from tests.shared_data import SHARED_DATA

_ENVIRONMENTS = SHARED_DATA / "envscaler" / "env_metadata_dev.json.gz"
_SCENARIOS = SHARED_DATA / "envscaler" / "scenarios_dev.json.gz"
_TOOLS = 21
_EACH = 4
_ROOT = Path(__file__).parents[2]
_MAKE = (
    "gen-scen", "--run", "run", "--phrasing", "template",
    "--set", f"scen_generator.scenarios_per_env={_EACH}",
)  # fmt: skip


def examine_one() -> None:
    """Examine the first published environment of 21 tools that has initial states."""
    given = read_environments(_ENVIRONMENTS, _SCENARIOS)
    one = next(one for one in given if len(one.skeleton.tools) == _TOOLS and one.states)

    async def work() -> None:
        async with Sandbox.start(load_settings(None, ()).sandbox) as sandbox:
            await examine(one.skeleton, one.states, sandbox)

    asyncio.run(work())


_BARE = {
    "bare_work": "{}",
    "bare_worker": "{}, beside a bare worker",
    "own_workers": "{}, beside our own workers, nobody who thinks",
    "bare_processes": "{}, beside a bare process each (a sample, scaled)",
}
"""How the work is made bare → the name of its row."""
_LONGEST = 600
"""Seconds for one way to make work bare."""


def _measure(
    name: str,
    arguments: Sequence[str],
    wanted: str,
    ways: Sequence[str] = ("bare_work", "bare_worker"),
) -> list[Figure]:
    """Measure a command, and then the same work made bare, in each of some ways."""
    started = time.perf_counter()
    with _folder() as folder:
        ours = seconds_of([sys.executable, *_module(arguments)], folder, _ROOT)
    with _folder() as folder:
        file = str(Path(folder, "work"))
        record = ["-m", "tests.bench.recorded_work", file, *arguments]
        seconds_of([sys.executable, *record], folder, _ROOT)
        told = {way: json.loads(said) for way in ways if (said := _made_bare(way, file))}
    sys.stderr.write(f"{name}: {time.perf_counter() - started:.0f} s; bare: {told}\n")
    return [
        Figure(_BARE[way].format(name), ours, unit="s CPU", bound=bare["seconds"], wanted=wanted)
        for way, bare in told.items()
    ]


def _module(arguments: Sequence[str]) -> list[str]:
    if arguments[0] == "examine-one":
        return ["-c", "from tests.bench.bench_commands import examine_one; examine_one()"]
    return ["-m", "envscaler", *arguments]


def _folder() -> TemporaryDirectory[str]:
    """Make a folder in which the published environments are imported, where they are at hand."""
    folder = TemporaryDirectory()
    if _ENVIRONMENTS.is_file():
        environments = Path(folder.name, "environments.json")
        environments.write_bytes(gzip.decompress(_ENVIRONMENTS.read_bytes()))
        command = [sys.executable, "-m", "envscaler", "import", "environments.json", "--run", "run"]
        seconds_of(command, folder.name, _ROOT)
    return folder


def _made_bare(way: str, file: str) -> str:
    """Return what is told of work that was made bare; empty, and said, where it does not end."""
    command = [sys.executable, "-m", f"tests.bench.{way}", file]
    try:
        done = subprocess.run(
            command, cwd=_ROOT, check=True, capture_output=True, text=True, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{way} did not end within {_LONGEST} s: its row is left out\n")
        return ""
    return done.stdout


def title() -> str:
    """Say what is counted."""
    whose = "of all their processes" if counts_exactly() else "of the machine"
    return f"Whole commands; processor time {whose}; bound: the same calls, states and forks, bare"


def measure() -> list[Figure]:
    """Measure the commands."""
    figures = _measure("demo, whole", ["demo"], "≤ 10", tuple(_BARE))
    if not _ENVIRONMENTS.is_file():
        return figures
    figures += _measure(f"27 classes × {_EACH} template scenarios", _MAKE, "≤ 8")
    name = f"check-env, {_TOOLS} tools, given states"
    return [*figures, *_measure(name, ["examine-one"], "≤ 12")]


if __name__ == "__main__":
    show(title(), measure())
