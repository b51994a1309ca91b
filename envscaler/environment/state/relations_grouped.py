"""Relations of a record to all that refer to it: extremes, sums, room left, periods that meet.

What a field of a record says of others is worked out anew: the highest day among the calibrations
of a gauge, how many things a vault holds beside how many it may hold, whether two periods of one
aircraft meet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product

from pydantic import JsonValue

from envscaler.environment.state.collections import pairs_of
from envscaler.environment.state.plurals import singular
from envscaler.environment.state.relation import (
    FEW_WORDS,
    Relation,
    View,
    comparable,
    is_number,
    is_word,
    noun,
    tells_status,
)
from envscaler.records import JsonObject

_SHOWN = 3
"""Records with others that refer to them which have to show what is worked out."""
_NEAR = 0.006
_MOST_FIELDS = 6
Held = dict[str, list[JsonObject]]
"""Record by its id → what refers to it."""


def _referring(view: View, path: str, name: str, other: str) -> Held:
    found: Held = {key: [] for key, _ in view.records(other)}
    for _, record in view.records(path):
        key = record.get(name)
        if isinstance(key, str | int) and str(key) in found:
            found[str(key)].append(record)
    return found


def extremes(
    views: Sequence[View], path: str, fields: Sequence[str], name: str, other: str
) -> Iterator[Relation]:
    """Yield fields of a record that are the most, the least or the sum of what refers to it.

    Args:
        views: Lawful states.
        path: What refers.
        fields: Its fields.
        name: The field that refers.
        other: What is referred to.
    """
    theirs = dict.fromkeys(
        field for view in views for _, record in view.records(other) for field in record
    )
    ways: tuple[tuple[str, Callable[[list[JsonValue]], JsonValue]], ...] = (
        ("the most", _most),
        ("the least", _least),
        ("the sum", _sum),
    )
    for their in theirs:
        for mine in [one for one in fields if one != name][:_MOST_FIELDS]:
            for said, worked in ways:
                relation = _worked_out((path, name, mine), (other, their), said, worked)
                if _shown(views, (path, name, mine), (other, their), worked):
                    yield relation
                    break


def _most(values: list[JsonValue]) -> JsonValue:
    return max(values)  # type: ignore[type-var]  # comparable ones only


def _least(values: list[JsonValue]) -> JsonValue:
    return min(values)  # type: ignore[type-var]


def _sum(values: list[JsonValue]) -> JsonValue:
    return sum(value for value in values if is_number(value))


def _differing(
    view: View,
    one: tuple[str, str, str],
    two: tuple[str, str],
    worked: Callable[[list[JsonValue]], JsonValue],
) -> Iterator[tuple[str, bool, int]]:
    """Yield records that others refer to, whether a field is not what is worked out, of how many.

    What cannot be compared counts as another one.
    """
    (path, name, mine), (other, their) = one, two
    held = _referring(view, path, name, other)
    for key, record in view.records(other):
        values = [each.get(mine) for each in held[key]]
        if values:
            known = record.get(their)
            fits = all(comparable(value, known) for value in values)
            distinct = len({*map(str, values)})
            yield key, not fits or not _same(known, worked(values)), distinct


def _same(one: JsonValue, other: JsonValue) -> bool:
    if is_number(one) and is_number(other):
        return abs(one - other) <= _NEAR
    return one == other


def _shown(
    views: Sequence[View],
    one: tuple[str, str, str],
    two: tuple[str, str],
    worked: Callable[[list[JsonValue]], JsonValue],
) -> bool:
    seen = [each for view in views for each in _differing(view, one, two, worked)]
    of_several = [distinct for _, _, distinct in seen if distinct > 1]
    return len(seen) >= _SHOWN and bool(of_several) and not any(differs for _, differs, _ in seen)


def _worked_out(
    one: tuple[str, str, str],
    two: tuple[str, str],
    said: str,
    worked: Callable[[list[JsonValue]], JsonValue],
) -> Relation:
    (path, name, mine), (other, their) = one, two

    def broken(view: View) -> frozenset[str]:
        return frozenset(key for key, differs, _ in _differing(view, one, two, worked) if differs)

    text = f"{other}.*.{their} is {said} of {mine} in the {path} whose {name} it is"
    names = frozenset((their, noun(path)))
    return Relation("derived", text, names, broken, names | {mine})


def rooms(views: Sequence[View], path: str, fields: Sequence[str]) -> Iterator[Relation]:
    """Yield numbers by name that are never less than how many records are there.

    Args:
        views: Lawful states.
        path: The records.
        fields: Their fields; one of them holds such names.
    """
    for attribute in _number_tables(views):
        for name in fields:
            if not _names_of(views, path, name, attribute):
                continue
            for condition in _conditions(views, path, fields):
                relation = _room((path, name), attribute, condition)
                if not any(relation.broken(view) for view in views):
                    yield relation
                    break


def _number_tables(views: Sequence[View]) -> list[str]:
    """Name the attributes that hold a number for each of some names, in all states."""
    return [
        name
        for name in (views[0].state if views else ())
        if all(_numbers(view.state.get(name)) for view in views)
    ]


def _numbers(value: JsonValue) -> Mapping[str, float]:
    pairs = pairs_of(value) or []
    found = {str(key): number for key, number in pairs if is_number(number)}
    return found if len(found) == len(pairs) else {}


def _names_of(views: Sequence[View], path: str, name: str, attribute: str) -> bool:
    """Say whether a field only holds names of a table, or nothing, and some record has one."""
    held = [(view, record.get(name)) for view in views for _, record in view.records(path)]
    known = [(view, value) for view, value in held if value not in (None, "")]
    return bool(known) and all(
        isinstance(value, str) and value in _numbers(view.state.get(attribute))
        for view, value in known
    )


Status = tuple[str, JsonValue] | None
"""A field that tells in what state a record is, and what it has to hold there."""


def _conditions(views: Sequence[View], path: str, fields: Sequence[str]) -> Iterator[Status]:
    yield None
    for name in filter(tells_status, fields):
        words = {
            word
            for view in views
            for _, record in view.records(path)
            for word in [record.get(name)]
            if is_word(word)
        }
        if len(words) <= FEW_WORDS:
            yield from ((name, word) for word in sorted(words, key=str))


def _room(about: tuple[str, str], attribute: str, condition: Status) -> Relation:
    path, name = about

    def broken(view: View) -> frozenset[str]:
        sizes = _numbers(view.state.get(attribute))
        counted = [record.get(name) for _, record in view.records(path) if _has(record, condition)]
        return frozenset(key for key, size in sizes.items() if counted.count(key) > size)

    which = f" with {condition[0]} {condition[1]!r}" if condition else ""
    said = f"There are never more {path}{which} of one {name} than {attribute} has for it"
    core = frozenset((noun(path), singular(attribute)))
    return Relation("room", said, frozenset((name, noun(path), attribute)), broken, core)


Spans = list[tuple[str, JsonValue, JsonValue, JsonValue]]
"""Id, group, begin and end of each period."""


def periods(
    views: Sequence[View], path: str, fields: Sequence[str], homes: Sequence[tuple[str, str]]
) -> Iterator[Relation]:
    """Yield that two records never meet which are of one group, by their two ends.

    Args:
        views: Lawful states.
        path: The records.
        fields: Theirs.
        homes: Their fields that refer to others, and to what; a group may be told there.
    """
    # Where records have a status, what has ended may meet: then one status is meant, or none is.
    statuses = [*_conditions(views, path, fields)]
    statuses = statuses[1:] or statuses
    ends = [both for both in combinations(fields, 2) if _are_ends(views, path, *both)]
    for (begin, end), by, status in product(ends, _groups(views, fields, homes), statuses):
        about = (path, begin, end)
        if by[2] in {begin, end} and not by[0]:
            continue
        relation = _apart(about, by, status)
        grouped = sum(_several(view, about, by, status) for view in views)
        if grouped and not any(relation.broken(view) for view in views):
            yield relation


Group = tuple[str, str, str]
"""The field that refers to what tells a group, where that is, and the field there."""


def _groups(
    views: Sequence[View], fields: Sequence[str], homes: Sequence[tuple[str, str]]
) -> list[Group]:
    """Return what may tell a group: fields of the records, and of what they refer to."""
    groups = [("", "", field) for field in fields]
    for name, other in homes:
        theirs = [field for view in views for _, one in view.records(other) for field in one]
        groups += [(name, other, field) for field in dict.fromkeys(theirs)]
    return [one for one in groups if not tells_status(one[2])]


def _are_ends(views: Sequence[View], path: str, begin: str, end: str) -> bool:
    """Say whether one field lies before another in all records."""
    both = [(r.get(begin), r.get(end)) for view in views for _, r in view.records(path)]
    return len(both) >= _SHOWN and all(
        comparable(one, two) and one < two  # type: ignore[operator]  # comparable
        for one, two in both
    )


def _has(record: JsonObject, status: Status) -> bool:
    return status is None or record.get(status[0]) == status[1]


def _spans(
    view: View, about: tuple[str, str, str], by: tuple[str, str, str], status: Status
) -> Spans:
    (path, begin, end), (via, other, group) = about, by
    found: Spans = []
    for key, record in view.records(path):
        if not _has(record, status):
            continue
        home = record if not via else view.by_id.get(other, {}).get(str(record.get(via)), {})
        value = home.get(group)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            found.append((key, value, record.get(begin), record.get(end)))
    return found


def _several(
    view: View, about: tuple[str, str, str], by: tuple[str, str, str], status: Status
) -> int:
    """Count the records that share a group with another one."""
    groups = [group for _, group, _, _ in _spans(view, about, by, status)]
    return sum(groups.count(group) > 1 for group in groups)


def _apart(about: tuple[str, str, str], by: tuple[str, str, str], status: Status) -> Relation:
    (path, begin, end), (via, _, group) = about, by

    def broken(view: View) -> frozenset[str]:
        spans = [one for one in _spans(view, about, by, status) if comparable(one[2], one[3])]
        return frozenset(
            f"{one[0]} and {two[0]}"
            for one, two in combinations(spans, 2)
            if one[1] == two[1] and _meet(one, two)
        )

    where = f"{group} of its {via}" if via else group
    which = f" with {status[0]} {status[1]!r}" if status else ""
    said = f"No two {path}{which} of one {where} meet, from {begin} to {end}"
    names = frozenset((begin, end, group, noun(path)))
    words = {str(status[1])} if status else set[str]()
    return Relation("apart", said, names, broken, frozenset((noun(path), group, *words)))


def _meet(
    one: tuple[str, JsonValue, JsonValue, JsonValue],
    two: tuple[str, JsonValue, JsonValue, JsonValue],
) -> bool:
    if not comparable(one[2], two[2]):
        return False
    return one[2] < two[3] and two[2] < one[3]  # type: ignore[operator]  # comparable
