"""`envscaler export-rl`: scenarios become rows for reinforcement learning.

A row and its environment, which stands once in a file of its own, hold all that rebuilds the
scenario and scores its end. What differs in shape from row to row (state, schemas, clock) is a JSON
string: readers that infer column types would fill it with nulls, refuse it, or turn its dates into
timestamps.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from sys import intern
from typing import Literal, NamedTuple

from envscaler.by_id import read_by_id
from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import read_rows
from envscaler.prompts import render
from envscaler.records import (
    SCHEMA_VERSION,
    Calibration,
    Clock,
    Environment,
    JsonObject,
    Scenario,
    Skeleton,
)
from envscaler.resources import package_text
from envscaler.train.card import Tally
from envscaler.train.export import ExportReport, Format, export
from envscaler.train.split import Split, split_of
from envscaler.train.tools import tools_column

ENVIRONMENTS = "environments.jsonl"
"""The file that holds each environment once, keyed by `env_id`."""

RL = Format(
    name="rl",
    tables={"environments": ENVIRONMENTS},
    remedy="make scenarios with checks: `envscaler gen-scen --kind rl`",
    about=package_text("train/rl.md").rstrip(),
)


def export_rl(run_folder: Path, settings: Settings) -> ExportReport:
    """Write the scenarios of a run that have checks.

    Args:
        run_folder: Holds `envs.jsonl` and `scenarios.jsonl`.
        settings: Seed and share of the validation split, and which bands are taken.

    Raises:
        ArtifactError: A file is missing or unreadable, a scenario has no environment, or no
            scenario has checks.
        ConfigError: A band is wanted that there is not.
    """
    environments = read_by_id(run_folder / "envs.jsonl", Environment)
    calibration = _calibration(run_folder)
    chosen = _chosen(run_folder, settings)
    written: dict[str, Environment] = {}

    def rows_of(split: Split, tally: Tally) -> Iterator[JsonObject]:
        for scenario in read_rows(run_folder / "scenarios.jsonl", Scenario):
            if split_of(scenario.env_id, settings) != split:
                continue
            environment = _environment_of(scenario, environments, run_folder)
            if chosen is not None and scenario.id not in chosen:
                tally.skipped["other_band"] += 1
            elif scenario.checks:
                _count(scenario, split, tally)
                written[environment.id] = environment
                yield rl_row(scenario, environment, settings, calibration.get(scenario.id))
            else:
                tally.skipped["no_checks"] += 1

    def texts(_tally: Tally, _settings: Settings) -> Mapping[str, str]:
        lines = (json.dumps(environment_row(one), ensure_ascii=False) for one in written.values())
        return {ENVIRONMENTS: "".join(f"{line}\n" for line in lines)}

    return export(replace(RL, texts=texts), run_folder, settings, rows_of)


class Rated(NamedTuple):
    """What a row says of how hard its scenario is."""

    pass_rate: float | None
    band: str | None


def _calibration(run_folder: Path) -> Mapping[str, Rated]:
    path = run_folder / "calibration.jsonl"
    rows = read_rows(path, Calibration) if path.is_file() else ()
    return {row.scenario_id: Rated(row.pass_rate, row.band and intern(row.band)) for row in rows}


def _chosen(run_folder: Path, settings: Settings) -> frozenset[str] | None:
    """Return the ids of the scenarios in the bands that are wanted; None when all are.

    Raises:
        ConfigError: There is no such band.
        ArtifactError: No scenario is in any of them.
    """
    bands, known = settings.train.bands, settings.calibrate.bands
    if not bands:
        return None
    unknown = [band for band in bands if band not in known]
    if unknown:
        raise ConfigError(f"There is no band {unknown[0]!r}; there are {', '.join(known)}")
    counts = Counter[str]()
    wanted: set[str] = set()
    for row in read_rows(run_folder / "calibration.jsonl", Calibration):
        counts[row.band or "no band"] += 1
        if row.band in bands:
            wanted.add(row.scenario_id)
    if not wanted:
        found = ", ".join(f"{count} in {band}" for band, count in sorted(counts.items())) or "none"
        raise ArtifactError(
            f"{run_folder} has no scenario in the bands {', '.join(bands)}; it has {found}: "
            "set train.bands to one of these, or play more attempts and calibrate again"
        )
    return frozenset(wanted)


def opening_text(
    environment: Skeleton,
    clock: Clock,
    dialogue: Literal["single_turn", "simulated_user"] = "single_turn",
) -> str:
    """Write what an agent is told before the task, or before a user's first words."""
    now = clock.start.isoformat()
    opening = render("interact/agent_native", environment=environment, now=now, dialogue=dialogue)
    return "\n\n".join(wire.get("content") or "" for wire in opening.messages)


def environment_row(environment: Environment) -> JsonObject:
    """Write an environment as the rows of its scenarios need it."""
    return {
        "env_id": environment.id,
        "class_name": environment.class_name,
        "class_source": environment.source,
        "tools": tools_column(environment.tools),
    }


def rl_row(
    scenario: Scenario,
    environment: Environment,
    settings: Settings,
    calibration: Calibration | Rated | None = None,
) -> JsonObject:
    """Write a scenario.

    Args:
        scenario: Its state, task and checks.
        environment: What the agent is told about it.
        settings: Say which score counts and how many steps an episode has.
        calibration: How hard it was found; None when nobody looked.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario_id": scenario.id,
        "env_id": environment.id,
        "prompt": [
            {"role": "system", "content": opening_text(environment, scenario.clock)},
            {"role": "user", "content": scenario.task},
        ],
        "initial_state": json.dumps(scenario.initial_state, ensure_ascii=False),
        "clock": scenario.clock.model_dump_json(),
        "seed": scenario.seed,
        "checks": [
            {**check.model_dump(mode="json"), "role": check.role} for check in scenario.checks
        ],
        "reward": settings.interact.reward,
        "max_steps": settings.interact.max_steps,
        **_known(scenario, calibration),
    }


def _known(scenario: Scenario, calibration: Calibration | Rated | None) -> JsonObject:
    """Write what is known about a scenario's worth and difficulty."""
    proof = scenario.proof
    solution = (
        [one.model_dump(include={"name", "arguments"}) for one in proof.reference] if proof else []
    )
    return {
        "proven": proof.proven if proof else None,
        "noop_score": proof.noop_score if proof else None,
        "reference": json.dumps(solution, ensure_ascii=False) if proof else None,
        "pass_rate": calibration.pass_rate if calibration else None,
        "band": calibration.band if calibration else None,
    }


def _environment_of(
    scenario: Scenario, environments: Mapping[str, Environment], run_folder: Path
) -> Environment:
    environment = environments.get(scenario.env_id)
    if environment is None:
        raise ArtifactError(
            f"{run_folder / 'envs.jsonl'} has no environment {scenario.env_id}, which scenario "
            f"{scenario.id} needs; use the envs.jsonl that the scenarios were made from"
        )
    return environment


def _count(scenario: Scenario, split: Split, tally: Tally) -> None:
    tally.place(split, environments=scenario.env_id)
    for model in scenario.provenance.models:
        tally.note("model", model)
    for check in scenario.checks:
        tally.note("check on the initial state", _AT_START[check.initially_true])


_AT_START = {True: "true", False: "false", None: "not run"}
