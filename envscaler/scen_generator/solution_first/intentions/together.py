"""What nobody asks for with several records at once, though it may be asked for with one."""

import re
from collections.abc import Collection, Iterator, Sequence

from envscaler.environment.state.collections import Key
from envscaler.scen_generator.solution_first.intentions.around import referred_to
from envscaler.scen_generator.solution_first.intentions.endings import calls_off, ends_for_good
from envscaler.scen_generator.solution_first.intentions.lifecycle import is_down
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import (
    Place,
    is_served,
    owners_of,
    subjects_of,
)
from envscaler.scen_generator.solution_first.intentions.verb_words import MOVING, PRAISING, UPDATE
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating

_MOST_DOWN = 2
"""Records that are taken out of use at a time."""
_OWNER = re.compile(r"(^|_)(owner|holder|customer|client|guest|member)(_name)?$")
_NUMBERED = re.compile(r"[\d_. -]+")
_DATED = re.compile(r"\d{4}-\d\d-\d\d")
PLACE = re.compile(r"(^|_)(location|place|site|address|station|room_number)s?($|_)")
"""Names for where something is."""
RESPONSIBLE = re.compile(r"assign|responsib|in_charge|handler|owner|manager|department")
"""Names of those who see to many things."""
SEEN = re.compile(r"share|like|flag|report_(post|comment|content)|repost")
"""Names of tools for what one sees of others."""
_ONE_AT_A_TIME = re.compile(r"allerg|^(delete|remove)_(payment|transaction)|^anonymize_")
"""Names of tools for what is decided of each record by itself."""


def goes_for_all(members: Sequence[Drawn], world: World, nouns: Nouns) -> bool:
    """Tell whether requests of one tool are made together.

    Args:
        members: The requests; one is always fine.
        world: The state.
        nouns: What the state holds.
    """
    if len(members) == 1:
        return True
    is_too_much = takes_down(members[0]) and (
        len(members) > _MOST_DOWN or _are_all_there(_subjects(members, nouns), nouns)
    )
    is_single = ends_for_good(members[0].tool) or _ONE_AT_A_TIME.search(members[0].tool.name)
    if is_too_much or is_single or _are_namesakes(members, nouns):
        return False
    return _is_alike_for_all(members, world, nouns)


def _is_alike_for_all(members: Sequence[Drawn], world: World, nouns: Nouns) -> bool:
    """Tell whether what all records are given may be the same for all, by whose they are."""
    first = members[0]
    subjects = _subjects(members, nouns)
    if _is_about_what_is_seen(first):
        return _have_one_owner(subjects, world, nouns)
    if is_creating(first.tool):
        return True
    if _is_one_day(members) or _is_of_several(first, subjects, world, nouns):
        return False
    given = {*_same_in_all(members)}
    kinds = {noun for name, (noun, _) in first.records.items() if name in given}
    return not given or _belong_together(subjects, world, nouns, but=kinds)


def _are_all_there(subjects: Sequence[Place], nouns: Nouns) -> bool:
    """Tell whether things stand at one place, at which no other one of their kind does."""
    noun = subjects[0][0] if subjects else ""
    for link in nouns.links.get(noun, ()):
        at = {str(nouns.record(*each).get(link.field)) for each in subjects}
        there = [one for one in nouns.collections[noun].records if str(one.get(link.field)) in at]
        if PLACE.search(link.target) and len(at) == 1 and len(there) == len(subjects):
            return True
    return False


def _are_namesakes(members: Sequence[Drawn], nouns: Nouns) -> bool:
    """Tell whether two of those concerned could be one person: ann_lee and ann_lee2."""
    names: list[str] = []
    for noun, key in _subjects(members, nouns):
        fields = nouns.name_fields(noun)[:1] if nouns.is_human(noun) else ()
        held = (str(nouns.record(noun, key).get(field, "")) for field in fields)
        names += [_NUMBERED.sub("", each).lower() for each in held]
    return len({*names}) < len(names)


def _subjects(members: Sequence[Drawn], nouns: Nouns) -> list[Place]:
    return [place for each in members for place in subjects_of(each, nouns)[:1]]


