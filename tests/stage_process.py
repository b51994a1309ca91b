"""A stage in a process of its own that says which rows it has acknowledged, to be killed.

python -m tests.stage_process FOLDER ROWS [--ordered]
"""

import asyncio
import os
import sys
from pathlib import Path

from envscaler.errors import RejectedError
from envscaler.jsonl import RowWriter
from envscaler.pipeline import stage
from envscaler.records import Dropped, Row, Task, row_id
from tests.fakes import runner_settings


class TellingWriter(RowWriter):
    """Writes the id of each row to standard output once the row is acknowledged."""

    def append(self, row: Row | Dropped) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().append(row)
        os.write(1, f"{row.id}\n".encode())


def id_of(number: int) -> str:
    return row_id("task", number)


async def step(number: int) -> Task:
    """Make a row of a few KB after a wait; every seventh number is refused."""
    await asyncio.sleep(number % 5 / 2000)
    if number % 7 == 0:
        raise RejectedError("seventh", f"{number} can be divided by seven")
    return Task(id=id_of(number), text=f"{number} " * 500, source="test")


def main(folder: Path, rows: int, *, ordered: bool) -> None:
    """Run the stage to its end."""
    stage.RowWriter = TellingWriter
    options = runner_settings(workers=8, ordered=ordered, grace=1, stop_window=0)
    asyncio.run(
        stage.run_stage(
            range(rows),
            step,
            name="make",
            out=folder / "tasks.jsonl",
            kind=Task,
            id_of=id_of,
            options=options,
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), ordered="--ordered" in sys.argv)
