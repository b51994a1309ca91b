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
from envscaler.pipeline.part import Part
from envscaler.pipeline.progress import Counted
from envscaler.pipeline.shards import INPUTS, OPTIONAL
from envscaler.records import Row

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)

PREVIEW = "preview"


class PreviewPart(Part):
    """A run in which only a few rows are made.

    Args:
        run: The folder of the whole run.
        count: How many rows are made of those that shards would divide: taken evenly where their
            number is known, otherwise the first.
    """

    def __init__(self, run: Path, count: int) -> None:
        super().__init__(run / PREVIEW)
        self.run = run
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
        for name in OPTIONAL.get(command, ()):
            if (self.run / f"{name}.jsonl").is_file():
                copyfile(self.run / f"{name}.jsonl", self.path(name))

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
