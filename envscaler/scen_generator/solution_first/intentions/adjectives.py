"""Words for how something is: before a noun where they are adjectives, and else behind it."""

import re
from collections.abc import Callable, Mapping

_ADJECTIVE = re.compile(r"[a-z]+(ed|ing|able|ible|ive|al|ent|ant|ful|less|id|ous|ory)")
_OTHERS = frozenset((
    *("open", "new", "overdue", "late", "draft", "full", "empty", "good", "bad", "poor", "fair"),
    *("major", "minor", "severe", "mild", "moderate", "private", "public", "free", "busy", "idle"),
    *("broken", "lost", "stolen", "worn", "ready", "clean", "dirty", "primary", "safe", "premium"),
    *("basic", "hidden", "sold", "frozen", "incomplete", "complete", "preliminary", "temporary"),
    *("secret", "stale", "intact", "standard", "inactive", "archived", "unread", "secondary"),
))  # fmt: skip
"""Adjectives that do not end as most do."""
_GOING_ON = frozenset(("processing", "pending processing", "running"))
"""What something is just now; a running request is no kind of request."""
_OF_ITSELF = frozenset(("arrived", "departed", "left", "occurred", "responded", "succeeded"))
"""What something has done: nobody speaks of an arrived ambulance."""
_ALIKE: Mapping[str, str] = {"success": "successful", "failure": "failed", "error": "failed"}
"""Nouns → the adjectives that stand for them."""
_DEGREES = frozenset(("low", "medium", "high", "critical", "normal", "lowest", "highest"))
_HYPHENATED = re.compile(r"(in (progress|transit|stock|use)|on hold|out of (stock|order|service))")
_ENDED = frozenset(("failed", "expired"))
"""What something has done, though it is said before a noun as well."""
_LASTING = frozenset((
    *("open", "pending", "submitted", "unpaid", "draft", "overdue", "queued", "requested"),
    *("unverified", "inactive", "incomplete", "unread", "reserved", "pending review", "on hold"),
    *("pending approval", "under review"),
))  # fmt: skip
"""How something stays until somebody sees to it."""
_THINGS = frozenset(("draft",))
"""What something is rather than how."""
_STANDING = re.compile(
    r"(in|on|under|out of|off|at|up for|awaiting|pending|en|waiting for|not|partially|fully) \w.*"
    r"|\w+(ed|en) (in|out|off|up|back)"
)
Words = Callable[[str], str | None]
"""Returns the words for a value; None where it is said otherwise."""


def before_noun(value: str) -> str | None:
    """Return the adjective for a value: `successful` for `success`, `in-progress`."""
    plain = _plain(value)
    if _HYPHENATED.fullmatch(plain):
        return plain.replace(" ", "-")
    said = _ALIKE.get(plain, plain)
    is_one = said in _OTHERS or (_ADJECTIVE.fullmatch(said) is not None)
    return said if is_one and said not in _OF_ITSELF | _DEGREES | _GOING_ON else None


def behind_noun(value: str) -> str | None:
    """Return what something is that has no adjective: `pending review`."""
    plain = _plain(value)
    is_behind = plain in _GOING_ON or _STANDING.fullmatch(plain) is not None
    return plain if is_behind and before_noun(value) is None else None


def done_by_itself(value: str) -> str | None:
    """Return what something has done, where nothing was done to it: `arrived`."""
    plain = _plain(value)
    return plain if plain in _OF_ITSELF else None


def lasting(value: str) -> str | None:
    """Return how something still is: `if the bill is still unpaid`."""
    plain = _plain(value)
    if plain not in _LASTING:
        return None
    return f"a {plain}" if plain in _THINGS else plain


def ended(value: str) -> str | None:
    """Return what something has done, behind `has`: `if the request has failed`."""
    plain = _plain(value)
    return plain if plain in _ENDED | _OF_ITSELF else None


def just_so(value: str) -> str | None:
    """Return how something is, where neither `still` nor `has` belongs to it."""
    is_said_otherwise = lasting(value) or ended(value)
    return None if is_said_otherwise else before_noun(value) or behind_noun(value)


def marked(value: str) -> str | None:
    """Return a word for how something is that can only be quoted."""
    plain = _plain(value)
    is_said = any(words(value) for words in (before_noun, behind_noun, done_by_itself))
    return None if is_said or plain.startswith(("requires ", "needs ")) else plain


def degree(value: str) -> str | None:
    """Return a word for how much something is so, which names what it is a degree of."""
    plain = _plain(value)
    return plain if plain in _DEGREES else None


def _plain(value: str) -> str:
    return value.lower().replace("_", " ")
