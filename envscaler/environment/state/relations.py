"""Relations that hold between the parts of a state, proposed from some lawful states.

What Daikon (Ernst et al., 2007) does with the variables of a program is done here with collections
of records: references, orders, sums, limits, words that go together. A relation is a guess; what
makes it a rule is for others to say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from pydantic import JsonValue

from envscaler.environment.state.collections import Collection, id_field, items_of
from envscaler.environment.state.relation import (
    FEW_WORDS,
    SUPPORT,
    Relation,
    View,
    amounts,
    comparable,
    is_less,
    is_more,
    is_word,
    noun,
    tells_status,
)
from envscaler.environment.state.relations_across import across, acyclic, reference, references_of
from envscaler.environment.state.relations_derived import derived
from envscaler.environment.state.relations_grouped import extremes, periods, rooms
from envscaler.records import JsonObject

_NAMING = re.compile(r"(^|_)(id|ids|no|number|key)$")
"""A number with such a name tells records apart, and measures nothing."""
_EMPTY = (None, "", 0)


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
    references = [*references_of(views, path, fields, own)]
    for name, other in references:
        listed = any(
            items_of(record.get(name)) for view in views for _, record in view.records(path)
        )
        yield reference(path, name, other, kind="membership" if listed else "reference")
        if other == path:
            yield acyclic(path, name)
        yield from across(views, path, fields, name, other)
        if other != path:
            yield from extremes(views, path, fields, name, other)
    yield from rooms(views, path, fields)
    yield from periods(views, path, fields, references)
    yield from _orders(path, fields, views)
    yield from _implications(path, fields, views)
    yield from _signs(path, fields, views)
    yield from _unique(path, [name for name in fields if name != own], views)
    yield from derived(path, fields, views)


def _orders(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield that one field of a record is never more than another."""
    records = _records(path, views)
    measured = [name for name in fields if not _NAMING.search(name)]
    for one, two in permutations(measured, 2):
        known = [both for record in records if (both := _measures(record, one, two)) is not None]
        if len(known) > SUPPORT and all(is_less(a, b) or a == b for a, b in known):
            yield _order(path, one, two, in_time=isinstance(known[0][0], str))


def _order(path: str, one: str, two: str, *, in_time: bool) -> Relation:
    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key
            for key, record in view.records(path)
            if (both := _measures(record, one, two)) is not None and is_more(*both)
        )

    said = f"{path}.*.{one} is not more than {two}"
    kind = "order_in_time" if in_time else "order"
    return Relation(kind, said, frozenset((one, two)), broken, frozenset((one, two)))


def _measures(record: JsonObject, one: str, two: str) -> tuple[JsonValue, JsonValue] | None:
    """Return what two fields measure, where that can be compared."""
    a, b = amounts(record.get(one)), amounts(record.get(two))
    return (a, b) if a is not None and b is not None and comparable(a, b) else None


def _implications(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield that a field is empty, or is not, where another is a certain word."""
    records = _records(path, views)
    for one in filter(tells_status, fields):
        held = [record.get(one) for record in records]
        words = {word for word in held if is_word(word)}
        if 2 <= len(words) <= FEW_WORDS and len(records) >= 2 * SUPPORT:
            for two in fields:
                if two != one:
                    yield from _told_by_words(records, words, (path, one, two))


def _told_by_words(
    records: Sequence[JsonObject], words: set[str | bool], where: tuple[str, str, str]
) -> Iterator[Relation]:
    """Yield for which words of a field another one is empty, and for which it is not."""
    _, one, two = where
    empty = {
        word: {record.get(two) in _EMPTY for record in records if record.get(one) == word}
        for word in words
    }
    if {True} in empty.values() and {False} in empty.values():
        for word, kinds in empty.items():
            if len(kinds) == 1:
                yield _emptiness(where, word, is_empty=True in kinds)


def _emptiness(where: tuple[str, str, str], word: JsonValue, *, is_empty: bool) -> Relation:
    path, one, two = where

    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key
            for key, record in view.records(path)
            if record.get(one) == word and (record.get(two) in _EMPTY) != is_empty
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
        if len(known) >= SUPPORT and min(known) >= 0:

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
    records = _records(path, views)
    plain = [name for name in fields if _is_plain(name, records)]
    minimal: list[frozenset[str]] = []
    for size in (1, 2, 3):
        for names in combinations(plain[:9], size):
            relation = _no_two_share(path, names)
            told = any(one <= relation.names for one in minimal)
            if not told and not any(relation.broken(view) for view in views):
                minimal.append(relation.names)
                yield relation


def _records(path: str, views: Sequence[View]) -> list[JsonObject]:
    return [record for view in views for _, record in view.records(path)]


def _is_plain(name: str, records: Sequence[JsonObject]) -> bool:
    return all(isinstance(record.get(name), str | int | type(None)) for record in records)


def _no_two_share(path: str, names: tuple[str, ...]) -> Relation:
    def broken(view: View) -> frozenset[str]:
        found = Counter(
            tuple(record.get(name) for name in names)
            for _, record in view.records(path)
            if all(record.get(name) is not None for name in names)
        )
        return frozenset(str(key) for key, count in found.items() if count > 1)

    said = f"No two {path} share {', '.join(names)}"
    core = frozenset((*names, noun(path)))
    return Relation("unique", said, frozenset(names), broken, core)
