"""Why something is called off, decided, taken over or put in another order, where it says why."""

import re

from envscaler.environment.state.collections import Scalar
from envscaler.scen_generator.solution_first.intentions.endings import calls_off
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    AGREED,
    APART,
    APPROVED,
    ARRIVED,
    BROUGHT_BACK,
    CHECKED_ALL,
    DECIDED,
    DISTURBED,
    ENDED,
    FAULTY,
    FINISHED,
    GOING_ON,
    HOPELESS,
    LONGER,
    NEEDED_AT,
    NEEDED_THERE,
    NEGATIVE,
    PATIENT,
    PLANS,
    PRICED,
    RENEWED,
    RUDE,
    TAKEN_OVER,
    UNFIT,
    UNWANTED,
    URGENT,
    Reason,
)
from envscaler.scen_generator.solution_first.intentions.story import status_of
from envscaler.scen_generator.solution_first.intentions.thread import (
    BOOKED,
    Place,
    main_records,
)
from envscaler.scen_generator.solution_first.intentions.together import PLACE, RESPONSIBLE
from envscaler.scen_generator.solution_first.intentions.verb_words import ATTACHING, MOVING, UPDATE

_DISPUTED = re.compile(r"dispute|claim|complaint")
_POSTED = re.compile(r"review|post|comment|content|journal|thread|message|entry")
_WRITTEN = re.compile(r"report|statement|invoice|document|budget|minutes")
_PAPER = re.compile(r"licen[sc]e|permit|certificat|accredit")
_PRICE = re.compile(r"(^|_)price$")
_EXPIRES, _HELD = re.compile(r"expir|valid_(until|to)"), re.compile(r"member|subscription")
"""Names for the end of a term, and for what people have for one, besides papers."""
_LENT, _BACK_BY = re.compile(r"loan|lend|borrow|rental"), re.compile(r"due|return|until")
_BACK = re.compile(r"return")
_MEETING = re.compile(r"appointment|consultation|visit|meeting|session|hearing")
_REFUSES = frozenset(("reject", "deny", "decline"))
_REFUSED = frozenset(("rejected", "denied", "declined"))
_CALLED_OFF = frozenset(("cancelled", "canceled"))
_SETTLED = frozenset(("resolved", "settled", "closed"))
_BROKEN = frozenset(("out of order", "broken", "damaged", "faulty", "out of service"))
_DONE = frozenset(("completed", "resolved"))
_BROUGHT = frozenset(("delivered", "fulfilled", "completed"))
_SENT = re.compile(r"order|shipment|parcel|deliver")
_HAPPENED = re.compile(r"incident|emergenc|accident|alarm")
_OFF = frozenset(("inactive", "disabled", "deactivated"))
_PAUSED = frozenset(("blocked", "on hold", "paused"))
_WELL = frozenset(("inactive", "resolved"))
_ANY, _ALLERGY = re.compile(""), re.compile("allerg")
_BECOMES: tuple[tuple[frozenset[str], re.Pattern[str], Reason], ...] = (
    (_WELL, _ALLERGY, NEGATIVE),
    (_CALLED_OFF, BOOKED, PLANS),
    (_CALLED_OFF, _ANY, UNWANTED),
    (_SETTLED, _DISPUTED, AGREED),
    (frozenset(("closed",)), _ANY, FINISHED),
    (_REFUSED, _POSTED, RUDE),
    (_REFUSED, _ANY, UNFIT),
    (_BROKEN, _ANY, FAULTY),
    (frozenset(("failed",)), _ANY, HOPELESS),
    (frozenset(("active",)), _ANY, APPROVED),
    (frozenset(("disrupted", "degraded", "faulty")), _ANY, DISTURBED),
    (_OFF, _ANY, UNWANTED),
    (_BROUGHT, _SENT, ARRIVED),
    (_DONE, _HAPPENED, ENDED),
)
"""How things are to stand with what kind of record, and why; the first that fits."""
_DOES: tuple[tuple[frozenset[str], re.Pattern[str], Reason], ...] = (
    (frozenset(("resolve", "settle", "close")), _DISPUTED, AGREED),
    (frozenset(("resolve", "settle", "close")), _ANY, FINISHED),
    (frozenset(("finalize",)), _WRITTEN, CHECKED_ALL),
    (_REFUSES, _POSTED, RUDE),
    (_REFUSES, _ANY, UNFIT),
    (frozenset(("return", "mark")), _BACK, BROUGHT_BACK),
    (ATTACHING, _MEETING, NEEDED_AT),
)
"""Verbs and kinds of records in the name of a tool, and why; the first that fits."""
_LEVELS = ("lowest", "low", "medium", "normal", "high", "highest", "urgent", "critical")
_LEVEL = re.compile(r"priority|urgency")


