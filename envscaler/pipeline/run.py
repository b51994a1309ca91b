"""A run: one folder, its settings, and what a stage needs to work in it."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never, Protocol, TypeVar, cast

from envscaler.config import Settings
from envscaler.errors import StopRunError
from envscaler.jsonl import count_rows, read_rows
from envscaler.llm.calls import Calls, Models
from envscaler.llm.usage import Meter
from envscaler.pipeline.log import RunLog
from envscaler.pipeline.part import Part, Step
from envscaler.pipeline.preview import PreviewPart
from envscaler.pipeline.progress import Counted
from envscaler.pipeline.stage import StageReport, run_stage
from envscaler.records import Record, Row
from envscaler.sandbox import Sandbox

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)
RowT = TypeVar("RowT", bound=Record)
Maker = Callable[["Run"], Step[InT, OutT]]
"""Makes a step for a run, here or in another process: what the step needs besides the run and the
row travels with it, so it is a function of a module or a `functools.partial` of one."""
Embed = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[float]]]]


class Workers(Protocol):
    """Who makes rows elsewhere; see `envscaler.pipeline.executors`."""

    def step(
        self, maker: Callable[["Run"], Callable[[Never], Awaitable[object]]]
    ) -> Callable[[object], Awaitable[object]]:
        """Return a step that is made, and done, by a worker."""
        ...


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
    part: Part | None = None
    """What of the run is made here; None: all of it."""
    workers: Workers | None = None
    """Who makes the rows of steps that can be made elsewhere; None: this process."""
    reports: list[StageReport] = field(default_factory=list[StageReport])
    """What was done so far, one report for each call of `stage`."""

    def path(self, name: str) -> Path:
        """Return where an artifact is, such as `envs` → `RUN/envs.jsonl`."""
        return self.folder / f"{name}.jsonl" if self.part is None else self.part.path(name)

    def waits(self, what: str) -> bool:
        """Say whether what comes next is left to the merge, because it looks at all rows."""
        return self.part is not None and self.part.waits(what)

    @property
    def is_preview(self) -> bool:
        """Whether only a few rows are made, which says nothing of the others."""
        return isinstance(self.part, PreviewPart)

    def rows(self, name: str, kind: type[RowT]) -> Counted[RowT]:
        """Return the rows of an artifact, read one at a time.

        Raises:
            ArtifactError: When they are read: the file is missing, or is something else.
        """
        return Counted(read_rows(self.path(name), kind), count_rows(self.path(name)))

    def calls(self, *parts: str | int) -> Calls:
        """Open the model calls of one row; `parts` name the row, and its seed follows from them."""
        return calls_of_row(self.models, self.settings, *parts)

    def step(self, maker: "Maker[InT, OutT]") -> Step[InT, OutT]:
        """Return the step that `maker` makes, done wherever this run makes its rows."""
        if self.workers is None:
            return maker(self)
        return cast("Step[InT, OutT]", self.workers.step(maker))

    async def stage(  # noqa: PLR0913 (its caller names every part)
        self,
        rows: Iterable[InT],
        step: Step[InT, OutT],
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
