"""Say what is waited for: hundreds of requests that are refused must not look like a hang."""

import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LOG = logging.getLogger(__name__)
_WORTH_SAYING = 5.0
"""Seconds; shorter pauses are seen in the progress only."""
_SAY_EVERY = 30.0


@dataclass(slots=True)
class Waits:
    """Requests that wait for another try."""

    now: Callable[[], float] = time.monotonic
    count: int = 0
    """Now."""
    _said: float | None = field(default=None, repr=False)

    @contextmanager
    def one_more(self) -> Generator[None]:
        """Count one for as long as this is open."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1

    def say(self, why: str, pause: float) -> None:
        """Log what is waited for, where it takes long and was not said just now."""
        now = self.now()
        if pause < _WORTH_SAYING or (self._said is not None and now - self._said < _SAY_EVERY):
            return
        self._said = now
        requests = "1 request waits" if self.count == 1 else f"{self.count} requests wait"
        _LOG.info("%s; %s, next try in %.0f s", why, requests, pause)
