"""Numbers of a record that are worked out from a list which it holds: totals and counts."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice, product

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of, pairs_of, record_of
from envscaler.environment.state.relation import Relation, View, noun
from envscaler.records import JsonObject

_SHOWN = 3
"""Records with something in the list that have to show it."""
_NEAR = 0.006
"""Less than a cent, so that rounding is no difference."""
_MOST_FIELDS = 5
Worked = Callable[[JsonObject], float | None]


def derived(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield numbers that are, in every record, the count or the sum of what a list of it holds."""
    records = [record for view in views for _, record in view.records(path)]
    lists = _lists(records, fields)
    others = [name for name in fields if name not in lists]
    for whole, held in product(_numbers(records, others), lists):
        ways = (way for way in _ways(records, held) if _agree(records, whole, way[1]))
        for said, worked in islice(ways, 1):
            yield _derived(path, (whole, held), said, worked)


def _lists(records: Sequence[JsonObject], names: Sequence[str]) -> list[str]:
    """Return the fields that hold something in a list, or in a dict, of some record."""
    return [name for name in names if any(_members(record.get(name)) for record in records)]


def _numbers(records: Sequence[JsonObject], names: Sequence[str]) -> list[str]:
    """Return the fields that hold a number in all records."""
    return [
        name for name in names if all(_number(record.get(name)) is not None for record in records)
    ]


def _members(value: JsonValue) -> list[JsonValue]:
    pairs = pairs_of(value)
    return [item for _, item in pairs] if pairs is not None else items_of(value) or []


def _number(value: JsonValue) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known else None  # type: ignore[arg-type]  # a number


def _ways(records: Sequence[JsonObject], held: str) -> Iterator[tuple[str, Worked]]:
    """Yield what may be worked out from a list: its length, sums, sums of products."""
    yield f"how many {held} there are", lambda record: float(len(_members(record.get(held))))
    yield f"the sum of {held}", lambda record: _sum(record, held, ())
    inner = [
        one for record in records for item in _members(record.get(held)) if (one := record_of(item))
    ]
    names = [*dict.fromkeys(name for one in inner for name in one)]
    known = _numbers(inner, names)
    for name in known[:_MOST_FIELDS]:
        yield f"the sum of {held}.{name}", lambda record, name=name: _sum(record, held, (name,))
    for pair in combinations(known[:_MOST_FIELDS], 2):
        said = f"the sum of {held}.{pair[0]} times {pair[1]}"
        yield said, lambda record, pair=pair: _sum(record, held, pair)


def _sum(record: JsonObject, held: str, names: tuple[str, ...]) -> float | None:
    total = 0.0
    for item in _members(record.get(held)):
        part = 1.0
        for value in [(record_of(item) or {}).get(name) for name in names] or [item]:
            number = _number(value)
            if number is None:
                return None
            part *= number
        total += part
    return total


def _agree(records: Sequence[JsonObject], whole: str, worked: Worked) -> bool:
    """Say whether a number is what is worked out in all records, and not by chance."""
    pairs = [(_number(record.get(whole)), worked(record)) for record in records]
    if any(one is None or two is None or abs(one - two) > _NEAR for one, two in pairs):
        return False
    some = [one for one, _ in pairs if one]
    return len(some) >= _SHOWN and len(set(some)) > 1


def _derived(path: str, about: tuple[str, str], said: str, worked: Worked) -> Relation:
    whole, held = about

    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key
            for key, record in view.records(path)
            for number, made in [(_number(record.get(whole)), worked(record))]
            if number is not None and made is not None and abs(number - made) > _NEAR
        )

    names = frozenset((whole, held))
    return Relation("derived", f"{path}.*.{whole} is {said}", names, broken, names | {noun(path)})
