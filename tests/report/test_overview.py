"""A run in the terminal: how far it is, and why a row is where it is."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.records import Dropped, Trajectory
from envscaler.report.overview import overview, why
from envscaler.report.rows import open_rows
from tests.report.hostile import EXAMPLE


def shown(*words: str) -> str:
    return CliRunner().invoke(app, words, catch_exceptions=False).stdout


def refused(stage: str, kind: str) -> str:
    rows = read_rows(EXAMPLE / "dropped.jsonl", Dropped)
    return next(row.id for row in rows if (row.stage, row.kind) == (stage, kind))


def test_a_run_is_shown_by_its_stages() -> None:
    text = shown("show", str(EXAMPLE))

    (line,) = [each for each in text.splitlines() if each.startswith("select")]
    assert line.split(maxsplit=3) == [
        *("select", "4", "14"),
        "6 duplicate, 6 not_stateful, 2 not_useful",
    ]


@pytest.mark.parametrize(
    ("artifact", "step"),
    [
        ("tasks", "build-skel --tasks"),
        ("envs", "gen-scen"),
        ("scenarios", "rollout"),
        ("rollouts", "export-sft"),
        ("exports", "report"),
    ],
)
def test_the_next_step_follows_from_what_is_there(tmp_path: Path, artifact: str, step: str) -> None:
    order = ("tasks", "envs", "scenarios", "rollouts", "exports")
    for name in order[: order.index(artifact) + 1]:
        if name == "exports":
            (tmp_path / name).mkdir()
        else:
            shutil.copy(EXAMPLE / f"{name}.jsonl", tmp_path)

    text = overview(open_rows(tmp_path))

    assert text.splitlines()[-1].startswith(f"Next: envscaler {step}")


def test_why_tells_what_a_refused_environment_came_from() -> None:
    lines = [*why(open_rows(EXAMPLE), refused("admit", "findings"))]

    assert [line.split()[1] for line in lines[:-1]] == [
        *("tasks:", "candidates:", "topics:", "skeletons:")
    ]
    assert "refused by admit, findings: 'Parcel locker management' has 2 serious" in lines[-1]


def test_why_traces_a_topic_that_was_never_made() -> None:
    lines = [*why(open_rows(EXAMPLE), refused("select", "not_useful"))]

    assert "candidates: " in lines[-2]
    assert "refused by select, not_useful" in lines[-1]


def test_why_says_where_a_row_was_kept() -> None:
    row = next(read_rows(EXAMPLE / "trajectories.jsonl", Trajectory))

    lines = [*why(open_rows(EXAMPLE), row.id)]

    assert any(row.scenario_id in line for line in lines)
    assert lines[-1].endswith("trajectories.jsonl")


@pytest.mark.parametrize(("wanted", "told"), [("env-", "3 rows begin so|4 rows"), ("env-x", "no")])
def test_why_asks_for_an_id_that_names_one_row(wanted: str, told: str) -> None:
    with pytest.raises(ArtifactError, match=told):
        list(why(open_rows(EXAMPLE), wanted))


def test_a_row_of_any_file_is_shown_by_its_id_and_field() -> None:
    rows = [*read_rows(EXAMPLE / "trajectories.jsonl", Trajectory)]

    text = shown("show", str(EXAMPLE), rows[0].id, "--only", "stop_reason")

    assert text == "finished\n"


def test_rows_are_printed_as_json_lines() -> None:
    text = shown("show", str(EXAMPLE / "trajectories.jsonl"), "--json")

    found = [Trajectory.model_validate_json(line) for line in text.splitlines()]
    assert found == [*read_rows(EXAMPLE / "trajectories.jsonl", Trajectory)]


def test_a_field_that_a_row_lacks_is_told_with_those_it_has() -> None:
    with pytest.raises(ArtifactError, match="has no field sauce; it has: id"):
        shown("show", str(EXAMPLE / "envs.jsonl"), "env", "--only", "sauce")
