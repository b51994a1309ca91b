"""What becomes of how things stand with a record: which status follows on which."""

from collections.abc import Collection, Mapping

_STAGES: Mapping[str, int] = {
    word: at
    for at, words in enumerate((
        "draft; new; planned; todo; to do; unverified; preliminary; provisional; not started",
        "pending; requested; submitted; queued; open; scheduled; booked; reserved; received;"
        " reported; placed; unpaid; registered; unassigned; confirmed; waiting",
        "pending review; pending approval; under review; in review; assigned; dispatched; accepted;"
        " in progress; processing; active; ongoing; started; flagged",
        "en route; shipped; in transit; checked in; ready",
        "arrived; on scene; transporting",
        "completed; complete; done; delivered; resolved; finished; fulfilled; returned; settled;"
        " checked out; finalized; final; approved; published; verified; discharged; success;"
        " successful; rejected; denied; declined; collected; picked up",
        "closed; archived",
    ))
    for word in words.split("; ")
}  # fmt: skip
"""Words for stages through which a record goes → how far it is."""
_ENDED = 5
"""The stage from which on nothing follows but that all is closed."""
_DECIDED = frozenset(("approved", "rejected", "denied", "declined"))
_CALLED_OFF = frozenset(("cancelled", "canceled", "withdrawn", "void", "voided"))
_PUT_OUT = frozenset(("removed", "banned", "left", "revoked", "suspended"))
"""What becomes of what is valid, or of who takes part; of nothing that waits."""
_STUCK = frozenset(("blocked", "failed", "on hold", "disputed", "paused", "error"))
_UP = frozenset((
    *("active", "available", "operational", "enabled", "valid", "good", "fair", "working"),
    *("published", "open"),
))  # fmt: skip
_DOWN = frozenset((
    *("inactive", "deactivated", "suspended", "disabled", "unavailable", "on leave", "maintenance"),
    *("under maintenance", "requires maintenance", "needs maintenance", "out of order", "damaged"),
    *("out of service", "under repair", "needs repair", "broken", "faulty", "poor", "disrupted"),
))  # fmt: skip
"""How what works for the time being does not; both ways are gone again and again."""
_FOLLOWING = frozenset((
    *("paid", "partially paid", "unpaid", "overdue", "expired", "occupied", "reserved", "booked"),
    *("loaned", "on loan", "borrowed", "checked in", "checked out", "authenticated", "assigned"),
    *("unauthenticated", "full", "sold", "sold out", "out of stock", "in stock", "returned"),
))  # fmt: skip
"""How things stand by what was done or paid, or by the day: nobody sets it by hand."""
_IN_USE = frozenset((
    *("in progress", "ongoing", "started", "occupied", "in use", "loaned", "on loan"),
    *("borrowed", "overdue", "dispatched", "en route", "in transit", "arrived", "on scene"),
    *("transporting", "checked in", "checked out", "assigned", "unavailable"),
))  # fmt: skip
"""How things stand with what is under way, or with what is in use."""
_HANDLED = frozenset((
    *("dispatched", "en route", "on scene", "transporting", "arrived", "assigned"),
    *("in progress", "in transit"),
))  # fmt: skip
_SINGLY = frozenset((
    *("revoked", "suspended", "banned", "terminated", "rejected", "denied", "declined"),
    *("disrupted", "damaged", "out of order", "out of service", "broken", "failed", "blocked"),
    *("inactive", "in progress", "processing", "dispatched", "en route", "arrived", "on scene"),
))  # fmt: skip
"""What befalls one at a time."""
BROUGHT: Mapping[str, str] = {
    "complete": "completed",
    "resolve": "resolved",
    "approve": "approved",
    "reject": "rejected",
    "cancel": "cancelled",
    "deactivate": "inactive",
    "inactivate": "inactive",
    "suspend": "suspended",
    "activate": "active",
    "fail": "failed",
    "start": "in progress",
    "finalize": "finalized",
    "retry": "pending",
}
"""Verb → how things stand after it."""


def follows(held: str, new: str, known: Collection[str]) -> bool:
    """Tell whether a record would be brought from one status to another.

    Args:
        held: The status that it has.
        new: The one that it is to have.
        known: All that such records have; none of them is left out on the way.
    """
    before, after = _plain(held), _plain(new)
    if before == after:
        return False
    if not (_is_known(before) and _is_known(after)):
        return _STAGES.get(before, 0) < _ENDED and before not in _CALLED_OFF
    return _leads_to(before, after, known)


def _leads_to(before: str, after: str, known: Collection[str]) -> bool:
    """Tell whether a status follows on another, of both of which that is known."""
    if after in _PUT_OUT - _DOWN or (after in _PUT_OUT and before not in _UP):
        return before in _UP
    if before in _DOWN:
        return after in _UP
    if before in _UP and after in _DOWN:
        return True
    if before in _STUCK:
        return _STAGES.get(after) in (1, 2)
    return before not in _DECIDED and _goes_on(_STAGES.get(before, 9), after, known)


def _is_known(status: str) -> bool:
    """Tell whether it is known what comes before and after a status."""
    return status in _STAGES or status in _CALLED_OFF | _STUCK | _UP | _DOWN | _FOLLOWING | _PUT_OUT


def _goes_on(stage: int, after: str, known: Collection[str]) -> bool:
    """Tell whether a status lies ahead of a stage, and no other one between."""
    if after in _CALLED_OFF or after in _STUCK:
        return stage <= (2 if after in _CALLED_OFF else 3)
    then = _STAGES.get(after, 0)
    between = (_STAGES.get(_plain(each), 0) for each in known)
    return stage < then and not any(stage < each < then for each in between)


def is_set_by_hand(new: str, *, for_many: bool = False) -> bool:
    """Tell whether somebody would set a status, and whether for many records at once."""
    plain = _plain(new)
    return plain not in _FOLLOWING and not (for_many and plain in _SINGLY)


def wakes(held: str, new: str) -> bool:
    """Tell whether what did not work for a time does again."""
    return _plain(held) in _DOWN and _plain(new) in _UP


def is_free(status: str) -> bool:
    """Tell whether what has a status can be lent, or booked."""
    return _plain(status) not in _DOWN | _FOLLOWING


def is_down(status: str) -> bool:
    """Tell whether what has a status is out of use, or does not go on."""
    return _plain(status) in _DOWN | _STUCK


def is_in_use(status: str) -> bool:
    """Tell whether what has a status is under way, or in somebody's hands."""
    return _plain(status) in _IN_USE


def is_open(status: str) -> bool:
    """Tell whether something still has to be done with what has a status."""
    plain = _plain(status)
    at = _STAGES.get(plain, _ENDED)
    return plain != "active" and (0 < at < _ENDED or plain in _IN_USE | {"overdue", "unpaid"})


def needs_somebody(status: str) -> bool:
    """Tell whether what has a status is in the hands of somebody who was assigned to it."""
    return _plain(status) in _HANDLED


def is_waiting(status: str) -> bool:
    """Tell whether what has a status waits for something, so that the earliest comes first."""
    return _STAGES.get(_plain(status)) in (1, 2)


def _plain(status: str) -> str:
    return status.lower().replace("_", " ").replace("-", " ")
