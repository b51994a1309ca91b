"""What of a run is made where: all of it here, unless a kind of part says otherwise."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeVar

from envscaler.records import Row

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)
Step = Callable[[InT], Awaitable[OutT]]


class Part:
    """A run in a folder: every row is taken, and made by the step of its stage.

    Args:
        folder: Where artifacts are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
        """Return the rows that are made here, of those that shards would divide."""
        del out, kind, id_of, made_from
        return rows

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
        """Return the step that makes a row, or takes it from where it was made."""
        del name, out, kind, id_of, made_from, divided
        return step

    def waits(self, what: str) -> bool:
        """Say whether what comes next is left for later, because it looks at all rows."""
        del what
        return False
