"""A run: one folder, its settings, and what a stage needs to work in it."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from envscaler.config import Settings
from envscaler.llm.calls import Calls, Models
from envscaler.pipeline import StageReport, run_stage
from envscaler.records import Row

if TYPE_CHECKING:
    from envscaler.llm.usage import Meter
    from envscaler.sandbox import Sandbox

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)


@dataclass(frozen=True)
class Run:
    """What a stage receives."""

    folder: Path
    """Holds every artifact of the run."""
    settings: Settings
    models: Models
    sandbox: "Sandbox"
    meter: "Meter | None" = None
    reports: list[StageReport] = field(default_factory=list[StageReport])
    """What was done so far, one report for each call of `stage`."""

    def path(self, name: str) -> Path:
        """Return where an artifact is, such as `envs` → `RUN/envs.jsonl`."""
        return self.folder / f"{name}.jsonl"

    def calls(self, *parts: str | int) -> Calls:
        """Open the model calls of one row; `parts` name the row, and its seed follows from them."""
        text = "\x1f".join(str(part) for part in (self.settings.seed, *parts))
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1
        return Calls(self.models, seed=seed, tries=self.settings.llm.bad_reply_tries)

    async def stage(
        self,
        rows: Iterable[InT],
        step: Callable[[InT], Awaitable[OutT]],
        *,
        name: str,
        out: str,
        kind: type[OutT],
        id_of: Callable[[InT], str],
    ) -> StageReport:
        """Run one stage into the artifact `out` with the options of this run.

        Raises:
            ArtifactError: `out` is not what this stage wrote.
            EnvScalerError: What stopped the stage; its report is in `reports`.
        """
        report = await run_stage(
            rows,
            step,
            name=name,
            out=self.path(out),
            kind=kind,
            id_of=id_of,
            options=self.settings.runner,
            meter=self.meter,
        )
        self.reports.append(report)
        if report.error is not None:
            raise report.error
        return report
