"""Rows of runs and exports as typed objects."""

from pathlib import Path

import pytest

import envscaler
from envscaler.errors import ArtifactError, ConfigError
from envscaler.jsonl import write_rows
from envscaler.records import Scenario
from tests.face import desk_row, write_desk
from tests.interact.fakes import SOURCE, make_environment, make_scenario


def test_scenarios_of_a_run_bring_their_environment(tmp_path: Path) -> None:
    run = envscaler.load_run(write_desk(tmp_path))

    (scenario,) = run.scenarios

    assert scenario.environment == make_environment()
    assert Scenario.model_validate(scenario.model_dump()) == make_scenario()
    with envscaler.Env(scenario) as env:
        assert env.task == scenario.task


def test_rows_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    run = envscaler.load_run(write_desk(tmp_path))
    scenarios = run.scenarios
    assert len(scenarios) == 1

    two = [make_scenario(), make_scenario().model_copy(update={"id": "scen-2"})]
    write_rows(tmp_path / "scenarios.jsonl", two)

    assert [row.id for row in scenarios] == ["scen-1", "scen-2"]
    assert scenarios["scen-2"] == scenarios[1]


def test_a_torn_row_further_down_does_not_hinder_those_before(tmp_path: Path) -> None:
    run = envscaler.load_run(write_desk(tmp_path))
    with (tmp_path / "scenarios.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "sc')

    assert run.scenarios[0].id == "scen-1"
    with pytest.raises(ArtifactError, match="torn"):
        list(run.scenarios)


@pytest.mark.parametrize("key", ["scen-9", 1])
def test_a_row_that_is_not_there_is_one_clear_error(tmp_path: Path, key: str | int) -> None:
    run = envscaler.load_run(write_desk(tmp_path))

    with pytest.raises(ArtifactError, match=r"scenarios\.jsonl has no"):
        run.scenarios[key]


def test_a_scenario_whose_environment_is_missing_is_one_clear_error(tmp_path: Path) -> None:
    write_desk(tmp_path, make_environment().model_copy(update={"id": "env-2"}))

    with pytest.raises(ArtifactError, match="has no environment env-1, in which scenario scen-1"):
        list(envscaler.load_scenarios(tmp_path))


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="is no folder"):
        envscaler.load_run(tmp_path / "nowhere")


def test_environments_come_from_runs_files_and_modules(tmp_path: Path) -> None:
    write_desk(tmp_path)
    module = tmp_path / "desk.py"
    module.write_text(SOURCE, encoding="utf-8")

    names = [
        [row.class_name for row in envscaler.load_environments(path)]
        for path in (tmp_path, tmp_path / "envs.jsonl", module)
    ]

    assert names == [["LendingDesk"]] * 3


def test_an_export_holds_each_environment_once_and_rows_are_whole_again(tmp_path: Path) -> None:
    two = (make_scenario(), make_scenario().model_copy(update={"id": "scen-2"}))
    run = write_desk(tmp_path, scenarios=two)

    report = envscaler.export_rl(run, settings=("train.validation_share=0",))

    assert (report.folder / "environments.jsonl").read_text(encoding="utf-8").count("\n") == 1
    assert "class_source" not in (report.folder / "train.jsonl").read_text(encoding="utf-8")
    rows = envscaler.load_export(report.folder)
    assert [row["scenario_id"] for row in rows] == ["scen-1", "scen-2"]
    assert rows["scen-2"]["class_source"] == SOURCE
    assert list(envscaler.load_export(run)) == list(rows)


def test_an_export_of_two_runs_mixed_up_is_one_clear_error(tmp_path: Path) -> None:
    desk_row(tmp_path)
    file = tmp_path / "exports" / "rl" / "environments.jsonl"
    file.write_text('{"env_id": "env-2"}\n', encoding="utf-8")

    with pytest.raises(ArtifactError, match="has no env-1, which a row of"):
        list(envscaler.load_export(tmp_path))


def test_check_environment_finds_what_the_command_finds(tmp_path: Path) -> None:
    module = tmp_path / "desk.py"
    module.write_text(SOURCE, encoding="utf-8")

    found = envscaler.check_environment(module)

    assert "audit" in {finding.tool for finding in found.serious}


def test_check_environment_takes_one_at_a_time(tmp_path: Path) -> None:
    other = make_environment().model_copy(update={"id": "env-2"})
    write_rows(tmp_path / "envs.jsonl", [make_environment(), other])

    with pytest.raises(ConfigError, match="holds 2 environments"):
        envscaler.check_environment(tmp_path / "envs.jsonl")
