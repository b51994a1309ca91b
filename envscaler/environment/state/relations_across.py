"""Relations between the records of two collections: references, and what goes along with them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

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
    for name in (name for name in fields if name != own):
        held = [
            (view, str(value))
            for view in views
            for _, record in view.records(path)
            for value in values_of(record, name)
        ]
        home = _home_of(views, held, name) if len(held) >= SUPPORT else None
        if home is not None:
            yield name, home


def _home_of(views: Sequence[View], held: Sequence[tuple[View, str]], name: str) -> str | None:
    """Return the first collection whose ids a field holds; None where it may be just numbers."""
    if all(value.isdigit() for _, value in held) and stem_of(name) is None:
        return None
    homes = dict.fromkeys(home for view in views for home in view.collections)
    return next(
        (home for home in homes if all(value in view.ids.get(home, ()) for view, value in held)),
        None,
    )


def reference(path: str, name: str, other: str, *, kind: str = "reference") -> Relation:
    """Make the relation that a field holds ids of a collection; `membership` where it is a list."""

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
    return Relation(kind, said, names, broken, frozenset((noun(path), noun(other))))


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


def _seen(
    views: Sequence[View], one: tuple[str, str, str], two: tuple[str, str]
) -> Iterator[tuple[JsonValue, JsonValue]]:
    """Yield what a field holds, with that of what the record refers to."""
    (path, mine, name), (other, their) = one, two
    for view in views:
        for _, a, b in _pairs(view, path, mine, name, other, their):
            yield a, b


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
    """Yield that a field is always more, or less, than one of what is referred to.

    Numbers are compared only with a field of the same name, days with any other.
    """
    (_, mine, name), (_, their) = one, two
    if mine in {name, "id"}:
        return
    both = [(a, b) for a, b in _seen(views, one, two) if comparable(a, b)]
    if mine == their:
        yield from islice(_orders_of(both, one, two, SUPPORT + 1), 1)
    else:
        days = [pair for pair in both if isinstance(pair[0], str)]
        yield from _orders_of(days, one, two, SUPPORT)


def _orders_of(
    both: Sequence[tuple[JsonValue, JsonValue]],
    one: tuple[str, str, str],
    two: tuple[str, str],
    least: int,
) -> Iterator[Relation]:
    """Yield the orders in which all of several pairs stand; strict ones for fields of one name."""
    ways = (("more", is_more), ("less", is_less), ("not more", _at_most), ("not less", _at_least))
    if len(both) < least or len({*map(str, both)}) < least:
        return
    for sign, holds in ways if one[1] == two[1] else ways[2:]:
        if all(holds(a, b) for a, b in both):
            yield _ordered(one, two, sign, holds)


def _at_most(one: JsonValue, other: JsonValue) -> bool:
    return not is_more(one, other)


def _at_least(one: JsonValue, other: JsonValue) -> bool:
    return not is_less(one, other)


def _ordered(
    one: tuple[str, str, str],
    two: tuple[str, str],
    sign: str,
    holds: Callable[[JsonValue, JsonValue], bool],
) -> Relation:
    (path, mine, name), (other, their) = one, two

    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key
            for key, a, b in _pairs(view, path, mine, name, other, their)
            if comparable(a, b) and not holds(a, b)
        )

    if mine == their:
        said = f"{path}.*.{mine} is {sign} than that of its {name}"
        names = frozenset((mine, name, noun(path)))
        return Relation("order_across", said, names, broken, frozenset((mine, name)))
    said = f"{path}.*.{mine} is {sign} than {their} of its {name}"
    names = frozenset((mine, their, name, noun(path)))
    core = frozenset((mine, their, name))
    return Relation("order_between", said, names, broken, core, own=mine)


def _words_across(
    views: Sequence[View], one: tuple[str, str, str], two: tuple[str, str]
) -> Iterator[Relation]:
    """Yield that a word here and a word there go together."""
    seen = [*_words_seen(views, one, two)]
    firsts, seconds = {a for a, _ in seen}, {b for _, b in seen}
    if _tell_status(one[1], firsts) and _tell_status(two[1], seconds):
        for words in _followed(seen):
            yield _together(one, two, words)
        for word in sorted(seconds, key=str):
            for first in sorted(_shared_words(views, one, two, word), key=str):
                yield _needed(one, two, (first, word))


def _words_seen(
    views: Sequence[View], one: tuple[str, str, str], two: tuple[str, str]
) -> Iterator[tuple[str | bool, str | bool]]:
    for a, b in _seen(views, one, two):
        if is_word(a) and is_word(b):
            yield a, b


def _tell_status(name: str, words: set[str | bool]) -> bool:
    """Say whether a field holds one of few words, which tell in what state a record is."""
    return 2 <= len(words) <= FEW_WORDS and tells_status(name)


def _followed(
    seen: Sequence[tuple[str | bool, str | bool]],
) -> Iterator[tuple[str | bool, str | bool]]:
    """Yield the words that always come with one and the same other word."""
    for word in sorted({a for a, _ in seen}, key=str):
        there = [*{b for a, b in seen if a == word}]
        if len(there) == 1:
            yield word, there[0]


def _shared_words(
    views: Sequence[View], one: tuple[str, str, str], two: tuple[str, str], word: JsonValue
) -> set[JsonValue]:
    """Return the words that some reference to each record with a word has."""
    back = (_back(view, one, two, word) for view in views)
    words = [each for found in back for each in found.values()]
    return set[JsonValue].intersection(*words) if words else set[JsonValue]()


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
    known = [*_numbers_and_counts(views, path, name, two)]
    if len(known) < SUPPORT or not any(count for _, count in known):
        return
    for sign, holds in (("is", _equal), ("limits", _not_less)):
        if all(holds(size, count) for size, count in known):
            yield _counted(path, name, two, sign, holds)
            return


def _numbers_and_counts(
    views: Sequence[View], path: str, name: str, two: tuple[str, str]
) -> Iterator[tuple[float, int]]:
    """Yield what a number of a record is, and how many refer to the record."""
    other, their = two
    for view in views:
        for key, record in view.records(other):
            held = record.get(their)
            if isinstance(held, int | float) and not isinstance(held, bool):
                yield float(held), _referring(view, path, name, key)


def _counted(
    path: str, name: str, two: tuple[str, str], sign: str, holds: Callable[[float, float], bool]
) -> Relation:
    other, their = two

    def broken(view: View) -> frozenset[str]:
        return frozenset(
            key
            for key, record in view.records(other)
            if (size := amount(record.get(their))) is not None
            and not holds(size, _referring(view, path, name, key))
        )

    said = f"{other}.*.{their} {sign} the number of {path} whose {name} it is"
    names = frozenset((their, noun(path), noun(other)))
    return Relation("count", said, names, broken, frozenset((their, noun(path))))


def _equal(one: float, other: float) -> bool:
    return one == other


def _not_less(one: float, other: float) -> bool:
    return one >= other


def _referring(view: View, path: str, name: str, key: str) -> int:
    return sum(key in map(str, values_of(record, name)) for _, record in view.records(path))
