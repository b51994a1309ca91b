"""Ways in which a person would tell one record from the others, each with exactly one answer."""

import re
from collections.abc import Iterator
from functools import partial
from random import Random

from envscaler.environment.state.collections import Key, Scalar
from envscaler.scen_generator.solution_first.intentions.around import day_of
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Extreme,
    Group,
    Linked,
    Named,
    Only,
    Reference,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.labels import participle_of
from envscaler.scen_generator.solution_first.intentions.lifecycle import is_in_use, is_waiting
from envscaler.scen_generator.solution_first.intentions.meaning import (
    NoAnswerError,
    Reader,
    noun_of,
)
from envscaler.scen_generator.solution_first.intentions.nouns import (
    Nouns,
    is_hollow,
    is_status,
    main_date,
)

_BY_OTHERS = re.compile(r"moderat|verif|authentic|file_type|mime|file_format")
"""What others think of a record, or programs need; nobody tells it from the rest by that."""
_WEIGHTY = re.compile(r"allerg|diagnos|medication|prescription")
"""Kinds of records that are called by what they are, never the latest or the inactive one."""
_CALLED = re.compile(r"allergen|diagnos|medication|drug|substance|condition_name|(^|_)type$")
_PAPER = re.compile(r"licen[sc]e|permit|certificat|membership")
"""What is told by whose it is."""
_DEAL = re.compile(r"order|payment|invoice|loan|booking|request")
_SORT = re.compile(r"categor|genre|tag")
_MACHINE, _ROOM = re.compile(r"machine|equipment|device"), re.compile(r"location|room|area|place")
_DEEPEST = 1
"""Records that a description goes through."""


def is_told_by_sort(noun: str, owner: str) -> bool:
    """Tell whether what is done for clients would be told by a sort of goods, a machine by a room.

    A machine is called what it is: `the rowing machine`, not `the machine of the weight room`.
    """
    pairs = ((_DEAL, _SORT), (_MACHINE, _ROOM))
    return any(what.search(noun) and told.search(owner) for what, told in pairs)


