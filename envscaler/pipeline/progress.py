"""What a person sees while a stage runs: a bar on a terminal, a line now and then elsewhere."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from envscaler.llm.usage import Meter

_LOG = logging.getLogger(__name__)
_LINE_EVERY = 30.0
"""Seconds between two lines where there is no terminal."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counted(Generic[T]):
    """Rows that are taken one at a time, and whose number is known before."""

    rows: Iterable[T]
    total: int

    def __iter__(self) -> Iterator[T]:
        """Take them."""
        return iter(self.rows)

    def __len__(self) -> int:
        """How many there are."""
        return self.total


class Progress:
    """Counts rows aloud.

    Args:
        stage: Name of the stage, in front of the bar.
        total: Number of rows when it is known.
        meter: Where tokens and cost are counted.
        now: A clock in seconds.
        pause: Seconds after which figures are renewed, also while no row comes to its end.
    """

    def __init__(
        self,
        stage: str,
        total: int | None,
        meter: Meter | None,
        *,
        now: Callable[[], float] = time.monotonic,
        pause: float = 1.0,
    ) -> None:
        self._stage = stage
        self._total = total
        self._meter = meter
        self._rows = 0
        self._dropped = 0
        self._now = now
        self._pause = pause
        self._skipped = 0
        self._begun = self._said = now()
        shown = sys.stderr.isatty()
        self._bar = tqdm(total=total, desc=stage, unit="row", disable=not shown)
        # Lines of the log go above the bar, not into it.
        self._log = (
            logging_redirect_tqdm([logging.getLogger("envscaler")]) if shown else nullcontext()
        )

    def skip(self) -> None:
        """Count a row that was there already; it says nothing about the speed."""
        self._rows += 1
        self._skipped += 1
        if not self._bar.disable:
            self._bar.initial += 1
            self._bar.n += 1

    def advance(self, *, dropped: bool) -> None:
        """Count one more row as done."""
        self._rows += 1
        self._dropped += dropped
        if not self._bar.disable:
            self._bar.update()
        self.renew()

    def renew(self) -> None:
        """Show the figures as they are now."""
        if self._bar.disable:
            self._say_now_and_then()
        else:
            self._bar.set_postfix_str(self._extras())

    @contextmanager
    def renewed(self) -> Generator[None]:
        """Renew the figures every second while this is open, in a running loop."""
        task = asyncio.create_task(self._keep_renewing())
        try:
            yield
        finally:
            task.cancel()

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(self._pause)
            self.renew()

    def __enter__(self) -> Self:
        self._log.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
        self._log.__exit__(kind, error, trace)

    def _say_now_and_then(self) -> None:
        now = self._now()
        if now - self._said < _LINE_EVERY:
            return
        self._said = now
        of = f" of {self._total}" if self._total is not None else ""
        left = self._time_left(now)
        _LOG.info("%s: %d%s rows, %s%s", self._stage, self._rows, of, self._extras(), left)

    def _time_left(self, now: float) -> str:
        """Say how long the rest takes at the speed so far; empty where nothing tells it."""
        made = self._rows - self._skipped
        if not made or self._total is None:
            return ""
        seconds = (now - self._begun) / made * (self._total - self._rows)
        return f", about {tqdm.format_interval(seconds)} left"

    def _extras(self) -> str:
        parts = [f"{self._dropped} dropped"]
        if self._meter is not None:
            parts += self._spent(self._meter)
        return ", ".join(parts)

    @staticmethod
    def _spent(meter: Meter) -> Iterator[str]:
        if meter.tokens or not meter.stored:
            yield f"{meter.tokens:,} tokens"
        if meter.stored:
            yield meter.stored
        if meter.cost is not None:
            yield f"cost {meter.cost:.2f}"
        if meter.traffic:
            yield meter.traffic
