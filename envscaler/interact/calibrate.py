"""`envscaler calibrate`: how often an agent solves each scenario, from its rollouts."""

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from envscaler.config import CalibrateSettings
from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.lock import only_one
from envscaler.pipeline.measure import Found
from envscaler.records import Calibration, Provenance, Trajectory, row_id


class _Scores:
    """What is known of each scenario, in some two hundred bytes whatever was played of it."""

    def __init__(self, pass_score: float) -> None:
        self._pass_score = pass_score
        self._places: dict[tuple[str, str], int] = {}
        self._environments: dict[str, str] = {}
        """One text for each, however often it was read."""
        self._attempts, self._scored, self._passes = array("Q"), array("Q"), array("Q")
        self._totals = array("d")

    def add(self, row: Trajectory) -> None:
        """Count an attempt."""
        env_id = self._environments.setdefault(row.env_id, row.env_id)
        place = self._places.setdefault((env_id, row.scenario_id), len(self._places))
        if place == len(self._attempts):
            for each in (self._attempts, self._scored, self._passes):
                each.append(0)
            self._totals.append(0.0)
        self._attempts[place] += 1
        score = row.reward.score if row.reward else None
        if score is not None:
            self._scored[place] += 1
            self._passes[place] += score >= self._pass_score
            self._totals[place] += score

    def rates(self, bands: dict[str, tuple[float, float]]) -> Iterator[Calibration]:
        """Yield what was counted, in the order in which scenarios came first."""
        for (env_id, scenario_id), place in self._places.items():
            scored, passes = self._scored[place], self._passes[place]
            rate = round(passes / scored, 4) if scored else None
            yield Calibration(
                id=row_id("cal", scenario_id),
                provenance=Provenance(parents=(scenario_id,)),
                env_id=env_id,
                scenario_id=scenario_id,
                attempts=self._attempts[place],
                scored=scored,
                passes=passes,
                pass_rate=rate,
                mean_score=round(self._totals[place] / scored, 4) if scored else None,
                band=None if rate is None else band_of(rate, bands),
            )


def calibrate(folder: Path, settings: CalibrateSettings) -> Found[Calibration]:
    """Turn `rollouts.jsonl` into `calibration.jsonl`, one row for each scenario played.

    Raises:
        ArtifactError: The run has no rollouts, or they cannot be read.
        ConfigError: Another process works in the folder.
    """
    out = folder / "calibration.jsonl"
    with only_one(folder, make=False):
        write_rows(out, rates(read_rows(folder / "rollouts.jsonl", Trajectory), settings))
    return Found(out, Calibration)


def rates(rollouts: Iterable[Trajectory], settings: CalibrateSettings) -> Iterator[Calibration]:
    """Count attempts and passes by scenario, in the order in which scenarios come first."""
    scores = _Scores(settings.pass_score)
    for row in rollouts:
        scores.add(row)
    return scores.rates(settings.bands)


def band_of(rate: float, bands: dict[str, tuple[float, float]]) -> str | None:
    """Return the first band that a pass rate is in."""
    return next((name for name, (least, most) in bands.items() if least <= rate <= most), None)
