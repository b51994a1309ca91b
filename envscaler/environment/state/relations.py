"""Relations that hold between the parts of a state, proposed from some lawful states.

What Daikon (Ernst et al., 2007) does with the variables of a program is done here with collections
of records: references, orders, sums, limits, words that go together. A relation is a guess; what
makes it a rule is for others to say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from pydantic import JsonValue

from envscaler.environment.state.collections import Collection, id_field
from envscaler.environment.state.relation import (
    FEW_WORDS,
    SUPPORT,
    Relation,
    View,
    amounts,
    comparable,
    is_more,
    is_word,
    noun,
    tells_status,
)
from envscaler.environment.state.relations_across import across, acyclic, reference, references_of
from envscaler.records import JsonObject

_NAMING = re.compile(r"(^|_)(id|ids|no|number|key)$")
"""A number with such a name tells records apart, and measures nothing."""


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
        yield reference(path, name, other)
        if other == path:
            yield acyclic(path, name)
        yield from across(views, path, fields, name, other)
    yield from _orders(path, fields, views)
    yield from _implications(path, fields, views)
    yield from _signs(path, fields, views)
    yield from _unique(path, [name for name in fields if name != own], views)


def _orders(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield that one field of a record is never more than another."""
    records = [record for view in views for _, record in view.records(path)]
    measured = [name for name in fields if not _NAMING.search(name)]
    for one, two in ((a, b) for a in measured for b in measured if a != b):
        both = [(amounts(r.get(one)), amounts(r.get(two))) for r in records]
        known = [(a, b) for a, b in both if a is not None and b is not None and comparable(a, b)]
        if len(known) <= SUPPORT or not all(a <= b for a, b in known):  # type: ignore[operator]
            continue

        def broken(view: View, one: str = one, two: str = two) -> frozenset[str]:
            found: set[str] = set()
            for key, record in view.records(path):
                a, b = amounts(record.get(one)), amounts(record.get(two))
                if a is not None and b is not None and comparable(a, b) and is_more(a, b):
                    found.add(key)
            return frozenset(found)

        said = f"{path}.*.{one} is not more than {two}"
        kind = "order_in_time" if isinstance(known[0][0], str) else "order"
        yield Relation(kind, said, frozenset((one, two)), broken, frozenset((one, two)))


def _implications(path: str, fields: Sequence[str], views: Sequence[View]) -> Iterator[Relation]:
    """Yield that a field is empty, or is not, where another is a certain word."""
    records = [record for view in views for _, record in view.records(path)]
    for one, two in ((a, b) for a in fields for b in fields if a != b and tells_status(a)):
        held = [record.get(one) for record in records]
        words = {word for word in held if isinstance(word, str | bool) and is_word(word)}
        if not 2 <= len(words) <= FEW_WORDS or len(records) < 2 * SUPPORT:
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
