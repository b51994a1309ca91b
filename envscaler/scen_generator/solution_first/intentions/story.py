"""What a person would still do with a record, as things stand with it."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import product

from pydantic import JsonValue

from envscaler.environment.state.collections import Scalar
from envscaler.inputs.word_lists import CLIENTS
from envscaler.scen_generator.solution_first.intentions.labels import label_of
from envscaler.scen_generator.solution_first.intentions.lifecycle import (
    BROUGHT,
    follows,
    is_free,
    is_set_by_hand,
)
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import (
    BOOKED,
    Place,
    main_records,
    owners_of,
)
from envscaler.scen_generator.solution_first.intentions.verb_words import PRAISING

PAST = frozenset((
    *("completed", "complete", "closed", "resolved", "cancelled", "canceled", "expired", "revoked"),
    *("deleted", "removed", "archived", "discharged", "returned", "refunded", "declined", "left"),
    *("inactive", "deactivated", "terminated", "suspended", "delivered", "fulfilled", "settled"),
    *("checked out", "paid", "rejected", "banned", "checked_out", "success", "denied"),
))  # fmt: skip
"""Words for how things stand with what is done with."""
AGAIN = frozenset((
    *("reopen", "restore", "retry", "reactivate", "activate", "delete", "remove", "archive"),
    *("purge", "clear", "restart", "renew", "refresh", "resubmit", "anonymize"),
))  # fmt: skip
"""What is done with that."""
_GONE = ("deleted", "removed")
_AWAY = frozenset(("delete", "remove", "archive", "deactivate", "suspend"))
"""How things stand with what is gone, and what is done with it no more."""
_SEEN = re.compile(r"visib|privacy")
"""Fields that say who sees a record, which is changed to and fro."""
_ENDS = re.compile(r"due|expir|valid_until")
_BEGINS = re.compile(r"^(check_?in|start|begin|arriv|depart|borrow)")
_ASLEEP = frozenset(("inactive", "deactivated", "suspended", "archived", "banned"))
_AWAKE = frozenset(("active", "available", "operational", "enabled", "valid"))
"""How what was put to sleep can be again."""
STUCK = re.compile(r"block|fail|overdue|out of|hold|require|dispute")
"""Words for what does not go on by itself."""
DONE = frozenset(("complete", "resolve", "approve", "verify", "publish", "finalize", "confirm"))
"""What is done with a record that is finished."""
_OWNERS_DO = frozenset(("delete", "edit", "archive", "restore", "close", "cancel", "publish"))
"""What people do with what is theirs."""
_BY_STAFF = re.compile(
    r"moderat|reputation|salary|verif|approv|reject|flag|suspend|revoke|finaliz|licens|fail"
    r"|helpful|authenticat|discharge|anonymi|medically|audit|payment_status|invoice_status"
    r"|bill_status|modify_bill|deactivate_employee|charge|dispute_status|employment"
    r"|incident_status|clearance|leaver|ambulance|check_(in|out)|consultation_note"
)
"""What nobody asks for in a matter of their own: it is decided by others."""
_RETOLD = re.compile(r"^(new_)?(details|description|treatment_details|event_type|type)$")
"""What happened, which is told once: nobody makes a broken window of a lost suitcase."""
_FACTS = re.compile(
    r"allergen|reaction|profession|gender|blood|birth|brand|model|specialt|species|_type$|^type$"
    r"|category|genre|mime"
)
"""What a record is, which is put right at most, never changed on the way to its end."""


def may_be_asked(
    drawn: Drawn,
    world: World,
    nouns: Nouns,
    person: Place | None,
    known: Collection[str] = (),
) -> bool:
    """Tell whether a person would ask for something, as things stand with its record.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
        person: Whom the message is about, if anybody.
        known: Statuses that a record may have.
    """
    places = main_records(drawn)
    if _praises_own(drawn, world, nouns, person) or _is_of_others(drawn, world, nouns):
        return False
    if drawn.is_creating:
        return not _is_made_in_vain(drawn, places, world, nouns)
    if any(map(_RETOLD.search, drawn.values)) or _is_shortened(drawn, places, world, nouns):
        return False
    if _shuts_out(drawn, world, nouns):
        return False
    return not places or _goes_on(drawn, places[0], world, nouns, known)


def _is_shortened(drawn: Drawn, places: Sequence[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether something would end earlier than it does."""
    for place, (name, value) in product(places[:1], drawn.values.items()):
        for field in filter(_ENDS.search, nouns.fields(place[0]) if _ENDS.search(name) else ()):
            held = world.value(*place, field)
            if label_of(field) == label_of(name) and isinstance(held, str) and str(value) <= held:
                return True
    return False


