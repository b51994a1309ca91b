"""Rows of a run or of an export, read from disk when they are asked for."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import Field

from envscaler.by_id import read_by_id
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_objects, read_rows
from envscaler.published.read_environments import read_environments
from envscaler.records import (
    Calibration,
    Environment,
    JsonObject,
    Row,
    Scenario,
    Skeleton,
    Topic,
    Trajectory,
)

RowT = TypeVar("RowT")
_ENVIRONMENTS = "environments.jsonl"
Split = Literal["train", "validation"]
_SPLITS: tuple[Split, ...] = ("train", "validation")


class Rows(Collection[RowT], Generic[RowT]):
    """The rows of a file. Each use reads the file anew, so that no use holds it in memory.

    Args:
        read: Reads the rows, one at a time.
        id_of: Id of a row, by which one is looked up.
        name: Of the file, for messages.
    """

    def __init__(
        self, read: Callable[[], Iterator[RowT]], id_of: Callable[[RowT], str], name: str
    ) -> None:
        self._read = read
        self._id_of = id_of
        self._name = name

    def __iter__(self) -> Iterator[RowT]:
        return self._read()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, row: object) -> bool:
        return any(one == row for one in self)

    def __getitem__(self, key: str | int) -> RowT:
        """Look a row up by its id, or by its place from 0."""
        rows = iter(self)
        if isinstance(key, str):
            row = next((one for one in rows if self._id_of(one) == key), None)
        else:
            row = next(islice(rows, key, None), None)
        if row is None:
            which = f"row {key}" if isinstance(key, str) else f"{key + 1} rows"
            raise ArtifactError(f"{self._name} has no {which}; `envscaler show` lists what it has")
        return row


class LoadedScenario(Scenario):
    """A scenario that brings its environment."""

    environment: Environment = Field(exclude=True, repr=False)


@dataclass(frozen=True)
class LoadedRun:
    """The rows of a run folder."""

    folder: Path

    @property
    def topics(self) -> Rows[Topic]:
        return _rows_of(self.folder / "topics.jsonl", Topic)

    @cached_property
    def environments(self) -> Mapping[str, Environment]:
        """Id → environment; read once."""
        return read_by_id(self.folder / "envs.jsonl", Environment)

    @property
    def scenarios(self) -> Rows[LoadedScenario]:
        return self.scenarios_of(self.folder / "scenarios.jsonl")

    @property
    def rollouts(self) -> Rows[Trajectory]:
        return _rows_of(self.folder / "rollouts.jsonl", Trajectory)

    @property
    def trajectories(self) -> Rows[Trajectory]:
        return _rows_of(self.folder / "trajectories.jsonl", Trajectory)

    @property
    def calibration(self) -> Rows[Calibration]:
        return _rows_of(self.folder / "calibration.jsonl", Calibration)

    def scenarios_of(self, path: Path) -> Rows[LoadedScenario]:
        """Read scenarios of a file such as `scenario_candidates.jsonl`, with these environments."""
        return Rows(lambda: self._scenarios(path), lambda row: row.id, str(path))

    def _scenarios(self, path: Path) -> Iterator[LoadedScenario]:
        for row in read_rows(path, Scenario):
            environment = self.environments.get(row.env_id)
            if environment is None:
                raise ArtifactError(
                    f"{self.folder / 'envs.jsonl'} has no environment {row.env_id}, in which "
                    f"scenario {row.id} of {path} plays; use files of one run"
                )
            yield LoadedScenario.model_construct(**row.__dict__, environment=environment)


def load_run(folder: Path | str) -> LoadedRun:
    """Open a run folder for reading; a process may work in it.

    Raises:
        ArtifactError: There is no such folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise ArtifactError(f"{path} is no folder; give the folder of a run")
    return LoadedRun(path)


def load_environments(path: Path | str) -> Collection[Skeleton]:
    """Read environments.

    Args:
        path: A run folder, `envs.jsonl`, published environments, or a Python module.

    Raises:
        ArtifactError: There is no such file, or it is none of these.
        ReplyError: The class of a Python module cannot be read.
    """
    file = Path(path)
    if file.is_dir():
        return _rows_of(file / "envs.jsonl", Environment)
    return [given.skeleton for given in read_environments(file)]


def load_scenarios(path: Path | str) -> Rows[LoadedScenario]:
    """Read scenarios, each with its environment from the `envs.jsonl` beside it.

    Args:
        path: A run folder, or a file such as `runs/one/scenarios.jsonl`.
    """
    file = Path(path)
    if file.is_dir():
        return LoadedRun(file).scenarios
    return LoadedRun(file.parent).scenarios_of(file)


def load_export(folder: Path | str, split: Split = "train") -> Rows[JsonObject]:
    """Read rows of `export-rl`, each whole: the columns of its environment are put beside its own.

    Args:
        folder: `RUN/exports/rl`, or the run folder.
        split: Which file of rows.

    Raises:
        ArtifactError: There is no such export, or a row has no environment in it.
    """
    place = Path(folder)
    place = place / "exports" / "rl" if (place / "exports").is_dir() else place
    environments = {str(row["env_id"]): row for row in read_objects(place / _ENVIRONMENTS)}
    path = place / f"{split}.jsonl"

    def read() -> Iterator[JsonObject]:
        for row in read_objects(path):
            environment = environments.get(str(row.get("env_id")))
            if environment is None:
                raise ArtifactError(
                    f"{place / _ENVIRONMENTS} has no {row.get('env_id')}, which a row of {path} "
                    "needs; use files of one export"
                )
            yield environment | row

    return Rows(read, scenario_id, str(path))


def load_playable(folder: Path | str) -> Rows[Scenario | JsonObject]:
    """Read all that `Env` can play in a folder, by scenario id.

    Args:
        folder: A run folder, or an export such as `RUN/exports/rl`, whose splits are both read.

    Raises:
        ArtifactError: There is no such folder, or it is neither.
    """
    place = Path(folder)
    if (place / "scenarios.jsonl").is_file():
        return Rows(lambda: iter(load_scenarios(place)), scenario_id, str(place))
    if not (place / _ENVIRONMENTS).is_file():
        raise ArtifactError(f"{place} is neither a run with scenarios nor an export of export-rl")
    splits = [load_export(place, s) for s in _SPLITS if (place / f"{s}.jsonl").is_file()]
    return Rows(lambda: chain.from_iterable(splits), scenario_id, str(place))


def scenario_id(row: Scenario | JsonObject) -> str:
    """Return the id of what `Env` plays."""
    return row.id if isinstance(row, Scenario) else str(row.get("scenario_id"))


RecordT = TypeVar("RecordT", bound=Row)


def _rows_of(path: Path, kind: type[RecordT]) -> Rows[RecordT]:
    return Rows(lambda: read_rows(path, kind), lambda row: row.id, str(path))
