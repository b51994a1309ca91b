"""What whole commands cost: `python -m tests.bench.bench_commands`.

Processor time of the whole machine, since what ends in the sandbox is nobody's child: on a machine
that does something else the figures are too large.
"""

import asyncio
import gzip
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from envscaler.check_env.examine import examine
from envscaler.config import load_settings
from envscaler.published.read_environments import read_environments
from envscaler.sandbox import Sandbox
from tests.bench.figures import Figure, show
from tests.conftest import SHARED_DATA

_ENVIRONMENTS = SHARED_DATA / "envscaler" / "env_metadata_dev.json.gz"
_SCENARIOS = SHARED_DATA / "envscaler" / "scenarios_dev.json.gz"
_TOOLS = 21
_ROOT = Path(__file__).parents[2]


def busy_seconds() -> float:
    """Return for how long the cores of this machine have been busy."""
    cells = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, hard, soft = map(int, cells[:7])
    return (user + nice + system + hard + soft) / os.sysconf("SC_CLK_TCK")


def _measure(name: str, work: Callable[[], object], wanted: str) -> Figure:
    busy, started = busy_seconds(), time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    sys.stderr.write(f"{name}: {seconds:.0f} s\n")
    return Figure(name, busy_seconds() - busy, unit="s CPU", wanted=wanted)


def _envscaler(folder: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "envscaler", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def demo() -> None:
    """Run the demo in a folder of its own."""
    with TemporaryDirectory() as folder:
        _envscaler(folder, "demo")


def examine_one() -> None:
    """Examine the first published environment of 21 tools that has initial states."""
    given = read_environments(_ENVIRONMENTS, _SCENARIOS)
    one = next(one for one in given if len(one.skeleton.tools) == _TOOLS and one.states)

    async def work() -> None:
        async with Sandbox.start(load_settings(None, ()).sandbox) as sandbox:
            await examine(one.skeleton, one.states, sandbox)

    asyncio.run(work())


def template_scenarios(folder: str, each: int) -> None:
    """Make scenarios for every published class without a model."""
    plural = f"scen_generator.scenarios_per_env={each}"
    _envscaler(folder, "gen-scen", "--run", "run", "--phrasing", "template", "--set", plural)


def measure() -> list[Figure]:
    """Measure the commands."""
    figures = [_measure("demo, whole", demo, "≤ 10")]
    if not _ENVIRONMENTS.is_file():
        return figures
    with TemporaryDirectory() as folder:
        environments = Path(folder, "environments.json")
        environments.write_bytes(gzip.decompress(_ENVIRONMENTS.read_bytes()))
        _envscaler(folder, "import", str(environments), "--run", "run")
        figures.append(
            _measure(
                "27 classes × 4 template scenarios", lambda: template_scenarios(folder, 4), "≤ 8"
            )
        )
    name = f"check-env, {_TOOLS} tools, given states"
    return [*figures, _measure(name, examine_one, "≤ 12")]


if __name__ == "__main__":
    show("whole commands", measure())
