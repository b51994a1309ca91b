"""The stage loop for commands that look at rows again and ask no model.

Such a command writes a row for each thing that it looked at. When it is interrupted, the same
command goes on where it stopped; when it had come to its end, it begins anew, and what has changed
since is always looked at again.
"""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from envscaler.config import Settings
from envscaler.jsonl import RowWriter, read_rows, write_rows
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.log import keep_log
from envscaler.pipeline.opening import open_workers
from envscaler.pipeline.run import Run
from envscaler.records import Row
from envscaler.sandbox import Sandbox


class Measured(Row):
    """What was found by looking at something again."""

    measured: str = ""
    """Fingerprint of what was looked at, and how."""


InT = TypeVar("InT")
MeasuredT = TypeVar("MeasuredT", bound=Measured)


@asynccontextmanager
async def open_measuring(folder: Path, settings: Settings, command: str) -> AsyncGenerator[Run]:
    """Open a run folder for a command that asks no model: its lock and a sandbox.

    Rows are written in the order in which they are given.

    Raises:
        ConfigError: Another process works in it.
        IsolationError: This machine cannot isolate generated code.
    """
    ordered = settings.runner.model_copy(update={"ordered": True})
    settings = settings.model_copy(update={"runner": ordered})
    with only_one(folder, make=False), keep_log(folder, command) as log:
        async with (
            Sandbox.start(settings.sandbox) as sandbox,
            open_workers(settings, folder, {}) as workers,
        ):
            yield Run(folder, settings, {}, sandbox, log=log, workers=workers)


async def measure(  # noqa: PLR0913 (its caller names every part)
    run: Run,
    given: Sequence[InT],
    step: Callable[[InT], Awaitable[MeasuredT]],
    *,
    name: str,
    out: str,
    kind: type[MeasuredT],
    id_of: Callable[[InT], str],
    basis: Callable[[InT], Sequence[str]],
) -> list[MeasuredT]:
    """Look at everything given, as a stage of the run, and return what was found.

    Args:
        run: Where to.
        given: What is looked at.
        step: Looks at one of them.
        name: Of the stage.
        out: The artifact, such as `verified`.
        kind: What it holds.
        id_of: The id of the row that will be made from something given.
        basis: Texts that what is found depends on, such as the rows and settings.

    Raises:
        ArtifactError: The artifact is not what this command wrote.
        EnvScalerError: What stopped the stage; its report is in `run.reports`.
    """
    prints = {id_of(one): _fingerprint(basis(one)) for one in given}
    _keep_unfinished(run.path(out), kind, prints)

    async def look(one: InT) -> MeasuredT:
        found = await step(one)
        return found.model_copy(update={"measured": prints[id_of(one)]})

    await run.stage(given, look, name=name, out=out, kind=kind, id_of=id_of)
    return list(read_rows(run.path(out), kind))


def _keep_unfinished(out: Path, kind: type[MeasuredT], prints: Mapping[str, str]) -> None:
    """Keep of an interrupted measurement what still holds, and of a finished one nothing."""
    if not out.is_file():
        return
    RowWriter(out).close()  # sets a torn tail aside
    kept = [row for row in read_rows(out, kind) if prints.get(row.id) == row.measured]
    write_rows(out, kept if len(kept) < len(prints) else ())


def _fingerprint(texts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:16]
