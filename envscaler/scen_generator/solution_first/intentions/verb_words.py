"""Words in the names of tools and parameters, by what they say of a request."""

import re
from collections.abc import Mapping

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
    "create": ("create", "set up"),
    "add": ("add",),
    "increment": ("increment", "increase"),
    "deactivate": ("deactivate",),
}
