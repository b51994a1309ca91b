"""Run one stage: many rows at once, resumable, and no row lost in silence.

`run_stage` is the only loop of the package. Workers pull rows one by one, so the window in flight
is always full and there is never a list of all rows. Every row ends in one of four counts,

    written + skipped + dropped + waiting = given

unless the stage was stopped; the rows that are missing then are made when it is started again.
"""

import asyncio
import logging
import signal
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sized
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Generic, TypeVar

from envscaler.config import RunnerSettings
from envscaler.errors import (
    EnvScalerError,
    PendingError,
    RejectedError,
    RowError,
    StopRunError,
    UserStopError,
)
from envscaler.jsonl import RowWriter, read_rows, write_rows
from envscaler.llm.usage import Meter
from envscaler.pipeline.ledger import Ledger, StageReport
from envscaler.pipeline.log import RunLog
from envscaler.pipeline.made import Ids
from envscaler.pipeline.progress import Progress
from envscaler.records import Dropped, Row

__all__ = ["StageReport", "run_stage"]

InT = TypeVar("InT")
OutT = TypeVar("OutT", bound=Row)

_LOG = logging.getLogger(__name__)
_AHEAD = 8
"""With `ordered`: rows per worker that may be taken before the oldest of them is written."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def run_stage(  # noqa: PLR0913 (the one loop: its caller names every part)
    rows: Iterable[InT],
    step: Callable[[InT], Awaitable[OutT]],
    *,
    name: str,
    out: Path,
    kind: type[OutT],
    id_of: Callable[[InT], str],
    made_from: Callable[[OutT], str] | None = None,
    options: RunnerSettings,
    meter: Meter | None = None,
    log: RunLog | None = None,
) -> StageReport:
    """Make a row of `out` from every row given, except from those that are there already.

    A `RowError` of the step puts the row into `dropped.jsonl` beside `out`; what this stage
    dropped in an earlier run gets another try. Any other error of ours, Ctrl-C and SIGTERM stop
    the stage: rows in flight get `options.grace` seconds, and the report says why.

    Args:
        rows: Taken one at a time, when a worker is free.
        step: Makes one row.
        name: Of the stage, in messages and in `dropped.jsonl`.
        out: Where the rows go, one line each.
        kind: What `out` holds.
        id_of: The id of the row that will be made from an input.
        made_from: Where a row is named after its content: what `id_of` says of its input.
        options: Workers, order, grace, early stop.
        meter: Told the name of the stage, and read for the progress.
        log: Told what becomes of each row.

    Raises:
        ArtifactError: The input cannot be read at all, or `out` or `dropped.jsonl` is not what
            this stage wrote.
    """
    total = len(rows) if isinstance(rows, Sized) else None
    rows = iter(rows)
    first = tuple(islice(rows, 1))  # a missing input shows before anything is touched
    if meter is not None:
        meter.stage = name
    drops = out.with_name("dropped.jsonl")
    _forget_drops(drops, name)
    with ExitStack() as stack:
        writer = stack.enter_context(RowWriter(out))
        done = Ids(made_from(row) if made_from else row.id for row in read_rows(out, kind))
        dropped = stack.enter_context(RowWriter(drops))
        progress = stack.enter_context(Progress(name, total, meter))
        stack.enter_context(progress.renewed())
        known = log or RunLog(None)
        ledger = Ledger(name, writer, dropped, progress, known, ordered=options.ordered)
        window = _Window(
            name, _todo(chain(first, rows), id_of, done, ledger), step, ledger, options
        )
        await window.run()
    return ledger.report(out, window.error)


def _todo(
    rows: Iterable[InT], id_of: Callable[[InT], str], done: Ids, ledger: Ledger
) -> Iterator[tuple[int, str, InT]]:
    place = 0
    for row in rows:
        row_id = id_of(row)
        if done.add(row_id):
            yield place, row_id, row
            place += 1
        else:
            ledger.skip()


def _forget_drops(path: Path, stage: str) -> None:
    """Take the entries of `stage` out of `dropped.jsonl`: those rows are tried again."""
    if not path.is_file():
        return
    RowWriter(path).close()  # sets a torn tail aside
    if any(row.stage == stage for row in read_rows(path, Dropped)):
        write_rows(path, (row for row in read_rows(path, Dropped) if row.stage != stage))


class _Window(Generic[InT, OutT]):
    """The rows in flight, and the reasons to take no more."""

    def __init__(
        self,
        stage: str,
        source: Iterator[tuple[int, str, InT]],
        step: Callable[[InT], Awaitable[OutT]],
        ledger: Ledger,
        options: RunnerSettings,
    ) -> None:
        self.error: EnvScalerError | None = None
        self._stage = stage
        self._source = source
        self._step = step
        self._ledger = ledger
        self._options = options
        self._room = asyncio.Semaphore(options.workers * _AHEAD)
        self._recent: deque[str | None] = deque(maxlen=options.stop_window)
        self._halt = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Work until the source is empty, or until something stops the stage."""
        workers = [asyncio.create_task(self._work()) for _ in range(self._options.workers)]
        everyone = asyncio.create_task(_all(workers))
        halted = asyncio.create_task(_until(self._halt))
        hurried = asyncio.create_task(_until(self._hurry))
        first, grace = asyncio.FIRST_COMPLETED, self._options.grace
        try:
            with _on_signals(self._on_signal):
                await asyncio.wait({everyone, halted}, return_when=first)
                await asyncio.wait({everyone, hurried}, return_when=first, timeout=grace)
            if everyone.done():
                everyone.result()  # an error that is not ours is a bug, and must be seen
        finally:
            tasks = (everyone, *workers, halted, hurried)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        try:
            while await self._one():
                pass
        except EnvScalerError as error:
            self._stop(error)

    async def _one(self) -> bool:
        """Work on one row; False when there is none to take."""
        await asyncio.sleep(0)  # a step that never waits must not lock out the signals
        await self._room.acquire()
        taken = None if self._halt.is_set() else next(self._source, None)
        if taken is None:
            self._room.release()
            return False
        place, row_id, row = taken
        for _ in range(self._ledger.enter(place, row_id, await self._attempt(row))):
            self._room.release()
        return True

    async def _attempt(self, row: InT) -> OutT | RowError:
        try:
            made = await self._step(row)
        except PendingError as error:
            return error
        except RejectedError as error:
            self._recent.append(None)
            return error
        except RowError as error:
            self._recent.append(error.kind)
            self._stop_when_hopeless(error)
            return error
        self._recent.append(None)
        return made

    def _stop_when_hopeless(self, error: RowError) -> None:
        alike = self._recent.count(error.kind)
        if len(self._recent) == self._recent.maxlen and alike > len(self._recent) / 2:
            self._stop(
                StopRunError(
                    f"{self._stage} stopped early: {alike} of the last {len(self._recent)} rows "
                    f"failed for the same reason, {error.kind}; for example: {error}"
                )
            )

    def _stop(self, error: EnvScalerError) -> None:
        self.error = self.error or error
        self._halt.set()

    def _on_signal(self, number: int) -> None:
        if self._halt.is_set():
            self._hurry.set()
            return
        grace = self._options.grace
        _LOG.warning("Stopping; rows in flight get %g s, Ctrl-C again stops at once", grace)
        said = f"{self._stage} was stopped; the same command continues it"
        self._stop(UserStopError(said, 128 + number))


async def _all(tasks: list[asyncio.Task[None]]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()


async def _until(event: asyncio.Event) -> None:
    await event.wait()


@contextmanager
def _on_signals(handler: Callable[[int], None]) -> Generator[None]:
    """Call `handler` with the number on Ctrl-C and SIGTERM, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        loop.add_signal_handler(number, handler, number)
    try:
        yield
    finally:
        for number, old in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, old)
