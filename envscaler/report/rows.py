"""The rows of a run folder, as far as it has got: a file that is not there yet has no rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.pipeline.made import Ids
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
    """What a report reads. Environments are held, and as many scenarios as are shown."""

    folder: Path
    most: int | None = None
    """Scenarios, and refusals of a stage, that are held; None: all. The first ones are."""

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
        found: dict[str, Scenario] = {}
        for row in self._all_scenarios():
            if row.id in found or self._has_room(len(found)):
                found[row.id] = row
        return found

    def each_scenario(self) -> Iterator[Scenario]:
        """Yield every scenario once, also those that are not held."""
        yield from self.scenarios.values()
        seen = Ids(self.scenarios)
        yield from (row for row in self._all_scenarios() if seen.add(row.id))

    def _all_scenarios(self) -> Iterator[Scenario]:
        for name in ("scenario_candidates", "scenarios"):
            yield from self.read(name, Scenario)

    def _has_room(self, held: int) -> bool:
        return self.most is None or held < self.most

    @cached_property
    def kept_scenarios(self) -> Ids:
        return Ids(row.id for row in self.read("scenarios", Scenario))

    @cached_property
    def calibration(self) -> dict[str, Calibration]:
        """By the id of the scenario, where that is held."""
        rows = self.read("calibration", Calibration)
        return {row.scenario_id: row for row in rows if row.scenario_id in self.scenarios}

    @cached_property
    def floors(self) -> dict[str, Floor]:
        """What policies that solve nothing got, by the id of the scenario, where that is held."""
        return {row.id: row for row in self.read("floor", Floor) if row.id in self.scenarios}

    @cached_property
    def dropped(self) -> tuple[Dropped, ...]:
        counts = Counter[str]()
        found: list[Dropped] = []
        for row in self.read("dropped", Dropped):
            if self._has_room(counts[row.stage]):
                found.append(row)
            counts[row.stage] += 1
        return tuple(found)

    @cached_property
    def reasons(self) -> dict[str, Dropped]:
        """Why a row was not made, by the id it would have; the last word counts."""
        return {row.id: row for row in self.dropped}

    @cached_property
    def kept_trajectories(self) -> Ids:
        return Ids(row.id for row in self.read("trajectories", Trajectory))

    def trajectories(self) -> Iterator[Trajectory]:
        """Yield everything that was played; only what was kept where nothing else is there."""
        name = "rollouts" if (self.folder / "rollouts.jsonl").is_file() else "trajectories"
        return self.read(name, Trajectory)


def open_rows(folder: Path, most: int | None = None) -> RunRows:
    """Open a run folder.

    Args:
        folder: Of the run.
        most: Scenarios, and refusals of a stage, that are held; None: all.

    Raises:
        ArtifactError: There is no such folder, or nothing in it that a report could show.
    """
    names = ("tasks", "candidates", "envs", "scenarios", "trajectories", "rollouts", "skeletons")
    if not any((folder / f"{name}.jsonl").is_file() for name in names):
        raise ArtifactError(
            f"{folder} is no run folder; give the folder of `--run`, with files such as envs.jsonl"
        )
    return RunRows(folder, most)
