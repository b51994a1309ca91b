"""Where the values of a function may live.

A place is something that a function reaches from outside: an attribute of self, or a parameter. A
value may be a place or part of it (`order = self.orders["O1"]`: changing it changes the place), or
a new container of such parts (`list(self.orders.values())`: changing the list changes nothing).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple


class Place(NamedTuple):
    """Where a value may live."""

    kind: Literal["attribute", "parameter"]
    name: str
    boxed: bool = False
    """The value itself is new; what is in it belongs to the place."""


Places = frozenset[Place]
NOWHERE: Places = frozenset()


@dataclass
class Effects:
    """What calling a function does."""

    parameters: Sequence[str] = ()
    reads: set[str] = field(default_factory=set[str])
    """Attributes of self."""
    writes: set[Place] = field(default_factory=set[Place])
    result: Places = NOWHERE


def inner(places: Places) -> Places:
    """Return what an element of a value may be part of."""
    return frozenset(place._replace(boxed=False) for place in places)


def boxed(places: Places) -> Places:
    """Return what a new container of a value is tied to."""
    return frozenset(place._replace(boxed=True) for place in places)
