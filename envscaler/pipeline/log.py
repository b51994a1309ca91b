"""What happened in a run and when, one line each in `RUN/log.jsonl`.

Rows are the truth of a run; the log is for a person who asks afterwards why it took so long, or
what an endpoint said in the night. It is no artifact: nothing reads it, and a log that cannot be
written ends no run.
"""

import logging
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from envscaler import __version__
from envscaler.errors import ArtifactError, UnwritableError
from envscaler.jsonl import RowWriter
from envscaler.model_json import whole_characters
from envscaler.records import JsonValue, Record

LOG = "log.jsonl"
Event = Literal[
    "command_begun", "stage_begun", "written", "dropped", "waiting", "said", "stage_ended",
    "command_ended",
]  # fmt: skip

_LOGGER = logging.getLogger("envscaler")


def _utc() -> datetime:
    return datetime.now(UTC)


class LogEntry(Record):
    """`log.jsonl`: something that happened, and when."""

    time: datetime
    event: Event
    about: dict[str, JsonValue]
    """Such as the stage and the id of a row."""


class RunLog(logging.Handler):
    """Appends to one log; takes what the package says through `logging` too.

    Args:
        writer: Of the file; None once it cannot be written, or where there is none.
        now: The time in UTC.
    """

    def __init__(self, writer: RowWriter | None, *, now: Callable[[], datetime] = _utc) -> None:
        super().__init__()
        self._writer = writer
        self._now = now

    def note(self, event: Event, **about: JsonValue) -> None:
        """Write a line."""
        if self._writer is None:
            return
        entry = LogEntry(time=self._now(), event=event, about=about)
        try:
            self._writer.append(entry)
        except (ArtifactError, UnwritableError) as error:
            self._writer = None
            _LOGGER.warning("The log stops here: %s", error)

    def emit(self, record: logging.LogRecord) -> None:
        """Write what was said."""
        text = whole_characters(record.getMessage())
        self.note("said", level=record.levelname.lower(), text=text)


@contextmanager
def keep_log(folder: Path, command: str) -> Generator[RunLog]:
    """Log what a command does in a run folder while this is open; nothing where there is none.

    Raises:
        ArtifactError: The log cannot be opened.
    """
    if not folder.is_dir():
        yield RunLog(None)
        return
    with RowWriter(folder / LOG) as writer, ExitStack() as stack:
        log = RunLog(writer)
        _LOGGER.addHandler(log)
        stack.callback(_LOGGER.removeHandler, log)
        log.note("command_begun", command=command, version=__version__)

        def ended(_: object, error: BaseException | None, trace: object, /) -> None:
            del trace
            why = {"error": whole_characters(repr(error))} if error else {}
            log.note("command_ended", command=command, **why)

        stack.push(ended)
        yield log
