"""How often an agent solves tasks: pass^k over trials, for any set of trajectories.

`pass^k` is the chance that k trials of a task all pass, estimated without bias from the trials
there are (arXiv 2406.12045) and averaged over tasks; with one trial pass^1 is the accuracy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import comb
from statistics import fmean

from envscaler.records import Trajectory


def pass_hat(passes: int, trials: int, k: int) -> float:
    """Estimate the chance that k trials all pass, from `passes` of `trials`."""
    return comb(passes, k) / comb(trials, k)


@dataclass(frozen=True, slots=True)
class Tally:
    """What is known of the tasks of one group, or of all."""

    trials: Mapping[str, tuple[bool, ...]]
    """Task → its scored trials."""
    unscored: int = 0
    """Trials without a score, because something broke."""
    process: float | None = None
    """Mean share of milestones, where the benchmark has such."""

    @property
    def most(self) -> int:
        """Trials that every task has."""
        return min((len(each) for each in self.trials.values()), default=0)

    def pass_hat(self, k: int) -> float:
        """Return pass^k, averaged over tasks."""
        return fmean(pass_hat(sum(each), len(each), k) for each in self.trials.values())


def tally(rows: Iterable[Trajectory]) -> Tally:
    """Count trials by task."""
    found: dict[str, list[bool]] = {}
    shares: list[float] = []
    unscored = 0
    for row in rows:
        score = row.reward.score if row.reward else None
        if row.reward and row.reward.fraction is not None:
            shares.append(row.reward.fraction)
        if score is None:
            unscored += 1
        else:
            found.setdefault(row.scenario_id, []).append(score == 1)
    trials = {name: tuple(each) for name, each in found.items()}
    return Tally(trials, unscored, fmean(shares) if shares else None)
