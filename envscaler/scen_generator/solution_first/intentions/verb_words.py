"""Words in the names of tools and parameters, by what they say of a request."""

import re
from collections.abc import Mapping, Sequence

PREPOSITIONS = frozenset(
    ["to", "from", "for", "of", "as", "by", "with", "in", "on", "at", "into", "under", "against"]
)
PARTICLES = frozenset(["in", "out", "up", "off", "back"])
UPDATE = frozenset(
    ["update", "modify", "change", "set", "edit", "adjust", "correct", "revise", "alter"]
)
CREATE = frozenset(
    [
        "add",
        "create",
        "submit",
        "register",
        "log",
        "record",
        "upload",
        "book",
        "schedule",
        "open",
        "issue",
        "place",
        "post",
        "file",
        "send",
        "request",
        "start",
        "generate",
        "insert",
        "report",
        "enroll",
        "reserve",
        "make",
        "write",
        "publish",
    ]
)
ENDING = frozenset(
    [
        "delete",
        "remove",
        "cancel",
        "archive",
        "deactivate",
        "purge",
        "clear",
        "close",
        "finalize",
        "terminate",
        "revoke",
        "anonymize",
        "discharge",
        "withdraw",
        "detach",
    ]
)
MOVING = frozenset(["move", "transfer", "assign", "reassign", "relocate", "switch", "attach"])
HUMAN_DOES = frozenset(
    ["delete", "remove", "archive", "like", "unlike", "share", "edit", "close", "cancel", "restore"]
)
"""Acts of a person on a thing: who is named besides does them."""
TAKEN = frozenset(
    ["booking", "reservation", "loan", "rental", "review", "purchase", "loan_transaction", "order"]
)
"""What is made of a thing for a person: a booking of a room."""
PAID = frozenset(["payment", "charge", "refund", "fee", "deposit", "expense", "donation"])
ROLES: Mapping[str, str] = {
    "sender": "from",
    "recipient": "to",
    "receiver": "to",
    "author": "by",
    "assignee": "assigned to",
    "assigned_to": "assigned to",
}
ODD = frozenset(
    [
        "bulk",
        "batch",
        "import",
        "export",
        "refresh",
        "recalculate",
        "regenerate",
        "sync",
        "simulate",
    ]
)
ACTOR = re.compile(
    r"^(requester|requesting|actor|admin|acting|changed_by|performed_by|updated_by|created_by"
    r"|approved_by|requested_by|modified_by)"
)
VAGUE = frozenset(
    [
        "info",
        "information",
        "details",
        "detail",
        "data",
        "profile",
        "record",
        "metadata",
        "entry",
        "settings",
        "attributes",
    ]
)
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "update": ("change", "update"),
    "modify": ("change", "adjust"),
    "set": ("set", "change"),
    "edit": ("edit", "change"),
    "adjust": ("adjust", "change"),
    "delete": ("delete", "remove"),
    "add": ("add",),
    "increment": ("increment", "increase"),
    "deactivate": ("deactivate",),
}


def split_at_prepositions(name: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Split words at their prepositions."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for word in name:
        if word in PREPOSITIONS:
            found.append((word, []))
        else:
            found[-1][1].append(word)
    return [(preposition, tuple(group)) for preposition, group in found if group]