def cause_of_act(drawn: Drawn, nouns: Nouns) -> Reason | None:
    """Return why a tool is used that is named after what it does; None where it does not matter.

    Args:
        drawn: The request.
        nouns: What the state holds.
    """
    verb, *rest = drawn.tool.name.split("_")
    said = " ".join(rest)
    if verb == "cancel" or calls_off(drawn.tool):
        return _called_off(f"{said} {' '.join(noun for noun, _ in drawn.records.values())}")
    if verb == "revoke":
        return _cause_to_revoke(drawn, said, nouns)
    found = (why for verbs, kind, why in _DOES if verb in verbs and kind.search(drawn.tool.name))
    return next(found, None)


def cause_of_change(drawn: Drawn, place: Place, world: World, nouns: Nouns) -> Reason | None:
    """Return why a record is changed; None where that goes without saying.

    Args:
        drawn: The request, which makes nothing new.
        place: The record.
        world: The state.
        nouns: What the state holds.
    """
    new = [_plain(value) for name, value in drawn.values.items() if is_status(name)]
    held = _plain(str(status_of(place, world)))
    found = (_cause_of_status(each, held, place) for each in new)
    if not new and any(map(PLACE.search, drawn.arguments)):
        return None if nouns.is_human(place[0]) else NEEDED_THERE
    return (
        next((each for each in found if each), None)
        or _cause_of_level(drawn, place, world)
        or _cause_of_terms(drawn, place)
        or _cause_of_handing_over(drawn, place, world, nouns)
    )


def _cause_of_terms(drawn: Drawn, place: Place) -> Reason | None:
    """Return why something is lent, or holds, for longer, or costs something else."""
    if any(map(_PRICE.search, drawn.values)):
        return PRICED
    is_held = _PAPER.search(place[0]) or _HELD.search(place[0])
    if is_held and any(map(_EXPIRES.search, drawn.values)):
        return RENEWED
    is_term = _LENT.search(place[0]) and any(map(_BACK_BY.search, drawn.values))
    return LONGER if is_term else None


def _called_off(what: str) -> Reason:
    return PLANS if BOOKED.search(what) else UNWANTED


def _cause_to_revoke(drawn: Drawn, said: str, nouns: Nouns) -> Reason | None:
    """Return why somebody no longer gets at something, or may no longer do it."""
    if _PAPER.search(said):
        return DECIDED
    humans = [nouns.is_human(noun) for noun, _ in drawn.records.values()]
    return APART if any(humans) and not all(humans) else None


def _cause_of_status(new: str, held: str, place: Place) -> Reason | None:
    """Return why things are to stand otherwise with a record."""
    found = (why for statuses, kind, why in _BECOMES if new in statuses and kind.search(place[0]))
    going_on = GOING_ON if held in _PAUSED and new not in _PAUSED else None
    return next(found, going_on)


def _cause_of_level(drawn: Drawn, place: Place, world: World) -> Reason | None:
    """Return why something comes sooner than it would, or later."""
    for name in filter(_LEVEL.search, drawn.values):
        new = _plain(str(drawn.values[name]))
        for field in filter(_LEVEL.search, world.records(place[0]).get(place[1], {})):
            held = _plain(str(world.value(*place, field)))
            if {held, new} <= {*_LEVELS}:
                return URGENT if _LEVELS.index(new) > _LEVELS.index(held) else PATIENT
    return None


def _cause_of_handing_over(drawn: Drawn, place: Place, world: World, nouns: Nouns) -> Reason | None:
    """Return why somebody takes over what another one has had."""
    if drawn.tool.name.split("_")[0] not in UPDATE | MOVING:
        return None
    is_taken = any(former_of(each, place, world, nouns) for each in main_records(drawn))
    return TAKEN_OVER if is_taken else None


def former_of(person: Place, place: Place, world: World, nouns: Nouns) -> list[Place]:
    """List those who see to a record now, in the place of one who is to do so.

    Args:
        person: Who is to see to it.
        place: The record.
        world: The state.
        nouns: What the state holds.
    """
    links = [link.field for link in nouns.links[place[0]] if link.target == person[0]]
    held = [world.value(*place, field) for field in links if RESPONSIBLE.search(field)]
    is_new = nouns.is_human(person[0]) and person[1] not in held
    return [(person[0], each) for each in held if isinstance(each, str | int) and each and is_new]


def _plain(value: Scalar) -> str:
    return str(value).lower().replace("_", " ")
