"""Whether the records give occasion for something new: a loan, an incident, a post in a group."""

import re
from collections.abc import Iterable, Sequence
from itertools import permutations

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.scen_generator.solution_first.intentions.around import (
    day_of,
    days_before,
    referred_to,
    referring,
)
from envscaler.scen_generator.solution_first.intentions.lifecycle import is_open
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.story import PAST, status_of
from envscaler.scen_generator.solution_first.intentions.thread import (
    BOOKED,
    Place,
    main_records,
    owners_of,
    subjects_of,
)
from envscaler.scen_generator.solution_first.intentions.together import PLACE

_TAKES_PART = re.compile(
    r"^(join|enroll|register|log|book|reserve)_|activity|^(add|assign)_\w+_to_"
)
_JOINS = re.compile(r"^(join|enroll)_")
_LEFT_TO_JOIN = 14
"""Days that something has to go on for somebody to join it."""
_ENDS = re.compile(r"(^|_)end(s|_date|_time|_at)?$")
_AT_A_TIME = re.compile(r"incident|emergency|admission|admit")
_MEETING, _PAIR = re.compile(r"appointment|consultation|visit|session|lesson"), 2
_MEMBER = re.compile(r"member|enrol|participation")
_POSTS = re.compile(r"thread|post|message|entry|comment|journal")
_HOW_IT_WENT = re.compile(r"^(notes?|summary|findings?|outcome)$")
_COMPLAINT = re.compile(r"dispute|complaint")
_LINE = re.compile(r"(^|_)(charge|line|item|fee)(_|$)")
_PAPER, _WHERE = re.compile(r"licen[sc]e|permit"), re.compile(r"^(state|province|country)$")
_LOST = frozenset(("revoked", "suspended"))
_JUDGED = re.compile(r"review|rating")
_STAYS = re.compile(r"book(?!s)|reserv")
_DUE = re.compile(r"due|deadline")
_OPPOSITES = (
    ("check_in", "check_out"),
    ("activate", "deactivate"),
    ("archive", "restore"),
    ("lock", "unlock"),
    ("suspend", "reactivate"),
)
"""Beginnings of the names of tools that take back what the other one does."""
_DELETES = re.compile(r"(delete|remove)_")
_PAYMENT = re.compile(r"payment|transaction|instal")
_PROPER = re.compile(r"name|title|address|number|code|model|mail|phone|type|label")
"""Names for what tells something new from others."""
_LATE = frozenset(("overdue", "late", "unpaid", "defaulted"))


