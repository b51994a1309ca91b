"""Plausible numbers for fields, by what these are called."""

from random import Random

_AMOUNTS: tuple[tuple[str, float, float], ...] = (
    ("salary income wage", 32_000, 120_000),
    ("latitude lat", 25, 60),
    ("longitude lon lng", -120, 20),
    ("price cost fee rate fare", 5, 250),
    ("total amount balance budget revenue value val subtotal payment", 40, 2_500),
    ("rating stars", 1, 5),
    ("version", 1, 6),
    ("rank", 1, 10),
    ("followers follower", 80, 900),
    ("count votes", 0, 40),
    ("confidence", 0.7, 0.99),
    ("score scores reputation points", 10, 95),
    ("quantity stock inventory", 3, 60),
    ("capacity seats limit", 8, 60),
    ("calories", 180, 850),
    ("duration minutes", 15, 120),
    ("hours", 1, 60),
    ("age", 20, 80),
    ("weight", 2, 90),
    ("height", 150, 195),
    ("discount percent percentage", 5, 40),
    ("views followers follower following like likes share shares view", 3, 400),
    ("year", 2015, 2024),
    ("distance", 2, 42),
)
"""Words for fields → the least and the most that is plausible."""


_OF_FIRMS = frozenset(("value", "val", "amount", "revenue", "balance", "budget"))
_THOUSANDS = 1000
"""By how much the sums of firms are greater than those of people."""


def amount(field: str, chance: Random, work: str = "") -> float | None:
    """Return a plausible number for a field; None where its name says nothing.

    Args:
        field: Its name.
        chance: Where it is all the same.
        work: The field of work; the books of a firm have other sums than a bill.
    """
    words = frozenset(field.lower().split("_"))
    for names, least, most in _AMOUNTS:
        if words & frozenset(names.split()):
            found = chance.uniform(least, most)
            if work == "finance" and words & _OF_FIRMS:
                return float(round(found) * _THOUSANDS)
            return float(round(found)) if most == 5 else found
    return None
