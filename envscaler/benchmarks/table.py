"""The table at the end: each category in the benchmark's own terms, beside floors and the paper.

Intervals are Wilson's at
95 % over tasks. With several trials of each a task counts a part, whose variance is at most that of
a whole, so they are wider than need be, never narrower.
"""

from collections.abc import Iterator, Mapping, Sequence

from envscaler.benchmarks.benchmark import Reference
from envscaler.benchmarks.controls import ControlName
from envscaler.display.tables import draw, interval, percent
from envscaler.interact.pass_rates import Tally, tally
from envscaler.records import Trajectory


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
    rates = [cell for k in ks for cell in (k, "95 %")]
    return ["", "tasks", "trials", *rates, *process, *floors, *papers]


def _cells(
    group: str,
    found: Tally,
    floors: Mapping[ControlName, Tally],
    most: int,
    references: Sequence[Reference],
) -> list[str]:
    count = len(found.trials)
    trials = sum(map(len, found.trials.values()))
    shares = [found.pass_hat(k) if count else None for k in range(1, max(most, 1) + 1)]
    rates = [cell for share in shares for cell in (percent(share), interval(share, count))]
    process = [f"{100 * found.process:.2f}"] if found.process is not None else []
    controls = [_floor(each) for each in floors.values()]
    papers = [f"{each.scores[group]:.2f}" if group in each.scores else "-" for each in references]
    return [group, str(count), str(trials), *rates, *process, *controls, *papers]


def _floor(found: Tally) -> str:
    return percent(found.pass_hat(1) if found.trials else None)


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
