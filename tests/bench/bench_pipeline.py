"""The row runner beside plain ways to do the same: memory, time per row, and kill -9.

python -m tests.bench.bench_pipeline [memory] [rows] [kills]
"""

import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jsonlines

from envscaler.errors import ArtifactError
from envscaler.jsonl import RowWriter, read_rows
from envscaler.pipeline.stage import run_stage
from envscaler.records import Task, row_id
from tests.fakes import runner_settings
from tests.killing import contents, finish, ids_left, kill_after

OPTIONS = runner_settings(workers=32, ordered=False, grace=1, stop_window=50)
KILLS = 60
ROWS = 2000
ROW_BYTES = 14_000


def id_of(number: int) -> str:
    return row_id("task", number)


def say(*cells: object) -> None:
    sys.stdout.write(
        "".join(f"{cell!s:<34}" if not n else f"{cell!s:>14}" for n, cell in enumerate(cells))
        + "\n"
    )


async def make(number: int) -> Task:
    """Make a row, as long as every other: what grows with the rows is then not their length."""
    await asyncio.sleep(0)
    return Task(id=id_of(number), text=f"{number:07} " * 100, source="bench")


async def with_run_stage(count: int, out: Path) -> None:
    await run_stage(
        range(count), make, name="bench", out=out, kind=Task, id_of=id_of, options=OPTIONS
    )


async def with_gather(count: int, out: Path) -> None:
    """Do it the short way: all rows at once, then all to the file."""
    rows = await asyncio.gather(*(make(number) for number in range(count)))
    with out.open("w", encoding="utf-8") as file:
        file.writelines(f"{row.model_dump_json()}\n" for row in rows)


WAYS = {"run_stage": with_run_stage, "gather": with_gather}


def memory_of(way: str, count: int) -> tuple[float, float]:
    """Return the peak of resident memory in MB, and seconds, of a process that makes rows."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", __spec__.name, "--child", way, str(count), folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak, seconds = done.stdout.split()
    return float(peak), float(seconds)


def child(way: str, count: int, folder: str) -> None:
    """Make rows and print the peak of resident memory in MB, and seconds."""
    start = time.perf_counter()
    asyncio.run(WAYS[way](count, Path(folder) / "tasks.jsonl"))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{peak} {seconds}\n")


def memory() -> None:
    say("peak memory, MB", "1,000 rows", "100,000 rows", "growth", "µs a row")
    for way in WAYS:
        (small, _), (large, seconds) = memory_of(way, 1_000), memory_of(way, 100_000)
        growth = f"{large - small:+.1f}"
        say(way, f"{small:.1f}", f"{large:.1f}", growth, f"{seconds * 10:.0f}")


def rows() -> None:
    """Compare one row of 14 KB: written and read here, and by jsonlines as it comes."""
    task = Task(id="task-1", text="Renew my loan. " * (ROW_BYTES // 15), source="bench")
    plain = task.model_dump()
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name) / "ours.jsonl", Path(name) / "theirs.jsonl"
        with RowWriter(ours) as out, theirs.open("w", encoding="utf-8") as file:
            writer = jsonlines.Writer(file)
            writing = each(lambda: out.append(task)), each(lambda: writer.write(plain))
        reading = (
            whole(lambda: sum(1 for _ in read_rows(ours, Task))),
            whole(lambda: sum(1 for line in theirs.open(encoding="utf-8") if json.loads(line))),
        )
    say("14 KB rows, µs a row", "ours", "plain", "ratio")
    for what, (own, other) in (
        ("write (ours: crash-safe)", writing),
        ("read (ours: typed)", reading),
    ):
        say(what, f"{own:.0f}", f"{other:.0f}", f"{own / other:.2f}")


def each(work: Callable[[], object]) -> float:
    return whole(lambda: [work() for _ in range(ROWS)])


def whole(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / ROWS * 1e6


def kills() -> None:
    """Kill a stage 60 times with SIGKILL, resumed each time; then let it finish."""
    draw = random.Random(0)
    lost = unreadable = 0
    with tempfile.TemporaryDirectory() as name:
        killed, undisturbed = Path(name) / "killed", Path(name) / "undisturbed"
        for _ in range(KILLS):
            acknowledged = kill_after(draw.randint(1, 60), killed, ROWS, ordered=True)
            try:
                lost += len(acknowledged - ids_left(killed))
            except ArtifactError:
                unreadable += 1
        finish(killed, ROWS, ordered=True)
        finish(undisturbed, ROWS, ordered=True)
        equal = contents(killed, ordered=True) == contents(undisturbed, ordered=True)
    say(f"{KILLS} × kill -9", "lost rows", "unreadable", "end result")
    say("run_stage, one write a row", lost, unreadable, "equal" if equal else "differs")
    say("rewriting a list every 5 rows", *kill_rewriter(draw), "-")


def kill_rewriter(draw: random.Random) -> tuple[int, int]:
    """Do the same to the usual way, which keeps one JSON list and writes it anew."""
    lost = unreadable = 0
    for _ in range(KILLS):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "rows.json"
            command = [sys.executable, "-m", __spec__.name, "--rewrite", str(path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                told = [next(process.stdout) for _ in range(draw.randint(100, 400))]
                process.kill()
                told += list(process.stdout)
            try:
                lost += len(told) - len(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                unreadable += 1
    return max(lost, 0), unreadable


def rewrite(path: str) -> None:
    """Append to a list for ever, write it whole every five rows, and say so each time."""
    made: list[str] = []
    while True:
        made.append("x" * ROW_BYTES)
        if len(made) % 5 == 0:
            with Path(path).open("w", encoding="utf-8") as file:
                json.dump(made, file, indent=2)
        sys.stdout.write(f"{len(made)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--child", way, count, folder]:
            child(way, int(count), folder)
        case ["--rewrite", path]:
            rewrite(path)
        case chosen:
            for part in (memory, rows, kills):
                if not chosen or part.__name__ in chosen:
                    part()
