"""What became of each row of a stage: written, skipped, dropped or waiting."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from envscaler.errors import (
    EnvScalerError,
    PendingError,
    ProviderError,
    ReplyError,
    RowError,
    SandboxError,
    UnwritableError,
)
from envscaler.jsonl import RowWriter
from envscaler.model_json import whole_characters
from envscaler.pipeline.log import RunLog
from envscaler.pipeline.progress import Progress
from envscaler.records import Dropped, Row

_TECHNICAL = (ProviderError, ReplyError, SandboxError)


@dataclass(frozen=True, slots=True)
class StageReport:
    """What a stage did. `written + skipped + dropped + waiting` is the number of rows given."""

    name: str
    out: Path
    written: int
    skipped: int
    """Rows that were made before, and rows that were given twice."""
    dropped: int
    lost: int
    """Part of the dropped: an endpoint failed, or the shape of a reply, or the sandbox."""
    waiting: int
    """Rows whose next request is in the batch file."""
    interrupted: bool
    """The stage was stopped before every row had its turn."""
    reasons: dict[str, int]
    """Kind of drop → how many."""
    examples: dict[str, str]
    """Kind of drop → the first reason given."""
    error: EnvScalerError | None = None
    """Why it was stopped."""

    @property
    def all_lost(self) -> bool:
        """There were rows, and each was dropped for a technical reason."""
        others = self.written + self.skipped + self.waiting + self.dropped - self.lost
        return self.lost > 0 and not others


class Ledger:
    """Writes rows and drops to their files and counts them.

    Args:
        stage: Name of the stage.
        out: Where rows go.
        dropped: Where drops go.
        progress: Told about every row.
        log: Told too.
        ordered: Write in the order of the places, whatever the order of `enter`.
    """

    def __init__(
        self,
        stage: str,
        out: RowWriter,
        dropped: RowWriter,
        progress: Progress,
        log: RunLog,
        *,
        ordered: bool,
    ) -> None:
        self._stage = stage
        self._out = out
        self._dropped = dropped
        self._progress = progress
        self._log = log
        self._ordered = ordered
        self._held: dict[int, tuple[str, Row | RowError]] = {}
        self._next = 0
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def skip(self) -> None:
        """Count a row that is there already."""
        self._counts["skipped"] += 1
        self._progress.skip()

    def enter(self, place: int, row_id: str, outcome: Row | RowError) -> int:
        """Note what became of the row that was taken as number `place`, from 0.

        Returns:
            How many rows that settled: with `ordered`, none as long as an earlier one is open.

        Raises:
            ArtifactError: The file cannot be written.
        """
        if not self._ordered:
            self._settle(row_id, outcome)
            return 1
        self._held[place] = (row_id, outcome)
        before = self._next
        while self._next in self._held:
            self._settle(*self._held.pop(self._next))
            self._next += 1
        return self._next - before

    def report(self, out: Path, error: EnvScalerError | None) -> StageReport:
        """Sum up; `error` is what stopped the stage, if anything did."""
        return StageReport(
            name=self._stage,
            out=out,
            written=self._counts["written"],
            skipped=self._counts["skipped"],
            dropped=self._counts["dropped"],
            lost=self._counts["lost"],
            waiting=self._counts["waiting"],
            interrupted=error is not None,
            reasons=dict(self._reasons),
            examples=self._examples,
            error=error,
        )

    def _settle(self, row_id: str, outcome: Row | RowError) -> None:
        # In order, nothing may be written behind a row that waits: it is made again, from the
        # store, when the answer is there, and the file comes out as if there had been no wait.
        if isinstance(outcome, PendingError) or (self._ordered and self._counts["waiting"]):
            count = "waiting"
            self._log.note("waiting", stage=self._stage, id=row_id)
        elif isinstance(outcome, RowError):
            self._drop(row_id, outcome.kind, str(outcome))
            self._counts["lost"] += isinstance(outcome, _TECHNICAL)
            count = "dropped"
        else:
            count = self._write(row_id, outcome)
        self._counts[count] += 1
        self._progress.advance(dropped=count == "dropped")

    def _write(self, row_id: str, row: Row) -> str:
        try:
            self._out.append(row)
        except UnwritableError as error:
            self._drop(row_id, error.kind, str(error))
            return "dropped"
        self._log.note("written", stage=self._stage, id=row_id)
        return "written"

    def _drop(self, row_id: str, kind: str, reason: str) -> None:
        reason = whole_characters(reason)
        self._dropped.append(Dropped(id=row_id, stage=self._stage, kind=kind, reason=reason))
        self._log.note("dropped", stage=self._stage, id=row_id, kind=kind, reason=reason)
        self._reasons[kind] += 1
        self._examples.setdefault(kind, reason)
