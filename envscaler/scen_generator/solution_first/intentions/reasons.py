"""Why something is asked for that nobody does without a reason, and what nobody asks for."""

import re
from dataclasses import dataclass

from envscaler.environment.state.plurals import singular
from envscaler.inputs.word_lists import STAFF
from envscaler.scen_generator.solution_first.intentions.adjectives import before_noun
from envscaler.scen_generator.solution_first.intentions.lifecycle import wakes
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, is_status
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.story import status_of
from envscaler.scen_generator.solution_first.intentions.thread import (
    Place,
    main_records,
    subjects_of,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Sentences that say why."""

    one: str
    """Of one record."""
    many: str
    """Of several."""
    own: str
    """Of what is one's own, or of oneself."""


def _reason(one: str, many: str, own: str = "") -> Reason:
    return Reason(one, many, own or one)


MISTAKEN = _reason("It was entered by mistake.", "They were entered by mistake.")
ADDED = _reason("It was added there by mistake.", "They were added there by mistake.")
_GONE = _reason("We no longer have it.", "We no longer have them.")
_DRAFT = _reason("It is only a draft.", "They are only drafts.")
_CLOSED = _reason("It has closed.", "They have closed.")
_UNSOLD = _reason("We no longer sell it.", "We no longer sell them.")
_LEFT = _reason("They no longer work for us.", "They no longer work for us.")
_ASKED = _reason("They have asked us to.", "They have asked us to.", "I don't use it any more.")
_MARRIED = _reason("They got married.", "They got married.", "I got married.")
_WRONG = _reason("The old entry was wrong.", "The old entries were wrong.")
OLD = _reason("It is out of date.", "They are out of date.")
_UNDONE = _reason("That was done by mistake.", "That was done by mistake.")
UNFINISHED = _reason(
    "Something in it still has to be corrected.", "Something in them still has to be corrected."
)
REGRETTED = _reason(
    "The author has asked for it.",
    "The authors have asked for it.",
    "I'd rather keep that to myself.",
)
_HOPELESS = _reason("It cannot be finished.", "They cannot be finished.")
_PARTED = _reason(
    "They no longer take part.", "They no longer take part.", "I no longer take part."
)
_DECIDED = _reason("The board has decided so.", "The board has decided so.")
_OVER = _reason("The suspension is over.", "The suspensions are over.")
_EMPTY = _reason("It is empty.", "They are empty.")
_WANTED = _reason("They have asked us to.", "They have asked us to.", "I want to use it again.")
_UNWANTED = _reason("It is no longer needed.", "They are no longer needed.")
_AGAIN = _reason("The symptoms have come back.", "The symptoms have come back.")
_NEEDED = _reason("It is needed again.", "They are needed again.")
_WORKS = _reason("It is back in service.", "They are back in service.")
_BAD = _reason("They have broken our rules.", "They have broken our rules.")
_BACK = _reason("They have come back.", "They have come back.")
_DOUBTFUL = _reason("It may not be genuine.", "They may not be genuine.")
_CHECKED = _reason("It is due for a check.", "They are due for a check.")
_WAITING = _reason("It cannot go on for now.", "They cannot go on for now.")
_NEGATIVE = _reason("The last test was negative.", "The last tests were negative.")
_WHY: tuple[Reason, ...] = (
    *(MISTAKEN, ADDED, _GONE, _LEFT, _ASKED, _MARRIED, _WRONG, OLD, _UNDONE, UNFINISHED),
    *(
        _OVER,
        _NEEDED,
        _PARTED,
        _DECIDED,
        _CLOSED,
        _UNSOLD,
        _DOUBTFUL,
        _BACK,
        _BAD,
        REGRETTED,
        _HOPELESS,
    ),
    *(_CHECKED, _WAITING, _NEGATIVE),
)
_SAID = {said for each in _WHY for said in (each.one, each.many, each.own)}
_SINGLE = (_WRONG, _HOPELESS, REGRETTED, UNFINISHED)
"""Reasons that many records do not have at once, besides mistakes."""
_STATED = re.compile(r" (It|They) (is|are|has|have|was|were) [a-z -]+\.$")
_BY_VERB = {
    "archive": OLD,
    "reopen": UNFINISHED,
    "restore": _UNDONE,
    "flag": _DOUBTFUL,
    "reactivate": _BACK,
    "activate": _WANTED,
    "fail": _HOPELESS,
    "detach": ADDED,
}
_ANY = re.compile("")
_IN_WORK = re.compile(r"maintenance|under repair")
_PAUSED = frozenset(("blocked", "on hold", "on_hold", "paused"))
_OVERCOME = re.compile(r"(resolve|inactivate|deactivate)_\w*allerg")
_BECOMES = {"inactive": _LEFT, "terminated": _LEFT, "suspended": _BAD}
"""How things stand with somebody → why."""
_DELETES = frozenset(("delete", "remove", "purge", "clear"))
_DONE_WITH = frozenset((
    *("closed", "draft", "cancelled", "canceled", "expired", "rejected", "denied", "declined"),
    *("archived", "failed", "inactive", "deactivated", "terminated", "removed", "withdrawn"),
    *("void", "retired", "out of order", "broken", "damaged", "completed", "returned"),
    *("discharged", "obsolete"),
))  # fmt: skip
"""How things stand with what may be deleted."""
_BY_ITSELF = frozenset(("failed", "expired"))
_NEVER_MADE = frozenset(("draft", "failed", "cancelled", "canceled", "void", "rejected"))
"""The same, where books are kept."""
_LEDGER = re.compile(
    r"payment|charge|invoice|bill|transaction|refund|audit|history|ledger|licen|claim|loan|dispute"
    r"|report|medical|statement|version"
)
_SETTLED = frozenset(("paid", "closed", "settled", "final", "finalized", "archived", "completed"))
_POSTED = re.compile(r"review|post|comment|content|journal|thread|message")
_ILLNESS = re.compile(r"allerg|diagnos|condition")
_PRODUCT = re.compile(r"product")
_PLACE = re.compile(r"location|department|categor|branch|warehouse")
_PAPER = re.compile(r"licen[sc]e|permit|certificat|accredit")
_MEMBER = re.compile(r"member|enrol")
_WHOLE = re.compile(r"location|department|branch|warehouse")
"""Places that are there as long as the rest is."""
_CATALOGUE = re.compile(r"product|machine|room|equipment|service|item|device|vehicle|ambulance")
_MOST_MISTAKES = 2
"""Records that were entered by mistake at a time."""
_STOPPED = (
    (_CATALOGUE, frozenset(("unavailable",)), _CHECKED),
    (_PAPER, frozenset(("revoked", "suspended")), _DECIDED),
    (_MEMBER, frozenset(("removed", "inactive")), _PARTED),
    (_ANY, frozenset(("cancelled", "canceled")), _UNWANTED),
    (_ANY, _PAUSED, _WAITING),
)
"""Kind of record, how things are to stand with it, and why."""
_UNASKED = re.compile(
    r"reputation|helpful_count|score|rank|usage|statistic|audit|_action$|recorded_(by|at)"
    r"|issue_date|issuance|creation|authenticat|version$|leaderboard|set_request_result"
    r"|confidence|_feed(_|$)|permission|caption|amount_(due|paid)|total_amount"
)
"""Names of tools and parameters for what programs keep, and nobody sets by hand."""
_UNGIVEN = re.compile(r"moderation|(like|view|share|comment|helpful)_count|confidence|version$")
"""The same of what is new."""
_HAPPENED = re.compile(
    r"birth|^(new_)?(date|time|timestamp|consumed_at|event_date|value|calories)$|allergen|brand"
)
"""What was entered wrongly where it is changed."""
_NAME = re.compile(r"^(new_)?(full_)?name$")


def is_unasked(drawn: Drawn) -> bool:
    """Tell whether nobody asks for something: for what programs count and note by themselves."""
    odd = _UNGIVEN if drawn.is_creating else _UNASKED
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
    return held is not None and held not in _DONE_WITH and not is_account


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
    if verb in _BY_VERB:
        return _BY_VERB[verb]
    if _is_parting(drawn):
        return ADDED
    if _OVERCOME.match(drawn.tool.name):
        return _NEGATIVE
    subject = _deleted(drawn, nouns)
    if subject is not None:
        return _reason_to_delete(subject, world, nouns)
    return None if drawn.is_creating else _reason_to_change(drawn, world, nouns)


def _reason_to_delete(subject: Place, world: World, nouns: Nouns) -> Reason:
    held, word = _status(subject, world), _word(subject)
    if nouns.is_human(subject[0]):
        return _parting_reason(subject)
    if held == "draft":
        return _DRAFT
    if held in _DONE_WITH and before_noun(held):
        has, have = ("has", "have") if held in _BY_ITSELF else ("is", "are")
        return _reason(f"It {has} {held}.", f"They {have} {held}.")
    kinds = ((_PLACE, _CLOSED), (_PRODUCT, _UNSOLD), (_POSTED, REGRETTED), (_CATALOGUE, _GONE))
    return next((why for kind, why in kinds if kind.search(word)), MISTAKEN)


def _parting_reason(person: Place) -> Reason:
    """Return why somebody goes: staff leaves, others want to."""
    return _LEFT if _is_staff(person) else _ASKED


def _is_staff(place: Place) -> bool:
    return bool({*singular(_word(place)).split("_")} & STAFF)


def _reason_to_change(drawn: Drawn, world: World, nouns: Nouns) -> Reason | None:
    place = next(iter(main_records(drawn)), None)
    status = next((str(value) for name, value in drawn.values.items() if is_status(name)), "")
    if place is None:
        return None
    held, is_human = _status(place, world), nouns.is_human(place[0])
    if held is not None and wakes(held, status):
        return _reason_to_wake(place, held, is_human=is_human)
    if stopped := None if is_human else _reason_to_stop(drawn, place, status):
        return stopped
    wrong = _WRONG if any(map(_HAPPENED.search, drawn.values)) else None
    return (_reason_of_person(drawn, place, status) if is_human else None) or wrong


def _reason_to_stop(drawn: Drawn, place: Place, status: str) -> Reason | None:
    """Return why something does not go on, for a time or for good."""
    if drawn.tool.name.startswith("deactivate_") and _PLACE.search(_word(place)):
        return _EMPTY
    if _IN_WORK.search(status):
        return _CHECKED
    found = (
        why for kind, statuses, why in _STOPPED if status in statuses and kind.search(_word(place))
    )
    return next(found, None)


def _reason_of_person(drawn: Drawn, person: Place, status: str) -> Reason | None:
    """Return why the record of somebody is changed."""
    if drawn.tool.name.split("_")[0] in ("deactivate", "anonymize"):
        return _parting_reason(person)
    is_renamed = any(map(_NAME.search, drawn.values))
    return _MARRIED if is_renamed else _BECOMES.get(status)


def _reason_to_wake(place: Place, held: str, *, is_human: bool) -> Reason:
    """Return why something works again."""
    if held == "suspended":
        return _OVER
    if is_human:
        return _BACK
    kinds = ((_CATALOGUE, _WORKS), (_ILLNESS, _AGAIN))
    return next((why for kind, why in kinds if kind.search(_word(place))), _NEEDED)


def goes_without_saying(reason: Reason, message: str) -> bool:
    """Tell whether a message says already how things stand: `the cancelled booking`."""
    if reason is _DRAFT:
        return " draft " in message
    state = reason.one.rstrip(".").partition(" is ")[2] or reason.one.rstrip(".").split()[-1]
    said = before_noun(state)
    return bool(_STATED.search(f" {reason.one}")) and said is not None and f" {said} " in message


def is_for_many(reason: Reason | None, count: int) -> bool:
    """Tell whether so many records have one reason."""
    if reason is None or count <= _MOST_MISTAKES:
        return True
    return reason not in _SINGLE and "by mistake" not in reason.one


def without_reason(message: str) -> str:
    """Return a message without the last sentence, where that says why."""
    for said in _SAID:
        if message.endswith(f" {said}"):
            return message.removesuffix(f" {said}")
    return _STATED.sub("", message)


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
