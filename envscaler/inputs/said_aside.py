"""What a text says is kept beside the work itself: a count of refusals, a log of who has looked."""

import re
from collections.abc import Iterable, Iterator

_WORD = r"[`'\"]*(\w+)[`'\"]*"
_THE = r"(?:the |its |his |her |a |an |this |that )?(?:\w+ )?"
_KEPT = r"counted|written|noted|logged|recorded|entered|remembered"
_KEPT_IN = re.compile(
    rf"\b(?:{_KEPT}) (?:down )?(?:in|into|to|on|onto|under) "
    rf"(?:the |its |his |her |a |an )?{_WORD}",
    re.IGNORECASE,
)
"""`is counted in inquiries`, `written to the audit list`."""
_LEAVES_ON = re.compile(
    r"\b(?:leaves|leave|writes?|puts?|keeps?|notes?|records?|logs?|stores?|adds?|sets?)\b"
    r"[^.;:]*?\b(?:reason|cause|refusal|error|message|complaint|why|trace|line|entry)\b"
    rf"[^.;:]*? (?:in|into|to|on|onto|under|as) (?:the |its |his |her |a |an )?{_WORD}",
    re.IGNORECASE,
)
"""`leaves its reason on the slate`."""
_BUT = re.compile(
    r"\b(?:nothing|none|not|no \w+)\b[^.;:]*?"
    r"\b(?:but|except|save|beside|besides|other than|apart from)"
    rf"(?: for)? {_THE}{_WORD}",
    re.IGNORECASE,
)
"""`changes nothing but the counter refused`."""
_GOES_UP = re.compile(
    rf"{_WORD}[`'\"]* (?:has |is |are |was )?(?:also |then |only |just )?"
    r"(?:gone up|goes up|go up|raised|increased|incremented|counted up|grows|rises|counts)\b",
    re.IGNORECASE,
)
"""`the tally refused has gone up by one`."""
_RAISES = re.compile(
    rf"\b(?:raises|increases|increments|counts up|counts in|counted by) {_THE}{_WORD}",
    re.IGNORECASE,
)
_REFUSING = re.compile(
    r"\b(?:refus\w*|reject\w*|declin\w*|den(?:y|ies|ied)|fail\w*|unsuccessful|False|None|cannot)\b"
)
"""How a sentence speaks of calls that do nothing."""


def kept_of_refusals(sentences: Iterable[str]) -> frozenset[str]:
    """Return the names of what sentences say that refusals leave something in."""
    ways = (_KEPT_IN, _LEAVES_ON, _BUT, _GOES_UP, _RAISES)
    told = (one for one in sentences if _REFUSING.search(one))
    return frozenset(name for one in told for way in ways for name in _named(way, one))


def kept_by(text: str) -> frozenset[str]:
    """Return the names of what a description says that its tool leaves something in."""
    joined = " ".join(text.split())
    return frozenset(name for way in (_KEPT_IN, _RAISES) for name in _named(way, joined))


def _named(way: re.Pattern[str], text: str) -> Iterator[str]:
    return (name for found in way.findall(text) for name in ([found] if found else []))
