"""Whether the records give occasion for a request: they may belie it, or show that it is too soon.

A person knows the records. What is archived as out of date is old, what was entered by mistake was
entered lately, whoever is still on somebody's mind is not done away with.
"""

import re
from collections.abc import Iterator

from envscaler.environment.state.collections import items_of
from envscaler.inputs.word_lists import CLIENTS
from envscaler.scen_generator.solution_first.intentions.around import (
    day_of,
    days_before,
    leads,
    referred_to,
    referring,
)
from envscaler.scen_generator.solution_first.intentions.lifecycle import (
    is_open,
    needs_somebody,
)
from envscaler.scen_generator.solution_first.intentions.literals import FIRST_STATES
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.moves import is_moved_in_vain
from envscaler.scen_generator.solution_first.intentions.newly import (
    has_ended,
    is_made_without_occasion,
    owes_another,
    takes_part_already,
)
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.reasons import reason_for
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    ADDED,
    BLURRED,
    LONGER,
    MISTAKEN,
    OLD,
    RENEWED,
    REPAIRED,
    UNFINISHED,
)
from envscaler.scen_generator.solution_first.intentions.story import (
    PAST,
    facts_in,
    is_by_staff,
    status_of,
)
from envscaler.scen_generator.solution_first.intentions.thread import (
    BOOKED,
    Place,
    main_records,
    owners_of,
    subjects_of,
)
from envscaler.scen_generator.solution_first.intentions.underway import is_hidden
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    ACTOR,
    ATTACHING,
    PRAISING,
)

_OLD_AFTER = 240
"""Days after which something that nobody has changed may be out of date."""
_IN_FORCE = re.compile(
    r"\b(lease|contract|agreement|warranty|insurance|licen[sc]e)\b", re.IGNORECASE
)
"""Words of papers that hold for a term."""
_FOR_YEARS = 1100
"""Days after which such a one may be out of date."""
_NOTICED = 21
"""Days within which a mistake is noticed, and what has failed is tried once more."""
_CORRECTED = 120
"""Days within which something that was finished is put right."""
_LEAVING = re.compile(r"^(anonymize|deactivate|delete|remove|purge|suspend)_")
_PLANNED = re.compile(r"^(planned|expected|scheduled)_\w*(date|time|day)")
_OUT = re.compile(r"check_?out")
_DISCHARGE = re.compile(r"discharge|check_?out")
_LENT = re.compile(r"loan|lend|borrow|rental")
_NOT_TOLD = re.compile(r"due|expir|until|valid|planned|birth|(^|_)end")
"""Times that do not say when something was made or changed."""
_LISTED = re.compile(r"team|crew|attendee|participant|member")
_RESULT = re.compile(r"^results?(_text)?$")
_FINISHED = frozenset(("completed", "complete", "done", "success", "finished"))
_EXPIRES = re.compile(r"expir|valid_until")
_VALID_FOR_LONG = 150
"""Days before the end of something in which nobody has it renewed yet."""
_LINE, _STATED = re.compile(r"line|item|position"), re.compile(r"statement|sheet")
_LOST = frozenset(("suspended", "revoked"))
_READY = re.compile(r"\bready\b")
_TOLD = re.compile(r"note|summary|finding|outcome|comment")
_OWN = re.compile(r"^(update|edit|change|modify)_\w*(review|comment|post|journal|meal|activity)")
"""Names of tools for what people keep for themselves."""
_NOTE = re.compile(r"note|remark|finding|outcome|resolution")
_BEGINS = re.compile(r"^(start|begin|scheduled|appointment)")


def is_without_occasion(drawn: Drawn, world: World, nouns: Nouns, today: str) -> bool:
    """Tell whether the records belie a request, or show that it is too soon for it.

    Args:
        drawn: The request.
        world: The state.
        nouns: What the state holds.
        today: The day as `2025-01-31`.
    """
    is_late = has_ended(drawn, world, nouns, today) or takes_part_already(drawn, world, nouns)
    if is_late or _is_by_nobody(drawn, world):
        return True
    if drawn.is_creating:
        return is_made_without_occasion(drawn, world, nouns)
    subject = next(iter(subjects_of(drawn, nouns)), None)
    if subject is None:
        return False
    if any(each(drawn, subject, world, nouns) for each in _OF_HELD):
        return True
    return any(each(drawn, subject, world, nouns, today) for each in _BY_DAY)


def _belies_reason(drawn: Drawn, subject: Place, world: World, nouns: Nouns, today: str) -> bool:
    """Tell whether how old a record is speaks against the reason that would be given."""
    reason, last = reason_for(drawn, world, nouns), _last_day(subject, world)
    if reason is None or last is None:
        return False
    if reason is OLD:
        is_term = _IN_FORCE.search(
            " ".join(map(str, world.records(subject[0])[subject[1]].values()))
        )
        return last > days_before(today, _FOR_YEARS if is_term else _OLD_AFTER)
    if reason in (ADDED, BLURRED):
        return any(_is_over(each, world) for each in referred_to(subject, world, nouns))
    if reason in (MISTAKEN, REPAIRED):
        return last < days_before(today, _NOTICED)
    return reason is UNFINISHED and last < days_before(today, _CORRECTED)


