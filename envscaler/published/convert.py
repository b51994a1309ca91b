"""`envscaler import`: the published EnvScaler data becomes the artifacts of a run."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar, cast

from envscaler.errors import ArtifactError, RejectedError, RowError
from envscaler.jsonl import RowWriter, read_json, read_objects, read_rows
from envscaler.published.dialogue import trajectory_row
from envscaler.published.rows import (
    Compat,
    decoded,
    environment_row,
    scenario_row,
    text,
)
from envscaler.records import (
    Dropped,
    Environment,
    JsonObject,
    Record,
    Row,
    Scenario,
    Trajectory,
    row_id,
)

RowT = TypeVar("RowT", bound=Row)

_ARTIFACTS: dict[str, type[Row]] = {
    "envs": Environment,
    "scenarios": Scenario,
    "rollouts": Trajectory,
    "trajectories": Trajectory,
}
"""In the order in which they are read: a scenario needs its environment."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `written + skipped + dropped` is the number of rows given."""

    written: dict[str, int]
    """Artifact → rows."""
    skipped: int
    """Rows that the run already has."""
    dropped: int
    reasons: dict[str, int]
    """Kind of drop → how many."""
    examples: dict[str, str]
    """Kind of drop → the first reason given."""


def import_published(
    files: Sequence[Path], folder: Path, *, compat: Compat = "ours"
) -> ImportReport:
    """Read published environments, scenarios, trajectories and rollout results into a run.

    Rows keep their published ids and order. Where two published tasks share an id, the later one
    gets its environment's id in front. Rows that the run already has are skipped.

    Args:
        files: JSON or JSONL, `.gz` too; each holds rows of one kind.
        folder: The run. Environments go to `envs`, scenarios to `scenarios`, rollout results to
            `rollouts`, and trajectories, which the publisher has filtered, to `trajectories`.
        compat: By which rules tool schemas are written.

    Raises:
        ArtifactError: A file is missing, or is none of these; nothing of it is written.
    """
    opened = sorted((_open(path) for path in files), key=lambda file: file.rank)
    with ExitStack() as stack:
        job = _Import(folder, compat, stack)
        for file in opened:
            for number, row in enumerate(file.rows, start=1):
                try:
                    job.take(file.artifact, row)
                except ArtifactError as error:
                    raise ArtifactError(f"{file.path}, row {number}: {error}") from error
        return job.report()


@dataclass(frozen=True)
class _File:
    path: Path
    artifact: str
    rows: Iterator[JsonObject]

    @property
    def rank(self) -> int:
        return list(_ARTIFACTS).index(self.artifact)


def _open(path: Path) -> _File:
    """Tell from the first row what a file holds."""
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise ArtifactError(f"{path} holds no rows")
    return _File(path, _artifact_of(first, path), chain([first], rows))


def _artifact_of(first: JsonObject, path: Path) -> str:
    if "env_class_code" in first:
        return "envs"
    if "init_config" in first and "task_id" in first:
        return "scenarios"
    if "messages" in first and "task_info" in first:
        return "rollouts" if "trajectory" in first else "trajectories"
    raise ArtifactError(
        f"{path} holds none of the published environments, scenarios, trajectories and rollout "
        f"results: its first row has the fields {', '.join(list(first)[:8])}"
    )


def _rows(path: Path) -> Iterator[JsonObject]:
    """Yield the rows of a list, of JSONL, or of a dict keyed by id."""
    rows = read_objects(path)
    try:
        first = next(rows, None)
    except ArtifactError:
        first = read_json(path)  # one object over many lines, or no JSON at all
        if not isinstance(first, dict):
            raise
    if first is None:
        return
    if _is_keyed(first):
        for key, row in first.items():
            yield {"env_id": key} | cast("JsonObject", row)
    else:
        yield first
        yield from rows


def _is_keyed(value: JsonObject) -> bool:
    return bool(value) and all(
        isinstance(row, dict) and "env_class_code" in row for row in value.values()
    )


