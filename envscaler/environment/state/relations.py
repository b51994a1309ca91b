"""Relations that hold between the parts of a state, proposed from some lawful states.

What Daikon (Ernst et al., 2007) does with the variables of a program is done here with collections
of records: references, orders, sums, limits, words that go together. A relation is a guess; what
makes it a rule is for others to say.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from pydantic import JsonValue

from envscaler.environment.state.collections import (
    Collection,
    collections_of,
    id_field,
    items_of,
    pairs_of,
    stem_of,
)
from envscaler.records import JsonObject

_STATUS = re.compile(r"status|state|stage|phase|active|alive|open|closed|locked|available|enabled")
_FEW_WORDS = 8
"""Values that a field has which says what state a record is in."""
_SUPPORT = 2
"""Records that have to show a relation."""
Key = str | int


@dataclass(frozen=True)
class Relation:
    """Something that holds in all lawful states."""

    kind: str
    text: str
    names: frozenset[str]
    """Fields, collections and words that it is about."""
    broken: Callable[["View"], frozenset[str]] = field(compare=False)
    """Where it does not hold in a state."""
    core: frozenset[str] = frozenset()
    """The names that a sentence has to mention to be about it."""


class View:
    """A state by its collections, read once.

    Args:
        state: Tagged JSON.
    """

    def __init__(self, state: JsonObject) -> None:
        self.collections = {one.path: one for one in collections_of(state)}
        self.ids = {path: set(map(str, one.ids)) for path, one in self.collections.items()}
        self.by_id = {
            path: dict(zip(map(str, one.ids), one.records, strict=True))
            for path, one in self.collections.items()
        }

    def records(self, path: str) -> Iterator[tuple[str, JsonObject]]:
        """Yield the records of a collection with their ids."""
        yield from self.by_id.get(path, {}).items()


def relations_of(states: Sequence[JsonObject]) -> list[Relation]:
    """Propose relations that hold in all of some states.

    Args:
        states: Lawful ones, with at least one record.
    """
    views = [View(state) for state in states]
    found: dict[tuple[str, str], Relation] = {}
    for view in views:
        for path, one in view.collections.items():
            for relation in _of_collection(views, path, one):
                found.setdefault((relation.kind, relation.text), relation)
    return [one for one in found.values() if not any(one.broken(view) for view in views)]


def _of_collection(views: Sequence[View], path: str, one: Collection) -> Iterator[Relation]:
    fields = [*dict.fromkeys(name for record in one.records for name in record)]
    own = id_field(one)
    references = [*_references(views, path, fields, own)]
    for name, other in references:
        yield _reference(path, name, other)
        if other == path:
            yield _acyclic(path, name)
        yield from _across(views, path, fields, name, other)
    yield from _orders(path, fields, views)
    yield from _implications(path, fields, views)
    yield from _signs(path, fields, views)
    yield from _unique(path, [name for name in fields if name != own], views)


def values_of(record: JsonObject, name: str) -> list[Key]:
    """Return the plain values of a field: one, those of a list, or the keys of a dict."""
    value = record.get(name)
    pairs, items = pairs_of(value), items_of(value)
    if pairs is not None:
        return [key for key, _ in pairs if isinstance(key, str | int)]
    inner = items if items is not None else [value]
    return [one for one in inner if isinstance(one, str | int) and not isinstance(one, bool)]


def amount(value: JsonValue) -> float | None:
    """Return a number, or the number of items; None for what has none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    items = items_of(value)
    return None if items is None else float(len(items))


def noun(path: str) -> str:
    """Name a collection by its path."""
    return path.rstrip(".*").rpartition(".")[2]


def _references(
    views: Sequence[View], path: str, fields: Sequence[str], own: str | None
) -> Iterator[tuple[str, str]]:
    """Yield fields whose values are all ids of one collection."""
    for name in fields:
        if name == own:
            continue
        held = [
            (view, str(value))
            for view in views
            for _, record in view.records(path)
            for value in values_of(record, name)
        ]
        if len(held) < _SUPPORT:
            continue
        for other in dict.fromkeys(other for view in views for other in view.collections):
            known = all(value in view.ids.get(other, set[str]()) for view, value in held)
            texts = any(not value.isdigit() for _, value in held) or stem_of(name) is not None
            if known and texts:
                yield name, other
                break


