"""Intervals of shares that were measured on few cases."""

from math import sqrt

_Z = 1.959964
"""Of 95 %."""


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `count` cases, as Wilson gives it (1927)."""
    square = _Z * _Z / count
    middle = share + square / 2
    spread = _Z * sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, (middle - spread) / (1 + square)), min(1.0, (middle + spread) / (1 + square))
