"""What is under way, private, or in somebody's hands, and therefore left as it is."""

import re
from collections.abc import Iterator

from envscaler.scen_generator.solution_first.intentions.lifecycle import is_in_use
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import (
    BOOKED,
    Place,
    main_records,
    owners_of,
    subjects_of,
)
from envscaler.scen_generator.solution_first.intentions.together import PLACE, SEEN
from envscaler.scen_generator.solution_first.intentions.verb_words import MOVING, UPDATE

_KEEPS = re.compile(rf"{BOOKED.pattern}|incident|dispatch|mission|trip")
"""Kinds of records that keep something in use: it is lent, booked, or on its way."""
_LEADS = re.compile(r"head|manager|lead|chief|director|supervisor")
_HIDDEN = re.compile(r"visib|privacy|access|account_type")
_SHARED = re.compile(r"shared|provider|staff|doctor|all|public")
_CLIENT = re.compile(r"(^|_)(patient|client|customer|guest)($|_)")


def is_left_alone(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether a request would disturb what is under way, or show what is private.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
    """
    subject = next(iter(subjects_of(drawn, nouns)), None)
    if subject is None or drawn.is_creating:
        return False
    if SEEN.match(drawn.tool.name):
        return _is_private(subject, world, nouns)
    verb = drawn.tool.name.split("_")[0]
    if verb == "cancel":
        things = _things_of(subject, world, nouns) if _KEEPS.search(subject[0]) else ()
        return any(_is_in_use(each, world) for each in things)
    return verb in UPDATE | MOVING and _is_disturbed(drawn, subject, world, nouns)


def _is_disturbed(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether what is in use would be moved or set free, or who leads sent elsewhere."""
    is_moved = _is_moved(drawn)
    if (is_moved or any(map(is_status, drawn.values))) and _is_out(subject, world, nouns):
        return True
    if is_moved and _is_in_use(subject, world):
        return True
    return nouns.is_human(subject[0]) and _leaves_its_own(drawn, subject, world, nouns)


def _is_private(place: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a record, or whose it is, is seen by few."""
    return any(
        (_HIDDEN.search(field) and str(value).lower() == "private")
        or (field in ("is_private", "private") and value is True)
        for noun, key in (place, *owners_of(place, world, nouns))
        for field, value in world.records(noun).get(key, {}).items()
    )


def is_hidden(place: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a record is seen by few, or by those alone whom it is about: `patient_view`."""
    record = world.records(place[0]).get(place[1], {})
    told = (str(value).lower() for field, value in record.items() if _HIDDEN.search(field))
    is_own = any(_CLIENT.search(each) and not _SHARED.search(each) for each in told)
    return is_own or _is_private(place, world, nouns)


def _things_of(place: Place, world: World, nouns: Nouns) -> Iterator[Place]:
    """Yield what a record refers to, without people."""
    for link in nouns.links[place[0]]:
        held = world.value(*place, link.field)
        if not nouns.is_human(link.target) and isinstance(held, str | int):
            yield link.target, held


def _is_in_use(place: Place, world: World) -> bool:
    """Tell whether something is occupied, on its way, or in somebody's hands."""
    record = world.records(place[0]).get(place[1], {})
    held = {str(value).lower() for name, value in record.items() if is_status(name)}
    return any(map(is_in_use, held)) or ("active" in held and _KEEPS.search(place[0]) is not None)


def _is_out(place: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something is lent, booked or sent out just now."""
    return any(
        link.target == place[0]
        and record.get(link.field) == place[1]
        and _is_in_use((noun, key), world)
        for noun, links in nouns.links.items()
        if _KEEPS.search(noun)
        for link in links
        for key, record in world.records(noun).items()
    )


def _is_moved(drawn: Drawn) -> bool:
    """Tell whether a request says where something is, or for whom."""
    names = [*[*drawn.records][1:], *drawn.values]
    return any(PLACE.search(name) or _CLIENT.search(name) for name in names)


def _leaves_its_own(drawn: Drawn, person: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody who leads something would be moved to another one of its kind."""
    return any(
        link.target == person[0]
        and _LEADS.search(link.field)
        and record.get(link.field) == person[1]
        for noun in {noun for noun, _ in main_records(drawn)} - {person[0]}
        for link in nouns.links[noun]
        for record in world.records(noun).values()
    )