def _reference(path: str, name: str, other: str) -> Relation:
    def broken(view: View) -> frozenset[str]:
        known = view.ids.get(other, set[str]())
        return frozenset(
            f"{key}: {value}"
            for key, record in view.records(path)
            for value in values_of(record, name)
            if str(value) not in known
        )

    said = f"{path}.*.{name} holds ids of {other}"
    names = frozenset((name, noun(path), noun(other)))
    return Relation("reference", said, names, broken, frozenset((noun(path), noun(other))))


def _acyclic(path: str, name: str) -> Relation:
    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key for key, _ in view.records(path) if key in _reached(view, path, name, key)
        )

    said = f"Nothing in {path} leads to itself by {name}"
    return Relation("acyclic", said, frozenset((name, noun(path))), broken, frozenset((name,)))


def _reached(view: View, path: str, name: str, key: str) -> set[str]:
    found: set[str] = set()
    pending = [key]
    while pending:
        record = view.by_id[path].get(pending.pop(), JsonObject())
        for value in map(str, values_of(record, name)):
            if value not in found:
                found.add(value)
                pending.append(value)
    return found


def _across(
    views: Sequence[View], path: str, fields: Sequence[str], name: str, other: str
) -> Iterator[Relation]:
    """Yield what goes together in a record and in those that it refers to."""
    theirs = dict.fromkeys(
        field for view in views for _, record in view.records(other) for field in record
    )
    for mine in fields:
        for their in theirs:
            yield from _order_across(views, (path, mine, name), (other, their))
            yield from _words_across(views, (path, mine, name), (other, their))
    for their in theirs:
        yield from _counts(views, path, name, (other, their))


