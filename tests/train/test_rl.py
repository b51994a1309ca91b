"""`export-rl`: scenarios with checks, and all that rebuilds their environment."""

import json
from pathlib import Path
from typing import cast

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import write_rows
from envscaler.records import (
    Calibration,
    Clock,
    JsonObject,
    JsonValue,
    Observation,
    ObservationKind,
    Proof,
    ReferenceCall,
)
from envscaler.train.rl import environment_row, export_rl, rl_row
from tests.train.factory import (
    LAMPS,
    SOURCE,
    SWITCH,
    make_environment,
    make_scenario,
    with_share,
    write_run,
)


def prompt_of(row: JsonObject) -> list[JsonObject]:
    return cast("list[JsonObject]", row["prompt"])


def read(row: JsonObject, column: str) -> JsonValue:
    return json.loads(str(row[column]))


def test_the_prompt_is_what_an_agent_would_hear_first(settings: Settings) -> None:
    row = rl_row(make_scenario(), make_environment(), settings)

    system, task = prompt_of(row)
    assert "House lamps" in str(system["content"])
    assert "- A lamp is on or off." in str(system["content"])
    assert task == {"role": "user", "content": "Make it dark."}


def test_the_prompt_says_when_the_agent_begins(settings: Settings) -> None:
    system, _ = prompt_of(rl_row(make_scenario(), make_environment(), settings))

    assert "the clock of this system stands at 2024-02-29T00:00:00+00:00" in str(system["content"])


def test_a_row_holds_all_that_its_environment_is_built_from(settings: Settings) -> None:
    scenario = make_scenario(state={"lamps": {"hall": True}, "since": {"$date": "2025-01-01"}})

    row = rl_row(scenario, make_environment(), settings)

    row |= environment_row(make_environment())

    assert (row["class_name"], row["class_source"], row["seed"]) == ("House", SOURCE, 7)
    assert read(row, "initial_state") == scenario.initial_state
    assert Clock.model_validate(read(row, "clock")) == scenario.clock
    assert read(row, "tools") == [SWITCH.as_function(), LAMPS.as_function()]


def test_a_row_names_its_scenario_and_environment(settings: Settings) -> None:
    row = rl_row(make_scenario(), make_environment(), settings)

    assert (row["scenario_id"], row["env_id"]) == ("scen-env-1", "env-1")


def test_a_row_has_the_code_of_every_check(settings: Settings) -> None:
    scenario = make_scenario(checks=2)

    row = rl_row(scenario, make_environment(), settings)

    assert row["checks"] == [
        {**check.model_dump(), "role": check.role} for check in scenario.checks
    ]


def test_a_row_says_what_is_known_about_its_scenario(settings: Settings) -> None:
    call = ReferenceCall(
        name="switch",
        arguments={"lamp": "hall"},
        observation=Observation(kind=ObservationKind.OK, value=None),
        succeeded=True,
        changed=True,
    )
    proof = Proof(
        proven=True,
        reasons=(),
        reference=(call,),
        score=1.0,
        noop_score=0.25,
        checks=(),
        mutants=(),
        repeatable=True,
    )
    scenario = make_scenario().model_copy(update={"proof": proof})

    row = rl_row(scenario, make_environment(), settings, calibration("env-1", "medium"))

    known = ("proven", "noop_score", "pass_rate", "band", "max_steps", "reward")
    assert [row[name] for name in known] == [
        *(True, 0.25, 0.5, "medium"),
        *(settings.interact.max_steps, settings.interact.reward),
    ]
    assert read(row, "reference") == [{"name": "switch", "arguments": {"lamp": "hall"}}]


def test_what_is_not_known_about_a_scenario_is_null(settings: Settings) -> None:
    row = rl_row(make_scenario(), make_environment(), settings)

    known = ("proven", "noop_score", "pass_rate", "band", "reference")
    assert [row[name] for name in known] == [None] * 5


