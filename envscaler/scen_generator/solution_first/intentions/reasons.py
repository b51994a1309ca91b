"""Why something is asked for that nobody does without a reason, and what nobody asks for."""

import re

from envscaler.environment.state.plurals import singular
from envscaler.inputs.agreement.statuses import SETTLED
from envscaler.inputs.word_lists import STAFF
from envscaler.scen_generator.solution_first.intentions.adjectives import before_noun
from envscaler.scen_generator.solution_first.intentions.causes import cause_of_act, cause_of_change
from envscaler.scen_generator.solution_first.intentions.endings import reason_to_end
from envscaler.scen_generator.solution_first.intentions.labels import label_of
from envscaler.scen_generator.solution_first.intentions.lifecycle import wakes
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    ADDED,
    AGAIN,
    ASKED,
    BACK,
    BAD,
    BELONGING,
    BEYOND_REPAIR,
    BLURRED,
    BY_VERB,
    CHECKED,
    CLOSED,
    DECIDED,
    DISLIKED,
    EMPTY,
    GONE,
    HELPED,
    LEFT,
    LIKED,
    MARRIED,
    MISTAKEN,
    NEEDED,
    NEGATIVE,
    NEW_JOB,
    OVER,
    PARTED,
    PLACED,
    RAISED,
    REGRETTED,
    RETRIED,
    REWORDED,
    SAID,
    TAKEN_BACK,
    UNSOLD,
    WAITING,
    WORKS,
    WORSE,
    WRONG,
    Reason,
    reason,
)
from envscaler.scen_generator.solution_first.intentions.story import status_of
from envscaler.scen_generator.solution_first.intentions.thread import (
    Place,
    is_put_in,
    main_records,
    subjects_of,
)

_STATED = re.compile(r" (It|They) (is|are|has|have|was|were) [a-z -]+\.$")
_OF_SOMEBODY = re.compile(
    r" [A-Z][^.?!\"]* (?:(?:is|are) going on leave|plans have changed|ha(?:s|ve) (?:been )?brought"
    r"(?: it| them)? back|no longer takes? part"
    r"|needs? (?:it|them) for longer)\.$"
)
"""Reasons that name somebody."""
_ANY = re.compile("")
_IN_WORK = re.compile(r"maintenance|under repair")
_PAUSED = frozenset(("blocked", "on hold", "on_hold", "paused"))
_OVERCOME = re.compile(r"(resolve|inactivate|deactivate)_\w*allerg")
_BECOMES = {"inactive": LEFT, "terminated": LEFT, "suspended": BAD}
"""How things stand with somebody → why."""
_DELETES = frozenset(("delete", "remove", "purge", "clear"))
_DONE_WITH = frozenset((
    *("closed", "cancelled", "canceled", "expired", "rejected", "denied", "declined"),
    *("failed", "inactive", "deactivated", "removed", "withdrawn"),
    *("void", "retired", "out of order", "broken", "damaged", "completed", "returned"),
    *("discharged", "obsolete"),
))  # fmt: skip
"""How things stand with what may be deleted."""
_BROKEN = frozenset(("out of order", "broken", "damaged"))
_BY_ITSELF = frozenset(("failed", "expired"))
_NEVER_MADE = frozenset(("failed", "cancelled", "canceled", "void", "rejected"))
"""The same, where books are kept."""
_LEDGER = re.compile(
    r"payment|charge|invoice|bill|transaction|refund|audit|history|ledger|licen|claim|loan|dispute"
    r"|report|medical|statement|version"
)
_SETTLED = frozenset(("paid", "closed", "settled", "final", "finalized", "archived", "completed"))
_JUDGED = re.compile(r"review|rating|feedback")
_EXPERIENCED = re.compile(r"sent it back|returned it|refund|\bbroke|arrived (late|damaged)")
"""What somebody has met with, and does not come to see in another way."""
_POSTED = re.compile(r"post|comment|content|journal|thread|message")
_SAID_SO = re.compile(r"^(new_|updated_)?(\w+_)?(text|content|body|comment|caption|entry)$")
_WHEN = re.compile(r"^(new_)?(time|timestamp|date|datetime)$|_at$")
_SEVERITIES = ("mild", "moderate", "severe")
_PICTURE = re.compile(r"image|photo|picture|scan|video")
_STARS = re.compile(r"rating|stars")
_POST = re.compile(r"job|position|role|department")
_WORK = re.compile(r"job|position|role")
_WHOLE_OF = re.compile(r"_to_(project|folder|categor|collection)")
"""Names of tools for what things are a part of."""
_ILLNESS = re.compile(r"allerg|diagnos|condition")
_PRODUCT = re.compile(r"product")
_PLACE = re.compile(r"location|department|categor|branch|warehouse")
_PAPER = re.compile(r"licen[sc]e|permit|certificat|accredit")
_MEMBER = re.compile(r"member|enrol")
_WHOLE = re.compile(r"location|department|branch|warehouse")
"""Places that are there as long as the rest is."""
_CATALOGUE = re.compile(r"product|machine|room|equipment|service|item|device|vehicle|ambulance")
_STOPPED = (
    (_CATALOGUE, frozenset(("unavailable",)), CHECKED),
    (_PAPER, frozenset(("revoked", "suspended")), DECIDED),
    (_MEMBER, frozenset(("removed", "inactive")), PARTED),
    (_ANY, _PAUSED, WAITING),
)
"""Kind of record, how things are to stand with it, and why."""
_UNASKED = re.compile(
    r"reputation|helpful_count|score|rank|usage|statistic|audit|_action$|recorded_(by|at)"
    r"|issue_date|issuance|creation|authenticat|version$|leaderboard|set_request_result"
    r"|confidence|_feed(_|$)|permission|caption|amount_(due|paid)|total_amount"
)
"""Names of tools and parameters for what programs keep, and nobody sets by hand."""
_UNGIVEN = re.compile(
    r"^value$|moderation|(like|view|share|comment|helpful)_count|confidence|version$"
)
"""The same of what is new."""
_HAPPENED = re.compile(
    r"birth|^(new_)?(date|time|timestamp|consumed_at|event_date|value|calories)$|allergen|brand"
)
"""What was entered wrongly where it is changed."""
_PAY = re.compile(r"salary|wage")
_NAME = re.compile(r"^(new_)?(full_)?name$")


