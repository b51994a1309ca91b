"""A run: one folder, its settings, and what a stage needs to work in it."""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from envscaler.config import Settings, endpoints, read_environment
from envscaler.errors import StopRunError
from envscaler.jsonl import count_rows, read_rows
from envscaler.llm.calls import Calls, Models
from envscaler.llm.models import STORE, RunModels, open_meter, open_models
from envscaler.llm.usage import Meter
from envscaler.pipeline.kept_settings import keep_settings
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.log import RunLog, keep_log
from envscaler.pipeline.merged import MergedPart
from envscaler.pipeline.progress import Counted
from envscaler.pipeline.shards import Shard, ShardPart
from envscaler.pipeline.stage import StageReport, run_stage
from envscaler.prompts import own_prompts
from envscaler.records import Record, Row
from envscaler.sandbox import Sandbox

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)
RowT = TypeVar("RowT", bound=Record)
Embed = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[float]]]]


@dataclass(frozen=True)
class Run:
    """What a stage receives."""

    folder: Path
    """Holds every artifact of the run."""
    settings: Settings
    models: Models
    sandbox: Sandbox
    meter: Meter | None = None
    embed: Embed | None = None
    """Turns texts into vectors; None when no embedding model is set."""
    log: RunLog = field(default_factory=lambda: RunLog(None))
    part: ShardPart | MergedPart | None = None
    """What of the run is made here; None: all of it."""
    reports: list[StageReport] = field(default_factory=list[StageReport])
    """What was done so far, one report for each call of `stage`."""

    def path(self, name: str) -> Path:
        """Return where an artifact is, such as `envs` → `RUN/envs.jsonl`."""
        return self.folder / f"{name}.jsonl" if self.part is None else self.part.path(name)

    def waits(self, what: str) -> bool:
        """Say whether what comes next is left to the merge, because it looks at all rows."""
        return self.part is not None and self.part.waits(what)

    def rows(self, name: str, kind: type[RowT]) -> Counted[RowT]:
        """Return the rows of an artifact, read one at a time.

        Raises:
            ArtifactError: When they are read: the file is missing, or is something else.
        """
        return Counted(read_rows(self.path(name), kind), count_rows(self.path(name)))

    def calls(self, *parts: str | int) -> Calls:
        """Open the model calls of one row; `parts` name the row, and its seed follows from them."""
        return calls_of_row(self.models, self.settings, *parts)

    async def stage(  # noqa: PLR0913 (its caller names every part)
        self,
        rows: Iterable[InT],
        step: Callable[[InT], Awaitable[OutT]],
        *,
        name: str,
        out: str,
        kind: type[OutT],
        id_of: Callable[[InT], str],
        divided: bool = False,
        made_from: Callable[[OutT], str] | None = None,
    ) -> StageReport:
        """Run one stage into the artifact `out` with the options of this run.

        Args:
            rows: Taken one at a time.
            step: Makes one row.
            name: Of the stage.
            out: The artifact.
            kind: What it holds.
            id_of: The id of the row that will be made from an input.
            divided: Shards divide these rows among them.
            made_from: Where a row is named after its content: what `id_of` says of its input.

        Raises:
            ArtifactError: `out` is not what this stage wrote.
            StopRunError: There were rows, and each was dropped for a technical reason.
            EnvScalerError: What stopped the stage; its report is in `reports`.
        """
        self.log.note("stage_begun", stage=name)
        if self.part is not None:
            rows = self.part.rows(rows, out, kind, id_of, made_from) if divided else rows
            step = self.part.step(step, name, out, kind, id_of, made_from, divided=divided)
        report = await run_stage(
            rows,
            step,
            name=name,
            out=self.path(out),
            kind=kind,
            id_of=id_of,
            made_from=made_from,
            options=self.settings.runner,
            meter=self.meter,
            log=self.log,
        )
        self.reports.append(report)
        self._note_end(report)
        if report.error is not None:
            raise report.error
        if report.all_lost:
            reason = max(report.reasons, key=lambda each: report.reasons[each])
            raise StopRunError(
                f"{name} made nothing: all {report.dropped} rows were dropped, most of them as "
                f"{reason}; for example: {report.examples[reason]}"
            )
        return report

    def _note_end(self, report: StageReport) -> None:
        meter = self.meter
        spent = {} if meter is None else {"tokens": meter.tokens, "cost": meter.cost}
        self.log.note(
            "stage_ended",
            stage=report.name,
            written=report.written,
            skipped=report.skipped,
            dropped=report.dropped,
            waiting=report.waiting,
            **spent,
        )


def calls_of_row(models: Models, settings: Settings, *parts: str | int) -> Calls:
    """Open the model calls of one row; `parts` name the row, and its seed follows from them."""
    text = "\x1f".join(str(part) for part in (settings.seed, *parts))
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1
    return Calls(models, seed=seed, tries=settings.llm.bad_reply_tries)


@asynccontextmanager
async def open_run(
    folder: Path, settings: Settings, command: str, shard: Shard | None = None
) -> AsyncGenerator[Run]:
    """Open a run folder for one command: its lock, its settings, models and sandbox.

    Args:
        folder: Made when it does not exist.
        settings: Kept in `folder/settings/`, or compared with those kept there.
        command: Such as `gen-scen`.
        shard: Which rows are made; None: all.

    Raises:
        ConfigError: Another process works in the folder, or it was made with other settings.
        IsolationError: This machine cannot isolate generated code.
    """
    if shard is None:
        with only_one(folder):
            async with _opened(folder, settings, command) as run:
                yield run
        return
    part = ShardPart(folder, shard)
    with only_one(folder, shared=True), only_one(part.folder):
        note = part.begin(settings, command)
        async with _opened(part.folder, settings, command, part) as run:
            yield run
            part.end(note, run.reports)


@asynccontextmanager
async def open_merge(part: MergedPart, settings: Settings, command: str) -> AsyncGenerator[Run]:
    """Open a run whose rows are taken from shards; its lock is the caller's.

    Raises:
        ConfigError: The rows that are there were made with other settings.
        IsolationError: This machine cannot isolate generated code.
    """
    async with _opened(part.folder, settings, command, part) as run:
        yield run


@asynccontextmanager
async def _opened(
    folder: Path, settings: Settings, command: str, part: ShardPart | MergedPart | None = None
) -> AsyncGenerator[Run]:
    meter = open_meter(settings.llm)
    also = part.stores(STORE) if isinstance(part, ShardPart) else ()
    with own_prompts(settings.prompts):
        keep_settings(folder, settings, command)
        roles = endpoints(settings, read_environment())
        with keep_log(folder, command) as log:
            async with (
                open_models(settings, roles, folder, meter, also) as models,
                Sandbox.start(settings.sandbox) as sandbox,
            ):
                yield Run(folder, settings, models, sandbox, meter, _embed(models), log, part)


def _embed(models: RunModels) -> Embed | None:
    embedder = models.embedder
    return None if embedder is None else lambda texts: embedder.embed(list(texts))