def _pairs(
    view: View, path: str, mine: str, name: str, other: str, their: str
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    for key, record in view.records(path):
        for value in values_of(record, name):
            found = view.by_id.get(other, {}).get(str(value))
            if found is not None and str(value) != key:
                yield key, record.get(mine), found.get(their)


def _order_across(
    views: Sequence[View], one: tuple[str, str, str], two: tuple[str, str]
) -> Iterator[Relation]:
    """Yield that a field of the same name is always more, or less, in what is referred to."""
    (path, mine, name), (other, their) = one, two
    if mine != their or mine in {name, "id"}:
        return
    seen = [(a, b) for view in views for _, a, b in _pairs(view, path, mine, name, other, their)]
    both = [(a, b) for a, b in seen if _comparable(a, b)]
    if len(both) < _SUPPORT + 1:
        return
    for sign, holds in (("more", _more), ("less", _less)):
        if all(holds(a, b) for a, b in both):

            def broken(
                view: View, holds: Callable[[JsonValue, JsonValue], bool] = holds
            ) -> frozenset[str]:
                return frozenset(
                    key
                    for key, a, b in _pairs(view, path, mine, name, other, their)
                    if _comparable(a, b) and not holds(a, b)
                )

            said = f"{path}.*.{mine} is {sign} than that of its {name}"
            names = frozenset((mine, name, noun(path)))
            yield Relation("order_across", said, names, broken, frozenset((mine, name)))


def _comparable(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers or (_is_date(one) and _is_date(other))


def _is_date(value: JsonValue) -> bool:
    return isinstance(value, str) and len(value) >= 10 and value[:4].isdigit() and value[4] == "-"


def _more(one: JsonValue, other: JsonValue) -> bool:
    return one > other  # type: ignore[operator]  # only what is comparable comes here


def _less(one: JsonValue, other: JsonValue) -> bool:
    return one < other  # type: ignore[operator]


def _words_across(
    views: Sequence[View], one: tuple[str, str, str], two: tuple[str, str]
) -> Iterator[Relation]:
    """Yield that a word here and a word there go together."""
    (path, mine, name), (other, their) = one, two
    seen = [
        (a, b)
        for view in views
        for _, a, b in _pairs(view, path, mine, name, other, their)
        if isinstance(a, str | bool) and isinstance(b, str | bool) and _is_word(a) and _is_word(b)
    ]
    firsts, seconds = {a for a, _ in seen}, {b for _, b in seen}
    few = 2 <= len(firsts) <= _FEW_WORDS and 2 <= len(seconds) <= _FEW_WORDS
    if not few or not _tells_status(mine) or not _tells_status(their):
        return
    for word in sorted(firsts, key=str):
        there = [*{b for a, b in seen if a == word}]
        if len(there) == 1:
            yield _together((path, mine, name), (other, their), (word, there[0]))
    for word in sorted(seconds, key=str):
        back = [_back(view, (path, mine, name), (other, their), word) for view in views]
        words = [each for found in back for each in found.values()]
        shared = set[JsonValue].intersection(*words) if words else set[JsonValue]()
        for first in sorted(shared, key=str):
            yield _needed((path, mine, name), (other, their), (first, word))


def _tells_status(name: str) -> bool:
    """Say whether a field is of the kind that tells in what state a record is."""
    return bool(_STATUS.search(name))


def _back(
    view: View, one: tuple[str, str, str], two: tuple[str, str], word: JsonValue
) -> dict[str, set[JsonValue]]:
    """Return for each record with a word the words of those that refer to it."""
    (path, mine, name), (other, their) = one, two
    found = {key: set[JsonValue]() for key, r in view.records(other) if r.get(their) == word}
    for _, record in view.records(path):
        for value in map(str, values_of(record, name)):
            if value in found and _is_word(record.get(mine)):
                found[value].add(record.get(mine))
    return found


def _needed(
    one: tuple[str, str, str], two: tuple[str, str], words: tuple[JsonValue, JsonValue]
) -> Relation:
    def broken(view: View) -> frozenset[str]:
        found = _back(view, one, two, words[1])
        return frozenset(key for key, held in found.items() if words[0] not in held)

    path, mine, name = one
    said = (
        f"Where {two[0]}.*.{two[1]} is {words[1]!r}, some {noun(path)} has it as {name} "
        f"and {words[0]!r} as {mine}"
    )
    names = frozenset((noun(path), noun(two[0]), mine, two[1]))
    core = frozenset((noun(path), noun(two[0]), str(words[0]), str(words[1])))
    return Relation("together", said, names, broken, core)


def _is_word(value: JsonValue) -> bool:
    return isinstance(value, str | bool) and (not isinstance(value, str) or 0 < len(value) < 24)


def _together(
    one: tuple[str, str, str], two: tuple[str, str], words: tuple[JsonValue, JsonValue]
) -> Relation:
    (path, mine, name), (other, their) = one, two

    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key
            for key, a, b in _pairs(view, path, mine, name, other, their)
            if a == words[0] and b != words[1]
        )

    said = f"Where {path}.*.{mine} is {words[0]!r}, {their} of its {name} is {words[1]!r}"
    names = frozenset((noun(path), noun(other), mine, their))
    core = frozenset((noun(path), noun(other), str(words[0]), str(words[1])))
    return Relation("together", said, names, broken, core)


def _counts(
    views: Sequence[View], path: str, name: str, two: tuple[str, str]
) -> Iterator[Relation]:
    """Yield that a number of a record limits, or is, how many refer to it."""
    other, their = two
    sizes = [
        (amount(record.get(their)), count)
        for view in views
        for key, record in view.records(other)
        for count in [_referring(view, path, name, key)]
        if isinstance(record.get(their), int | float)
    ]
    known = [(size, count) for size, count in sizes if size is not None]
    if len(known) < _SUPPORT or not any(count for _, count in known):
        return
    for sign, holds in (("is", _equal), ("limits", _not_less)):
        if all(holds(size, count) for size, count in known):

            def broken(view: View, holds: Callable[[float, float], bool] = holds) -> frozenset[str]:
                return frozenset(
                    key
                    for key, record in view.records(other)
                    for size in [amount(record.get(their))]
                    if size is not None and not holds(size, _referring(view, path, name, key))
                )

            said = f"{other}.*.{their} {sign} the number of {path} whose {name} it is"
            names = frozenset((their, noun(path), noun(other)))
            yield Relation("count", said, names, broken, frozenset((their, noun(path))))
            return


def _equal(one: float, other: float) -> bool:
    return one == other


def _not_less(one: float, other: float) -> bool:
    return one >= other


def _referring(view: View, path: str, name: str, key: str) -> int:
    return sum(key in map(str, values_of(record, name)) for _, record in view.records(path))


def _orders(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield that one field of a record is never more than another."""
    records = [record for view in views for _, record in view.records(path)]
    for one, two in ((a, b) for a in fields for b in fields if a != b):
        both = [(amounts(r.get(one)), amounts(r.get(two))) for r in records]
        known = [(a, b) for a, b in both if a is not None and b is not None and _comparable(a, b)]
        if len(known) <= _SUPPORT or not all(a <= b for a, b in known):  # type: ignore[operator]
            continue

        def broken(view: View, one: str = one, two: str = two) -> frozenset[str]:
            found: set[str] = set()
            for key, record in view.records(path):
                a, b = amounts(record.get(one)), amounts(record.get(two))
                if a is not None and b is not None and _comparable(a, b) and _more(a, b):
                    found.add(key)
            return frozenset(found)

        said = f"{path}.*.{one} is not more than {two}"
        yield Relation("order", said, frozenset((one, two)), broken, frozenset((one, two)))


def amounts(value: JsonValue) -> float | str | None:
    """Return what can be put in order: a number, a length, a date."""
    return str(value) if _is_date(value) else amount(value)


def _implications(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield that a field is empty, or is not, where another is a certain word."""
    records = [record for view in views for _, record in view.records(path)]
    for one, two in ((a, b) for a in fields for b in fields if a != b and _tells_status(a)):
        held = [record.get(one) for record in records]
        words = {word for word in held if isinstance(word, str | bool) and _is_word(word)}
        if not 2 <= len(words) <= _FEW_WORDS or len(records) < 2 * _SUPPORT:
            continue
        empty = {
            word: {
                record.get(two) in (None, "", 0) for record in records if record.get(one) == word
            }
            for word in words
        }
        if {True} not in empty.values() or {False} not in empty.values():
            continue
        for word, kinds in empty.items():
            if len(kinds) == 1:
                yield _emptiness((path, one, two), word, is_empty=True in kinds)


def _emptiness(where: tuple[str, str, str], word: JsonValue, *, is_empty: bool) -> Relation:
    path, one, two = where

    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key
            for key, record in view.records(path)
            if record.get(one) == word and (record.get(two) in (None, "", 0)) != is_empty
        )

    said = f"Where {path}.*.{one} is {word!r}, {two} is {'empty' if is_empty else 'given'}"
    names = frozenset((str(word), two, one))
    return Relation("emptiness", said, names, broken, frozenset((str(word), two)))


def _signs(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield that numbers are never negative."""
    for name in fields:
        known = [
            value
            for view in views
            for _, record in view.records(path)
            for value in [record.get(name)]
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        if len(known) >= _SUPPORT and min(known) >= 0:

            def broken(view: View, name: str = name) -> frozenset[str]:
                return frozenset(
                    key
                    for key, record in view.records(path)
                    for value in [record.get(name)]
                    if isinstance(value, int | float) and value < 0
                )

            said = f"{path}.*.{name} is never negative"
            yield Relation("sign", said, frozenset((name, noun(path))), broken, frozenset((name,)))


def _unique(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield the smallest sets of fields that no two records share."""
    minimal: list[frozenset[str]] = []
    plain = [
        name
        for name in fields
        if all(
            isinstance(record.get(name), str | int | type(None))
            for view in views
            for _, record in view.records(path)
        )
    ]
    for size in (1, 2, 3):
        for names in combinations(plain[:9], size):
            if any(one <= set(names) for one in minimal):
                continue

            def broken(view: View, names: tuple[str, ...] = names) -> frozenset[str]:
                found = Counter(
                    tuple(record.get(name) for name in names)
                    for _, record in view.records(path)
                    if all(record.get(name) is not None for name in names)
                )
                return frozenset(str(key) for key, count in found.items() if count > 1)

            if not any(broken(view) for view in views):
                minimal.append(frozenset(names))
                said = f"No two {path} share {', '.join(names)}"
                core = frozenset((*names, noun(path)))
                yield Relation("unique", said, frozenset(names), broken, core)