def _is_made_in_vain(drawn: Drawn, places: Sequence[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether something is made for what is away, or is another's."""
    if BOOKED.search(drawn.tool.name) and any(is_taken(each, world, nouns) for each in places):
        return True
    is_away = any(_is_away(*place, world) for place in places)
    return is_away or _is_of_another_client(places, world, nouns)


def _shuts_out(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would no longer get at what is theirs."""
    owners = {each for place in drawn.records.values() for each in owners_of(place, world, nouns)}
    return "revoke" in drawn.tool.name and not owners.isdisjoint(drawn.records.values())


def _goes_on(
    drawn: Drawn, place: Place, world: World, nouns: Nouns, known: Collection[str]
) -> bool:
    """Tell whether a change is one that is made to a record in the state that it is in."""
    held = status_of(place, world)
    new = [value for name, value in drawn.values.items() if is_status(name)]
    verb = drawn.tool.name.split("_")[0]
    if _is_past(held):
        return _is_done_again(verb, str(held), new)
    is_done = verb in DONE or not PAST.isdisjoint(new)
    return not (is_done and _is_stuck(held)) and _comes_next(drawn, place, world, nouns, known)


def _is_done_again(verb: str, held: str, new: Sequence[Scalar]) -> bool:
    """Tell whether something is done with a record that is over; what is gone is not put away."""
    if held in _GONE and verb in _AWAY:
        return False
    return verb in AGAIN or (bool(new) and all(comes_back(held, each) for each in new))


def _comes_next(
    drawn: Drawn, place: Place, world: World, nouns: Nouns, known: Collection[str]
) -> bool:
    """Tell whether the statuses of a record follow on those that it has."""
    new = {name: str(value) for name, value in drawn.values.items() if is_status(name)}
    brought = BROUGHT.get(drawn.tool.name.split("_")[0])
    held = _statuses_of(place, world)
    pairs = [(_field_of(name, held, drawn.tool.name), value) for name, value in new.items()]
    pairs += [(_field_of("status", held, drawn.tool.name), brought)] if brought else []
    return all(map(is_set_by_hand, new.values())) and all(
        follows(str(world.value(*place, name)), value, {*known, *_held_in(place[0], name, nouns)})
        for name, value in pairs
        if name is not None and not _SEEN.search(name)
    )


def _field_of(parameter: str, statuses: Sequence[str], tool: str) -> str | None:
    """Return the status that a parameter sets: of its name, or that its tool is named after.

    The new status of `update_equipment_availability` is the availability of a device.
    """
    alike = [name for name in statuses if label_of(name) == label_of(parameter)]
    named = [name for name in statuses if name.split("_")[0] in tool.split("_")]
    return next(iter(alike or named or statuses[:1]), None)


def _held_in(noun: str, name: str, nouns: Nouns) -> Iterator[str]:
    return map(str, nouns.values(noun, name))


def has_begun(drawn: Drawn, world: World, nouns: Nouns, today: str) -> bool:
    """Tell whether the day of something is past that is called off, or has not come yet.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
        today: The day as `2025-01-31`.
    """
    verb, places = drawn.tool.name.split("_")[0], main_records(drawn)
    if verb not in ("cancel", "check") or not places:
        return False
    begins = [
        value[:10]
        for name in filter(_BEGINS.search, nouns.fields(places[0][0]))
        if isinstance(value := world.value(*places[0], name), str)
    ]
    return any(day < today if verb == "cancel" else day > today for day in begins)


def comes_back(held: JsonValue, new: Scalar) -> bool:
    """Tell whether what is past becomes so again: an account active, never a dispute open."""
    return str(held) in _ASLEEP and str(new) in _AWAKE


def _is_stuck(held: JsonValue) -> bool:
    return isinstance(held, str) and STUCK.search(held) is not None


def _is_past(held: JsonValue) -> bool:
    return isinstance(held, str) and held.lower() in PAST


def _is_away(noun: str, key: str | int, world: World) -> bool:
    """Tell whether nothing new is made for a record: its user is suspended, its room closed."""
    return _is_past(status_of((noun, key), world))


def is_taken(place: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a thing cannot be lent or booked: it is damaged, or somebody has it."""
    held = (world.value(*place, name) for name in _statuses_of(place, world))
    return not nouns.is_human(place[0]) and not all(is_free(str(each)) for each in held)


def _statuses_of(place: Place, world: World) -> list[str]:
    """List the fields that say how things stand with a record."""
    return [name for name in world.records(place[0]).get(place[1], {}) if is_status(name)]


def status_of(place: Place, world: World) -> JsonValue:
    """Return how things stand with a record; None where it does not say, or says it twice."""
    held = _statuses_of(place, world)
    plain = [name for name in held if label_of(name) == "status"] or held
    return world.value(*place, plain[0]) if len(plain) == 1 else None


def _is_of_another_client(places: Sequence[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether something is made for a patient about what another one has."""
    owners = {owner for place in places for owner in owners_of(place, world, nouns)}
    kinds = {noun for noun, _ in owners if {*nouns.singular(noun).split()} & CLIENTS}
    return any(place[0] in kinds and place not in owners for place in places)


def _is_of_others(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would do away with, or rewrite, what belongs to another."""
    if drawn.tool.name.split("_")[0] not in _OWNERS_DO:
        return False
    people = _people(drawn, nouns)
    return _is_of_another({*drawn.records.values()} - people, people, world, nouns)


def _people(drawn: Drawn, nouns: Nouns) -> set[Place]:
    return {place for place in drawn.records.values() if nouns.is_human(place[0])}


def _is_of_another(things: set[Place], people: set[Place], world: World, nouns: Nouns) -> bool:
    """Tell whether things belong to somebody else of the kind of the people that are named."""
    owners = {owner for place in things for owner in owners_of(place, world, nouns)}
    kinds = {noun for noun, _ in owners}
    return any(place[0] in kinds and place not in owners for place in people)


def _praises_own(drawn: Drawn, world: World, nouns: Nouns, person: Place | None) -> bool:
    """Tell whether somebody would praise what is theirs: like their own post."""
    if not PRAISING.search(drawn.tool.name):
        return False
    people = _people(drawn, nouns).union([person] if person else [])
    owners = {owner for place in drawn.records.values() for owner in owners_of(place, world, nouns)}
    return bool(people & owners)


def is_by_staff(tool: str) -> bool:
    """Tell by its name whether a tool is used by others than those whom it concerns."""
    return bool(_BY_STAFF.search(tool))


def facts_in(drawn: Drawn) -> int:
    """Count the fields in which a request changes what a record is."""
    names = () if drawn.is_creating else drawn.values
    return sum(bool(_FACTS.search(name)) for name in names)
