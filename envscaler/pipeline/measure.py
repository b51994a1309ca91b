"""The stage loop for commands that look at rows again.

Such a command writes a row for each thing that it looked at. When it is interrupted, the same
command goes on where it stopped; when it had come to its end, it begins anew, and what has changed
since is always looked at again. What is given may be looked through again and again, and is never
held as a whole.
"""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from envscaler.config import Settings
from envscaler.jsonl import RowWriter, count_rows, read_rows, write_rows
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.log import keep_log
from envscaler.pipeline.made import Ids
from envscaler.pipeline.merged import MergedPart
from envscaler.pipeline.opening import in_shard, open_workers
from envscaler.pipeline.run import Run
from envscaler.pipeline.shards import Planned, Shard, ShardPart, key_of
from envscaler.records import Record, Row
from envscaler.sandbox import Sandbox


class Measured(Row):
    """What was found by looking at something again."""

    measured: str = ""
    """Fingerprint of what was looked at, and how."""

    @property
    def key(self) -> str:
        """Name it together with what was looked at."""
        return key_of(self.id, self.measured)


InT = TypeVar("InT")
InT_co = TypeVar("InT_co", covariant=True)
RecordT = TypeVar("RecordT", bound=Record)
MeasuredT = TypeVar("MeasuredT", bound=Measured)


class Given(Protocol[InT_co]):
    """What is looked at: some kind of list, which need not be in memory."""

    def __iter__(self) -> Iterator[InT_co]:
        """Begin with the first."""
        ...

    def __len__(self) -> int:
        """How many there are."""
        ...


@dataclass(frozen=True, slots=True)
class Found(Generic[RecordT]):
    """Rows that were found, read from the file whenever they are looked through."""

    path: Path
    kind: type[RecordT]

    def __iter__(self) -> Iterator[RecordT]:
        """Read the file from its begin."""
        return read_rows(self.path, self.kind) if self.path.is_file() else iter(())

    def __len__(self) -> int:
        """How many there are."""
        return count_rows(self.path)


@asynccontextmanager
async def open_measuring(
    folder: Path, settings: Settings, command: str, shard: Shard | None = None
) -> AsyncGenerator[Run]:
    """Open a run folder for a command that asks no model: its lock and a sandbox.

    Rows are written in the order in which they are given.

    Args:
        folder: Where there is none, none is made.
        settings: Of the sandbox and the loop.
        command: Its name.
        shard: Which rows are looked at; None: all.

    Raises:
        ConfigError: Another process works in it.
        IsolationError: This machine cannot isolate generated code.
    """
    settings = in_order(settings)
    with ExitStack() as stack:
        if shard is None:
            stack.enter_context(only_one(folder, make=False))
            part, ended = None, None
        else:
            part, ended = stack.enter_context(in_shard(folder, shard, settings, command))
        here = folder if part is None else part.folder
        log = stack.enter_context(keep_log(here, command))
        async with (
            Sandbox.start(settings.sandbox) as sandbox,
            open_workers(settings, here, {}) as workers,
        ):
            run = Run(here, settings, {}, sandbox, log=log, part=part, workers=workers)
            yield run
            if ended is not None:
                ended(run)


@asynccontextmanager
async def open_measured(part: MergedPart, settings: Settings, command: str) -> AsyncGenerator[Run]:
    """Open a run whose measured rows are taken from shards; its lock is the caller's."""
    settings = in_order(settings)
    with keep_log(part.folder, command) as log:
        async with Sandbox.start(settings.sandbox) as sandbox:
            yield Run(part.folder, settings, {}, sandbox, log=log, part=part)


def in_order(settings: Settings) -> Settings:
    """Return settings with which rows are written in the order in which they are given."""
    ordered = settings.runner.model_copy(update={"ordered": True})
    return settings.model_copy(update={"runner": ordered})


async def measure(  # noqa: PLR0913 (its caller names every part)
    run: Run,
    given: Given[InT],
    step: Callable[[InT], Awaitable[MeasuredT]],
    *,
    name: str,
    out: str,
    kind: type[MeasuredT],
    id_of: Callable[[InT], str],
    basis: Callable[[InT], Sequence[str]],
) -> Found[MeasuredT]:
    """Look at everything given, as a stage of the run, and return what was found.

    Args:
        run: Where to; a shard of it looks at its share.
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

    def planned(one: InT) -> Planned:
        return Planned(stage=name, out=out, id=id_of(one), basis=_fingerprint(basis(one)))

    def plan() -> Iterator[Planned]:
        return map(planned, given)

    if isinstance(run.part, ShardPart):
        run.part.plan(plan())
    keep_unfinished(run, out, kind, plan)

    async def look(one: InT) -> MeasuredT:
        found = await step(one)
        return found.model_copy(update={"measured": _fingerprint(basis(one))})

    await run.stage(given, look, name=name, out=out, kind=kind, id_of=id_of, divided=True)
    run.waits("What was found is put together")
    return Found(run.path(out), kind)


def keep_unfinished(
    run: Run, out: str, kind: type[MeasuredT], plan: Callable[[], Iterator[Planned]]
) -> None:
    """Keep of an interrupted measurement what still holds, and of a finished one nothing.

    A shard also takes over what shards of another number have found.
    """
    own = run.path(out)
    part = run.part if isinstance(run.part, ShardPart) else None
    files = _measured_files(own, part)
    if not files:
        return
    for each in files:
        RowWriter(each).close()  # sets a torn tail aside
    wanted, keys = 0, Ids(())
    for each in plan() if part is None else _share(plan(), part.shard):
        keys.add(each.key)
        wanted += 1
    is_finished = own.is_file() and _count(own, kind, keys) >= wanted
    write_rows(own, () if is_finished else _once(files, kind, keys))


def _measured_files(own: Path, part: ShardPart | None) -> list[Path]:
    """Return the files that are there of what was found: our own, those of other shards."""
    others = [each / own.name for each in part.unmerged()] if part else []
    return [each for each in (own, *others) if each.is_file()]


def _count(path: Path, kind: type[MeasuredT], wanted: Ids) -> int:
    return sum(row.key in wanted for row in read_rows(path, kind))


def _share(plan: Iterator[Planned], shard: Shard) -> Iterator[Planned]:
    return islice(plan, shard.index, None, shard.count)


def _once(files: Sequence[Path], kind: type[MeasuredT], wanted: Ids) -> Iterator[MeasuredT]:
    """Yield the first row for each key that is wanted."""
    seen = Ids(())
    for path in files:
        for row in read_rows(path, kind):
            if row.key in wanted and seen.add(row.key):
                yield row


def _fingerprint(texts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:16]
