"""How the work of a reader grows with its text, told by sizes rather than by a clock's luck."""

import time
from collections.abc import Callable

_SMALL, _FACTOR, _ROUNDS = 2_000, 8, 5
_PROPORTIONAL = 1.5


def growth(read: Callable[[str], object], text_of: Callable[[int], str]) -> float:
    """Return how many times as long a character takes in a text that is eight times as long.

    1 for work in proportion to the text, 8 for work in proportion to its square. Processor time
    of this process counts, the least of up to five rounds, so that neither other processes nor a
    single pause matter; two are enough where they say that it is in proportion.
    """
    small, large = text_of(_SMALL), text_of(_SMALL * _FACTOR)
    first = second = times = float("inf")
    for number in range(_ROUNDS):
        first, second = min(first, _seconds(read, small)), min(second, _seconds(read, large))
        times = second / first / _FACTOR
        if number and times < _PROPORTIONAL:
            break
    return times


def _seconds(read: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    count, passed = 0, 0.0
    while passed < 0.002:
        read(text)
        count += 1
        passed = time.process_time() - started
    return passed / count
