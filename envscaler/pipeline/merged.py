"""A run that is put together: what shards made is taken from them, the rest is made here.

The merge runs the very stages of the command, in the order of its rows. A row that shards have
divided among them is looked up where it would be made, so that the artifacts are those of one run.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

from envscaler.errors import ArtifactError
from envscaler.pipeline.made import Made
from envscaler.pipeline.part import Part, Step
from envscaler.records import Row

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)


class MergedPart(Part):
    """A run whose divided rows come from shards.

    Args:
        folder: The run.
        shards: Their folders; where two have a row, the first counts.
        stages: On which they have worked.
    """

    def __init__(self, folder: Path, shards: Sequence[Path], stages: Collection[str]) -> None:
        super().__init__(folder)
        self._shards = shards
        self._stages = stages

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
        """Return a step that looks up what shards have made of a row."""
        if not divided and out != "assessments":  # which follow from skeletons, one by one
            return step
        made = Made((*self._shards, self.folder), name, out, kind, made_from)

        async def look_up(row: InT) -> OutT:
            found = made.row(id_of(row)) or made.drop(id_of(row))
            if found is None:
                raise ArtifactError(
                    f"{name}: no shard has made {id_of(row)}; run the shards again, then merge"
                )
            if isinstance(found, Exception):
                raise found
            return found

        return look_up

    def has(self, stage: str) -> bool:
        """Say whether shards have worked on a stage."""
        return stage in self._stages