def _is_over(place: Place, world: World) -> bool:
    held = status_of(place, world)
    return isinstance(held, str) and held.lower() in PAST


def _last_day(place: Place, world: World) -> str | None:
    """Return the last day on which something happened to a record; None where it does not say."""
    record = world.records(place[0]).get(place[1], {})
    told = (value for name, value in record.items() if not _NOT_TOLD.search(name))
    return max((day for value in told if (day := day_of(value))), default=None)


def _has_open_matters(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would be done away with who leads, or has open matters."""
    if not nouns.is_human(subject[0]) or not _is_leaving(drawn):
        return False
    if leads(subject, world, nouns):
        return True
    held = ((each[0], status_of(each, world)) for each in referring(subject, world, nouns))
    return any(
        isinstance(each, str) and (is_open(each) or (each == "active" and BOOKED.search(noun)))
        for noun, each in held
    )


def _is_leaving(drawn: Drawn) -> bool:
    gone = {str(value) for name, value in drawn.values.items() if is_status(name)}
    return _LEAVING.match(drawn.tool.name) is not None or not PAST.isdisjoint(gone)


def _is_of_who_is_gone(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a record is of somebody who is no longer there: a discharged patient."""
    del drawn
    clients = (each for each in owners_of(subject, world, nouns) if _is_client(each[0], nouns))
    return any(_is_over(each, world) for each in clients)


def _is_of_who_is_shut_out(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be changed, or praised, whose author is suspended."""
    is_own = _OWN.search(drawn.tool.name) and not is_by_staff(drawn.tool.name)
    if not is_own and not PRAISING.search(drawn.tool.name):
        return False
    people = (each for each in owners_of(subject, world, nouns) if nouns.is_human(each[0]))
    return any(_is_over(each, world) for each in people)


def _is_client(noun: str, nouns: Nouns) -> bool:
    return bool({*nouns.singular(noun).split()} & CLIENTS)


def _lacks_somebody(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something would set out, or be in work, to which nobody is assigned."""
    new = (str(value) for name, value in drawn.values.items() if is_status(name))
    if not any(map(needs_somebody, new)):
        return False
    assigned = [link.field for link in nouns.links[subject[0]] if "assign" in link.field]
    return any(world.value(*subject, field) in (None, "") for field in assigned)


def _is_too_soon(drawn: Drawn, subject: Place, world: World, nouns: Nouns, today: str) -> bool:
    """Tell whether somebody would be sent home days early, or something be renewed too soon."""
    if any(map(_EXPIRES.search, drawn.values)):
        record = world.records(subject[0]).get(subject[1], {})
        ends = (day_of(value) for name, value in record.items() if _EXPIRES.search(name))
        return any(day > days_before(today, -_VALID_FOR_LONG) for day in ends)
    tomorrow = days_before(today, -1)
    if drawn.tool.name.startswith("check_out"):
        return _leaves_later(subject, world, nouns, tomorrow)
    is_discharge = _DISCHARGE.search(drawn.tool.name) is not None and not drawn.values
    return is_discharge and any(
        day_of(value) > tomorrow
        for noun, key in (subject, *referring(subject, world, nouns))
        for name, value in world.records(noun).get(key, {}).items()
        if _PLANNED.match(name)
    )


def _fails_unbegun(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be called failed that nobody has begun with."""
    del nouns
    new = {str(value) for name, value in drawn.values.items() if is_status(name)}
    is_failed = drawn.tool.name.startswith("fail_") or "failed" in new
    held = str(status_of(subject, world)).lower()
    return is_failed and held in FIRST_STATES


def _is_closed_early(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be closed of which there are drafts still."""
    new = {str(value) for name, value in drawn.values.items() if is_status(name)}
    is_closed = drawn.tool.name.startswith("close_") or bool(new & {"closed", "final"})
    return is_closed and any(
        str(status_of(each, world)).lower() == "draft" for each in referring(subject, world, nouns)
    )


def _owes_already(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be kept for longer by who has kept something else too long."""
    is_longer = _LENT.search(subject[0]) and reason_for(drawn, world, nouns) is LONGER
    return bool(is_longer) and owes_another(subject, world, nouns)


def _renews_beside_lost(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a paper would be renewed of somebody who has lost another such one."""
    if reason_for(drawn, world, nouns) is not RENEWED:
        return False
    return any(
        noun == subject[0] and str(status_of((noun, key), world)).lower() in _LOST
        for person in owners_of(subject, world, nouns)
        for noun, key in referring(person, world, nouns)
    )


def _is_of_a_rest(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a line of a statement would be changed of which the rest is not there."""
    del drawn
    wholes = [each for each in referred_to(subject, world, nouns) if _STATED.search(each[0])]
    is_line = _LINE.search(subject[0]) is not None
    return is_line and any(
        [each[0] for each in referring(whole, world, nouns)].count(subject[0]) == 1
        for whole in wholes
    )


def _is_attached_in_vain(
    drawn: Drawn, subject: Place, world: World, nouns: Nouns, today: str
) -> bool:
    """Tell whether something would be put with what is over, or is not for those who are there."""
    del subject
    if drawn.tool.name.split("_")[0] not in ATTACHING:
        return False
    places = main_records(drawn)
    is_past = any(
        "" < day_of(value) < today
        for noun, key in places
        for name, value in world.records(noun).get(key, {}).items()
        if _BEGINS.search(name)
    )
    return is_past or any(_is_over(each, world) or is_hidden(each, world, nouns) for each in places)


def _is_kept_when_ready(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody who can go home would stay for days."""
    owners = owners_of(subject, world, nouns) if any(map(_PLANNED.match, drawn.values)) else ()
    return any(_READY.search(str(status_of(each, world))) for each in owners)


def _leaves_later(subject: Place, world: World, nouns: Nouns, day: str) -> bool:
    """Tell whether whoever stays somewhere leaves after a day."""
    return any(
        day_of(value) > day
        for noun, key in (subject, *referring(subject, world, nouns))
        if status_of((noun, key), world) in (None, "active", "checked in", "checked_in")
        for name, value in world.records(noun).get(key, {}).items()
        if _OUT.search(name)
    )


def _is_outside_team(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether somebody would see to a matter of one whom a team looks after, and is not in it.

    A plan for a patient is made by one of the care team.
    """
    clients = [each for each in owners_of(subject, world, nouns) if _is_client(each[0], nouns)]
    named = {str(key) for noun, key in main_records(drawn)[1:] if nouns.is_human(noun)}
    teams = (team for client in clients for team in _teams(client, world, nouns))
    return bool(named) and not all(named <= team for team in teams)


def _teams(client: Place, world: World, nouns: Nouns) -> Iterator[set[str]]:
    """Yield the ids of those who look after somebody, as each record for that one lists them."""
    for noun, key in referring(client, world, nouns):
        for name, value in world.records(noun).get(key, {}).items():
            team = (items_of(value) or []) if _LISTED.search(name) else []
            if team:
                yield {str(each) for each in team}


def _lacks_result(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be called completed that has had no result yet."""
    del nouns
    new = {str(value) for name, value in drawn.values.items() if is_status(name)}
    if _FINISHED.isdisjoint(new):
        return False
    record = world.records(subject[0]).get(subject[1], {})
    return any(value in (None, "") for name, value in record.items() if _RESULT.match(name))


def _overwrites(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a note would stand in the place of another one."""
    del nouns
    record = world.records(subject[0]).get(subject[1], {})
    held = {name.removesuffix("s") for name, value in record.items() if value not in (None, "", [])}
    given = {name.removeprefix("new_").removesuffix("s") for name in drawn.values}
    return any(map(_NOTE.match, held & given))


def _is_verified(drawn: Drawn, subject: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether what a record is would be put right that somebody has verified."""
    del nouns
    record = world.records(subject[0]).get(subject[1], {})
    held = {str(value).lower() for name, value in record.items() if is_status(name)}
    return facts_in(drawn) > 0 and bool(held & {"verified", "confirmed"})


def _tells_what_is_to_come(
    drawn: Drawn, subject: Place, world: World, nouns: Nouns, today: str
) -> bool:
    """Tell whether it would be noted how something went that has not begun."""
    del nouns
    if not any(map(_TOLD.search, drawn.values)):
        return False
    record = world.records(subject[0]).get(subject[1], {})
    return any(_BEGINS.search(name) and day_of(value) > today for name, value in record.items())


def _is_by_nobody(drawn: Drawn, world: World) -> bool:
    """Tell whether somebody would act whose account does not work."""
    acting = (place for name, place in drawn.records.items() if ACTOR.match(name))
    held = (str(status_of(place, world)).lower() for place in acting)
    return any(each in PAST or each == "pending" for each in held)


_OF_HELD = (
    *(_has_open_matters, _is_of_who_is_gone, _is_of_who_is_shut_out, _lacks_somebody),
    *(_is_outside_team, _lacks_result, _is_verified, _overwrites, _is_kept_when_ready),
    *(
        is_moved_in_vain,
        _owes_already,
        _renews_beside_lost,
        _is_of_a_rest,
        _is_closed_early,
        _fails_unbegun,
    ),
)
_BY_DAY = (_belies_reason, _is_too_soon, _tells_what_is_to_come, _is_attached_in_vain)
"""Rules for what is there, and for what is there by the day."""