def test_a_scenario_without_checks_is_left_out(tmp_path: Path, settings: Settings) -> None:
    write_run(
        tmp_path,
        environments=(make_environment("env-1"), make_environment("env-2")),
        scenarios=(make_scenario("env-1"), make_scenario("env-2", checks=0)),
    )

    report = export_rl(tmp_path, with_share(settings, 0))

    assert report.rows == {"train": 1, "validation": 0}
    assert report.skipped == {"no_checks": 1}


def test_a_run_without_any_check_cannot_be_exported(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, environments=(make_environment(),), scenarios=(make_scenario(checks=0),))

    with pytest.raises(ArtifactError, match=r"no_checks: 1.*gen-scen --kind rl"):
        export_rl(tmp_path, settings)


def test_a_scenario_whose_environment_is_gone_is_named(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, scenarios=(make_scenario("env-1"),))

    with pytest.raises(ArtifactError, match="no environment env-1, which scenario scen-env-1"):
        export_rl(tmp_path, settings)


def test_environments_fall_into_the_split_they_have_in_sft(
    tmp_path: Path, settings: Settings
) -> None:
    ids = ("env-2", "env-3")
    write_run(
        tmp_path,
        environments=tuple(map(make_environment, ids)),
        scenarios=tuple(map(make_scenario, ids)),
    )

    report = export_rl(tmp_path, with_share(settings, 0.5))

    validation = (report.folder / "validation.jsonl").read_text(encoding="utf-8")
    assert json.loads(validation)["env_id"] == "env-2"


def calibration(env_id: str, band: str) -> Calibration:
    return Calibration(
        id=f"cal-{env_id}",
        env_id=env_id,
        scenario_id=f"scen-{env_id}",
        attempts=2,
        scored=2,
        passes=1,
        pass_rate=0.5,
        mean_score=0.5,
        band=band,
    )


def with_bands(settings: Settings, *bands: str) -> Settings:
    train = settings.train.model_copy(update={"bands": bands, "validation_share": 0.0})
    return settings.model_copy(update={"train": train})


def calibrated(folder: Path, **bands: str) -> None:
    """Write a run of one scenario for each environment, and the band that each is in."""
    ids = tuple(name.replace("_", "-") for name in bands)
    write_run(
        folder,
        environments=tuple(map(make_environment, ids)),
        scenarios=tuple(map(make_scenario, ids)),
    )
    rows = [calibration(name, band) for name, band in zip(ids, bands.values(), strict=True)]
    write_rows(folder / "calibration.jsonl", rows)


def test_only_the_bands_that_are_wanted_are_taken(tmp_path: Path, settings: Settings) -> None:
    calibrated(tmp_path, env_1="never", env_2="hard", env_3="medium")

    report = export_rl(tmp_path, with_bands(settings, "hard", "medium"))

    assert (report.rows["train"], report.skipped) == (2, {"other_band": 1})


def test_a_band_that_does_not_exist_is_refused(tmp_path: Path, settings: Settings) -> None:
    calibrated(tmp_path, env_1="hard")

    with pytest.raises(ConfigError, match="no band 'harsh'; there are never, always, hard"):
        export_rl(tmp_path, with_bands(settings, "harsh"))


def test_bands_need_a_calibration(tmp_path: Path, settings: Settings) -> None:
    write_run(tmp_path, environments=(make_environment(),), scenarios=(make_scenario(),))

    with pytest.raises(ArtifactError, match="make it first with `envscaler calibrate`"):
        export_rl(tmp_path, with_bands(settings, "hard"))


def test_bands_that_nothing_is_in_are_told_with_those_that_have_scenarios(
    tmp_path: Path, settings: Settings
) -> None:
    calibrated(tmp_path, env_1="hard", env_2="never", env_3="hard")

    with pytest.raises(ArtifactError, match="in the bands easy; it has 2 in hard, 1 in never"):
        export_rl(tmp_path, with_bands(settings, "easy"))