class _Import:
    """Takes rows one by one, writes them and keeps count."""

    def __init__(self, folder: Path, compat: Compat, stack: ExitStack) -> None:
        self._folder = folder
        self._compat: Compat = compat
        self._stack = stack
        self._writers: dict[str, RowWriter] = {}
        self._written: Counter[str] = Counter()
        self._skipped = 0
        self._reasons: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self._places: Counter[str] = Counter()
        """How many scenarios an environment has, and how many trajectories a scenario."""
        self._envs = {row.id: _code_of(row) for row in self._known("envs", Environment)}
        """Id of an environment → a hash of its code."""
        self._tasks: dict[str, str] = {}
        """Id of a scenario → what identifies its task."""
        self._dialogues: set[str] = set()
        for scenario in self._known("scenarios", Scenario):
            self._tasks[scenario.id] = _task_key(scenario.env_id, scenario.task)
            self._places[scenario.env_id] += 1
        for artifact in ("rollouts", "trajectories"):
            for trajectory in self._known(artifact, Trajectory):
                self._dialogues.add(trajectory.id)
                self._places[trajectory.scenario_id] += 1

    def take(self, artifact: str, row: JsonObject) -> None:
        """Convert a row and write it; one that cannot be converted is recorded as dropped."""
        try:
            made = self._made(artifact, row)
        except RowError as error:
            self._drop(row, error)
            return
        if made is None:
            self._skipped += 1
            return
        self._write(artifact, made)
        self._written[artifact] += 1

    def report(self) -> ImportReport:
        """Say what was done."""
        return ImportReport(
            written=dict(self._written),
            skipped=self._skipped,
            dropped=self._reasons.total(),
            reasons=dict(self._reasons),
            examples=self._examples,
        )

    def _made(self, artifact: str, row: JsonObject) -> Row | None:
        """Convert a row; None when the run has it already."""
        if artifact == "envs":
            return self._environment(row)
        return self._scenario(row) if artifact == "scenarios" else self._trajectory(row)

    def _environment(self, row: JsonObject) -> Environment | None:
        environment = environment_row(row, self._compat)
        is_known = environment.id in self._envs
        code = _code_of(environment)
        if self._envs.setdefault(environment.id, code) != code:
            raise RejectedError(
                "same_id", f"an environment with other code has the id {environment.id} already"
            )
        return None if is_known else environment

    def _scenario(self, row: JsonObject) -> Scenario | None:
        env_id, task = text(row, "env_id"), text(row, "task")
        if env_id not in self._envs:
            raise RejectedError(
                "no_environment", f"its environment {env_id} is neither in the run nor imported"
            )
        name = self._name(env_id, text(row, "task_id"), task)
        if name in self._tasks:
            return None
        scenario = scenario_row(row, name, self._places[env_id])
        self._tasks[name] = _task_key(env_id, task)
        self._places[env_id] += 1
        return scenario

    def _trajectory(self, row: JsonObject) -> Trajectory | None:
        about = decoded(row, "task_info")
        about = about if isinstance(about, dict) else {}
        name = self._name(text(about, "env_id"), text(about, "task_id"), text(about, "task"))
        trajectory = trajectory_row(row, name, self._places[name])
        if trajectory.id in self._dialogues:
            return None
        self._dialogues.add(trajectory.id)
        self._places[name] += 1
        return trajectory

    def _name(self, env_id: str, task_id: str, task: str) -> str:
        """Return the id of a task with us: the first of three that is free or already its own.

        Published ids are times to the second, and some collide.
        """
        key = _task_key(env_id, task)
        names = (task_id, f"{env_id}-{task_id}", f"{env_id}-{task_id}-{key}")
        return next(name for name in names if self._tasks.get(name, key) == key)

    def _drop(self, row: JsonObject, error: RowError) -> None:
        name = row.get("task_id") or row.get("env_id") or ""
        reason = str(error)
        self._write(
            "dropped", Dropped(id=str(name), stage="import", kind=error.kind, reason=reason)
        )
        self._reasons[error.kind] += 1
        self._examples.setdefault(error.kind, reason)

    def _write(self, artifact: str, row: Record) -> None:
        if artifact not in self._writers:
            writer = RowWriter(self._folder / f"{artifact}.jsonl")
            self._writers[artifact] = self._stack.enter_context(writer)
        self._writers[artifact].append(row)

    def _known(self, artifact: str, kind: type[RowT]) -> Iterator[RowT]:
        path = self._folder / f"{artifact}.jsonl"
        return read_rows(path, kind) if path.is_file() else iter(())


def _task_key(env_id: str, task: str) -> str:
    return hashlib.sha256(f"{env_id}\x1f{task}".encode()).hexdigest()[:12]


def _code_of(environment: Environment) -> str:
    return row_id("code", environment.class_name, environment.source)
