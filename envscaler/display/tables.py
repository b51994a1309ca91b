"""How commands print a table, and the tables of stages, model usage and rollouts.

A table is text, because it goes where a command's other lines go. On a terminal it is as wide as
that; in a pipe it is as wide as its cells, so that nothing is cut or folded there.
"""

import io
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from envscaler.interact.replay import Replay
from envscaler.intervals import wilson
from envscaler.llm.usage import Meter
from envscaler.pipeline.stage import StageReport
from envscaler.records import Calibration

_UNBOUNDED = 100_000
"""Columns of a console that never folds a line."""
_MOST_NAMES = 200
_WIDEST = 100
"""Characters of an example reason."""


def draw(
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    texts: Collection[int] = (0,),
    width: int | None = None,
) -> str:
    """Write a table.

    Args:
        head: Names of the columns; none: the table has no head.
        rows: A cell for each column; a number stands in it as `str` writes it, None as `-`.
        texts: Places of the columns that hold text; the others are numbers.
        width: Columns of the page; None: those of the terminal, or as many as it takes.
    """
    rows = [[_cell(each) for each in row] for row in rows]
    table = Table(box=None, show_header=bool(head), pad_edge=False, padding=(0, 2, 0, 0))
    for column in range(len(rows[0]) if rows else len(head)):
        side = "left" if column in texts else "right"
        table.add_column(head[column] if head else "", justify=side, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    page = io.StringIO()
    console = Console(file=page, width=width or page_width(), color_system=None)
    console.print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def page_width() -> int:
    """Return how wide a table may be: as the terminal is, or without bounds where there is none."""
    return Console().width if sys.stdout.isatty() else _UNBOUNDED


def stage_table(reports: Sequence[StageReport]) -> str:
    """Write a line for each stage, and below why rows were dropped."""
    if not reports:
        return ""
    rows = [
        (each.name, each.written, each.skipped, each.dropped, each.waiting, each.out)
        for each in reports
    ]
    head = ("stage", "written", "skipped", "dropped", "waiting", "file")
    table = draw(head, rows, texts=(0, 5))
    return "\n".join([table, *(line for report in reports for line in _reasons(report))])


def usage_table(meter: Meter) -> str:
    """Write a line for each stage and model; nothing when no model was asked."""
    if not meter.counts:
        return ""
    head = ("stage", "model", "calls", "tokens in", "in cache", "tokens out", "reasoning")
    head = (*head, "refused", "retried", "cost", "stored", "stored tokens")
    return draw(head, (_usage(meter, *key) for key in sorted(meter.counts)), texts=(0, 1))


def percent(share: float | None) -> str:
    """Write a share of 1 as `66.67`; None as `-`."""
    return "-" if share is None else f"{100 * share:.2f}"


def interval(share: float | None, count: int) -> str:
    """Write the 95 % interval of a share of `count` cases, such as `20.8–93.9`."""
    if share is None:
        return "-"
    low, high = wilson(share, count)
    return f"{100 * low:.1f}–{100 * high:.1f}"


def calibration_table(found: Iterable[Calibration]) -> str:
    """Write how many scenarios are in each band, and name those that teach nothing."""
    counts, rated, totals = Counter[str](), Counter[str](), defaultdict[str, float](float)
    never, always = _Names("never solved"), _Names("always solved")
    for row in found:
        band = row.band or "no band"
        counts[band] += 1
        if row.pass_rate is not None:
            rated[band] += 1
            totals[band] += row.pass_rate
        if row.never_solved:
            never.add(row.scenario_id)
        if row.always_solved:
            always.add(row.scenario_id)
    rows = [
        (band, counts[band], f"{totals[band] / rated[band]:.2f}" if rated[band] else None)
        for band in sorted(counts)
    ]
    return "\n".join([draw(("band", "scenarios", "pass rate"), rows), *never, *always])


class _Names:
    """A line with names, of which so many are written out that a person reads them."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._first: list[str] = []
        self._count = 0

    def add(self, name: str) -> None:
        self._count += 1
        if len(self._first) < _MOST_NAMES:
            self._first.append(name)

    def __iter__(self) -> Iterator[str]:
        """Yield the line; nothing where there is no name."""
        more = self._count - len(self._first)
        if self._first:
            names = [*self._first, *([f"and {more} more"] if more else [])]
            yield f"{self._title}: {', '.join(names)}"


def replay_table(replayed: Iterable[Replay]) -> str:
    """Write a line for each replay, and what stood in the way of a score."""
    found = [*replayed]
    rows = [
        (
            *(row.scenario_id, row.source_id, len(row.steps)),
            *(_score(row.reward.score if row.reward else None), _score(row.recorded)),
            row.other_results,
        )
        for row in found
    ]
    head = ("scenario", "from", "calls", "score", "recorded", "others")
    problems = [
        f"{row.source_id}: {row.reward.problem}"
        for row in found
        if row.reward and row.reward.problem
    ]
    meaning = "others: calls of a trajectory that came to something else than was recorded"
    return "\n".join([draw(head, rows, texts=(0, 1)), *problems, meaning])


def mean(values: Iterable[float | None], digits: int = 3) -> str | None:
    """Write the mean of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return f"{sum(known) / len(known):.{digits}f}" if known else None


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def _score(score: float | None) -> str | None:
    return None if score is None else f"{score:.4f}"


def _usage(meter: Meter, stage: str, model: str) -> tuple[str, ...]:
    tokens = meter.counts[stage, model]
    price = meter.prices.get(model)
    counts = (tokens.calls, tokens.prompt, tokens.in_cache, tokens.completion, tokens.reasoning)
    counts = (*counts, tokens.refused, tokens.retried)
    cost = "" if price is None else f"{price.of(tokens):.2f}"
    stored = (f"{tokens.cached:,}", f"{tokens.saved:,}")
    return stage, model, *(f"{count:,}" for count in counts), cost, *stored


def _reasons(report: StageReport) -> Iterator[str]:
    for kind, count in sorted(report.reasons.items(), key=lambda each: (-each[1], each[0])):
        example = " ".join(report.examples[kind].split())
        if len(example) > _WIDEST:
            example = f"{example[: _WIDEST - 1]}…"
        yield f"  {report.name}: {count} × {kind}, such as: {example}"
