"""Finds what a thing is called, and what belongs to a thing of that name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from envscaler.resources import package_text

_CORE = 8
"""Names that are used first where other records are told apart by them."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A row of a table."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    """What it is or has → alternatives, the usual one first."""


@dataclass(frozen=True, slots=True)
class Table:
    """Things of some kinds."""

    field: str
    """The field of work that has such things; empty for any."""
    kinds: frozenset[str]
    """Words for records that are such things."""
    things: tuple[Thing, ...]
    core: int
    """How many of them are named before all others."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.things)

    @property
    def lent(self) -> tuple[str, ...]:
        """Return the names of what people take home, where that is told; else all names."""
        taken = tuple(one.name for one in self.things if "home" in one.columns.get("use", ()))
        return taken or self.names


_LINKED = frozenset(("department", "category", "area"))
"""Kinds that other things in the tables name."""


@lru_cache(1)
def _sheets() -> tuple[tuple[str, str, tuple[str, ...], tuple[Thing, ...]], ...]:
    """Return what `things.txt` holds: name, field of work, kinds and things of each table."""
    parts = package_text("inputs/catalogue/things.txt").removeprefix("# ").split("\n# ")
    found: list[tuple[str, str, tuple[str, ...], tuple[Thing, ...]]] = []
    for part in parts:
        head, _, rows = part.partition("\n")
        name, field, kinds = (one.strip() for one in head.split("|"))
        found.append((name, field, tuple(kinds.split()), _read(rows)))
    return tuple(found)


@lru_cache(1)
def tables() -> tuple[Table, ...]:
    """Return all tables of things; those of one field of work come first."""
    return tuple(
        Table(
            "" if field == "any" else field,
            frozenset(kinds),
            found,
            _CORE if {*kinds} & _LINKED else len(found),
        )
        for _, field, kinds, found in _sheets()
        if kinds
    )


def _read(text: str) -> tuple[Thing, ...]:
    """Read rows of a table, the first of which says what its columns are."""
    [head, *lines] = text.strip().splitlines()
    titles = [one.strip() for one in head.split("|")]
    rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return tuple(
        Thing(
            row[0],
            {
                title: tuple(cell.split("; "))
                for title, cell in zip(titles[1:], row[1:], strict=True)
            },
        )
        for row in rows
    )


def table_for(kind: str, field: str) -> Table | None:
    """Return the table of things of a kind, as a field of work has them."""
    return next(_tables_for(kind, field), None)


def _tables_for(kind: str, field: str) -> Iterator[Table]:
    return (table for table in tables() if kind in table.kinds and table.field in {"", field})


@lru_cache(1024)
def _named(kind: str, field: str) -> Mapping[str, tuple[int, Thing]]:
    """Return the things of a kind by name, in small letters, with the place of each."""
    things = [thing for table in _tables_for(kind, field) for thing in table.things]
    return {one.name.lower(): (place, one) for place, one in reversed([*enumerate(things)])}


def find(name: str, kinds: Sequence[str], field: str) -> Thing | None:
    """Return the thing of a name, of the first kind that has one; None where none does.

    Args:
        name: As it stands in a record: *Yoga mat, blue* is a *Yoga mat*, *follow_up* a *follow-up*.
        kinds: Words for what it may be.
        field: The field of work.
    """
    whole = name.replace("_", " ").lower()
    plain = whole.partition(", ")[0]
    for kind in kinds:
        known = _named(kind, field)
        if whole in known or plain in known:
            found = (known[one] for one in (whole, plain) if one in known)
            return min(found, key=lambda one: one[0])[1]
    return None


@lru_cache(1)
def cities() -> tuple[Thing, ...]:
    """Return cities, with their states and where they lie."""
    return next(found for name, _, _, found in _sheets() if name == "cities")


@lru_cache(1)
def ailments() -> Mapping[str, Thing]:
    """Return illnesses by name, with what helps against them."""
    found = next(found for name, _, _, found in _sheets() if name == "ailments")
    return {one.name: one for one in found}