class Describer:
    """Describes records of one state.

    Args:
        nouns: What the state holds.
        today: The day as `2025-01-31`; empty where it does not matter.
    """

    def __init__(self, nouns: Nouns, today: str = "") -> None:
        self._nouns = nouns
        self._today = today

    def plain(self, noun: str, key: Key, reader: Reader) -> Iterator[Reference]:
        """Yield the names of a record, the best first, and its id at the end."""
        for field in self._nouns.name_fields(noun)[:2]:
            value = reader.world.value(noun, key, field)
            if isinstance(value, str) and value:
                yield Named(noun, field, value)
        yield Told(noun, key)

    def all(
        self, noun: str, key: Key, reader: Reader, random: Random, *, is_rich: bool, depth: int = 0
    ) -> Iterator[Reference]:
        """Yield descriptions that fit one record alone, the likeliest first.

        Args:
            noun: Path of its collection.
            key: Its id.
            reader: Knows the state, and what was spoken of.
            random: Decides between what is alike.
            is_rich: What has to be looked up comes before names.
            depth: How many records the description stands behind.
        """
        spoken = [*self._spoken(noun, key, reader)]
        named = [each for each in self.plain(noun, key, reader) if isinstance(each, Named)]
        related = [*self._related(noun, key, reader, random, depth)]
        random.shuffle(related)
        if is_rich:
            related.sort(key=lambda each: not isinstance(each, Extreme))
        related.sort(key=lambda each: not _is_own(each))
        rest = [*related, *named] if is_rich else [*named, *related]
        for each in (*spoken, *rest, Told(noun, key)):
            if not _fits(each, key, reader) or self._misleads(each, reader):
                continue
            if not self._is_to_come(each, key, reader):
                yield each

    def _is_to_come(self, reference: Reference, key: Key, reader: Reader) -> bool:
        """Tell whether a record would be called the latest that is still to come."""
        if not isinstance(reference, Extreme) or not reference.most or not self._today:
            return False
        return day_of(reader.world.value(reference.group.noun, key, reference.by)) > self._today

    def _misleads(self, reference: Reference, reader: Reader) -> bool:
        """Tell whether something sounds like one that belongs to what the message is about."""
        if not isinstance(reference, Only | Extreme) or reference.group.of is not None:
            return False
        links = self._nouns.links[reference.group.noun]
        return any(reader.about(link.target) is not None for link in links)

    def _spoken(self, noun: str, key: Key, reader: Reader) -> Iterator[Reference]:
        if reader.about(noun) == key:
            yield About(noun)
        elif reader.last(noun) == key:
            yield Again(noun, is_near=False)

    def _related(
        self, noun: str, key: Key, reader: Reader, random: Random, depth: int
    ) -> Iterator[Reference]:
        for group in self.groups(noun, key, reader, random, depth):
            if self._is_by_chance(group) or self._is_odd_of_people(group):
                continue
            if _is_vague(group):
                continue
            if _members(group, reader) == [key]:
                yield Only(group)
            elif not _WEIGHTY.search(noun):
                yield from self._extremes(group)
        yield from self._links(noun)

    def groups(
        self, noun: str, key: Key, reader: Reader, random: Random, depth: int = 0
    ) -> Iterator[Group]:
        """Yield groups that a record is in."""
        owners: list[tuple[str | None, Reference | None]] = [(None, None)]
        for link in self._nouns.owners(noun):
            held = reader.world.value(noun, key, link.field)
            if is_told_by_sort(noun, link.target):
                continue
            if isinstance(held, str | int) and depth < _DEEPEST:
                found = self.all(link.target, held, reader, random, is_rich=False, depth=depth + 1)
                owner = next(iter(found), None)
                if owner is not None:
                    owners.insert(0, (link.field, owner))
        for field, owner in owners:
            yield Group(noun, field, owner)
            for name, value in self._sorted(noun, key, reader):
                yield Group(noun, field, owner, name, value)
            yield from self._lacking(noun, key, reader, field, owner)

    def _sorted(self, noun: str, key: Key, reader: Reader) -> Iterator[tuple[str, Scalar]]:
        """Yield the fields that say of what sort a record is, and what they hold."""
        for name in self._nouns.sorting_fields(noun):
            value = reader.world.value(noun, key, name)
            if self._nouns.sounds_double(noun, value) or is_hollow(name, value):
                continue
            if _BY_OTHERS.search(name):
                continue
            if isinstance(value, Scalar) and value != "":
                yield name, value

    def _lacking(
        self, noun: str, key: Key, reader: Reader, link: str | None, owner: Reference | None
    ) -> Iterator[Group]:
        if any(map(is_status, self._nouns.fields(noun))):
            return  # people say `the active loan`
        for name in self._nouns.fields(noun):
            if participle_of(name) and reader.world.value(noun, key, name) in (None, ""):
                yield Group(noun, link, owner, name, None)

    def _extremes(self, group: Group) -> Iterator[Extreme]:
        """Yield the last of what somebody has, and what has waited longest.

        No other first or last one is chosen: nobody deals with the cheapest, or with the eldest,
        and what has a title is told by that.
        """
        if self._nouns.is_human(group.noun) or not self._is_narrow(group):
            return
        for by in filter(
            partial(self._is_told_by, group.noun), self._nouns.order_fields(group.noun)
        ):
            if group.value is not None and self._is_told_at_length(group.noun, by, group.value):
                continue  # the most recently submitted pending claim
            yield Extreme(group, by, most=True)
            if self._is_queue(group, by):
                yield Extreme(group, by, most=False)

    def _is_told_at_length(self, noun: str, by: str, value: Scalar) -> bool:
        """Tell whether the last of a group would have two descriptions before its noun."""
        done = participle_of(by)
        return done is not None and (done == value or by != main_date(self._nouns, noun))

    def _is_queue(self, group: Group, by: str) -> bool:
        """Tell whether records wait, and which has waited longest is clear without a word more."""
        is_clear = participle_of(by) is None or by == main_date(self._nouns, group.noun)
        return is_clear and is_status(group.field or "") and is_waiting(str(group.value))

    def _is_narrow(self, group: Group) -> bool:
        """Tell whether records are somebody's, or wait for something and have no title."""
        has_title = bool(self._nouns.name_fields(group.noun))
        is_queue = is_waiting(str(group.value)) and str(group.value).lower() != "active"
        return group.of is not None or (is_queue and not has_title)

    def _is_by_chance(self, group: Group) -> bool:
        """Tell whether a record is told by what it happens to have, and not by whose it is."""
        if group.of is not None or group.field is None:
            return False
        if is_status(group.field):
            is_of_somebody = _PAPER.search(group.noun) or is_in_use(str(group.value))
            return bool(is_of_somebody and self._nouns.owners(group.noun))
        return bool(self._nouns.owners(group.noun) or self._nouns.name_fields(group.noun))

    def _is_odd_of_people(self, group: Group) -> bool:
        """Tell whether a person is told by something else than whose they are: my next of kin."""
        if not self._nouns.is_human(group.noun):
            return False
        return group.of is None or not self._nouns.is_human(noun_of(group.of))

    def _is_told_by(self, noun: str, by: str) -> bool:
        """Tell whether a field holds the date by which records are the latest."""
        is_done = participle_of(by) is not None and self._nouns.is_date(noun, by)
        return is_done or by == main_date(self._nouns, noun)

    def _links(self, noun: str) -> Iterator[Linked]:
        for other, links in self._nouns.links.items():
            for link in links:
                if link.target != noun:
                    continue
                for reference in (About(other), Again(other)):
                    yield Linked(noun, link.field, reference)


def _is_vague(group: Group) -> bool:
    """Tell whether something of weight is told by how it stands, instead of by what it is."""
    is_called = group.field is None or _CALLED.search(group.field)
    return not is_called and _WEIGHTY.search(group.noun) is not None


def _is_own(reference: Reference) -> bool:
    """Tell whether a record is told as one of what a message is about: `my active booking`."""
    return isinstance(reference, Only | Extreme) and isinstance(reference.group.of, About)


def _members(group: Group, reader: Reader) -> list[Key]:
    try:
        return reader.group(group)
    except NoAnswerError:
        return []


def _fits(reference: Reference, key: Key, reader: Reader) -> bool:
    """Tell whether a description has one answer, and that this is the record."""
    try:
        return reader.find(reference) == key
    except NoAnswerError:
        return False
