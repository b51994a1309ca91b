"""What a person would still do with a record, as things stand with it."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import Scalar
from envscaler.inputs.word_lists import CLIENTS
from envscaler.scen_generator.solution_first.intentions.labels import label_of
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import (
    Place,
    main_records,
    owners_of,
)
from envscaler.scen_generator.solution_first.intentions.verb_words import PRAISING
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating

PAST = frozenset((
    *("completed", "complete", "closed", "resolved", "cancelled", "canceled", "expired", "revoked"),
    *("deleted", "removed", "archived", "discharged", "returned", "refunded", "declined", "left"),
    *("inactive", "deactivated", "terminated", "suspended", "delivered", "fulfilled", "settled"),
    *("checked out", "paid", "rejected", "banned", "checked_out", "success"),
))  # fmt: skip
"""Words for how things stand with what is done with."""
AGAIN = frozenset((
    *("reopen", "restore", "retry", "reactivate", "activate", "delete", "remove", "archive"),
    *("purge", "clear", "restart", "renew", "refresh", "resubmit", "anonymize"),
))  # fmt: skip
"""What is done with that."""
_ASLEEP = frozenset(("inactive", "deactivated", "suspended", "archived", "banned", "expired"))
_AWAKE = frozenset(("active", "available", "operational", "enabled", "valid"))
"""How what was put to sleep can be again."""
STUCK = re.compile(r"block|fail|overdue|out of|hold|require|dispute")
"""Words for what does not go on by itself."""
DONE = frozenset(("complete", "resolve", "approve", "verify", "publish", "finalize", "confirm"))
"""What is done with a record that is finished."""
_ONWARD: Mapping[str, int] = {
    **dict.fromkeys(("draft", "new", "queued", "requested", "pending", "submitted", "todo"), 1),
    **dict.fromkeys(("pending review", "pending_review", "scheduled", "unpaid", "open"), 1),
    **dict.fromkeys(("booked", "reserved", "pending approval", "pending_approval"), 1),
    **dict.fromkeys(("in progress", "in_progress", "processing", "en route", "en_route"), 2),
    **dict.fromkeys(("dispatched", "assigned", "under review", "under_review"), 2),
    **dict.fromkeys(("arrived", "on_scene", "checked_in", "checked in", "shipped"), 3),
}
"""Words for stages through which a record goes, in order."""
_OWNERS_DO = frozenset(("delete", "edit", "archive", "restore", "close", "cancel", "publish"))
"""What people do with what is theirs."""
_BY_STAFF = re.compile(
    r"moderat|reputation|salary|verif|approv|reject|flag|suspend|revoke|finaliz|licens|fail"
    r"|helpful|authenticat|discharge|anonymi|medically|audit|payment_status|invoice_status"
    r"|bill_status|modify_bill|deactivate_employee|charge|dispute_status|employment"
)
"""What nobody asks for in a matter of their own: it is decided by others."""
_FACTS = re.compile(
    r"allergen|reaction|profession|gender|blood|birth|brand|model|specialt|species|_type$|^type$"
    r"|category|genre|mime"
)
"""What a record is, which is put right at most, never changed on the way to its end."""


def may_be_asked(drawn: Drawn, world: World, nouns: Nouns, person: Place | None) -> bool:
    """Tell whether a person would ask for something, as things stand with its record.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
        person: Whom the message is about, if anybody.
    """
    places = main_records(drawn)
    if _praises_own(drawn, world, nouns, person) or _is_of_others(drawn, world, nouns):
        return False
    if is_creating(drawn.tool):
        is_away = any(_is_away(*place, world, nouns) for place in places)
        return not is_away and not _is_of_another_client(places, world, nouns)
    return not places or _goes_on(drawn, places[0], world, nouns)


def _goes_on(drawn: Drawn, place: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a change is one that is made to a record in the state that it is in."""
    held = status_of(place, world, nouns)
    new = [value for name, value in drawn.values.items() if is_status(name)]
    verb = drawn.tool.name.split("_")[0]
    if _is_past(held):
        return verb in AGAIN or (bool(new) and all(comes_back(held, each) for each in new))
    is_done = verb in DONE or not PAST.isdisjoint(new)
    return not (is_done and _is_stuck(held)) and not any(_is_back(held, value) for value in new)


def comes_back(held: JsonValue, new: Scalar) -> bool:
    """Tell whether what is past becomes so again: an account active, never a dispute open."""
    return str(held) in _ASLEEP and str(new) in _AWAKE


def _is_stuck(held: JsonValue) -> bool:
    return isinstance(held, str) and STUCK.search(held) is not None


def _is_back(held: JsonValue, new: Scalar) -> bool:
    """Tell whether a record would go back to a stage that lies behind it."""
    before, after = _ONWARD.get(str(held)), _ONWARD.get(str(new))
    return before is not None and after is not None and after < before


def _is_past(held: JsonValue) -> bool:
    return isinstance(held, str) and held.lower() in PAST


def _is_away(noun: str, key: str | int, world: World, nouns: Nouns) -> bool:
    """Tell whether nothing new is made for a record: its user is suspended, its room closed."""
    return _is_past(status_of((noun, key), world, nouns))


def status_of(place: Place, world: World, nouns: Nouns) -> JsonValue:
    """Return how things stand with a record; None where it does not say, or says it twice."""
    held = [name for name in nouns.fields(place[0]) if is_status(name)]
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
    names = () if is_creating(drawn.tool) else drawn.values
    return sum(bool(_FACTS.search(name)) for name in names)
