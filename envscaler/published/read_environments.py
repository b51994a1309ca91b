"""Environments from any file: rows of ours, published ones, or a Python module."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from envscaler.errors import ArtifactError
from envscaler.jsonl import read_objects, read_rows
from envscaler.published.convert import import_published
from envscaler.published.module import read_module, states_of
from envscaler.records import Environment, JsonObject, Scenario, Skeleton

MOST_STATES = 4
"""Scenarios of one environment whose states are taken."""


@dataclass(frozen=True, slots=True)
class Given:
    """An environment, and states of it that somebody made."""

    skeleton: Skeleton
    states: tuple[JsonObject, ...]

    @classmethod
    def of(cls, skeleton: Skeleton) -> "Given":
        """Take an environment with the states that it was tested in."""
        return cls(skeleton, _tested(skeleton))


def read_environments(
    file: Path, scenarios: Path | None = None, class_name: str | None = None
) -> list[Given]:
    """Read environments, with the states of their scenarios.

    Args:
        file: `envs.jsonl` or `skeletons.jsonl` of a run, published environments (JSON or JSONL),
            or a Python module with one environment class; `.gz` but for the module.
        scenarios: `scenarios.jsonl` of a run, or published scenarios; for a module also a JSON
            file with one state, a list of states, or objects that have one under
            `init_config`, `initial_state` or `state`.
        class_name: The environment class of a module that has several.

    Raises:
        ArtifactError: A file is missing, or is none of these.
        ReplyError: The class of a Python module cannot be read.
    """
    if file.suffix == ".py":
        given = states_of(scenarios) if scenarios is not None else ()
        return [Given(read_module(file, class_name, given), given[:MOST_STATES])]
    _refuse_scenarios(file)
    environments = _rows(file, scenarios)
    states: dict[str, list[JsonObject]] = {}
    for one in environments[1]:
        known = states.setdefault(one.env_id, [])
        if len(known) < MOST_STATES and one.initial_state not in known:
            known.append(one.initial_state)
    return [Given(one, tuple(states.get(one.id, ())) or _tested(one)) for one in environments[0]]


def _refuse_scenarios(file: Path) -> None:
    first = JsonObject()
    with suppress(ArtifactError):  # the published form may be one object over many lines
        first = _first(file)
    if {"task", "initial_state"} <= first.keys() or {"task", "init_config"} <= first.keys():
        raise ArtifactError(
            f"{file} holds scenarios, not environments; give the file of their environments, "
            f"and this one as `--scenarios {file}`"
        )


def _tested(skeleton: Skeleton) -> tuple[JsonObject, ...]:
    """Return the states that an environment was tested in when it was built."""
    if not isinstance(skeleton, Environment) or skeleton.assessment is None:
        return ()
    return skeleton.assessment.quality.initial_states[:MOST_STATES]


def _rows(file: Path, scenarios: Path | None) -> tuple[Sequence[Skeleton], Sequence[Scenario]]:
    given = [path for path in (file, scenarios) if path is not None]
    ours = [path for path in given if _is_ours(path)]
    if ours == given:
        return _environments(file), _scenarios(scenarios)
    if file in ours:
        raise ArtifactError(f"{scenarios} holds no scenarios of the environments in {file}")
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        import_published([path for path in given if path not in ours], run)
        chosen = scenarios if scenarios in ours else run / "scenarios.jsonl"
        return _environments(run / "envs.jsonl"), _scenarios(chosen)


def _is_ours(path: Path) -> bool:
    return path.name.endswith(".jsonl") and "schema_version" in _first(path)


def _first(path: Path) -> JsonObject:
    return next(read_objects(path), JsonObject())


def _environments(path: Path) -> Sequence[Skeleton]:
    kind = Environment if "assessment" in _first(path) else Skeleton
    return list(read_rows(path, kind))


def _scenarios(path: Path | None) -> Sequence[Scenario]:
    return list(read_rows(path, Scenario)) if path is not None and path.is_file() else []
