"""How many requests may be in flight: more while it goes well, fewer after a refusal."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

_CUT = 0.75
_RAISE_AFTER = 25
"""Good replies after which the limit grows by one, once it was cut."""


class Limiter:
    """Additive increase, multiplicative decrease, for one model at one endpoint.

    The limit starts low and doubles with every round of good replies until the first refusal.
    From then on a refusal cuts it to three quarters and 25 good replies raise it by one. The
    requests of one burst are refused together, so only those sent after a cut cut again.

    Args:
        start: Requests in flight at first.
        most: And at most.
        clock: Monotonic seconds.
    """

    def __init__(self, start: int, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = float(min(start, most))
        self.in_flight = 0
        self.refusals = 0
        self.good = 0
        """Good replies so far."""
        self._most = most
        self._clock = clock
        self._cuts = 0
        self._closed_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> int:
        """Wait for a place in flight.

        Returns:
            A permit, which `refuse` wants to see. Every permit ends with one `release`.
        """
        if self._waiting or not self._is_open():
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            self._wake()
            try:
                await turn
            except asyncio.CancelledError:
                if not turn.cancelled():  # the turn came together with the cancellation
                    self.release(good=False)
                raise
        else:
            self.in_flight += 1
        return self._cuts

    def refuse(self, permit: int, wait: float) -> None:
        """Take note that the endpoint refused a request because of the load.

        Args:
            permit: What `acquire` returned for it.
            wait: Seconds during which the endpoint wants no request at all; 0 when it said none.
        """
        now = self._clock()
        self.refusals += 1
        if permit == self._cuts:
            self._cuts += 1
            self.limit = max(1.0, self.limit * _CUT)
        self._closed_until = max(self._closed_until, now + wait)

    def release(self, *, good: bool) -> None:
        """Give a place back, after a good reply or after none."""
        if good:
            self.good += 1
            growth = 1.0 / _RAISE_AFTER if self._cuts else 1.0
            self.limit = min(self.limit + growth, float(self._most))
        self.in_flight -= 1
        self._wake()

    def _is_open(self) -> bool:
        return self.in_flight < int(self.limit) and self._clock() >= self._closed_until

    def _wake(self) -> None:
        while self._waiting and self._is_open():
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
        pause = self._closed_until - self._clock()
        if self._waiting and pause > 0 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(pause, self._reopen)

    def _reopen(self) -> None:
        self._timer = None
        self._wake()
