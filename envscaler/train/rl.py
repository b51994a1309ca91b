"""`envscaler export-rl`: scenarios become rows for reinforcement learning.

A row holds all that rebuilds its environment and scores its end. What differs in shape from row
to row (state, schemas, clock) is a JSON string: readers that infer column types would fill it
with nulls, refuse it, or turn its dates into timestamps.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import read_rows
from envscaler.prompts import render
from envscaler.records import Calibration, Environment, JsonObject, Scenario
from envscaler.train.card import Tally
from envscaler.train.export import ExportReport, Format, export
from envscaler.train.split import Split, split_of
from envscaler.train.tools import tools_column

RL = Format(
    name="rl",
    remedy="make scenarios with checks: `envscaler gen-scen --kind rl`",
    about="""\
One row is one scenario. `prompt` holds the messages that open an episode; an agent acts by
calling the `tools` (a JSON string of function objects) of an instance of `class_name`, which
`class_source` defines, that was given `initial_state` (JSON, exact types tagged as `{"$set": …}`
and the like). `clock` (JSON) and `seed` fix time and chance inside it. The reward is the share of
`checks` whose `check_func(final_state)` is exactly True, with `initial_state` as a global;
an environment or a check that breaks gives no reward, which is not a reward of 0.

`class_source` and `checks` are code written by a model: run them in a sandbox only.""",
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
    environments = {row.id: row for row in read_rows(run_folder / "envs.jsonl", Environment)}
    chosen = _chosen(run_folder, settings)

    def rows_of(split: Split, tally: Tally) -> Iterator[JsonObject]:
        for scenario in read_rows(run_folder / "scenarios.jsonl", Scenario):
            if split_of(scenario.env_id, settings) != split:
                continue
            environment = _environment_of(scenario, environments, run_folder)
            if chosen is not None and scenario.id not in chosen:
                tally.skipped["other_band"] += 1
            elif scenario.checks:
                _count(scenario, split, tally)
                yield rl_row(scenario, environment)
            else:
                tally.skipped["no_checks"] += 1

    return export(RL, run_folder, settings, rows_of)


def _chosen(run_folder: Path, settings: Settings) -> frozenset[str] | None:
    """Return the ids of the scenarios in the bands that are wanted; None when all are.

    Raises:
        ConfigError: There is no such band.
    """
    bands, known = settings.train.bands, settings.calibrate.bands
    if not bands:
        return None
    unknown = [band for band in bands if band not in known]
    if unknown:
        raise ConfigError(f"There is no band {unknown[0]!r}; there are {', '.join(known)}")
    rows = read_rows(run_folder / "calibration.jsonl", Calibration)
    return frozenset(row.scenario_id for row in rows if row.band in bands)


def rl_row(scenario: Scenario, environment: Environment) -> JsonObject:
    """Write a scenario with all that its environment needs."""
    now = scenario.clock.start.isoformat()
    opening = render("interact/agent_native", environment=environment, now=now, talk="task")
    return {
        "scenario_id": scenario.id,
        "env_id": environment.id,
        "prompt": [
            *({"role": "system", "content": wire.get("content")} for wire in opening.messages),
            {"role": "user", "content": scenario.task},
        ],
        "tools": tools_column(environment.tools),
        "class_name": environment.class_name,
        "class_source": environment.source,
        "initial_state": json.dumps(scenario.initial_state, ensure_ascii=False),
        "clock": scenario.clock.model_dump_json(),
        "seed": scenario.seed,
        "checks": [{"item": check.item, "source": check.source} for check in scenario.checks],
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
        tally.note("check on the initial state", _AT_START[check.at_start])


_AT_START = {True: "true", False: "false", None: "not run"}
