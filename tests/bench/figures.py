"""What benchmarks found: tables of figures, and the ratios that are kept from one run to the next.

Times depend on the machine and on who else uses it; ratios to what was measured in the same run
depend much less on either. `last_ratios.json` holds those of the last run that somebody kept.
"""

import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KEPT = Path(__file__).with_name("last_ratios.json")
PAGE = Path(__file__).parents[2] / "docs" / "figures.md"
_BEGIN, _END = "<!-- begin: python -m tests.bench --keep -->", "<!-- end -->"
_A_LOT = 4 / 3
"""A ratio that is so many times what it was has moved."""
_HEAD = ("what", "ours", "p95", "published", "bound", "faster", "over the bound", "wanted")

Ratios = dict[str, dict[str, float]]
"""Name of a figure → `faster` than the published way, and times the `bound`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured."""

    name: str
    ours: float
    """Mean, in the unit."""
    unit: str = "ms"
    p95: float | None = None
    published: float | None = None
    """The same done the published way, in the same run."""
    bound: float | None = None
    """The least that it could take, in the same run."""
    wanted: str = ""

    @property
    def ratios(self) -> dict[str, float]:
        """How many times faster than the published way, and how many times the bound."""
        found: dict[str, float] = {}
        if self.published is not None:
            found["faster"] = round(self.published / self.ours, 2)
        if self.bound is not None:
            found["bound"] = round(self.ours / self.bound, 2)
        return found


def mean_of(values: Sequence[float]) -> float:
    return statistics.fmean(values)


def p95_of(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print figures as a Markdown table."""
    rows = [_HEAD, ["---"] * len(_HEAD), *([*_cells(one)] for one in figures)]
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    sys.stdout.write(f"\n{title}\n\n{lines}")


def _cells(one: Figure) -> Iterator[str]:
    yield one.name
    yield f"{one.ours:.3g} {one.unit}"
    for value in (one.p95, one.published, one.bound):
        yield "–" if value is None else f"{value:.3g}"
    for name in ("faster", "bound"):
        yield f"{one.ratios[name]:.3g}×" if name in one.ratios else "–"
    yield one.wanted


def ratios_of(figures: Sequence[Figure]) -> Ratios:
    return {one.name: one.ratios for one in figures if one.ratios}


def keep(ratios: Ratios, path: Path = KEPT) -> None:
    """Keep ratios for the runs to come; those that were not measured this time stay."""
    text = json.dumps({**read_kept(path), **ratios}, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_kept(path: Path = KEPT) -> Ratios:
    """Return what was kept; nothing when nobody has kept any."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def moved(before: Mapping[str, Mapping[str, float]], now: Ratios) -> list[str]:
    """Say which ratios are more than a third larger or smaller than they were."""
    pairs = [
        (f"{name}, {kind}", before[name][kind], ratio)
        for name, ratios in now.items()
        for kind, ratio in ratios.items()
        if kind in before.get(name, {})
    ]
    return [
        f"{name}: {old:.3g}× → {new:.3g}×"
        for name, old, new in pairs
        if not 1 / _A_LOT < new / old < _A_LOT
    ]


def report(ratios: Ratios) -> None:
    """Print what has moved since ratios were kept."""
    lines = moved(read_kept(), ratios)
    text = "\n".join(lines) if lines else "nothing has moved by more than a third"
    sys.stderr.write(f"\nbeside the ratios that were kept: {text}\n")


def publish(text: str, path: Path = PAGE) -> None:
    """Put what was printed between the two marks of a page.

    Raises:
        ValueError: The page has no such marks.
    """
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"{path} has no {_BEGIN} with an {_END} after it")
    path.write_text(f"{before}{begin}\n{text.rstrip()}\n\n{end}{after}", encoding="utf-8")