def is_unasked(drawn: Drawn) -> bool:
    """Tell whether nobody asks for something: for what programs count and note by themselves."""
    odd = _UNGIVEN if drawn.is_creating else _UNASKED
    is_written = _JUDGED.search(drawn.tool.name) or _POSTED.search(drawn.tool.name)
    if is_written and not drawn.is_creating and any(map(_WHEN.search, drawn.values)):
        return True
    return bool(_UNASKED.search(drawn.tool.name)) or any(map(odd.search, drawn.values))


def _is_settled(subject: Place, world: World, nouns: Nouns) -> bool:
    """Say whether what an entry of a ledger belongs to is paid or closed."""
    owners = [
        (link.target, key)
        for link in nouns.links[subject[0]]
        if isinstance(key := world.value(*subject, link.field), str | int)
    ]
    return any(_status(each, world) in _SETTLED for each in owners)


def is_kept(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether something would be deleted that is kept: what is valid, paid, or in use."""
    subject = _deleted(drawn, nouns)
    if subject is None:
        return _is_in_use_as_place(drawn, world, nouns)
    held = _status(subject, world)
    if _LEDGER.search(_word(subject)):
        return _is_settled(subject, world, nouns) if held is None else held not in _NEVER_MADE
    if _PLACE.search(_word(subject)) and _is_open_place(subject, held, world, nouns):
        return True
    is_account = nouns.is_human(subject[0]) and not _is_staff(subject)
    is_in_use = held is not None and held not in _DONE_WITH and not is_account
    return is_in_use or _tells_what_happened(subject, world)


def _tells_what_happened(review: Place, world: World) -> bool:
    """Tell whether something is a review that says what somebody has met with."""
    texts = world.records(review[0]).get(review[1], {}).values()
    is_review = _JUDGED.search(_word(review)) is not None
    return is_review and any(isinstance(text, str) and _EXPERIENCED.search(text) for text in texts)


def _is_in_use_as_place(drawn: Drawn, world: World, nouns: Nouns) -> bool:
    """Tell whether a category, or a place, would be closed to which something belongs."""
    place = next(iter(main_records(drawn)), None)
    is_closed = place is not None and drawn.tool.name.startswith("deactivate_")
    if place is None or not is_closed or not _PLACE.search(_word(place)):
        return False
    return _is_named_elsewhere(place, world, nouns)


def _is_open_place(place: Place, held: str | None, world: World, nouns: Nouns) -> bool:
    """Tell whether something is at a place, or it is there as long as all the rest is."""
    is_whole = _WHOLE.search(_word(place)) is not None and held not in _DONE_WITH
    return is_whole or _is_named_elsewhere(place, world, nouns)


def _is_named_elsewhere(place: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether something is at a place, or belongs to it."""
    return any(
        link.target == place[0] and record.get(link.field) == place[1]
        for noun, links in nouns.links.items()
        for link in links
        for record in world.records(noun).values()
    )


def reason_for(drawn: Drawn, world: World, nouns: Nouns) -> Reason | None:
    """Return why something is asked for; None where that goes without saying."""
    verb = drawn.tool.name.split("_")[0]
    if verb in BY_VERB:
        return BY_VERB[verb]
    if (why := _by_name(drawn) or reason_to_end(drawn, world)) is not None:
        return why
    subject = _deleted(drawn, nouns)
    if subject is not None:
        return _reason_to_delete(subject, world, nouns)
    if drawn.is_creating or any("reason" in name for name in drawn.values):
        return None
    return cause_of_act(drawn, nouns) or _reason_to_change(drawn, world, nouns)


def _by_name(drawn: Drawn) -> Reason | None:
    """Return the reason that the name of a tool implies; None where it implies none."""
    if "helpful" in drawn.tool.name:
        return HELPED
    if is_put_in(drawn) and _WHOLE_OF.search(drawn.tool.name):
        return BELONGING
    if _is_parting(drawn):
        return BLURRED if _PICTURE.search(drawn.tool.name) else ADDED
    return NEGATIVE if _OVERCOME.match(drawn.tool.name) else None


def _reason_to_delete(subject: Place, world: World, nouns: Nouns) -> Reason:
    held, word = _status(subject, world), _word(subject)
    if nouns.is_human(subject[0]):
        return _parting_reason(subject)
    if held in _BROKEN:
        return BEYOND_REPAIR
    if held == "failed" and _went_through(subject, world, nouns):
        return RETRIED
    if held in _DONE_WITH and before_noun(held):
        has, have = ("has", "have") if held in _BY_ITSELF else ("is", "are")
        return reason(f"It {has} {held}.", f"They {have} {held}.")
    kinds = ((_PLACE, CLOSED), (_PRODUCT, UNSOLD), (_JUDGED, REGRETTED), (_POSTED, TAKEN_BACK))
    kinds += ((_CATALOGUE, GONE),)
    return next((why for kind, why in kinds if kind.search(word)), MISTAKEN)


def _went_through(payment: Place, world: World, nouns: Nouns) -> bool:
    """Tell whether a bill was paid by another payment than one that has failed."""
    bills = [
        (link.field, world.value(*payment, link.field))
        for link in nouns.links[payment[0]]
        if not nouns.is_human(link.target)
    ]
    return any(
        other.get(field) == bill and _status((payment[0], key), world) in SETTLED
        for field, bill in bills
        for key, other in world.records(payment[0]).items()
    )


def _parting_reason(person: Place) -> Reason:
    """Return why somebody goes: staff leaves, others want to."""
    return LEFT if _is_staff(person) else ASKED


def _is_staff(place: Place) -> bool:
    return bool({*singular(_word(place)).split("_")} & STAFF)


def _reason_to_change(drawn: Drawn, world: World, nouns: Nouns) -> Reason | None:
    place = next(iter(main_records(drawn)), None)
    status = next((str(value) for name, value in drawn.values.items() if is_status(name)), "")
    if place is None:
        return None
    if (stars := _reason_for_stars(drawn, place, world)) is not None:
        return stars
    held, is_human = _held(drawn, place, world), nouns.is_human(place[0])
    if held is not None and wakes(held, status):
        return _reason_to_wake(place, held, is_human=is_human)
    if is_human:
        cause = _reason_of_person(drawn, place, status)
    else:
        cause = cause_of_change(drawn, place, world, nouns)
        cause = cause or _reason_to_stop(drawn, place, status)
    return cause or (WRONG if any(map(_HAPPENED.search, drawn.values)) else None)


def _reason_for_severity(new: str, place: Place, world: World) -> Reason | None:
    """Return why something is taken to be worse than before."""
    held = str(world.value(*place, "severity"))
    return WORSE if {held, new} <= {*_SEVERITIES} else None


def _reason_for_stars(drawn: Drawn, place: Place, world: World) -> Reason | None:
    """Return why somebody thinks otherwise of what they have judged before, or says so."""
    is_written = _JUDGED.search(_word(place)) or _POSTED.search(_word(place))
    if is_written and any(map(_SAID_SO.search, drawn.values)):
        return REWORDED
    if "severity" in drawn.values:
        return _reason_for_severity(str(drawn.values["severity"]), place, world)
    for name in filter(_STARS.search, drawn.values):
        held, new = world.value(*place, "rating"), drawn.values[name]
        if isinstance(held, int | float) and isinstance(new, int | float):
            return LIKED if new > held else DISLIKED
    return None


def _held(drawn: Drawn, place: Place, world: World) -> str | None:
    """Return how things stand with a record in the respect in which they are changed."""
    labels = {label_of(name) for name in drawn.values if is_status(name)}
    record = world.records(place[0]).get(place[1], {})
    alike = [str(value) for name, value in record.items() if label_of(name) in labels]
    return alike[0].lower().replace("_", " ") if alike else _status(place, world)


def _reason_to_stop(drawn: Drawn, place: Place, status: str) -> Reason | None:
    """Return why something does not go on, for a time or for good."""
    if drawn.tool.name.startswith("deactivate_") and _PLACE.search(_word(place)):
        return EMPTY
    if _IN_WORK.search(status):
        return CHECKED
    found = (
        why for kind, statuses, why in _STOPPED if status in statuses and kind.search(_word(place))
    )
    return next(found, None)


def _reason_of_person(drawn: Drawn, person: Place, status: str) -> Reason | None:
    """Return why the record of somebody is changed."""
    verb = drawn.tool.name.split("_")[0]
    if verb in ("deactivate", "anonymize"):
        return _parting_reason(person)
    if verb in ("suspend", "ban"):
        return BAD
    if any(map(_PAY.search, drawn.values)):
        return RAISED
    if any(map(_POST.search, drawn.arguments)):
        return NEW_JOB if any(map(_WORK.search, drawn.arguments)) else PLACED
    is_renamed = any(map(_NAME.search, drawn.values))
    return MARRIED if is_renamed else _BECOMES.get(status)


def _reason_to_wake(place: Place, held: str, *, is_human: bool) -> Reason:
    """Return why something works again."""
    if held == "suspended":
        return OVER
    if is_human:
        return BACK
    kinds = ((_CATALOGUE, WORKS), (_ILLNESS, AGAIN))
    return next((why for kind, why in kinds if kind.search(_word(place))), NEEDED)


def goes_without_saying(why: Reason, message: str) -> bool:
    """Tell whether a message says already how things stand: `the cancelled booking`."""
    state = why.one.rstrip(".").partition(" is ")[2] or why.one.rstrip(".").split()[-1]
    said = before_noun(state)
    is_said = said is not None and re.search(rf" {said}\b", message) is not None
    return bool(_STATED.search(f" {why.one}")) and is_said


def without_reason(message: str) -> str:
    """Return a message without the last sentence, where that says why."""
    for said in SAID:
        if message.endswith(f" {said}"):
            return message.removesuffix(f" {said}")
    return _STATED.sub("", _OF_SOMEBODY.sub("", message))


def _deleted(drawn: Drawn, nouns: Nouns) -> Place | None:
    """Return the record that a request would delete as a whole."""
    if drawn.tool.name.split("_")[0] not in _DELETES or _is_parting(drawn):
        return None
    return next(iter(subjects_of(drawn, nouns)), None)


def _is_parting(drawn: Drawn) -> bool:
    """Tell whether a request takes something out of something else, which both stay."""
    return drawn.tool.name.startswith("remove_") and "_from_" in drawn.tool.name


def _status(place: Place, world: World) -> str | None:
    held = status_of(place, world)
    return held.lower().replace("_", " ") if isinstance(held, str) else None


def _word(place: Place) -> str:
    return place[0].rpartition(".")[2]
