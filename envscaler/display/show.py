"""Print the rows of an artifact for a person."""

import json
from collections.abc import Iterator
from functools import singledispatch
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text

from envscaler.display.console import paged
from envscaler.display.rows import picture, sources, titled
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_objects
from envscaler.records import (
    Assessment,
    Calibration,
    Candidate,
    Dropped,
    Environment,
    JsonObject,
    JsonValue,
    Record,
    Scenario,
    Skeleton,
    Task,
    Topic,
    Trajectory,
)
from envscaler.terminal import counted

KINDS: dict[str, type[Record]] = {
    "tasks": Task,
    "candidates": Candidate,
    "topics": Topic,
    "skeletons": Skeleton,
    "assessments": Assessment,
    "envs": Environment,
    "scenario_candidates": Scenario,
    "scenarios": Scenario,
    "rollouts": Trajectory,
    "trajectories": Trajectory,
    "calibration": Calibration,
    "dropped": Dropped,
}
"""File name without its endings → what is in it."""


def show_list(path: Path, console: Console) -> None:
    """Print one line for each row.

    Raises:
        ArtifactError: The file cannot be read.
    """
    for name, row in _rows(path):
        line = Text.assemble((name, "bold"), "  ", " ".join(headline(row).split()))
        if console.is_terminal:
            console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            console.print(line, soft_wrap=True)


def show_row(path: Path, wanted: str, console: Console, *, source: bool = False) -> None:
    """Print the rows whose id begins with `wanted`; a row without an id is named `#` and its place.

    Args:
        path: The file.
        wanted: The first letters of an id.
        console: Where to; a terminal gets what is longer than it through its pager.
        source: Also what is long: code, initial states.

    Raises:
        ArtifactError: There is none, or the file cannot be read.
    """
    found = False
    for name, row in _rows(path):
        if name == wanted or (name.startswith(wanted) and not wanted.startswith("#")):
            found = True
            with paged(console):
                console.print(Rule(Text(name), align="left"), picture(row))
                _print_sources(row, console, whole=source)
    if not found:
        raise ArtifactError(f"{path} has no row {wanted}; `envscaler show {path}` lists them")


def _print_sources(row: object, console: Console, *, whole: bool) -> None:
    longer = sources(row)
    if whole:
        for title, body in longer.items():
            console.print(titled(title, body))
    elif longer:
        console.print(Text(f"\n--source also shows: {', '.join(longer)}", "dim"))


def show_part(
    path: Path, wanted: str, only: str | None, console: Console, *, as_json: bool
) -> None:
    """Print rows whose id begins with `wanted`, or one field of each, for programs or as text.

    Raises:
        ArtifactError: There is none, it has no such field, or the file cannot be read.
    """
    found = False
    for name, row in _rows(path):
        if name.startswith(wanted):
            found = True
            whole = row.model_dump(mode="json") if isinstance(row, Record) else row
            part = whole if only is None else _field(whole, only, name)
            text = json.dumps(part, ensure_ascii=False)
            console.print(_part(part, text, as_json=as_json), soft_wrap=True)
    if not found:
        raise ArtifactError(f"{path} has no row {wanted}; `envscaler show {path}` lists them")


def _field(row: JsonObject, only: str, name: str) -> JsonValue:
    if only not in row:
        raise ArtifactError(f"Row {name} has no field {only}; it has: {', '.join(row)}")
    return row[only]


def _part(part: JsonValue, text: str, *, as_json: bool) -> Text | Syntax:
    if as_json:
        return Text(text)
    if isinstance(part, str):
        return Text(part)
    return Syntax(json.dumps(part, indent=2, ensure_ascii=False), "json", word_wrap=True)


def _rows(path: Path) -> Iterator[tuple[str, Record | JsonObject]]:
    if path.is_dir():
        files = ", ".join(sorted(file.name for file in path.glob("*.jsonl"))) or "no JSONL files"
        raise ArtifactError(f"{path} is a folder; show one of its files: {files}")
    kind = KINDS.get(path.name.partition(".")[0])
    for number, row in enumerate(read_objects(path), start=1):
        yield str(row.get("id", f"#{number}")), _typed(row, kind) if kind else row


def _typed(row: JsonObject, kind: type[Record]) -> Record | JsonObject:
    """Read a row as what the file's name says; another row is shown as it is."""
    try:
        return kind.model_validate(row)
    except ValidationError:
        return row


@singledispatch
def headline(row: object) -> str:
    """Say in one line what a row is."""
    return json.dumps(row, ensure_ascii=False)


@headline.register
def _(row: Task) -> str:
    return row.text


@headline.register
def _(row: Candidate) -> str:
    return f"{row.inference.summary if row.inference else 'not stateful'}: {row.task}"


@headline.register
def _(row: Topic) -> str:
    return f"{row.summary}: {row.introduction}"


@headline.register
def _(row: Skeleton) -> str:
    kinds = [operation.kind for operation in row.operations]
    counts = f"{kinds.count('query')} queries, {kinds.count('change')} changes"
    return f"{row.summary} ({row.class_name}): {counts}"


@headline.register
def _(row: Assessment) -> str:
    verdicts = [case.verdict for case in row.cases]
    counts = (f"{verdicts.count(verdict)} {verdict}" for verdict in ("pass", "warning", "fail"))
    return f"{counted(len(row.cases), 'calls')}: {', '.join(counts)}"


@headline.register
def _(row: Scenario) -> str:
    return f"{row.env_id}, {counted(len(row.checks), 'checks')}: {row.task}"


@headline.register
def _(row: Trajectory) -> str:
    score = "-" if row.reward is None or row.reward.score is None else f"{row.reward.score:.2f}"
    way = f"{row.dialogue}, {row.tool_format}"
    calls = counted(len(row.steps), "calls")
    return f"{row.scenario_id}, {way}, {calls}, {row.stop_reason}, score {score}"


@headline.register
def _(row: Calibration) -> str:
    rate = "no score" if row.pass_rate is None else f"{row.passes} of {row.scored} passed"
    return f"{row.scenario_id}: {rate}, {row.band or 'no band'}"


@headline.register
def _(row: Dropped) -> str:
    return f"{row.stage}: {row.kind}: {row.reason}"
