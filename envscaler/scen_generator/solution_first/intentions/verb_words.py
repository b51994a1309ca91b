"""Words in the names of tools and parameters, by what they say of a request."""

import re
from collections.abc import Mapping, Sequence

PREPOSITIONS = frozenset(
    ["to", "from", "for", "of", "as", "by", "with", "in", "on", "at", "into", "under", "against"]
)
PARTICLES = frozenset(["in", "out", "up", "off", "back", "down", "away"])
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
STATE_VERBS = frozenset(
    [
        "complete",
        "reopen",
        "resolve",
        "fail",
        "retry",
        "activate",
        "reactivate",
        "inactivate",
        "suspend",
        "approve",
        "reject",
        "restore",
        "publish",
        "verify",
        "mark",
        "start",
        "pause",
        "resume",
        "release",
        "flag",
        "increment",
        "lock",
        "unlock",
        "enable",
        "disable",
        "accept",
        "decline",
        "confirm",
    ]
)
"""What brings a record into another state, besides what ends it."""
MARKED: Mapping[str, str] = {
    "fail": "failed",
    "inactivate": "inactive",
    "complete": "completed",
}
"""Verbs that nobody uses of a thing → as what it is marked."""
TAKES_PART: Mapping[str, tuple[str, str]] = {
    "join": ("sign", "up for"),
    "enroll": ("sign", "up for"),
    "enrol": ("sign", "up for"),
    "leave": ("take", "out of"),
}
"""What people do for themselves → what is said of having it done: `sign me up for the course`."""
MOVING = frozenset(["move", "transfer", "assign", "reassign", "relocate", "switch", "attach"])
ATTACHING = frozenset(["associate", "attach", "link"])
"""What is done with something that belongs to something else, such as to a visit."""
HUMAN_DOES = frozenset(
    (
        *("delete", "remove", "archive", "like", "unlike", "share", "edit", "close", "cancel"),
        *("restore", "revert"),
    )
)
"""Acts of a person on a thing: who is named besides does them."""
TAKEN = frozenset(
    ["booking", "reservation", "loan", "rental", "review", "purchase", "loan_transaction", "order"]
)
"""What is made of a thing for a person: a booking of a room."""
RESERVED = frozenset(("booking", "reservation"))
"""What is made of a thing that is booked."""
PAID = frozenset(
    ["payment", "charge", "refund", "fee", "deposit", "expense", "donation", "credit", "hold"]
)
MADE: Mapping[str, tuple[str, ...]] = {
    "booking": ("make",),
    "reservation": ("make",),
    "claim": ("file", "submit"),
    "dispute": ("open",),
    "incident": ("report",),
    "thread": ("start", "open"),
    "consultation": ("book", "schedule"),
    "appointment": ("book", "schedule"),
    "activity": ("log", "record"),
    "loan": ("set up", "register"),
    "entry": ("write", "add"),
    "plan": ("set up",),
    "account": ("set up",),
}
"""What is made, by its last word → how a person asks for it."""
BESIDE: Mapping[str, str] = {
    "location": "at",
    "branch": "at",
    "site": "at",
    "warehouse": "at",
    "station": "at",
    "group": "in",
    "project": "in",
    "channel": "in",
    "challenge": "in",
    "course": "in",
    "bill": "about",
    "dispute": "about",
    "ticket": "about",
    "invoice": "on",
    "fiscal_period": "for",
}
"""What something is made for besides a person → the word before it."""
SERVING = frozenset(
    ["provider", "doctor", "physician", "nurse", "staff", "technician", "therapist", "trainer"]
)
"""People who do what is made for others."""
ROLES: Mapping[str, str] = {
    "sender": "from",
    "recipient": "to",
    "receiver": "to",
    "author": "by",
    "owner": "for",
    "assignee": "assigned to",
    "assigned_to": "assigned to",
}
LIGHT = frozenset(("put", "take", "bring", "let", "give", "do", "have", "hand", "hold"))
"""Verbs that say nothing without what follows on them."""
_OTHER_VERBS = frozenset(
    (
        *("allocate", "apply", "assign", "award", "borrow", "bring", "call", "certify", "charge"),
        *("check", "clean", "collect", "cut", "deliver", "discard", "dispatch", "draw", "drop"),
        *("exchange", "expel", "extend", "fetch", "finish", "fit", "fix", "fly", "forgive", "give"),
        *("grade", "grant", "hang", "hire", "hold", "inspect", "invite", "keep", "lay", "lend"),
        *("let", "lift", "load", "melt", "mend", "move", "pay", "plan", "promote", "put", "redeem"),
        *("reinstate", "renew", "repair", "restock", "retire", "return", "sell", "serve", "settle"),
        *("ship", "shut", "sign", "stamp", "strike", "swap", "take", "throw", "treat", "turn"),
        *("upgrade", "void", "wash", "weigh", "write", "admit", "expire", "bind", "clip", "copy"),
        *("dye", "feed", "fire", "freeze", "graft", "hand", "harvest", "launch", "mail", "milk"),
        *("moor", "mow", "mute", "observe", "pack", "patrol", "pause", "pin", "plant", "plough"),
        *("polish", "press", "prune", "rack", "recall", "recast", "refund", "rename", "ripen"),
        *("salt", "scan", "score", "scrap", "seal", "shelve", "snooze", "star", "surrender"),
        *("thaw", "unblock", "unlist", "unload", "unmute", "unpin", "unseal", "unstar", "water"),
        *("weave", "wind", "disqualify", "demote", "relegate", "subscribe", "unsubscribe"),
    )
)
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
        "upsert",
    ]
)
ACTOR = re.compile(
    r"^(by$|requester|requesting|actor|admin|acting|changed_by|performed_by|updated_by|created_by"
    r"|approved_by|requested_by|modified_by)"
)
PRAISING = re.compile(r"^(like|upvote|endorse|vote|rate)_|helpful|reputation")
"""Names of tools that say that something is good."""
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
    "modify": ("change", "update"),
    "set": ("set", "change"),
    "edit": ("change",),
    "adjust": ("change",),
    "alter": ("change",),
    "revise": ("change",),
    "clear": ("delete", "remove"),
    "purge": ("delete",),
    "inactivate": ("deactivate",),
    "delete": ("delete", "remove"),
    "add": ("add",),
    "increment": ("increase",),
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


ALL_VERBS = (
    UPDATE | CREATE | ENDING | STATE_VERBS | MOVING | HUMAN_DOES | {*TAKES_PART} | _OTHER_VERBS
)
"""Verbs that are known to be some."""
