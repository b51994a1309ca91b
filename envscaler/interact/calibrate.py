"""`envscaler calibrate`: how often an agent solves each scenario, from its rollouts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from envscaler.config import CalibrateSettings
from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.lock import only_one
from envscaler.records import Calibration, Provenance, Trajectory, row_id


def calibrate(folder: Path, settings: CalibrateSettings) -> tuple[Calibration, ...]:
    """Turn `rollouts.jsonl` into `calibration.jsonl`, one row for each scenario played.

    Raises:
        ArtifactError: The run has no rollouts, or they cannot be read.
        ConfigError: Another process works in the folder.
    """
    with only_one(folder, make=False):
        found = rates(read_rows(folder / "rollouts.jsonl", Trajectory), settings)
        write_rows(folder / "calibration.jsonl", found)
    return found


def rates(rollouts: Iterable[Trajectory], settings: CalibrateSettings) -> tuple[Calibration, ...]:
    """Count attempts and passes by scenario, in the order in which scenarios come first."""
    scores: dict[tuple[str, str], list[float | None]] = {}
    for row in rollouts:
        score = row.reward.score if row.reward else None
        scores.setdefault((row.env_id, row.scenario_id), []).append(score)
    return tuple(
        _calibration(env_id, scenario_id, each, settings)
        for (env_id, scenario_id), each in scores.items()
    )


def band_of(rate: float, bands: dict[str, tuple[float, float]]) -> str | None:
    """Return the first band that a pass rate is in."""
    return next((name for name, (least, most) in bands.items() if least <= rate <= most), None)


def _calibration(
    env_id: str, scenario_id: str, scores: Sequence[float | None], settings: CalibrateSettings
) -> Calibration:
    known = [score for score in scores if score is not None]
    passes = sum(score >= settings.pass_score for score in known)
    rate = round(passes / len(known), 4) if known else None
    return Calibration(
        id=row_id("cal", scenario_id),
        provenance=Provenance(parents=(scenario_id,)),
        env_id=env_id,
        scenario_id=scenario_id,
        attempts=len(scores),
        scored=len(known),
        passes=passes,
        pass_rate=rate,
        mean_score=round(sum(known) / len(known), 4) if known else None,
        band=None if rate is None else band_of(rate, settings.bands),
    )
