"""Kill stage processes and look at what they leave behind."""

import subprocess
import sys
from pathlib import Path

from envscaler.jsonl import RowWriter, read_rows
from envscaler.records import Dropped, Task

CHECKOUT = Path(__file__).parents[1]


def start(folder: Path, rows: int, *, ordered: bool) -> subprocess.Popen[str]:
    """Start a stage process; it prints the id of every row that it has acknowledged."""
    command = [sys.executable, "-m", "tests.stage_process", str(folder), str(rows)]
    return subprocess.Popen(
        [*command, *(["--ordered"] if ordered else [])],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )


def kill_after(count: int, folder: Path, rows: int, *, ordered: bool) -> set[str]:
    """Kill a stage with SIGKILL once it has acknowledged `count` rows; returns all it had."""
    with start(folder, rows, ordered=ordered) as process:
        assert process.stdout is not None
        acknowledged = {next(process.stdout, "").strip() for _ in range(count)}
        process.kill()
        return acknowledged | {line.strip() for line in process.stdout} - {""}


def finish(folder: Path, rows: int, *, ordered: bool) -> None:
    """Let a stage run to its end."""
    with start(folder, rows, ordered=ordered) as process:
        process.communicate(timeout=120)
    assert process.returncode == 0


def ids_left(folder: Path) -> set[str]:
    """Return the ids of the rows on disk, as a resumed stage would find them.

    Raises:
        ArtifactError: A file cannot be read.
    """
    rows, drops = folder / "tasks.jsonl", folder / "dropped.jsonl"
    for path in (rows, drops):
        RowWriter(path).close()
    return {row.id for row in read_rows(rows, Task)} | {row.id for row in read_rows(drops, Dropped)}


def contents(folder: Path, *, ordered: bool) -> list[list[bytes]]:
    """Return the lines of rows and drops; sorted where their order depends on timing."""
    files = [(folder / name).read_bytes() for name in ("tasks.jsonl", "dropped.jsonl")]
    lines = [file.splitlines() for file in files]
    return lines if ordered else [sorted(file) for file in lines]
