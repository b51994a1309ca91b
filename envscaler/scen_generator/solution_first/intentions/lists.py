"""Records of one kind that are told one by one, each in the same way: the last order of each."""

from collections.abc import Iterator
from random import Random

from envscaler.environment.state.collections import Key
from envscaler.scen_generator.solution_first.intentions.descriptions import Describer
from envscaler.scen_generator.solution_first.intentions.intention import (
    Extreme,
    Group,
    Linked,
    Named,
    Only,
    Reference,
    Several,
    Told,
    several,
)
from envscaler.scen_generator.solution_first.intentions.meaning import NoAnswerError, Reader
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Link,
    Nouns,
    is_hollow,
    is_status,
)

Row = list[tuple[Reference, Key]]
"""References of one form, each with the id of its record."""


def rows(nouns: Nouns, noun: str, reader: Reader, random: Random, least: int) -> list[Row]:
    """Find ways to tell several records of a kind one by one.

    Args:
        nouns: What the state holds.
        noun: Path of the collection.
        reader: Knows the state.
        random: Decides between what is alike.
        least: How many records a row must have.

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
    long = [row for row in found.values() if len(row) >= least]
    for row in long:
        random.shuffle(row)
    random.shuffle(long)
    return sorted(long, key=lambda row: isinstance(row[0][0], Told))  # needs no look-up


def _references(nouns: Nouns, noun: str, reader: Reader) -> Iterator[tuple[str, Reference]]:
    """Yield references, each with the form that it shares with others."""
    for other, link in _referring(nouns, noun):
        for form, each in _owned(nouns, other, reader, but=noun):
            yield f"{other} {link} {form}", Linked(noun, link, each)
    yield from _owned(nouns, noun, reader, but=noun)
    if not nouns.name_fields(noun):
        yield from (("told", Told(noun, key)) for key in nouns.collections[noun].ids)
    for field in nouns.name_fields(noun)[:1]:
        yield from (("named", Named(noun, field, name)) for name in _texts(nouns, noun, field))


def wide_groups(nouns: Nouns, noun: str, random: Random) -> Iterator[Group]:
    """Yield groups of what belongs to several records, which are named or have something alike."""
    for link in nouns.owners(noun):
        if link.target == noun or "*" in link.target:
            continue
        for field, value in _parts(nouns, noun):
            for owners in _several_owners(nouns, link.target, random):
                yield Group(noun, link.field, owners, field, value)


def _several_owners(nouns: Nouns, noun: str, random: Random) -> Iterator[Group | Several]:
    for name in nouns.sorting_fields(noun):
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
        for key in () if link.target == but else nouns.collections[link.target].ids:
            owner = _owner(nouns, link, key, reader)
            for field, value in _parts(nouns, noun):
                group = Group(noun, link.field, owner, field, value)
                yield from _in_group(nouns, group, f"{link.field} {field} {value}")


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


def _in_group(nouns: Nouns, group: Group, form: str) -> Iterator[tuple[str, Reference]]:
    """Yield the only record of a group, and the last and the first one where there are more."""
    yield f"{form} only", Only(group)
    for by in nouns.order_fields(group.noun):
        if nouns.is_date(group.noun, by):
            for most in (True, False):
                yield f"{form} {by} {most}", Only(group)
                yield f"{form} {by} {most}", Extreme(group, by, most)
