"""Which statuses records of a kind have, and what they say: data for `standing` and `timeline`."""

from collections.abc import Mapping


def _table(written: Mapping[str, str]) -> dict[frozenset[str], tuple[str, ...]]:
    return {frozenset(names.split()): tuple(told.split("; ")) for names, told in written.items()}


USUAL = _table({
    "payment transaction refund transfer": "completed; pending; failed",
    "invoice bill": "paid; unpaid",
    "order purchase": "pending; shipped; delivered; cancelled",
    "employee staff": "active; inactive",
    "service": "active; inactive",
    "claim": "submitted; under review; approved; denied",
    "consultation visit": "scheduled; completed; cancelled",
    "appointment": "scheduled; completed; cancelled",
    "task": "pending; in progress; completed",
    "user account customer member patient": "active; inactive; suspended",
})  # fmt: skip
"""Words for kinds of records → the statuses that they usually have."""
ALSO = _table({
    "payment transaction refund transfer": (
        "success; successful; processed; declined; refunded; reversed; processing"
    ),
    "invoice bill": (
        "open; overdue; partially paid; partially_paid; pending review; under review; disputed; "
        "issued; sent; draft; pending; cancelled; closed; void"
    ),
    "order purchase": (
        "processing; placed; confirmed; fulfilled; completed; returned; refunded; open; "
        "backordered; in transit; in_transit; paid; canceled; delayed"
    ),
    "employee staff": "on leave; on_leave; terminated; suspended; retired; probation",
    "service": "maintenance; disrupted; available; unavailable; operational; degraded",
    "claim": "open; pending; closed; rejected; paid; withdrawn; resolved; in review; under_review",
    "consultation visit": (
        "active; pending; confirmed; closed; in progress; in_progress; open; no-show; ended"
    ),
    "appointment": (
        "pending; confirmed; canceled; rescheduled; no-show; no_show; booked; requested; active"
    ),
    "task": (
        "blocked; open; done; todo; in_progress; cancelled; overdue; closed; on hold; archived; "
        "deleted; active; assigned; not started"
    ),
})  # fmt: skip
"""Words for kinds of records → the statuses that they may have as well."""

CLOSED = frozenset(
    [
        "returned",
        "completed",
        "complete",
        "done",
        "finished",
        "closed",
        "resolved",
        "discharged",
        "cancelled",
        "canceled",
        "paid",
        "failed",
        "rejected",
        "denied",
        "approved",
        "delivered",
        "expired",
        "revoked",
        "terminated",
        "refunded",
        "ended",
        "archived",
        "checked_out",
        "checked-out",
        "success",
        "successful",
        "fulfilled",
        "declined",
        "no-show",
        "final",
        "published",
    ]
)
"""Statuses of what is over."""
AHEAD = frozenset(
    [
        "scheduled",
        "pending",
        "confirmed",
        "reserved",
        "booked",
        "requested",
        "planned",
        "upcoming",
        "rescheduled",
    ]
)
"""Statuses of what is yet to come, where something has an hour of its own."""
UNDER_WAY = frozenset(
    [
        *[
            "pending",
            "submitted",
            "processing",
            "requested",
            "open",
            "unpaid",
            "blocked",
            "overdue",
            "dispatched",
        ],
        *["borrowed", "loaned", "admitted", "unresolved", "queued", "shipped", "draft"],
        *("in progress", "in_progress", "en route", "en_route", "arrived", "under review"),
        *("pending review", "on loan", "medically ready", "checked-in", "checked_in", "on scene"),
    ]
)
"""Statuses of what has begun and is not over."""
ENGAGED = frozenset(
    [
        *[
            "active",
            "overdue",
            "borrowed",
            "loaned",
            "dispatched",
            "arrived",
            "occupied",
            "confirmed",
            "reserved",
        ],
        *("on loan", "in progress", "in_progress", "en route", "en_route", "checked-in"),
        *("checked_in", "on scene", "in use"),
    ]
)
"""Statuses of what keeps a thing or a person busy."""
BUSY = (
    *("loaned", "on loan", "borrowed", "occupied", "in use", "rented", "booked", "checked out"),
    *("checked_out", "dispatched", "assigned", "busy", "unavailable"),
)
"""What such a thing is then, the plainest last."""
CALLED_OFF = frozenset(("cancelled", "canceled", "no-show", "rejected", "denied"))
"""Statuses of what did not take place."""
SETTLED = ("completed", "success", "successful", "processed", "paid", "cleared")
"""Statuses of a payment that counts."""
UNSETTLED = ("failed", "declined", "pending", "processing", "open", "pending review")
"""Statuses of a payment that does not."""
MISSED, AGAIN = ("failed", "declined"), ("pending", "processing", "open", "pending review")
"""Statuses of a payment that did not succeed, and of the one that is tried in its place."""
PAID = ("paid", "settled")
OWED = (
    *("unpaid", "open", "partially paid", "partially_paid", "pending", "issued", "sent", "overdue"),
    *("pending review", "under review", "disputed"),
)
"""Statuses of a bill that is paid, and of one that is not."""

OUTCOMES = ("14 records found", "3 records found", "1 record found", "27 records found")
"""What comes out of a search or the like."""

WHEN_SAID = {
    frozenset(fields.split()): frozenset(statuses.split("; "))
    for fields, statuses in {
        "return returned": "returned",
        "completed completion finished": "completed; complete; done; finished; closed; failed",
        "closed closing": "closed; resolved",
        "resolved resolution": "resolved; closed",
        "discharge discharged": "discharged",
        "paid": "paid",
        "shipped": "shipped; delivered",
        "delivered": "delivered",
        "cancelled canceled cancellation": "cancelled; canceled",
        "approved approval": "approved",
        "terminated termination": "terminated",
        "result results outcome": "completed; complete; done; resolved; closed",
    }.items()
}
"""Words of fields → statuses of the records in which they say something; else they are empty."""


def found_in(
    table: Mapping[frozenset[str], tuple[str, ...]], words: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what a table has for the first of some words for a kind."""
    return next((told for word in words for kinds, told in table.items() if word in kinds), ())
