"""How far one driver goes, and what more processes give.

python -m tests.bench.bench_scale [rollouts] [processes] [phrasing] [nodes]

`rollouts`: as many episodes as the published set has (4,684) against a stub endpoint that answers
after half a second: wall time, processor time of the driver, and its resident memory after each
tenth. `processes`: `check-env` of the published classes, or of the demo's, in one worker process
and in two, and how busy all cores were meanwhile. `phrasing`: the same with `gen-scen --phrasing
template`. `nodes`: rollouts against that endpoint on a Ray cluster (`ray.cluster_utils`) of one
node and of two, each of which has so many rows at once.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from envscaler.jsonl import count_rows, read_rows, write_rows
from envscaler.records import Environment
from tests.bench.real_classes import are_there
from tests.sandbox.guests import SHARED
from tests.stub_server import ROOT, Behaviour, stub_process

EXAMPLE = ROOT / "data" / "example"
EPISODES = 4_684
LATENCY = 0.5
"""Seconds of an answer."""
CALLS = 6
"""Of an episode, one a reply."""
IN_FLIGHT = 256
_ROWS, _PER_NODE = 48, 8
"""Episodes that are timed, and how many of them a node has at once."""
_SLOW = 2.0
"""Seconds of an answer there: that of a large model."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def resident(pid: int) -> float:
    """Return the resident memory of a process in MB; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def watched(process: subprocess.Popen[bytes], out: Path) -> Generator[list[tuple[int, float]]]:
    """Note the memory of a process beside the number of rows that it has written."""
    seen: list[tuple[int, float]] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(1.0):
            seen.append((count_rows(out) if out.is_file() else 0, resident(process.pid)))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def rollouts() -> None:
    """Play the episodes of the demo's scenarios again and again."""
    with tempfile.TemporaryDirectory() as name, stub_process(stub()) as url:
        run = Path(name)
        for each in ("envs", "scenarios"):
            shutil.copy(EXAMPLE / f"{each}.jsonl", run)
        attempts = -(-EPISODES // count_rows(run / "scenarios.jsonl"))
        before, began = children(), time.perf_counter()
        process = subprocess.Popen(command(run, attempts), env=environment(url))
        with process, watched(process, run / "rollouts.jsonl") as seen:
            process.wait()
        seconds, cpu = time.perf_counter() - began, children() - before
        made = count_rows(run / "rollouts.jsonl")
    ideal = made * (CALLS + 1) * LATENCY / IN_FLIGHT
    say(f"{made} episodes of {CALLS + 1} replies, {LATENCY:g} s each, {IN_FLIGHT} at once")
    say(f"wall {seconds:.0f} s (waiting alone {ideal:.0f} s), {made / seconds:.0f} episodes/s")
    say(f"processor of driver and sandbox {cpu:.0f} s, {1000 * cpu / made:.1f} ms an episode")
    for tenth in range(1, 11):
        if near := [memory for rows, memory in seen if rows >= made * tenth / 10 and memory]:
            say(f"  after {made * tenth // 10:>5} episodes: {near[0]:.0f} MB resident")


def stub(latency: float = LATENCY) -> Behaviour:
    return Behaviour(latency=latency, calls=CALLS, content="Done.")


def children() -> float:
    """Return the processor time of the processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"}


def command(run: Path, attempts: int, at_once: int = IN_FLIGHT) -> list[str]:
    chosen = (
        *("interact.dialogue=[single_turn]", "interact.tool_format=[native]"),
        *(f"interact.attempts={attempts}", f"runner.workers={at_once}"),
        *(f"llm.start_in_flight={at_once}", f"llm.max_in_flight={at_once}"),
    )
    overrides = [part for each in chosen for part in ("--set", each)]
    return [sys.executable, "-m", "envscaler", "rollout", "--run", str(run), *overrides]


def processes() -> None:
    """Examine environments in one worker process, then in two."""
    with tempfile.TemporaryDirectory() as name:
        file = given(Path(name))
        for count in (1, 2):
            command = ("check-env", str(file), "--json", "--executor", "process")
            say(f"check-env, {count}: {Busy.of(*command, '--processes', str(count))}")


def phrasing() -> None:
    """Make scenarios without a model in one worker process, then in two."""
    for count in (1, 2):
        with tempfile.TemporaryDirectory() as name:
            shutil.copy(EXAMPLE / "envs.jsonl", name)
            command = ("gen-scen", "--run", name, "--phrasing", "template", "--tiers", "1-2")
            chosen = ("--per-tier", "4", "--executor", "process", "--processes", str(count))
            say(f"gen-scen, {count}: {Busy.of(*command, *chosen)}")


@dataclass(frozen=True, slots=True)
class Busy:
    """How long a command took, and how busy the machine was meanwhile, whoever kept it so."""

    wall: float
    processor: float
    """Seconds of all cores, of all processes."""
    cores: int
    load: float
    """Processes that wanted a core when it began."""

    @classmethod
    def of(cls, *command: str) -> "Busy":
        """Run a command."""
        load, before, began = os.getloadavg()[0], _busy(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "envscaler", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,  # what it finds is no failure of the measurement
        )
        wall = time.perf_counter() - began
        return cls(wall, _busy() - before, len(os.sched_getaffinity(0)), load)

    def __str__(self) -> str:
        used = self.processor / self.wall
        return (
            f"{self.wall:.0f} s, {used:.2f} of {self.cores} cores busy, so that more processes "
            f"give at most {self.cores / used:.2f} times; load before {self.load:.1f}"
        )


def _busy() -> float:
    """Return the seconds that all cores were busy since the machine was started."""
    line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    ticks = [int(each) for each in line.split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def nodes() -> None:
    """Play the same episodes on one node and on two; starting workers is not counted."""
    seconds = {count: _on_nodes(count) for count in (1, 2)}
    say(
        f"{_ROWS} episodes of {CALLS + 1} replies, {_SLOW:g} s each, {_PER_NODE} at once on a "
        f"node: one node {seconds[1]:.1f} s, two {seconds[2]:.1f} s, "
        f"{seconds[1] / seconds[2]:.2f} times as fast; load {os.getloadavg()[0]:.1f}"
    )


def _on_nodes(count: int) -> float:
    """Return the seconds from the end of the first rows, when all workers are up, to the last."""
    cluster: Any = import_module("ray.cluster_utils").Cluster
    os.environ["PYTHONPATH"] = str(ROOT)
    started = cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        for _ in range(count):
            started.add_node(num_cpus=1)
        started.wait_for_nodes()
        with tempfile.TemporaryDirectory() as name, stub_process(stub(_SLOW)) as url:
            run = Path(name)
            for each in ("envs", "scenarios"):
                shutil.copy(EXAMPLE / f"{each}.jsonl", run)
            return _played(run, url, str(started.address), count)
    finally:
        started.shutdown()


def _played(run: Path, url: str, address: str, count: int) -> float:
    at_once, warm = _PER_NODE * count, _PER_NODE * count
    there = ("--executor", "ray", "--address", address, "--processes", str(2 * count))
    attempts = -(-(_ROWS + warm) // count_rows(run / "scenarios.jsonl"))
    line = [*command(run, attempts, at_once), *there]
    rows, began, ended = run / "rollouts.jsonl", 0.0, 0.0
    with subprocess.Popen(line, env=environment(url), stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not ended:
            time.sleep(0.02)
            made = count_rows(rows)
            now = time.perf_counter()
            began = began or (now if made >= warm else 0.0)
            ended = now if made >= warm + _ROWS else 0.0
        process.terminate()
    return ended - began


def given(folder: Path) -> Path:
    if are_there():
        return SHARED / "env_metadata_dev.json.gz"
    file = folder / "envs.jsonl"
    write_rows(file, read_rows(EXAMPLE / "envs.jsonl", Environment))
    return file


if __name__ == "__main__":
    for part in (rollouts, processes, phrasing, nodes):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
