"""Read tasks from the corpora that people have: our own, API-Bank, ToolACE."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from envscaler.errors import ArtifactError, RejectedError
from envscaler.records import JsonObject, Task, row_id
from envscaler.skel_builder.task_files import read_task_rows

TaskFilter = Callable[[str], str | None]
"""Says what is wrong with a task's text; None when it may stay."""

_EXPECTED = "expected {task}, an API-Bank row {instruction, input} or a ToolACE row {conversations}"
_API_BANK_TURN = re.compile(
    r"User: (?P<text>.*?)(?=\s*(?:\nUser: |\nAI: |TIME: |\nAPI-Request|\nGenerate API Request|\Z))",
    re.DOTALL,
)
_MEDIA = re.compile(r"image|photo|picture|video|audio|sound|speech|clip", re.IGNORECASE)
_REFUSED_PARTS = (
    *("Role definition:", "USD", "ETH", "Bitcoin", "Ethereum"),
    *("@", ".com", "http:", "https:"),
)


def read_tasks(path: str | Path, column: str | None = None) -> Iterator[Task]:
    """Yield the different tasks of a file in the order in which they first occur.

    Each empty one is yielded too, for every filter to refuse and for the stage to count.

    Args:
        path: Any kind that `read_task_rows` reads.
        column: Field of a row that holds the task; None where rows have one of the known shapes.

    Raises:
        ArtifactError: The file is missing or unreadable, or a row has none of the known shapes.
        ConfigError: The file needs a package that is not installed.
    """
    seen: set[str] = set()
    for number, row in enumerate(read_task_rows(path), start=1):
        place = f"{path}: row {number}"
        text, source = _in_column(row, column, place) if column else _task_of(row, place)
        task_id = row_id("task", text) if text else row_id("task", "", number)
        task = Task(id=task_id, text=text, source=source)
        if task.id not in seen:
            seen.add(task.id)
            yield task


def until_enough(tasks: Iterable[Task], keeps: TaskFilter, limit: int | None) -> Iterator[Task]:
    """Yield tasks until `limit` of them have passed the filter; refused ones are yielded too.

    So every task that was looked at is counted, as written or as dropped.
    """
    left = limit
    for task in tasks:
        if left == 0:
            return
        yield task
        if left is not None and keeps(task.text) is None:
            left -= 1


def refuse_task(task: Task, keeps: TaskFilter) -> Task:
    """Return the task.

    Raises:
        RejectedError: The filter refuses it; kind `filtered`.
    """
    problem = keeps(task.text)
    if problem:
        raise RejectedError("filtered", problem)
    return task


def _published(text: str) -> str | None:
    if not text:
        return "empty"
    if not text.isascii():
        return "not plain ASCII English"
    media = _MEDIA.search(text)
    if media:
        return f"speaks of media: {media.group()!r}"
    part = next((part for part in _REFUSED_PARTS if part in text), None)
    return f"contains {part!r}" if part else None


def _anything(text: str) -> str | None:
    return None if text else "empty"


FILTERS: dict[str, TaskFilter] = {"published": _published, "none": _anything}
"""By the name that the setting `skel_builder.task_filter` gives."""


def _task_of(row: JsonObject, place: str) -> tuple[str, str]:
    """Return the text of a row's task and the corpus it comes from."""
    for read in (_own, _api_bank, _toolace):
        found = read(row)
        if found is not None:
            return found[0].strip(), found[1]
    raise ArtifactError(f"{place} holds no task; {_EXPECTED}, or name its field with --column")


def _in_column(row: JsonObject, column: str, place: str) -> tuple[str, str]:
    if column not in row:
        raise ArtifactError(f"{place} has no column {column!r}; it has {', '.join(row)}")
    value = row[column]
    if value is not None and not isinstance(value, str):
        raise ArtifactError(f"{place}: column {column!r} holds {type(value).__name__}, not text")
    return (value or "").strip(), "tasks"


def _own(row: JsonObject) -> tuple[str, str] | None:
    if "task" in row and row["task"] is None:
        return "", "tasks"
    text, source = row.get("task"), row.get("task_from", "tasks")
    return (text, str(source)) if isinstance(text, str) else None


def _api_bank(row: JsonObject) -> tuple[str, str] | None:
    """The first turn of the user is the task; what follows are details and results."""
    dialogue = row.get("input")
    turn = _API_BANK_TURN.search(dialogue) if isinstance(dialogue, str) else None
    return (turn["text"], "api-bank") if turn else None


def _toolace(row: JsonObject) -> tuple[str, str] | None:
    turns = row.get("conversations")
    first = turns[0] if isinstance(turns, list) and turns else None
    if not isinstance(first, dict) or first.get("from") != "user":
        return None
    text = first.get("value")
    return (text, "toolace") if isinstance(text, str) else None
