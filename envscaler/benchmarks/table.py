"""The table at the end: each category in the benchmark's own terms, beside floors and the paper.

`pass^k` is the chance that k trials of a task all pass, estimated without bias from the trials
there are and averaged over tasks; with one trial pass^1 is the accuracy. Intervals are Wilson's at
95 % over tasks, which with several trials of each is wider than need be, never narrower.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean

from envscaler.benchmarks.benchmark import Reference
from envscaler.benchmarks.controls import ControlName
from envscaler.display.tables import draw
from envscaler.intervals import wilson
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


def tally(rows: Sequence[Trajectory]) -> Tally:
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


def table(
    rows: Sequence[Trajectory],
    floors: Mapping[ControlName, Sequence[Trajectory]],
    references: Sequence[Reference] = (),
    *,
    tasks: int | None = None,
) -> str:
    """Write the table.

    Args:
        rows: Of the agent that is evaluated, of one benchmark.
        floors: Control → its rows on the same tasks.
        references: Columns of published numbers.
        tasks: How many there are, so that the table says when some have no row.
    """
    groups = list(dict.fromkeys(map(group_of, rows)))
    lines = [_head(rows, floors, references)]
    for group in [*groups, "overall"]:
        own = [row for row in rows if group in (group_of(row), "overall")]
        low: dict[ControlName, Tally] = {
            name: tally([row for row in each if group in (group_of(row), "overall")])
            for name, each in floors.items()
        }
        lines.append(_cells(group, tally(own), low, _most(rows), references))
    notes = [*_missing(rows, tasks), *_notes(rows, groups, floors, references)]
    return "\n".join([draw(lines[0], lines[1:]), *notes])


def group_of(row: Trajectory) -> str:
    """Return the line of the table that a trajectory belongs to."""
    return row.scenario_id.split("/")[1]


def _most(rows: Sequence[Trajectory]) -> int:
    return tally(rows).most


def _head(
    rows: Sequence[Trajectory],
    floors: Mapping[ControlName, Sequence[Trajectory]],
    references: Sequence[Reference],
) -> list[str]:
    ks = [f"pass^{k}" for k in range(1, _most(rows) + 1)] or ["pass^1"]
    process = ["process"] if tally(rows).process is not None else []
    papers = [f"paper: {each.model}" for each in references]
    return ["", "tasks", "trials", ks[0], "95 %", *ks[1:], *process, *floors, *papers]


def _cells(
    group: str,
    found: Tally,
    floors: Mapping[ControlName, Tally],
    most: int,
    references: Sequence[Reference],
) -> list[str]:
    count = len(found.trials)
    trials = sum(map(len, found.trials.values()))
    shares = [found.pass_hat(k) for k in range(1, most + 1)] if count else []
    interval = "-"
    if shares:
        low, high = wilson(shares[0], count)
        interval = f"{100 * low:.1f}–{100 * high:.1f}"
    process = [f"{100 * found.process:.2f}"] if found.process is not None else []
    controls = [_floor(each) for each in floors.values()]
    papers = [f"{each.scores[group]:.2f}" if group in each.scores else "-" for each in references]
    first, *others = map(_percent, shares or [None])
    return [group, str(count), str(trials), first, interval, *others, *process, *controls, *papers]


def _floor(found: Tally) -> str:
    return _percent(found.pass_hat(1) if found.trials else None)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}"


def _missing(rows: Sequence[Trajectory], tasks: int | None) -> Iterator[str]:
    played = len({row.scenario_id for row in rows})
    if tasks is not None and played < tasks:
        yield f"{tasks - played} of {tasks} tasks have no row yet, and count nowhere above"


def _notes(
    rows: Sequence[Trajectory],
    groups: Sequence[str],
    floors: Mapping[ControlName, Sequence[Trajectory]],
    references: Sequence[Reference],
) -> Iterator[str]:
    passed = sum(sum(each) for each in tally(rows).trials.values())
    yield f"{passed} of {len(rows)} trials passed"
    broken = tally(rows).unscored
    if broken:
        yield f"{broken} trials have no score: something around the task broke (see `problem`)"
    if len({row.tool_format for row in rows}) > 1:
        yield "trials of several tool formats are counted together"
    if floors:
        yield f"{', '.join(floors)}: the same tasks, played without a model"
    if references and len(groups) > 1:
        yield "paper: arXiv 2601.05808, with its own agent loop, users and data versions"
