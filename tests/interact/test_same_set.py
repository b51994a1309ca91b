"""Several agents on one set of scenarios, each in a folder of its own."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.errors import ArtifactError, ConfigError
from envscaler.interact.same_set import take_scenarios
from envscaler.jsonl import write_rows
from tests.docs_commands import write_first
from tests.face import write_desk
from tests.interact.fakes import make_scenario


def test_two_agents_play_one_set_and_are_compared(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write_first(one)

    for command in (
        ["rollout", "--run", str(one), "--agent", "noop"],
        ["rollout", "--run", str(two), "--from", str(one), "--agent", "reference"],
        [
            "rollout",
            "--run",
            str(two),
            "--from",
            str(one / "scenarios.jsonl"),
            "--agent",
            "reference",
        ],
    ):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
    table = CliRunner().invoke(app, ["compare", str(one), str(two)]).stdout.splitlines()

    assert (two / "scenarios.jsonl").read_bytes() == (one / "scenarios.jsonl").read_bytes()
    assert [line.split()[1:5] for line in table[1:3]] == [
        ["noop", "1", "1", "0.00"],
        ["reference", "1", "1", "100.00"],
    ]


def test_a_run_with_other_scenarios_takes_none(tmp_path: Path) -> None:
    one, two = write_desk(tmp_path / "one"), write_desk(tmp_path / "two")
    write_rows(two / "scenarios.jsonl", [make_scenario(checks=False)])
    before = (two / "scenarios.jsonl").read_bytes()

    with pytest.raises(ConfigError, match="has other rows than"):
        take_scenarios(one, two)

    assert (two / "scenarios.jsonl").read_bytes() == before


def test_a_run_without_scenarios_has_none_to_give(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="does not exist; --from takes a run with scenarios"):
        take_scenarios(tmp_path, tmp_path / "two")

    assert not (tmp_path / "two").exists()
