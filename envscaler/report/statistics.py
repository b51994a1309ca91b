"""The figures of a set: how large its parts are, how its tools are used, what is alike in it."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import cast

from envscaler.records import JsonObject, JsonValue, Scenario, Skeleton, Step
from envscaler.similarity import Vectors

_ALIKE = 0.6
"""Cosine from which two environments are named as near-duplicates."""
_MOST_NAMES = 25
_MOST_VALUES = 20_000
"""Of a figure with a value for each row; of more, some are left out evenly."""
_MOST_MAPPED = 400
"""Environments on the map; each pair of them is compared."""
_ROUNDS = 100
_NOTHING = 1e-9


def distribution(title: str, unit: str, values: Iterable[float | None]) -> JsonObject:
    """Describe a figure with one value for each row; rows that have none are left out."""
    known: list[JsonValue] = [value for value in values if value is not None]
    return {"title": title, "unit": unit, "values": known}


def counts(title: str, unit: str, counted: Counter[str]) -> JsonObject:
    """Describe a figure with one bar for each name, the most frequent first."""
    bars: list[JsonValue] = [[name, count] for name, count in counted.most_common(_MOST_NAMES)]
    return {"title": title, "unit": unit, "bars": bars, "names": len(counted)}


def of_environments(found: Sequence[Skeleton]) -> list[JsonObject]:
    """Return the figures with one value for each environment."""
    kinds = [len(row.entities) or len(row.structure.attributes) for row in found]
    return [
        distribution("Tools", "environments", (len(row.tools) for row in found)),
        distribution("Queries", "environments", (len(row.structure.queries) for row in found)),
        distribution("Changes", "environments", (len(row.structure.changes) for row in found)),
        distribution("Kinds of things in the state", "environments", kinds),
        distribution("Rules", "environments", (len(row.rules) for row in found)),
        distribution(
            "Lines of code", "environments", (row.source.count("\n") + 1 for row in found)
        ),
    ]


class Thinned:
    """Values of a figure: all, or of very many every second, fourth, eighth and so on."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._every = 1
        self._seen = 0

    def add(self, value: float | None) -> None:
        """Take a value; None is none."""
        if value is None:
            return
        if self._seen % self._every == 0:
            self.values.append(value)
        self._seen += 1
        if len(self.values) > _MOST_VALUES:
            self.values = self.values[::2]
            self._every *= 2


def of_scenarios(found: Iterable[Scenario]) -> list[JsonObject]:
    """Return the figures with one value for each scenario."""
    checks, calls, writes, words, noop = (Thinned() for _ in range(5))
    for row in found:
        checks.add(len(row.checks))
        words.add(len(row.task.split()))
        if row.proof:
            calls.add(len(row.proof.reference))
            writes.add(sum(call.changed for call in row.proof.reference))
            noop.add(row.proof.noop_score)
    return [
        distribution("Checks", "scenarios", checks.values),
        distribution("Calls of the reference", "scenarios", calls.values),
        distribution("Writes of the reference", "scenarios", writes.values),
        distribution("Words of the task", "scenarios", words.values),
        distribution("No-op score", "scenarios", noop.values),
    ]


class Played:
    """Gathers the figures of trajectories while they pass."""

    def __init__(self) -> None:
        self._lengths = Thinned()
        self._scores = Thinned()
        self._tools: Counter[str] = Counter()
        self._stops: Counter[str] = Counter()
        self._passes: dict[str, list[bool]] = {}
        """Of scenarios, as many as a figure has values."""

    def add(self, entry: JsonObject, steps: Sequence[Step]) -> None:
        """Take a trajectory, as lists show it, with its steps."""
        self._lengths.add(len(steps))
        self._stops[str(entry["stop"]).replace("_", " ")] += 1
        self._tools.update(step.call.name for step in steps)
        score = entry["score"]
        if isinstance(score, int | float):
            self._scores.add(score)
            scenario = str(entry["scenario"])
            if scenario in self._passes or len(self._passes) < _MOST_VALUES:
                self._passes.setdefault(scenario, []).append(score == 1)

    def figures(self) -> list[JsonObject]:
        """Return what was gathered."""
        rates = [sum(passed) / len(passed) for passed in self._passes.values()]
        return [
            distribution("Calls of an episode", "trajectories", self._lengths.values),
            distribution("Score", "trajectories", self._scores.values),
            distribution("Pass rate", "scenarios", rates),
            counts("How episodes ended", "trajectories", self._stops),
            counts("Tools in use", "calls", self._tools),
        ]


def neighbourhood(found: Sequence[Skeleton]) -> JsonObject:
    """Return where environments lie by what they are about, and which are nearly the same."""
    mapped = found[:_MOST_MAPPED]
    vectors = Vectors.of_texts([f"{row.summary}. {row.introduction}" for row in mapped])
    size = len(mapped)
    cosines = [[1.0] * size for _ in range(size)]
    for one, other in combinations(range(size), 2):
        cosines[one][other] = cosines[other][one] = vectors.cosine(one, other)
    places = _plane(cosines)
    points: list[JsonValue] = [
        {"id": row.id, "name": row.summary, "x": round(x, 4), "y": round(y, 4)}
        for row, (x, y) in zip(mapped, places, strict=True)
    ]
    alike: list[JsonValue] = [
        {"one": mapped[one].id, "other": mapped[other].id, "cosine": round(cosines[one][other], 3)}
        for one, other in combinations(range(size), 2)
        if cosines[one][other] > _ALIKE
    ]
    return {"points": points, "alike": alike, "limit": _ALIKE, "left_out": len(found) - size}


def _plane(cosines: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Lay vectors out in a plane so that angles are kept as well as a plane can (classical MDS)."""
    size = len(cosines)
    means = [sum(row) / size for row in cosines]
    mean = sum(means) / size if size else 0.0
    centred = [
        [value - means[row] - means[column] + mean for column, value in enumerate(line)]
        for row, line in enumerate(cosines)
    ]
    first = _axis(centred)
    length = sum(x * x for x in first)
    rest = [
        [value - first[row] * first[column] for column, value in enumerate(line)]
        for row, line in enumerate(centred)
    ]
    second = _axis(rest) if length else [0.0] * size
    return list(zip(first, second, strict=True))


def _axis(matrix: Sequence[Sequence[float]]) -> list[float]:
    """Return the coordinates along the direction in which a matrix spreads most."""
    vector = [math.sin(1.0 + place) for place in range(len(matrix))]
    value = 0.0
    for _ in range(_ROUNDS):
        image = [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]
        value = math.sqrt(sum(x * x for x in image))
        if value < _NOTHING:
            return [0.0] * len(matrix)
        vector = [x / value for x in image]
    return [x * math.sqrt(value) for x in vector]


def groups(figures: dict[str, list[JsonObject]], places: JsonObject) -> JsonObject:
    """Put all figures together, as page and files draw them."""
    shown = {title: cast("JsonValue", found) for title, found in figures.items()}
    return {"groups": shown, "map": places}
