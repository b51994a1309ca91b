"""`envscaler verify --leaks`: how close tasks of a run come to texts that they must not repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envscaler.jsonl import read_rows
from envscaler.records import Scenario
from envscaler.scen_generator.dedupe import Avoided, read_avoided
from envscaler.similarity import Vectors

_FLOOR = 0.1
"""Cosines below this say nothing, and to look for them takes long."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A scenario and the text that is most like its task."""

    scenario_id: str
    task: str
    text: Avoided | None
    """None: no text is like it at all."""
    similarity: float
    """Cosine of the letters that both are written with."""


def leaks(folder: Path, file: Path) -> tuple[Nearest, ...]:
    """Compare every task of a run with texts, the closest first.

    Raises:
        ArtifactError: The run has no scenarios, or the file no texts.
    """
    return nearest([*read_rows(folder / "scenarios.jsonl", Scenario)], read_avoided(file))


def nearest(scenarios: Sequence[Scenario], avoided: Sequence[Avoided]) -> tuple[Nearest, ...]:
    """Find for each scenario the text that is most like its task, the closest first."""
    texts = [*(each.text for each in avoided), *(each.task for each in scenarios)]
    best: dict[int, tuple[float, int]] = {}
    for later, earlier, cosine in Vectors.of_spelling(texts).close_pairs(_FLOOR):
        if earlier < len(avoided) <= later:
            best[later] = max(best.get(later, (0.0, -earlier)), (cosine, -earlier))
    found = [
        _nearest(scenario, avoided, best.get(at))
        for at, scenario in enumerate(scenarios, start=len(avoided))
    ]
    return tuple(sorted(found, key=lambda each: -each.similarity))


def _nearest(
    scenario: Scenario, avoided: Sequence[Avoided], best: tuple[float, int] | None
) -> Nearest:
    cosine, place = best or (0.0, 0)
    text = avoided[-place] if best else None
    return Nearest(scenario.id, scenario.task, text, round(cosine, 4))
