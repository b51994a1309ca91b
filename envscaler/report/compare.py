"""Two runs, or two models, on the same scenarios: who does better where, and how sure that is."""

import math
from collections import defaultdict
from statistics import fmean, stdev
from typing import cast

from envscaler.records import JsonObject, JsonValue

_NORMAL = 1.96
"""Standard errors on each side of a mean in a 95 % interval."""


class Comparison:
    """Gathers scores of two sides while trajectories pass.

    Args:
        names: Of the sides.
    """

    def __init__(self, *names: str) -> None:
        self._names = names
        self._scores: dict[str, dict[str, list[float]]] = {
            name: defaultdict(list) for name in names
        }

    def add(self, name: str, entry: JsonObject) -> None:
        """Take a trajectory of one side; one without a score tells nothing."""
        score = entry["score"]
        if isinstance(score, int | float):
            self._scores[name][str(entry["scenario"])].append(float(score))

    def result(self) -> JsonObject:
        """Return both sides of each scenario that both have played, and the difference."""
        one, other = (self._scores[name] for name in self._names)
        shared = [scenario for scenario in one if scenario in other]
        pairs = {name: (fmean(one[name]), fmean(other[name])) for name in shared}
        rows: list[JsonValue] = [
            {
                "scenario": scenario,
                "scores": list(pairs[scenario]),
                "attempts": [len(one[scenario]), len(other[scenario])],
            }
            for scenario in shared
        ]
        differences = [here - there for here, there in pairs.values()]
        return {
            "names": list(self._names),
            "rows": rows,
            "means": [_mean([pair[side] for pair in pairs.values()]) for side in (0, 1)],
            "pass_rates": [self._pass_rate(name, shared) for name in self._names],
            "difference": _mean(differences),
            "interval": cast("JsonValue", _interval(differences)),
            "only": [len(one) - len(shared), len(other) - len(shared)],
        }

    def _pass_rate(self, name: str, shared: list[str]) -> float | None:
        scores = [score for scenario in shared for score in self._scores[name][scenario]]
        return _mean([float(score == 1) for score in scores])


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None


def _interval(differences: list[float]) -> list[float] | None:
    """Return the 95 % interval of the mean difference, scenario by scenario; None below two."""
    if len(differences) < 2:
        return None
    reach = _NORMAL * stdev(differences) / math.sqrt(len(differences))
    return [fmean(differences) - reach, fmean(differences) + reach]
