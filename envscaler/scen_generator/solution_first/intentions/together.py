"""What nobody asks for with several records at once, though it may be asked for with one."""

import re
from collections.abc import Iterator, Sequence

from envscaler.environment.state.collections import Key
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
from envscaler.scen_generator.solution_first.intentions.verb_words import PRAISING, UPDATE
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating

_MOST_DOWN = 2
"""Records that are taken out of use at a time."""
_DATED = re.compile(r"\d{4}-\d\d-\d\d")
PLACE = re.compile(r"(^|_)(location|place|site|address|station|room_number)s?($|_)")
"""Names for where something is."""
_RESPONSIBLE = re.compile(r"assign|responsib|in_charge|handler|owner|manager|department")
"""Names of those who see to many things."""
SEEN = re.compile(r"share|like|flag|report_(post|comment|content)|repost")
"""Names of tools for what one sees of others."""
_ONE_AT_A_TIME = re.compile(r"allerg")
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
    is_too_much = len(members) > _MOST_DOWN and takes_down(members[0])
    if is_too_much or _ONE_AT_A_TIME.search(members[0].tool.name):
        return False
    return _is_alike_for_all(members, world, nouns)


def _is_alike_for_all(members: Sequence[Drawn], world: World, nouns: Nouns) -> bool:
    """Tell whether what all records are given may be the same for all, by whose they are."""
    first = members[0]
    subjects = [place for each in members for place in subjects_of(each, nouns)[:1]]
    if _is_about_what_is_seen(first):
        owners = [{*owners_of(each, world, nouns)} for each in subjects]
        return bool(owners) and bool(owners[0].intersection(*owners))
    if is_creating(first.tool) or not _is_individual(members):
        return True
    return _belong_together(subjects, world, nouns)


def takes_down(drawn: Drawn) -> bool:
    """Tell whether a request takes something out of use: it is blocked, or in maintenance."""
    new = (str(value) for name, value in drawn.values.items() if is_status(name))
    return any(is_down(each) or each == "closed" for each in new)


def _is_about_what_is_seen(drawn: Drawn) -> bool:
    name = drawn.tool.name
    return bool(PRAISING.search(name)) or bool(SEEN.match(name))


def _is_individual(members: Sequence[Drawn]) -> bool:
    """Tell whether all records get one thing that each has for itself: a day, a place, a client."""
    return any(_same_in_all(members))


def _same_in_all(members: Sequence[Drawn]) -> Iterator[str]:
    """Yield the parameters with one such value in all requests."""
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
    return is_change and is_served(drawn.records[name][0]) and not _RESPONSIBLE.search(said)


def _belong_together(subjects: Sequence[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether all records refer to one other record, as tasks of a project do."""
    held = [_owners(each, world, nouns) for each in subjects]
    return bool(held) and bool(held[0].intersection(*held))


def _owners(place: Place, world: World, nouns: Nouns) -> set[tuple[str, Key]]:
    """Return what a record refers to, each with the field."""
    links = nouns.links[place[0]]
    found = ((link.field, world.value(*place, link.field)) for link in links)
    return {(field, key) for field, key in found if isinstance(key, str | int)}
