"""Several records of one kind: told one by one in one way, or by what they have in common."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import TypeGuard

from pydantic import JsonValue

from envscaler.environment.state.collections import Key, Scalar
from envscaler.scen_generator.solution_first.intentions.descriptions import (
    Describer,
    is_told_by_sort,
)
from envscaler.scen_generator.solution_first.intentions.intention import (
    Extreme,
    Firsts,
    Group,
    Limit,
    Linked,
    Many,
    Named,
    Only,
    Reference,
    Request,
    Several,
    Step,
    Told,
    several,
)
from envscaler.scen_generator.solution_first.intentions.meaning import NoAnswerError, Reader
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Link,
    Nouns,
    is_hollow,
    is_moment,
    is_status,
)
from envscaler.scen_generator.solution_first.intentions.story import PAST

_STOCK = re.compile(r"stock|quantity")
"""Amounts below which something is asked for."""
_ENDS = re.compile(r"due|deadline|expir|valid_until")
"""Dates before which something is asked for."""
_MOST_CODES = 3
"""Codes that somebody writes one after the other."""
_MOST_OWNERS = 5
"""The same of what others belong to: the bookings of so many rooms."""
_MOST_LONG = 2
"""Records that are told by another one each."""
_Alone = Told | Named | Only | Extreme
Row = list[tuple[Reference, Key]]
"""References of one form, each with the id of its record."""


def rows(nouns: Nouns, noun: str, reader: Reader) -> list[Row]:
    """Find ways to tell several records of a kind one by one.

    Args:
        nouns: What the state holds.
        noun: Path of the collection.
        reader: Knows the state; what it was told before does not matter.

    Returns:
        Rows of references that differ only in a name or an owner.
    """
    found: dict[str, Row] = {}
    for form, reference in _references(nouns, noun, reader):
        try:
            key = reader.find(reference)
        except NoAnswerError:
            continue
        row = found.setdefault(form, [])
        if isinstance(key, str | int) and key not in [each for _, each in row]:
            row.append((reference, key))
    return [*found.values()]


def some_rows(known: Sequence[Row], random: Random, least: int) -> list[Row]:
    """Put rows with at least so many records in an order; those that need no look-up come last."""
    long = [[*row] for row in known if len(row) >= least <= most_of(row)]
    for row in long:
        random.shuffle(row)
    random.shuffle(long)
    return sorted(long, key=lambda row: isinstance(row[0][0], Told))


def _references(nouns: Nouns, noun: str, reader: Reader) -> Iterator[tuple[str, Reference]]:
    """Yield references, each with the form that it shares with others."""
    for other, link in _referring(nouns, noun):
        for form, each in _owned(nouns, other, reader, but=noun):
            if _is_past(each):
                continue  # nobody tells an ambulance by where it was in June
            yield f"{other} {link} {form}", Linked(noun, link, each)
    yield from _owned(nouns, noun, reader, but=noun)
    if not nouns.name_fields(noun):
        yield from (("told", Told(noun, key)) for key in nouns.collections[noun].ids)
    for field in nouns.name_fields(noun)[:1]:
        yield from (("named", Named(noun, field, name)) for name in _texts(nouns, noun, field))


def _is_past(reference: Reference) -> bool:
    """Tell whether something is told by having ended."""
    if not isinstance(reference, Only | Extreme):
        return False
    return is_status(reference.group.field or "") and str(reference.group.value).lower() in PAST


def most_of(row: Row) -> int:
    """Return how many of a row are told in one message: few where each is a code, or long."""
    reference = row[0][0]
    owner = reference.group.of if isinstance(reference, Only) else reference
    if isinstance(reference, Linked):
        return _MOST_LONG
    if isinstance(reference, Told):
        return _MOST_CODES
    return _MOST_OWNERS if isinstance(owner, Told) else len(row)


def at_once(told: Sequence[Reference]) -> Many:
    """Say once what references of one form have in common: the payments of invoices 2 and 5."""
    groups = [each.group for each in told if isinstance(each, Only | Extreme)]
    owners = [group.of for group in groups if isinstance(group.of, Named | Told)]
    if len(owners) < len(told) or len({replace(group, of=None) for group in groups}) > 1:
        return several(told)
    whole = replace(groups[0], of=several(owners))
    ranked = (each for each in told if isinstance(each, Extreme))
    return next((Firsts(whole, each.by, each.most) for each in ranked), whole)


def in_one(one: Step, two: Step) -> Request | None:
    """Put two requests for the same with two records into one; None where they differ in more."""
    if not isinstance(one, Request) or not isinstance(two, Request) or one.tool != two.tool:
        return None
    others = dict(two.arguments)
    if [name for name, _ in one.arguments] != [*others]:
        return None
    differing = [(name, each, others[name]) for name, each in one.arguments if each != others[name]]
    if len(differing) != 1:
        return None
    ((name, first, second),) = differing
    if not (isinstance(first, _Alone) and isinstance(second, _Alone)):
        return None
    arguments = {**dict(one.arguments), name: at_once([first, second])}
    return Request(one.tool, tuple(sorted(arguments.items())))


def named_sets(nouns: Nouns, noun: str, random: Random) -> Iterator[Group]:
    """Yield groups of what has something alike: a status, a kind, or a date before some day."""
    limits = [*_limits(nouns, noun, random)]
    for name in (None, *nouns.sorting_fields(noun)):
        for value in (None,) if name is None else _told_words(nouns, noun, name):
            for limit in (None, *limits):
                if name is not None or limit is not None:
                    yield Group(noun, field=name, value=value, limit=limit)


def _limits(nouns: Nouns, noun: str, random: Random) -> Iterator[Limit]:
    """Yield what ends before a day, or of which little is left, between those of a kind."""
    for by in nouns.order_fields(noun):
        held = sorted({*filter(_is_plain, nouns.values(noun, by))}, key=_order)
        is_told = (_ENDS if nouns.is_date(noun, by) else _STOCK).search(by)
        if not is_told or any(map(is_moment, held)):
            continue
        for low, high in random.sample(gaps := [*pairwise(held)], min(3, len(gaps))):
            if (value := between(low, high)) is not None:
                yield Limit(by, is_over=False, value=value)


def between(low: JsonValue, high: JsonValue) -> Scalar | None:
    """Return a day between two, the first of a month where one is, or a round amount."""
    if isinstance(low, str) and isinstance(high, str):
        return _day_between(low[:10], high[:10])
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    for size in (1000, 500, 100, 50, 10, 5, 1):
        found = (int(low // size) + 1) * size
        if low < found < high:
            return found
    return None


def _day_between(low: str, high: str) -> str | None:
    try:
        day, last = date.fromisoformat(low) + timedelta(1), date.fromisoformat(high)
    except ValueError:
        return None
    if day >= last:
        return None
    month = (day.replace(day=1) + timedelta(31)).replace(day=1)
    return (day if day.day == 1 or month >= last else month).isoformat()


def _is_plain(value: JsonValue) -> TypeGuard[str | float]:
    return isinstance(value, str | int | float)


def _order(value: str | float) -> tuple[float, str]:
    return (0.0, value) if isinstance(value, str) else (value, "")


def wide_groups(nouns: Nouns, noun: str, random: Random) -> Iterator[Group]:
    """Yield groups of what belongs to several records, which are named or have something alike."""
    for link in nouns.owners(noun):
        if link.target == noun or "*" in link.target or is_told_by_sort(noun, link.target):
            continue
        for field, value in _parts(nouns, noun):
            for owners in _several_owners(nouns, link.target, random):
                yield Group(noun, link.field, owners, field, value)


def _several_owners(nouns: Nouns, noun: str, random: Random) -> Iterator[Group | Several]:
    for name in () if nouns.is_human(noun) else nouns.sorting_fields(noun):
        for value in _told_words(nouns, noun, name):
            yield Group(noun, field=name, value=value)
    for name in nouns.name_fields(noun)[:1]:
        named = [Named(noun, name, each) for each in _texts(nouns, noun, name)]
        sizes = [size for size in (2, 3, 4) if size <= len(named)]
        yield from (several(random.sample(named, size)) for size in sizes)


def _texts(nouns: Nouns, noun: str, name: str) -> list[str]:
    """List the texts that a field holds, each once."""
    held = dict.fromkeys(nouns.values(noun, name))
    return [value for value in held if isinstance(value, str) and value]


def _told_words(nouns: Nouns, noun: str, name: str) -> list[str]:
    """List the words of a field by which people speak of records of a kind."""
    return [
        value
        for value in _texts(nouns, noun, name)
        if not is_hollow(name, value) and not nouns.sounds_double(noun, value)
    ]


def _referring(nouns: Nouns, noun: str) -> Iterator[tuple[str, str]]:
    """Yield the kinds of records that refer to one kind, each with the field; no people."""
    for other, links in nouns.links.items():
        if other != noun and "*" not in other and not nouns.is_human(noun):
            yield from ((other, link.field) for link in links if link.target == noun)


def _owned(nouns: Nouns, noun: str, reader: Reader, *, but: str) -> Iterator[tuple[str, Reference]]:
    """Yield references to what belongs to each of the records of a kind, but not of one kind."""
    for link in nouns.owners(noun):
        if nouns.is_human(noun) and not nouns.is_human(link.target):
            continue  # people are told by name
        if is_told_by_sort(noun, link.target):
            continue
        for key in () if link.target == but else nouns.collections[link.target].ids:
            owner = _owner(nouns, link, key, reader)
            for field, value in _parts(nouns, noun):
                group = Group(noun, link.field, owner, field, value)
                yield f"{link.field} {type(owner).__name__} {field} {value}", Only(group)


def _owner(nouns: Nouns, link: Link, key: Key, reader: Reader) -> Reference:
    """Return the name of an owner where it has one of its own, and else its id."""
    for each in Describer(nouns).plain(link.target, key, reader):
        try:
            if reader.find(each) == key:
                return each
        except NoAnswerError:
            continue
    return Told(link.target, key)


def _parts(nouns: Nouns, noun: str) -> Iterator[tuple[str | None, str | None]]:
    """Yield what may be said of all records of a row besides: that they are pending."""
    yield None, None
    for name in filter(is_status, nouns.sorting_fields(noun)):
        yield from ((name, value) for value in _told_words(nouns, noun, name))
