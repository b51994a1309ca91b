"""Relations between the records of two collections: references, and what goes along with them."""

from collections.abc import Callable, Iterator, Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import stem_of
from envscaler.environment.state.relation import (
    FEW_WORDS,
    SUPPORT,
    Relation,
    View,
    amount,
    comparable,
    is_less,
    is_more,
    is_word,
    noun,
    tells_status,
    values_of,
)
from envscaler.records import JsonObject


def references_of(
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
        if len(held) < SUPPORT:
            continue
        for other in dict.fromkeys(other for view in views for other in view.collections):
            known = all(value in view.ids.get(other, set[str]()) for view, value in held)
            texts = any(not value.isdigit() for _, value in held) or stem_of(name) is not None
            if known and texts:
                yield name, other
                break


def reference(path: str, name: str, other: str) -> Relation:
    """Make the relation that a field holds ids of a collection."""

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


def acyclic(path: str, name: str) -> Relation:
    """Make the relation that a field never leads from a record back to it."""

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


def across(
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
    both = [(a, b) for a, b in seen if comparable(a, b)]
    if len(both) < SUPPORT + 1:
        return
    for sign, holds in (("more", is_more), ("less", is_less)):
        if all(holds(a, b) for a, b in both):

            def broken(
                view: View, holds: Callable[[JsonValue, JsonValue], bool] = holds
            ) -> frozenset[str]:
                return frozenset(
                    key
                    for key, a, b in _pairs(view, path, mine, name, other, their)
                    if comparable(a, b) and not holds(a, b)
                )

            said = f"{path}.*.{mine} is {sign} than that of its {name}"
            names = frozenset((mine, name, noun(path)))
            yield Relation("order_across", said, names, broken, frozenset((mine, name)))


def _words_across(
    views: Sequence[View], one: tuple[str, str, str], two: tuple[str, str]
) -> Iterator[Relation]:
    """Yield that a word here and a word there go together."""
    (path, mine, name), (other, their) = one, two
    seen = [
        (a, b)
        for view in views
        for _, a, b in _pairs(view, path, mine, name, other, their)
        if isinstance(a, str | bool) and isinstance(b, str | bool) and is_word(a) and is_word(b)
    ]
    firsts, seconds = {a for a, _ in seen}, {b for _, b in seen}
    few = 2 <= len(firsts) <= FEW_WORDS and 2 <= len(seconds) <= FEW_WORDS
    if not few or not tells_status(mine) or not tells_status(their):
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


def _back(
    view: View, one: tuple[str, str, str], two: tuple[str, str], word: JsonValue
) -> dict[str, set[JsonValue]]:
    """Return for each record with a word the words of those that refer to it."""
    (path, mine, name), (other, their) = one, two
    found = {key: set[JsonValue]() for key, r in view.records(other) if r.get(their) == word}
    for _, record in view.records(path):
        for value in map(str, values_of(record, name)):
            if value in found and is_word(record.get(mine)):
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
    if len(known) < SUPPORT or not any(count for _, count in known):
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
