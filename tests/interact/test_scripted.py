"""`rollout --agent NAME`: the example's scenarios, played in the real sandbox without a model."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.config import Settings
from envscaler.interact.calibrate import rates
from envscaler.interact.rollout import rollout
from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import Dropped, Scenario, StopReason, Trajectory
from tests.one_sandbox import end_sandboxes, in_one_sandbox

EXAMPLE = Path(__file__).parents[2] / "data/example"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with environments and proven scenarios, and nothing played yet."""
    for name in ("envs", "scenarios"):
        shutil.copy(EXAMPLE / f"{name}.jsonl", tmp_path)
    return tmp_path


@pytest.fixture
def few(run: Path) -> Path:
    """The same with two scenarios: an agent that calls at random plays every step there is."""
    write_rows(run / "scenarios.jsonl", [*_scenarios(run).values()][:2])
    return run


def _rollout(
    folder: Path, settings: Settings, **changes: object
) -> tuple[StageReport, list[Trajectory]]:
    interact = settings.interact.model_copy(update=changes)
    chosen = settings.model_copy(update={"interact": interact})

    [played, _] = in_one_sandbox(
        chosen.sandbox, lambda sandbox: rollout(Run(folder, chosen, {}, sandbox))
    )
    return played, [*read_rows(folder / "rollouts.jsonl", Trajectory)]


def _scenarios(folder: Path) -> dict[str, Scenario]:
    return {row.id: row for row in read_rows(folder / "scenarios.jsonl", Scenario)}


def test_the_reference_reaches_full_marks_with_the_calls_of_the_proof(
    run: Path, settings: Settings
) -> None:
    _, rows = _rollout(run, settings, agent="reference")

    scenarios = _scenarios(run)
    assert {row.scenario_id for row in rows} == scenarios.keys()
    for row in rows:
        proof = scenarios[row.scenario_id].proof
        assert proof is not None
        assert row.reward is not None
        assert row.reward.score == 1.0
        assert [step.observation for step in row.steps] == [c.observation for c in proof.reference]
    assert {row.provenance.models for row in rows} == {("scripted:reference",)}


def test_a_noop_scores_nothing(run: Path, settings: Settings) -> None:
    _, rows = _rollout(run, settings, agent="noop")

    assert {len(row.steps) for row in rows} == {0}
    assert {row.reward.score for row in rows if row.reward} == {0.0}
    assert {row.stop_reason for row in rows} == {StopReason.FINISHED}


def test_random_calls_reach_the_tools_and_attempts_differ(few: Path, settings: Settings) -> None:
    _, rows = _rollout(few, settings, agent="random", attempts=2)

    calls = {(row.scenario_id, row.attempt): [step.call for step in row.steps] for row in rows}
    assert len(calls) == 2 * len(_scenarios(few))
    assert {len(each) for each in calls.values()} == {29}  # of 30 steps the last is the last word
    for name in _scenarios(few):
        assert calls[name, 0] != calls[name, 1]
    assert sum(row.reward is not None and row.reward.score == 1 for row in rows) < len(rows) / 2
    assert {rate.attempts for rate in rates(rows, settings.calibrate)} == {2}


def test_the_same_seed_plays_the_same_random_calls(
    few: Path, settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("envs", "scenarios"):
        shutil.copy(few / f"{name}.jsonl", other)

    _, rows = _rollout(few, settings, agent="random")
    end_sandboxes()
    _, again = _rollout(other, settings, agent="random")

    assert {row.id: row for row in rows} == {row.id: row for row in again}


def test_a_finished_rollout_plays_nothing_again_and_more_attempts_go_on(
    few: Path, settings: Settings
) -> None:
    _rollout(few, settings, agent="random")

    again, _ = _rollout(few, settings, agent="random")
    more, rows = _rollout(few, settings, agent="random", attempts=2)

    assert (again.written, again.skipped) == (0, len(_scenarios(few)))
    assert (more.written, more.skipped) == (len(rows) / 2, len(rows) / 2)


def test_a_scenario_without_a_reference_is_dropped_with_the_reason(
    run: Path, settings: Settings
) -> None:
    first, *others = _scenarios(run).values()
    write_rows(run / "scenarios.jsonl", [first.model_copy(update={"proof": None}), *others])

    _, rows = _rollout(run, settings, agent="reference")

    [dropped] = read_rows(run / "dropped.jsonl", Dropped)
    assert (dropped.stage, dropped.kind) == ("rollout", "no_reference")
    assert first.id not in {row.scenario_id for row in rows}


def test_agents_without_a_model_play_one_way_only(run: Path, settings: Settings) -> None:
    ways = {"dialogue": ("single_turn", "simulated_user"), "tool_format": ("native", "text")}

    _, rows = _rollout(run, settings, agent="noop", **ways)

    assert len(rows) == len(_scenarios(run))
    assert {(row.dialogue, row.tool_format) for row in rows} == {("single_turn", "native")}


def test_what_the_reference_played_is_read_by_the_other_commands(run: Path) -> None:
    def envscaler(*arguments: str) -> str:
        result = CliRunner().invoke(app, [*arguments, "--run", str(run)])
        assert result.exit_code == 0, result.output
        return result.output

    envscaler("rollout", "--agent", "reference")
    envscaler("calibrate")
    envscaler("export-sft", "--format", "messages")

    rows = (run / "exports/messages/train.jsonl").read_text(encoding="utf-8")
    assert "carried out" in rows
    assert "scripted:reference" in (run / "trajectories.jsonl").read_text(encoding="utf-8")


def test_another_agent_needs_another_folder(run: Path) -> None:
    CliRunner().invoke(app, ["rollout", "--run", str(run), "--agent", "noop"])

    result = CliRunner().invoke(app, ["rollout", "--run", str(run), "--agent", "random"])

    assert result.exit_code != 0
    assert "interact.agent=noop" in f"{result.output}{result.exception}"
