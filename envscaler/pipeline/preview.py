"""A preview: a few rows of a command, made in `RUN/preview/` before all of them are paid for.

It is a run folder of its own: what the command starts from is copied there, so that `report`,
`show` and `play` read it. Requests of a row depend on the row alone, so the whole run finds the
replies of the preview and pays for none of them again, and a preview finds those of the run.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import copyfile
from typing import TypeVar

from envscaler.errors import ConfigError
from envscaler.jsonl import count_rows
from envscaler.pipeline.log import LOG
from envscaler.pipeline.progress import Counted
from envscaler.pipeline.shards import INPUTS, Step
from envscaler.records import Row

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)

PREVIEW = "preview"


class PreviewPart:
    """A run in which only a few rows are made.

    Args:
        run: The folder of the whole run.
        count: How many rows are made of those that shards would divide: taken evenly where their
            number is known, otherwise the first.
    """

    def __init__(self, run: Path, count: int) -> None:
        self.run = run
        self.folder = run / PREVIEW
        self._count = count

    def begin(self, command: str) -> None:
        """Forget the rows of an earlier preview, but no reply, and copy what rows are made from.

        Raises:
            ConfigError: The run has none of it.
        """
        inputs = () if command == "build-skel" else INPUTS[command]
        for name in inputs:
            if not count_rows(self.run / f"{name}.jsonl"):
                raise ConfigError(f"{self.run} has no {name}.jsonl; run the command that makes it")
        for old in self.folder.glob("*.jsonl"):
            if old.name != LOG:
                old.unlink()
        for name in inputs:
            copyfile(self.run / f"{name}.jsonl", self.path(name))

    def path(self, name: str) -> Path:
        """Say where an artifact is."""
        return self.folder / f"{name}.jsonl"

    def rows(
        self,
        rows: Iterable[InT],
        out: str,
        kind: type[OutT],
        id_of: Callable[[InT], str],
        made_from: Callable[[OutT], str] | None = None,
    ) -> Iterable[InT]:
        """Take a few rows."""
        del out, kind, id_of, made_from
        total = len(rows) if isinstance(rows, Counted) else self._count
        count = min(self._count, total)
        places = {place * total // count for place in range(count)}
        return Counted((row for place, row in enumerate(rows) if place in places), count)

    def step(  # noqa: PLR0913 (those of `Run.stage`)
        self,
        step: Step[InT, OutT],
        name: str,
        out: str,
        kind: type[OutT],
        id_of: Callable[[InT], str],
        made_from: Callable[[OutT], str] | None = None,
        *,
        divided: bool,
    ) -> Step[InT, OutT]:
        """Return the step as it is."""
        del name, out, kind, id_of, made_from, divided
        return step

    def waits(self, what: str) -> bool:
        """Say that nothing is left for later."""
        del what
        return False
