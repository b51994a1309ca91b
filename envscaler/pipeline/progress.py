"""What a person sees while a stage runs: a bar on a terminal, a line now and then elsewhere."""

import logging
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from types import TracebackType
from typing import Self

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from envscaler.llm.usage import Meter

_LOG = logging.getLogger(__name__)
_LINE_EVERY = 30.0
"""Seconds between two lines where there is no terminal."""


class Progress:
    """Counts rows aloud.

    Args:
        stage: Name of the stage, in front of the bar.
        total: Number of rows when it is known.
        meter: Where tokens and cost are counted.
        now: A clock in seconds.
    """

    def __init__(
        self,
        stage: str,
        total: int | None,
        meter: Meter | None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stage = stage
        self._total = total
        self._meter = meter
        self._rows = 0
        self._dropped = 0
        self._now = now
        self._said = now()
        shown = sys.stderr.isatty()
        self._bar = tqdm(total=total, desc=stage, unit="row", disable=not shown)
        # Lines of the log go above the bar, not into it.
        self._log = (
            logging_redirect_tqdm([logging.getLogger("envscaler")]) if shown else nullcontext()
        )

    def skip(self) -> None:
        """Count a row that was there already; it says nothing about the speed."""
        self._rows += 1
        if not self._bar.disable:
            self._bar.initial += 1
            self._bar.n += 1

    def advance(self, *, dropped: bool) -> None:
        """Count one more row as done."""
        self._rows += 1
        self._dropped += dropped
        if self._bar.disable:
            self._say_now_and_then()
            return
        self._bar.set_postfix_str(self._extras(), refresh=False)
        self._bar.update()

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
        _LOG.info("%s: %d%s rows, %s", self._stage, self._rows, of, self._extras())

    def _extras(self) -> str:
        text = f"{self._dropped} dropped"
        if self._meter is None:
            return text
        text += f", {self._meter.tokens:,} tokens"
        if (cost := self._meter.cost) is not None:
            text += f", cost {cost:.2f}"
        return f"{text}, {troubles}" if (troubles := self._meter.troubles) else text
