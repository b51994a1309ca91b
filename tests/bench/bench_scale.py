"""How far one driver goes, and what more processes give.

python -m tests.bench.bench_scale [rollouts] [processes]

`rollouts`: as many episodes as the published set has (4,684) against a stub endpoint that answers
after half a second: wall time, processor time of the driver, and its resident memory after each
tenth. `processes`: `check-env` of the published classes, or of the demo's, in one worker process
and in two.
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
from pathlib import Path

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


def stub() -> Behaviour:
    return Behaviour(latency=LATENCY, calls=CALLS, content="Done.")


def children() -> float:
    """Return the processor time of the processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"}


def command(run: Path, attempts: int) -> list[str]:
    chosen = (
        *("interact.dialogue=[single_turn]", "interact.tool_format=[native]"),
        *(f"interact.attempts={attempts}", f"runner.workers={IN_FLIGHT}"),
        *(f"llm.start_in_flight={IN_FLIGHT}", f"llm.max_in_flight={IN_FLIGHT}"),
    )
    overrides = [part for each in chosen for part in ("--set", each)]
    return [sys.executable, "-m", "envscaler", "rollout", "--run", str(run), *overrides]


def processes() -> None:
    """Examine environments in one worker process, then in two."""
    with tempfile.TemporaryDirectory() as name:
        file = given(Path(name))
        seconds = {count: examined(file, count) for count in (1, 2)}
    say(
        f"check-env of {file.name}: one process {seconds[1]:.0f} s, two {seconds[2]:.0f} s, "
        f"{seconds[1] / seconds[2]:.2f} times as fast on {len(os.sched_getaffinity(0))} cores"
    )


def given(folder: Path) -> Path:
    if are_there():
        return SHARED / "env_metadata_dev.json.gz"
    file = folder / "envs.jsonl"
    write_rows(file, read_rows(EXAMPLE / "envs.jsonl", Environment))
    return file


def examined(file: Path, count: int) -> float:
    """Return the seconds that it takes."""
    chosen = ("--executor", "process", "--processes", str(count), "--json")
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "envscaler", "check-env", str(file), *chosen],
        stdout=subprocess.DEVNULL,
        check=False,  # what it finds is no failure of the measurement
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    for part in (rollouts, processes):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
