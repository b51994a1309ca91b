"""Runs side by side: on the scenarios that all of them played, with intervals."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.errors import ArtifactError
from envscaler.jsonl import write_rows
from tests.benchmarks.test_table import row


def make_run(folder: Path, agent: str, scores: dict[str, tuple[float | None, ...]]) -> Path:
    """Write a run in which each scenario was played with these scores."""
    rows = [
        row(name, score, attempt)
        for name, each in scores.items()
        for attempt, score in enumerate(each)
    ]
    write_rows(folder / "rollouts.jsonl", rows)
    (folder / "settings").mkdir()
    (folder / "settings" / "rollout.yaml").write_text(
        f"models: {{agent: {{model: {agent}}}}}\n", encoding="utf-8"
    )
    return folder


def compare(*runs: Path) -> list[str]:
    result = CliRunner().invoke(app, ["compare", *map(str, runs)])
    if result.exception is not None:
        raise result.exception
    return result.output.splitlines()


def test_each_run_is_a_line_with_its_model_and_interval(tmp_path: Path) -> None:
    good = make_run(tmp_path / "good", "big-model", {"a": (1.0, 1.0), "b": (1.0, 0.0)})
    bad = make_run(tmp_path / "bad", "small-model", {"a": (0.0, 1.0), "b": (0.0, 0.0)})

    head, first, second = compare(good, bad)

    assert head.split()[:5] == ["run", "agent", "scenarios", "trials", "pass^1"]
    assert first.split()[1:] == [
        *("big-model", "2", "4", "75.00", "19.8–97.3", "50.00", "9.5–90.5", "0.7500", "0")
    ]
    assert second.split()[1:5] == ["small-model", "2", "4", "25.00"]


def test_only_scenarios_that_all_have_played_count(tmp_path: Path) -> None:
    one = make_run(tmp_path / "one", "m", {"a": (1.0,), "b": (0.0,), "c": (None,)})
    other = make_run(tmp_path / "other", "n", {"a": (0.0,), "c": (1.0,)})

    _, first, second, *notes = compare(one, other)

    assert first.split()[2:5] == ["1", "1", "100.00"]
    assert second.split()[2:5] == ["1", "1", "0.00"]
    assert [note.rpartition(" ")[2] for note in notes] == ["1", "1"]


def test_k_goes_as_far_as_every_scenario_has_trials(tmp_path: Path) -> None:
    one = make_run(tmp_path / "one", "m", {"a": (1.0, 0.0, 1.0)})
    other = make_run(tmp_path / "other", "n", {"a": (1.0, 1.0)})

    assert "pass^2" in compare(one, other)[0]
    assert "pass^3" not in compare(one, other)[0]


def test_runs_without_a_common_scenario_are_refused(tmp_path: Path) -> None:
    one = make_run(tmp_path / "one", "m", {"a": (1.0,)})
    other = make_run(tmp_path / "other", "n", {"b": (1.0,)})

    with pytest.raises(ArtifactError, match="have no scenario in common that was scored"):
        compare(one, other)


def test_a_run_without_rollouts_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="envscaler rollout --run"):
        compare(tmp_path)
