"""What a description says of a limit: does what lies exactly on it count?"""

import re
from dataclasses import dataclass

_IN = (
    r"at least(?! \d)|at most(?! \d)|or (?:more|later|earlier|older|newer|above|below|less|fewer|"
    r"higher|lower|longer)|up to(?! \d)|(?:no|not) (?:more|less|fewer|later|earlier) than|"
    r"at or \w+|at (?:the |its |their )?(?:\w+ ){1,4}or (?:under|below|above|over|less|more)|"
    r"not (?:below|above|before|after)|on or (?:before|after)|by or before|inclusive|"
    r"(?:ends?|days?|dates?|bounds?|limits?) (?:are |is )?included|belongs? to|as well as on"
)
_THAN = (
    r"(?:more|less|fewer|greater|larger|smaller|earlier|later|older|younger|newer|dearer|cheaper|"
    r"higher|lower|longer|shorter|bigger) than|exceed(?:s|ing)?|strictly|exclusive"
)
_SIDE = r"before|after|above|below|over|under"
_OUT = rf"{_THAN}|{_SIDE}"
_NOT = r"(?:not|no|never|leaves? out|left out|without|except|excluding|skips?)"
_TURNED = re.compile(rf"\b{_NOT}\b[^.;:]{{0,40}}?\b(?:{_OUT})\b")
_INSIDE = re.compile(rf"\b(?:{_IN})\b")
_OUTSIDE = re.compile(rf"\b(?:{_OUT})\b")
_NAMED = re.compile(r"^(?:min|max|minimum|maximum)_|_(?:min|max|minimum|maximum)$")
_BOTH = re.compile(
    r"\b(?:both|all) (?:days|dates|ends|bounds|limits|minutes|hours|times|numbers)\b[^.;]*"
    r"\b(?:belong|includ|inclusive)|\bboth (?:are )?(?:included|inclusive|count)\b"
)
_AWAY = re.compile(
    r"\b(at least|no less than|more than|over|within|at most|less than) (\d{1,4}) days\b"
)


@dataclass(frozen=True, slots=True)
class Bound:
    """Whether what lies exactly on a limit counts."""

    included: bool
    words: str
    """That say so."""


def bound_in(text: str) -> Bound | None:
    """Read a text about one limit; None when it says nothing, or two things."""
    text = " ".join(text.lower().split())
    turned = _TURNED.search(text)
    rest = _TURNED.sub(" ", text)
    inside = _INSIDE.search(rest) or turned
    outside = _OUTSIDE.search(_INSIDE.sub(" ", rest))
    if inside and not outside:
        return Bound(included=True, words=inside[0])
    if outside and not inside:
        return Bound(included=False, words=outside[0])
    return None


def bound_of(parameter: str, own: str, description: str) -> Bound | None:
    """Find out whether a parameter is a limit that counts itself.

    Args:
        parameter: Its name.
        own: What is said of it alone.
        description: What is said of the tool.
    """
    whole = " ".join(description.lower().split())
    if both := _BOTH.search(whole):
        return Bound(included=True, words=both[0])
    name = re.escape(parameter.lower())
    near = re.findall(rf"(?:\S+ ){{0,4}}`?\b{name}\b`?(?: or \w+)?", whole)
    for text in (own, *near):
        if found := bound_in(text):
            return found
    if _NAMED.search(parameter) and not bound_in(f"{own} {whole}"):
        return Bound(included=True, words=parameter)
    return None


def days_away(description: str) -> tuple[int, Bound] | None:
    """Return a number of days that must lie between two dates, and whether exactly so many do."""
    found = _AWAY.search(" ".join(description.lower().split()))
    if found is None:
        return None
    included = found[1] not in {"more than", "over", "less than"}
    return int(found[2]), Bound(included=included, words=found[0])


def bound_at_clock(names: tuple[str, ...], description: str) -> Bound | None:
    """Find out whether what lies on the day that a state says it is counts.

    Args:
        names: Of that day, such as `today`.
        description: What is said of the tool.
    """
    whole = " ".join(description.lower().split())
    for name in names:
        word = re.escape(name)
        if out := re.search(
            rf"\b\w+ {word} (?:is|are|does|do) not \w+|\bnot (?:\w+ )?{word}\b", whole
        ):
            return Bound(included=False, words=out[0])
        if near := re.search(rf"\b(?:before|after) {word}\b", whole):
            return Bound(included=False, words=near[0])
        on = rf"\b{word} (?:(?:is )?included|or (?:later|earlier))|from {word} on\b"
        if near := re.search(on, whole):
            return Bound(included=True, words=near[0])
    if late := re.search(r"\boverdue\b", whole):
        return Bound(included=False, words=late[0])
    return None
