"""The sentences that say why something is asked for, and which of them fit how many."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Sentences that say why."""

    one: str
    """Of one record."""
    many: str
    """Of several."""
    own: str
    """Of what is one's own, or of oneself."""
    owns: str = ""
    """The same of several; empty where that is said alike."""


def reason(one: str, many: str, own: str = "", owns: str = "") -> Reason:
    """Return a reason that is said of oneself as of one record, where nothing else is said."""
    return Reason(one, many, own or one, owns)


MISTAKEN = reason("It was entered by mistake.", "They were entered by mistake.")
ADDED = reason("It was added there by mistake.", "They were added there by mistake.")
GONE = reason("We no longer have it.", "We no longer have them.")
HELPED = reason("It was a great help.", "They were a great help.")
REPAIRED = reason("What made it fail has been fixed.", "What made them fail has been fixed.")
CLOSED = reason("It has closed.", "They have closed.")
UNSOLD = reason("We no longer sell it.", "We no longer sell them.")
LEFT = reason("They no longer work for us.", "They no longer work for us.")
ASKED = reason(
    "They have asked us to.", "They have asked us to.", "I don't want to use it any more."
)
MARRIED = reason("They got married.", "They got married.", "I got married.")
WRONG = reason("The old entry was wrong.", "The old entries were wrong.")
OLD = reason("It is out of date.", "They are out of date.")
STILL_NEEDED = reason("It is still needed.", "They are still needed.")
UNFINISHED = reason(
    "Something in it still has to be corrected.", "Something in them still has to be corrected."
)
_BY_AUTHOR = ("The author has asked for it.", "The authors have asked for it.")
REGRETTED = reason(*_BY_AUTHOR, "I no longer agree with it.", "I no longer agree with them.")
TAKEN_BACK = reason(
    *_BY_AUTHOR, "I don't want it online any more.", "I don't want them online any more."
)
LIKED = reason(_BY_AUTHOR[0], _BY_AUTHOR[1], "I have come to like it more.")
DISLIKED = reason(_BY_AUTHOR[0], _BY_AUTHOR[1], "I have come to like it less.")
REWORDED = reason(_BY_AUTHOR[0], _BY_AUTHOR[1], "I see it differently now.")
WORSE = reason("The last reaction was worse.", "The last reactions were worse.")
RETRIED = reason("The second try went through.", "The second tries went through.")
BLURRED = reason("It is blurred.", "They are blurred.")
NEEDED_AT = reason("It will be needed there.", "They will be needed there.")
NEW_JOB = reason("They have taken on a new role.", "They have taken on new roles.")
HOPELESS = reason("It cannot be finished.", "They cannot be finished.")
PARTED = reason("They no longer take part.", "They no longer take part.", "I no longer take part.")
DECIDED = reason("The board has decided so.", "The board has decided so.")
OVER = reason("The suspension is over.", "The suspensions are over.")
EMPTY = reason("It is empty.", "They are empty.")
WANTED = reason("They have asked us to.", "They have asked us to.", "I want to use it again.")
UNWANTED = reason("It is no longer needed.", "They are no longer needed.")
AGAIN = reason("The symptoms have come back.", "The symptoms have come back.")
NEEDED = reason("It is needed again.", "They are needed again.")
WORKS = reason("It is back in service.", "They are back in service.")
BAD = reason("They have broken our rules.", "They have broken our rules.")
BACK = reason("They have come back.", "They have come back.")
DOUBTFUL = reason("It may not be genuine.", "They may not be genuine.")
CHECKED = reason("It is due for a check.", "They are due for a check.")
WAITING = reason("It cannot go on for now.", "They cannot go on for now.")
NEGATIVE = reason("The last test was negative.", "The last tests were negative.")
PLANS = reason("Their plans have changed.", "Their plans have changed.", "My plans have changed.")
AGREED = reason("We have come to an agreement.", "We have come to an agreement.")
FINISHED = reason("Nothing is left to do about it.", "Nothing is left to do about them.")
UNFIT = reason("It does not meet the requirements.", "They do not meet the requirements.")
RUDE = reason("It breaks our rules.", "They break our rules.")
APART = reason("They no longer work on it.", "They no longer work on it.")
URGENT = reason("It has become more urgent.", "They have become more urgent.")
PATIENT = reason("It can wait a little.", "They can wait a little.")
GOING_ON = reason("It can go on now.", "They can go on now.")
BROUGHT_BACK = reason(
    "They have brought it back.", "They have brought them back.", "I have brought it back."
)
TAKEN_OVER = reason(
    "The one who has had it so far is going on leave.",
    "The one who has had them so far is going on leave.",
)
CHECKED_ALL = reason(
    "It has been checked and is correct.", "They have been checked and are correct."
)
ARRIVED = reason("It has arrived.", "They have arrived.")
NEEDED_THERE = reason("It is needed there.", "They are needed there.")
APPROVED = reason("It has been approved.", "They have been approved.")
ENDED = reason("It is over.", "They are over.")
DISTURBED = reason("There is a problem with it.", "There is a problem with them.")
FAULTY = reason("It no longer works.", "They no longer work.")
BEYOND_REPAIR = reason("It cannot be repaired.", "They cannot be repaired.")
OVERCHARGED = reason("It was charged by mistake.", "They were charged by mistake.")
COLLECTED = reason("The owner has come for it.", "The owner has come for them.")
RAISED = reason("They got a raise.", "They got a raise.")
BELONGING = reason("It belongs there.", "They belong there.")
PLACED = reason("They are needed there.", "They are needed there.")
PRICED = reason("The supplier has changed the price.", "The suppliers have changed the prices.")
RENEWED = reason("It has been renewed.", "They have been renewed.")
LONGER = reason("They need it for longer.", "They need them for longer.", "I need it for longer.")
_ALL = (
    *(MISTAKEN, ADDED, GONE, HELPED, CLOSED, UNSOLD, LEFT, ASKED, MARRIED, WRONG, OLD),
    *(STILL_NEEDED, UNFINISHED, REGRETTED, HOPELESS, PARTED, DECIDED, OVER, EMPTY, WANTED),
    *(UNWANTED, AGAIN, NEEDED, WORKS, BAD, BACK, DOUBTFUL, CHECKED, WAITING, NEGATIVE),
    *(PLANS, AGREED, FINISHED, UNFIT, RUDE, APART, URGENT, PATIENT, GOING_ON, BROUGHT_BACK),
    *(TAKEN_OVER, CHECKED_ALL, ARRIVED, NEEDED_THERE, ENDED, DISTURBED, FAULTY, BEYOND_REPAIR),
    *(OVERCHARGED, APPROVED, REPAIRED, RAISED, LONGER, RENEWED, BELONGING),
    *(PLACED, PRICED, COLLECTED),
    *(TAKEN_BACK, LIKED, DISLIKED, REWORDED, RETRIED, WORSE, BLURRED, NEEDED_AT, NEW_JOB),
)
SAID = {said for each in _ALL for said in (each.one, each.many, each.own, each.owns) if said}
"""All sentences that say why."""
BY_AUTHORS = frozenset((REGRETTED, TAKEN_BACK))
"""Reasons that those have who wrote something."""
SINGLE = frozenset((WRONG, HOPELESS, REGRETTED, TAKEN_BACK, UNFINISHED, BEYOND_REPAIR))
"""Reasons that many records do not have at once, besides mistakes."""
_OF_ONE = frozenset((
    *(MISTAKEN, OVER, PLANS, AGREED, TAKEN_OVER, WORKS, NEEDED, GOING_ON, URGENT),
    *(PATIENT, UNFIT, OVERCHARGED, APART, DOUBTFUL),
))  # fmt: skip
"""Reasons that several records have only where they belong to one and the same."""
_FEW = 2
_OF_FEW = frozenset((UNWANTED,))
"""The same of more than two records."""
BY_VERB = {
    "archive": OLD,
    "reopen": UNFINISHED,
    "restore": STILL_NEEDED,
    "flag": DOUBTFUL,
    "reactivate": BACK,
    "activate": WANTED,
    "fail": HOPELESS,
    "detach": ADDED,
    "refund": OVERCHARGED,
    "retry": REPAIRED,
}
_MOST_MISTAKES = 2
"""Records that were entered by mistake at a time."""


def is_for_many(reason: Reason | None, count: int) -> bool:
    """Tell whether so many records have one reason."""
    if reason in (REGRETTED, BELONGING) and count > 1:
        return False  # of each thing somebody thinks otherwise by itself, and sees where it belongs
    if reason is None or count <= _MOST_MISTAKES:
        return True
    return reason not in SINGLE and "by mistake" not in reason.one


def is_of_one_only(reason: Reason | None, count: int) -> bool:
    """Tell whether so many records have a reason only where they belong to one and the same."""
    return reason in _OF_ONE or (reason in _OF_FEW and count > _FEW)
