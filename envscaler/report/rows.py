"""The rows of a run folder, as far as it has got: a file that is not there yet has no rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.records import (
    Assessment,
    Calibration,
    Dropped,
    Environment,
    Record,
    Scenario,
    Skeleton,
    Trajectory,
)
from envscaler.scen_generator.proof.floor import Floor

RecordT = TypeVar("RecordT", bound=Record)


@dataclass(frozen=True)
class RunRows:
    """What a report reads. Environments and scenarios are held, trajectories pass one by one."""

    folder: Path

    def read(self, name: str, kind: type[RecordT]) -> Iterator[RecordT]:
        """Yield the rows of an artifact, such as `envs`."""
        path = self.folder / f"{name}.jsonl"
        return read_rows(path, kind) if path.is_file() else iter(())

    @cached_property
    def environments(self) -> dict[str, Environment]:
        return {row.id: row for row in self.read("envs", Environment)}

    @cached_property
    def skeletons(self) -> dict[str, Skeleton]:
        return {row.id: row for row in self.read("skeletons", Skeleton)}

    @cached_property
    def assessments(self) -> dict[str, Assessment]:
        """By the id of the skeleton that was tested."""
        rows = self.read("assessments", Assessment)
        return {parent: row for row in rows for parent in row.provenance.parents}

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Candidates too; which of them were kept is told by `kept_scenarios`."""
        found = {row.id: row for row in self.read("scenario_candidates", Scenario)}
        return found | {row.id: row for row in self.read("scenarios", Scenario)}

    @cached_property
    def kept_scenarios(self) -> frozenset[str]:
        return frozenset(row.id for row in self.read("scenarios", Scenario))

    @cached_property
    def calibration(self) -> dict[str, Calibration]:
        """By the id of the scenario."""
        return {row.scenario_id: row for row in self.read("calibration", Calibration)}

    @cached_property
    def floors(self) -> dict[str, Floor]:
        """What policies that solve nothing got, by the id of the scenario."""
        return {row.id: row for row in self.read("floor", Floor)}

    @cached_property
    def dropped(self) -> tuple[Dropped, ...]:
        return tuple(self.read("dropped", Dropped))

    @cached_property
    def reasons(self) -> dict[str, Dropped]:
        """Why a row was not made, by the id it would have; the last word counts."""
        return {row.id: row for row in self.dropped}

    @cached_property
    def kept_trajectories(self) -> frozenset[str]:
        return frozenset(row.id for row in self.read("trajectories", Trajectory))

    def trajectories(self) -> Iterator[Trajectory]:
        """Yield everything that was played; only what was kept where nothing else is there."""
        name = "rollouts" if (self.folder / "rollouts.jsonl").is_file() else "trajectories"
        return self.read(name, Trajectory)


def open_rows(folder: Path) -> RunRows:
    """Open a run folder.

    Raises:
        ArtifactError: There is no such folder, or nothing in it that a report could show.
    """
    names = ("tasks", "candidates", "envs", "scenarios", "trajectories", "rollouts", "skeletons")
    if not any((folder / f"{name}.jsonl").is_file() for name in names):
        raise ArtifactError(
            f"{folder} is no run folder; give the folder of `--run`, with files such as envs.jsonl"
        )
    return RunRows(folder)
