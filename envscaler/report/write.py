"""`envscaler report`: read a run folder and write one HTML file."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import cast

from envscaler import __version__
from envscaler.config import Settings
from envscaler.errors import IsolationError
from envscaler.jsonl import count_rows
from envscaler.llm.usage import Price, load_prices
from envscaler.records import Candidate, JsonObject, JsonValue, Scenario, Trajectory, row_id
from envscaler.report.compare import Comparison
from envscaler.report.environments import environments
from envscaler.report.funnel import funnel, spending
from envscaler.report.packing import Pieces, packed
from envscaler.report.page import Page, open_page
from envscaler.report.replays import Host, state_diffs
from envscaler.report.rows import RunRows, open_rows
from envscaler.report.scenarios import scenarios, shortened, trajectory_entry
from envscaler.report.statistics import Played, groups, neighbourhood, of_environments, of_scenarios
from envscaler.sandbox import Sandbox

MOST_ROWS = 10_000
"""Of a kind that are shown one by one: a page of more is more than a browser holds."""
_TOGETHER = 32
"""Trajectories that are replayed side by side and then written in order."""


@dataclass(frozen=True)
class Written:
    """What a report holds."""

    path: Path
    size: int
    counts: dict[str, int]
    notes: tuple[str, ...]
    statistics: JsonObject
    """The figures, as `figures` draws them."""


@dataclass
class _Book:
    """A page in the making, and the index that goes with it."""

    page: Page
    index: JsonObject
    notes: list[str] = field(default_factory=list[str])
    texts: dict[str, int] = field(default_factory=dict[str, int])
    """System prompts, each once, and their places."""
    left_out: Counter[str] = field(default_factory=Counter[str])
    """Rows of a kind that are counted, and not shown."""

    def leave_out(self, name: str, count: int) -> None:
        """Note that only the first rows of a kind are shown."""
        if count:
            self.left_out[name] += count
            self.notes.append(
                f"{count:,} {name} are counted and not shown one by one; --rows shows more"
            )

    def keep(self, name: str, prefix: str, found: Iterator[tuple[JsonObject, JsonObject]]) -> None:
        """Pack rows, and put what lists show of them into the index."""
        pieces = Pieces(self.page.put, prefix)
        entries = [_listed(entry, at=pieces.add(row)) for entry, row in found]
        pieces.close()
        self.index[name] = entries


def _listed(entry: JsonObject, **more: JsonValue) -> JsonValue:
    """Return what lists show of a row, and where the whole of it is."""
    return entry | more


def write_report(
    folder: Path,
    out: Path,
    settings: Settings,
    *,
    against: Path | None = None,
    replay: bool = True,
    most: int = MOST_ROWS,
) -> Written:
    """Write the report of a run.

    Args:
        folder: The run; other processes may work in it.
        out: The HTML file.
        settings: The sandbox, and prices.
        against: Another run, whose trajectories are shown beside these.
        replay: Make calls again to see what each changed.
        most: Scenarios, trajectories and refusals of a stage that are shown one by one, the
            first ones; figures count all.

    Raises:
        ArtifactError: The folder is no run, a row cannot be read, or the file cannot be written.
        ConfigError: The price file cannot be read.
    """
    rows = open_rows(folder, most)
    other = open_rows(against, most) if against else None
    return asyncio.run(_write(rows, other, out, settings, replay=replay))


async def _write(
    rows: RunRows, other: RunRows | None, out: Path, settings: Settings, *, replay: bool
) -> Written:
    with open_page(out) as page:
        book = _Book(page, _first(rows, other, settings))
        book.keep("environments", "e", environments(rows))
        book.keep("scenarios", "s", scenarios(rows))
        book.keep("candidates", "c", _candidates(rows))
        played = await _trajectories(rows, other, book, settings, replay=replay)
        book.leave_out("dropped", count_rows(rows.folder / "dropped.jsonl") - len(rows.dropped))
        kept = list(rows.environments.values())
        statistics = groups(
            {
                "Environments": of_environments(kept),
                "Scenarios": of_scenarios(_counted(rows, book)),
                "Trajectories": played.figures(),
            },
            neighbourhood(kept),
        )
        book.index |= {
            "statistics": statistics,
            "notes": list(book.notes),
            "texts": list(book.texts),
        }
        page.put("index", packed(book.index))
    names = ("environments", "scenarios", "trajectories", "dropped")
    counts = {
        name: len(cast("list[JsonValue]", book.index[name])) + book.left_out[name] for name in names
    }
    return Written(out, page.size, counts, tuple(book.notes), statistics)


def _counted(rows: RunRows, book: _Book) -> Iterator[Scenario]:
    """Yield every scenario, and note how many there are that are not shown."""
    count = 0
    for count, row in enumerate(rows.each_scenario(), start=1):  # noqa: B007 (read behind it)
        yield row
    book.leave_out("scenarios", count - len(rows.scenarios))


def _first(rows: RunRows, other: RunRows | None, settings: Settings) -> JsonObject:
    prices = load_prices(settings.llm.prices) if settings.llm.prices else dict[str, Price]()
    kept = sorted((rows.folder / "settings").glob("*.yaml"))
    return {
        "name": rows.folder.resolve().name,
        "other": other.folder.resolve().name if other else None,
        "version": __version__,
        "funnel": cast("JsonValue", funnel(rows)),
        "spending": cast("JsonValue", spending(rows, prices)),
        "settings": {path.stem: path.read_text(encoding="utf-8") for path in kept},
        "dropped": [
            cast("JsonObject", row.model_dump(mode="json")) for row in reversed(rows.dropped)
        ],
    }


def _candidates(rows: RunRows) -> Iterator[tuple[JsonObject, JsonObject]]:
    for row in islice(rows.read("candidates", Candidate), rows.most):
        topic = row_id("topic", row.id)
        dropped = rows.reasons.get(topic)
        entry: JsonObject = {
            "id": row.id,
            "topic": topic,
            "skeleton": row_id("skel", topic),
            "fate": "rejected" if dropped else "kept",
            "reason": f"{dropped.kind}: {dropped.reason}" if dropped else "",
            "task": row.task,
            "summary": row.inference.summary if row.inference else "",
            "stateful": row.judgement.stateful,
        }
        yield entry, entry | cast("JsonObject", row.model_dump(mode="json"))


async def _trajectories(
    rows: RunRows, other: RunRows | None, book: _Book, settings: Settings, *, replay: bool
) -> Played:
    sides = [("A", rows), *([("B", other)] if other else [])]
    entries: list[JsonValue] = []
    played, comparison = Played(), Comparison("A", "B")
    for side, each in sides:
        pieces = Pieces(book.page.put, f"t{side}")
        trajectories = each.trajectories()
        first = islice(trajectories, each.most)
        async for row, whole in _shown(rows, first, book, settings, replay=replay):
            entry = trajectory_entry(row, each.kept_trajectories, each.reasons)
            comparison.add(side, entry)
            if each is rows:
                played.add(entry, row.steps)
            entries.append(_listed(entry, side=side, at=pieces.add(whole | entry)))
        pieces.close()
        left_out = 0
        for row in trajectories:
            left_out += 1
            entry = trajectory_entry(row, each.kept_trajectories, each.reasons)
            comparison.add(side, entry)
            if each is rows:
                played.add(entry, row.steps)
        book.leave_out("trajectories", left_out)
    book.index["trajectories"] = entries
    book.index["comparison"] = comparison.result() if other else None
    return played


async def _shown(
    rows: RunRows,
    trajectories: Iterator[Trajectory],
    book: _Book,
    settings: Settings,
    *,
    replay: bool,
) -> AsyncIterator[tuple[Trajectory, JsonObject]]:
    """Yield trajectories with what their calls changed, in the order of the file."""
    if not replay:
        for row in trajectories:
            yield row, _shorten(rows, row, book.texts, [], "")
        return
    try:
        async with Sandbox.start(settings.sandbox) as sandbox:
            while batch := list(islice(trajectories, _TOGETHER)):
                shown = await asyncio.gather(
                    *(_replayed(rows, row, book.texts, sandbox) for row in batch)
                )
                for each in zip(batch, shown, strict=True):
                    yield each
    except IsolationError as error:
        book.notes.append(f"What calls changed is not shown: {error}")
        for row in trajectories:
            yield row, _shorten(rows, row, book.texts, [], "")


async def _replayed(
    rows: RunRows, row: Trajectory, texts: dict[str, int], host: Host
) -> JsonObject:
    environment, scenario = rows.environments.get(row.env_id), rows.scenarios.get(row.scenario_id)
    if environment is None or scenario is None:
        return _shorten(rows, row, texts, [], "Its environment or scenario is not in this run")
    return _shorten(rows, row, texts, *await state_diffs(environment, scenario, row, host))


def _shorten(
    rows: RunRows, row: Trajectory, texts: dict[str, int], diffs: list[JsonObject], problem: str
) -> JsonObject:
    environment = rows.environments.get(row.env_id)
    same = environment is not None and environment.tools == row.tools
    return shortened(row, diffs, problem, texts, same_tools=same)
