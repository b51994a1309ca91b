"""How hard scenarios are, counted from rollouts."""

from pathlib import Path

import pytest

from envscaler.config import CalibrateSettings, Settings
from envscaler.display.tables import calibration_table
from envscaler.errors import ArtifactError
from envscaler.interact.calibrate import band_of, calibrate, rates
from envscaler.jsonl import read_rows, write_rows
from envscaler.records import Calibration, Reward, StopReason, Trajectory


def rollout(scenario_id: str, attempt: int, score: float | None) -> Trajectory:
    return Trajectory(
        id=f"traj-{scenario_id}-{attempt}",
        env_id="env-1",
        scenario_id=scenario_id,
        attempt=attempt,
        dialogue="single_turn",
        tool_format="native",
        tools=(),
        messages=(),
        steps=(),
        stop_reason=StopReason.FINISHED,
        reward=Reward(score=score, verdicts=(), isolation="none"),
        seed=0,
    )


def rollouts(**scores: tuple[float | None, ...]) -> list[Trajectory]:
    """Build rollouts, the attempts of different scenarios mixed as they come from a run."""
    longest = max(map(len, scores.values()))
    return [
        rollout(name, attempt, each[attempt])
        for attempt in range(longest)
        for name, each in scores.items()
        if attempt < len(each)
    ]


@pytest.fixture
def calibration(settings: Settings) -> CalibrateSettings:
    return settings.calibrate


def test_attempts_are_counted_by_scenario(calibration: CalibrateSettings) -> None:
    one, two = rates(rollouts(s1=(1.0, 0.5, 1.0, 0.0), s2=(0.0, 0.25)), calibration)

    assert (one.scenario_id, one.attempts, one.passes, one.pass_rate) == ("s1", 4, 2, 0.5)
    assert one.mean_score == 0.625
    assert (two.scenario_id, two.attempts, two.passes, two.pass_rate) == ("s2", 2, 0, 0.0)
    assert one.provenance.parents == ("s1",)


def test_an_attempt_without_a_score_is_no_failure(calibration: CalibrateSettings) -> None:
    [one] = rates(rollouts(s1=(1.0, None, 1.0)), calibration)

    assert (one.attempts, one.scored, one.pass_rate) == (3, 2, 1.0)


def test_a_scenario_that_was_never_scored_has_no_rate(calibration: CalibrateSettings) -> None:
    [one] = rates(rollouts(s1=(None, None)), calibration)

    assert (one.pass_rate, one.mean_score, one.band) == (None, None, None)
    assert not one.never_solved
    assert not one.always_solved


def test_what_a_pass_is_can_be_set(calibration: CalibrateSettings) -> None:
    easier = calibration.model_copy(update={"pass_score": 0.5})

    [one] = rates(rollouts(s1=(0.5, 0.75, 0.25)), easier)

    assert one.passes == 2


@pytest.mark.parametrize(
    ("rate", "band"),
    [(0, "never"), (0.1, "hard"), (0.34, "hard"), (0.5, "medium"), (0.9, "easy"), (1, "always")],
)
def test_each_rate_has_its_band(calibration: CalibrateSettings, rate: float, band: str) -> None:
    assert band_of(rate, calibration.bands) == band


def test_a_rate_may_be_in_no_band() -> None:
    assert band_of(0.5, {"hard": (0.0, 0.2)}) is None


def test_scenarios_that_teach_nothing_are_flagged(calibration: CalibrateSettings) -> None:
    found = [*rates(rollouts(s1=(0.0, 0.5), s2=(1.0, 1.0), s3=(1.0, 0.0)), calibration)]

    assert [row.scenario_id for row in found if row.never_solved] == ["s1"]
    assert [row.scenario_id for row in found if row.always_solved] == ["s2"]
    assert calibration_table(found).splitlines()[-2:] == ["never solved: s1", "always solved: s2"]


def test_the_table_counts_scenarios_by_band(calibration: CalibrateSettings) -> None:
    found = [*rates(rollouts(s1=(0.0,), s2=(0.0,), s3=(1.0, 0.0), s4=(None,)), calibration)]

    assert [line.split() for line in calibration_table(found).splitlines()[1:4]] == [
        ["medium", "1", "0.50"],
        ["never", "2", "0.00"],
        ["no", "band", "1", "-"],
    ]


def test_the_file_holds_a_row_for_each_scenario(tmp_path: Path, settings: Settings) -> None:
    write_rows(tmp_path / "rollouts.jsonl", rollouts(s1=(1.0,), s2=(0.0,)))

    found = calibrate(tmp_path, settings.calibrate)

    assert [*read_rows(tmp_path / "calibration.jsonl", Calibration)] == [*found]
    assert [row.band for row in found] == ["always", "never"]


def test_a_run_without_rollouts_says_what_to_do(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ArtifactError, match=r"rollouts\.jsonl does not exist.*envscaler rollout"):
        calibrate(tmp_path, settings.calibrate)