def _have_one_owner(subjects: Sequence[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether all records are of one person."""
    owners = [{*owners_of(each, world, nouns)} for each in subjects]
    return bool(owners) and bool(owners[0].intersection(*owners))


def _is_of_several(first: Drawn, subjects: Sequence[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether what concerns several people would be dealt with as if it were one's."""
    return _is_of_several_clients(first, subjects, world, nouns) or _is_taken_from_many(
        first, subjects, world, nouns
    )


def _is_of_several_clients(
    first: Drawn, subjects: Sequence[Place], world: World, nouns: Nouns
) -> bool:
    """Tell whether what several people have booked would be called off at once."""
    if not calls_off(first.tool):
        return False
    clients = [{*_clients_of(place, world, nouns)} for place in subjects]
    if any(clients):
        return not clients[0].intersection(*clients)
    if any(owners_of(place, world, nouns) for place in subjects):
        return not _have_one_owner(subjects, world, nouns)
    named = [{*_named_owners(place, world, nouns)} for place in subjects]
    return any(named) and not named[0].intersection(*named)


def _clients_of(place: Place, world: World, nouns: Nouns) -> Iterator[Place]:
    """Yield those for whom something is, without who sees to it: the student of a lesson."""
    return (each for each in owners_of(place, world, nouns) if is_served(each[0]))


def _named_owners(place: Place, world: World, nouns: Nouns) -> Iterator[str]:
    """Yield the names of those to whom a record belongs, or what it refers to: a boat's owner."""
    for noun, key in (place, *referred_to(place, world, nouns)):
        for field, value in world.records(noun).get(key, {}).items():
            if _OWNER.search(field) and isinstance(value, str):
                yield value


def _is_taken_from_many(
    first: Drawn, subjects: Sequence[Place], world: World, nouns: Nouns
) -> bool:
    """Tell whether what several people work at would all be given to another one."""
    if first.tool.name.split("_")[0] not in MOVING:
        return False
    kinds = {place[0] for place in first.records.values() if nouns.is_human(place[0])}
    links = [
        link
        for link in nouns.links[subjects[0][0]]
        if link.target in kinds and RESPONSIBLE.search(link.field)
    ]
    held = {str(world.value(*place, link.field)) for place in subjects for link in links}
    return len(held - {"None"}) > 1


def _is_one_day(members: Sequence[Drawn]) -> bool:
    """Tell whether several records would be given one day, or one more of a team moved."""
    name = members[0].tool.name
    is_moved = name.startswith("transfer_") or name.endswith("_job_title")
    given = members[0].values.values()
    return is_moved or any(isinstance(each, str) and _DATED.match(each) for each in given)


def are_of_one(members: Sequence[Drawn], world: World, nouns: Nouns) -> bool:
    """Tell whether what several requests are about belongs to one and the same record."""
    subjects = _subjects(members, nouns)
    return len(members) == 1 or _belong_together(subjects, world, nouns)


def are_by_one(members: Sequence[Drawn], world: World, nouns: Nouns) -> bool:
    """Tell whether what several requests are about is of one and the same person, or of none."""
    people = [
        {each for each in owners_of(place, world, nouns) if nouns.is_human(each[0])}
        for place in _subjects(members, nouns)
    ]
    return len(members) == 1 or not any(people) or bool(people[0].intersection(*people))


def leaves_overdue(members: Sequence[Drawn], world: World, nouns: Nouns) -> bool:
    """Tell whether several things come back, of people who keep what is overdue.

    Args:
        members: The same, asked for with several records.
        world: The state.
        nouns: What the state holds.
    """
    subjects = _subjects(members, nouns)
    people = {each for place in subjects for each in owners_of(place, world, nouns)}
    return len(members) > 1 and any(
        (noun, key) not in subjects and people.intersection(owners_of((noun, key), world, nouns))
        for noun in {noun for noun, _ in subjects}
        for key, record in world.records(noun).items()
        if "overdue" in map(str, record.values())
    )


def sets_status(drawn: Drawn) -> bool:
    """Tell whether a change is one of how things stand, and of nothing else."""
    return not drawn.is_creating and bool(drawn.values) and all(map(is_status, drawn.values))


def takes_down(drawn: Drawn) -> bool:
    """Tell whether a request takes something out of use: it is blocked, or in maintenance."""
    new = (str(value) for name, value in drawn.values.items() if is_status(name))
    return any(is_down(each) or each == "closed" for each in new)


def _is_about_what_is_seen(drawn: Drawn) -> bool:
    name = drawn.tool.name
    return bool(PRAISING.search(name)) or bool(SEEN.match(name))


def _same_in_all(members: Sequence[Drawn]) -> Iterator[str]:
    """Yield what all records get though each has one for itself: a day, a place, a client."""
    first, *others = members
    for name, value in first.arguments.items():
        if any(each.arguments.get(name) != value for each in others):
            continue
        is_day = isinstance(value, str) and _DATED.match(value) is not None
        is_client = name in first.records and _is_client(first, name)
        if is_day or is_client or PLACE.search(name):
            yield name


def _is_client(drawn: Drawn, name: str) -> bool:
    """Tell whether a change sets for whom something is, rather than who sees to it."""
    said = f"{drawn.tool.name} {name}"
    is_change = drawn.tool.name.split("_")[0] in UPDATE
    return is_change and is_served(drawn.records[name][0]) and not RESPONSIBLE.search(said)


def _belong_together(
    subjects: Sequence[Place], world: World, nouns: Nouns, but: Collection[str] = ()
) -> bool:
    """Tell whether all records refer to one other record, as tasks of a project do.

    Args:
        subjects: The records.
        world: The state.
        nouns: What the state holds.
        but: Kinds of records of which they are given another one.
    """
    held = [_owners(each, world, nouns, but) for each in subjects]
    return bool(held) and bool(held[0].intersection(*held))


def _owners(place: Place, world: World, nouns: Nouns, but: Collection[str]) -> set[tuple[str, Key]]:
    """Return what a record refers to, each with the field."""
    links = [link for link in nouns.links[place[0]] if link.target not in but]
    found = ((link.field, world.value(*place, link.field)) for link in links)
    return {(field, key) for field, key in found if isinstance(key, str | int)}