def is_made_without_occasion(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether the records speak against something new.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
    """
    return any(each(drawn, world, nouns) for each in _RULES)


def is_in_vain(
    steps: Sequence[Drawn], members: Sequence[Drawn], world: World, nouns: Nouns
) -> bool:
    """Tell whether an earlier step would be taken back, or nothing be left of a bill."""
    return undoes(steps, members[-1]) or leaves_nothing(members, world, nouns)


def undoes(steps: Sequence[Drawn], drawn: Drawn) -> bool:
    """Tell whether a request would take back what was asked for just before: who came is to go."""
    return any(
        before.tool.name.startswith(one) and drawn.tool.name.startswith(other)
        for before in steps
        for pair in _OPPOSITES
        for one, other in (pair, pair[::-1])
    )


def leaves_nothing(members: Sequence[Drawn], world: World, nouns: Nouns) -> bool:
    """Tell whether all lines of a bill would be deleted, so that nothing is left to be paid.

    Args:
        members: What is asked for, with the same tool each.
        world: The state.
        nouns: What the state holds.
    """
    if not _DELETES.match(members[0].tool.name) or len(members) == 1:
        return False
    gone = {place for each in members for place in subjects_of(each, nouns)[:1]}
    lines = [place for place in gone if _LINE.search(nouns.singular(place[0]).replace(" ", "_"))]
    wholes = {whole for place in lines for whole in referred_to(place, world, nouns)}
    return any(
        {each for each in referring(whole, world, nouns) if each[0] == lines[0][0]} <= gone
        for whole in wholes
        if not nouns.is_human(whole[0])
    )


def owes_another(subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether whoever has something has not brought back something else in time."""
    return any(
        each != subject and str(status_of(each, world)).lower() in _LATE
        for person in owners_of(subject, world, nouns)
        if nouns.is_human(person[0])
        for each in referring(person, world, nouns)
        if BOOKED.search(each[0])
    )


def _owes_something(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be lent to somebody who has not brought back the last."""
    if not BOOKED.search(drawn.tool.name):
        return False
    return any(
        str(status_of(each, world)).lower() in _LATE
        for place in main_records(drawn)
        if nouns.is_human(place[0])
        for each in referring(place, world, nouns)
        if BOOKED.search(each[0])
    )


def has_ended(drawn: Drawn, world: World, nouns: Nouns, today: str) -> bool:
    """Tell whether somebody would take part in what is over, or join what soon will be."""
    if not _TAKES_PART.search(drawn.tool.name):
        return False
    least = days_before(today, -_LEFT_TO_JOIN) if _JOINS.match(drawn.tool.name) else today
    return any(
        "" < day_of(value) < least
        for noun, key in main_records(drawn)
        if not nouns.is_human(noun)
        for name, value in world.records(noun).get(key, {}).items()
        if _ENDS.search(name)
    )


def _has_one_already(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would have two accidents at a time, or two be at one place."""
    if not _AT_A_TIME.search(drawn.tool.name):
        return False
    held = (
        status_of(each, world)
        for place in main_records(drawn)
        if nouns.is_human(place[0]) or PLACE.search(place[0])
        for each in referring(place, world, nouns)
        if _AT_A_TIME.search(each[0])
    )
    return any(isinstance(each, str) and is_open(each) for each in held)


def _meets_already(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether two people would get an appointment who have one to come."""
    people = [place for place in main_records(drawn) if nouns.is_human(place[0])]
    if len(people) < _PAIR or not _MEETING.search(drawn.tool.name):
        return False
    shared = set(referring(people[0], world, nouns)).intersection(
        *(referring(each, world, nouns) for each in people[1:])
    )
    return any(_MEETING.search(each[0]) and is_open(str(status_of(each, world))) for each in shared)


def _is_in_another(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be put into one whole that is a part of another one."""
    del nouns
    if "_to_" not in drawn.tool.name or drawn.made:
        return False
    return any(
        part[1] in (items_of(value) or [])
        for part, whole in permutations(drawn.records.values(), 2)
        for key, record in world.records(whole[0]).items()
        if key != whole[1]
        for value in record.values()
    )


def _is_no_member(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would write in a group to which they do not belong."""
    places = {*drawn.records.values()} if _POSTS.search(drawn.tool.name) else set[Place]()
    people = {place for place in places if nouns.is_human(place[0])}
    for noun in filter(_MEMBER.search, nouns.links if people else ()):
        targets = {link.target for link in nouns.links[noun]}
        groups = {place for place in places - people if place[0] in targets}
        if groups:
            return not _belong(people | groups, noun, world, nouns)
    return False


def _belong(wanted: set[Place], noun: str, world: World, nouns: Nouns) -> bool:
    """Tell whether a membership of some is there, and holds."""
    return any(
        wanted <= {(link.target, record.get(link.field)) for link in nouns.links[noun]}
        and status_of((noun, key), world) in (None, "active")
        for key, record in world.records(noun).items()
    )


def _is_raised_already(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would complain of what they have complained of before."""
    return _COMPLAINT.search(drawn.tool.name) is not None and any(
        _COMPLAINT.search(each[0])
        for place in main_records(drawn)
        if not nouns.is_human(place[0])
        for each in referring(place, world, nouns)
    )


def _is_noted_ahead(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether it would be noted how something went that is only agreed on."""
    del world, nouns
    is_booked = BOOKED.search(drawn.tool.name) is not None
    return is_booked and any(map(_HOW_IT_WENT.search, drawn.values))


def _is_judged_already(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would judge what they have judged before."""
    if not _JUDGED.search(drawn.tool.name):
        return False
    held = [
        {each for each in referring(place, world, nouns) if _JUDGED.search(each[0])}
        for place in main_records(drawn)
    ]
    return len(held) > 1 and bool(held[0].intersection(*held[1:]))


def takes_part_already(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would join in what they take part in.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
    """
    if not _JOINS.match(drawn.tool.name):
        return False
    held = [
        {each for each in referring(place, world, nouns) if _holds(each, world)}
        for place in main_records(drawn)
    ]
    return len(held) > 1 and bool(held[0].intersection(*held))


def _holds(place: Place, world: World) -> bool:
    """Tell whether what a record says is not over."""
    return str(status_of(place, world)).lower() not in PAST


def _is_elsewhere_then(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would stay at two places on one day."""
    first, last = _span(drawn.values.values())
    if not _STAYS.search(drawn.tool.name) or first == last:
        return False
    stays = (
        _span(world.records(noun).get(key, {}).values())
        for place in main_records(drawn)
        if nouns.is_human(place[0])
        for noun, key in referring(place, world, nouns)
        if _STAYS.search(noun) and str(status_of((noun, key), world)).lower() not in PAST
    )
    return any(start < last and end > first for start, end in stays)


def _span(values: Iterable[JsonValue]) -> tuple[str, str]:
    """Return the first and the last of some days; nothing where there are none."""
    days = sorted(day for value in values if (day := day_of(value)))
    return (days[0], days[-1]) if days else ("", "")


def _ends_after(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be put into a whole that ends before it is due."""
    if "_to_" not in drawn.tool.name or drawn.made:
        return False
    told = [
        pair
        for noun, key in main_records(drawn)
        if not nouns.is_human(noun)
        for pair in world.records(noun).get(key, {}).items()
    ]
    dues = [day_of(value) for name, value in told if _DUE.search(name)]
    ends = [day_of(value) for name, value in told if _ENDS.search(name)]
    return any(due > end > "" for due in dues for end in ends)


def _has_such_paper(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody has a licence for the same state already, or has lost one."""
    state = next((value for name, value in drawn.values.items() if _WHERE.search(name)), None)
    if state is None or not _PAPER.search(drawn.tool.name):
        return False
    return any(
        state in world.records(noun).get(key, {}).values()
        or str(status_of((noun, key), world)).lower() in _LOST
        for place in main_records(drawn)
        for noun, key in referring(place, world, nouns)
        if _PAPER.search(noun)
    )


def _is_charged_late(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be added to a bill that has it, or has been paid or tried."""
    if not _LINE.search(drawn.tool.name):
        return False
    texts = {value for value in drawn.values.values() if isinstance(value, str)}
    around = (
        each
        for place in main_records(drawn)
        if not nouns.is_human(place[0])
        for each in referring(place, world, nouns)
    )
    return any(
        _PAYMENT.search(noun)
        or not texts.isdisjoint(map(str, world.records(noun).get(key, {}).values()))
        for noun, key in around
    )


def _is_bare(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would choose an id for what has no name, and belongs to nothing.

    Nobody who does says how things stand with it either: what is new is pending.
    """
    del world, nouns
    told = [name for name in drawn.values if name not in drawn.made]
    is_told = bool(drawn.records) or any(map(_PROPER.search, told))
    return bool(drawn.made) and (not is_told or any(map(is_status, told)))


_RULES = (
    _is_bare,
    _has_such_paper,
    _is_judged_already,
    _is_elsewhere_then,
    _ends_after,
    _is_charged_late,
    _is_noted_ahead,
    _is_raised_already,
    _owes_something,
    _has_one_already,
    _meets_already,
    _is_in_another,
    _is_no_member,
)
