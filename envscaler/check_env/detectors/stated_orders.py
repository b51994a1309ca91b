"""The order of rows that a description promises: `most points first, equal ones by id`."""

import re
from dataclasses import dataclass

_DOWN = (
    "most recent", "most expensive", "most", "highest", "higher", "largest", "larger", "biggest",
    "bigger", "newest", "newer", "latest", "later", "longest", "longer", "greatest", "dearest",
    "heaviest", "best",
)  # fmt: skip
_UP = (
    "fewest", "fewer", "lowest", "lower", "smallest", "smaller", "oldest", "older", "earliest",
    "earlier", "shortest", "shorter", "cheapest", "cheaper", "least", "soonest", "nearest",
)  # fmt: skip
_OF_TIME = frozenset(
    ("most recent", "newest", "newer", "latest", "later", "oldest", "older", "earliest", "earlier",
     "soonest")
)  # fmt: skip
_SIDE = "|".join((*_DOWN, *_UP))
_FIRST = re.compile(rf"\b({_SIDE})(?: (\w+))?(?: \w+)? first\b")
_COMES_FIRST = re.compile(rf"\b(?:{_SIDE})(?: \w+){{0,3}} first\b")
_SORTED = re.compile(
    r"\b(?:in (?:the )?order of|(?:sorted|ordered|arranged|listed) by|, by)(?: the| their)? (\w+)"
)
_TURNED = re.compile(r"\b(descending|reversed?|latest|newest|largest|highest|most)\b")
_TIES = (
    re.compile(rf"\bequal \w+[,:]? (?:the )?({_SIDE}) (\w+) first\b"),
    re.compile(r"\b(equal)(?: ones| \w+)?(?: sorted)?[,:]? by (\w+)"),
    re.compile(r"\b(ties)(?: are)?(?: broken| sorted)?[,:]? by (\w+)"),
    re.compile(r"\b(then) by (\w+)"),
    re.compile(r"\b(equal)(?: \w+){0,2} in (?:the )?(?:ascending )?order of (?:the )?(\w+)\b"),
    re.compile(r"\b(equal)(?: \w+){0,2} in ascending (?:\w+ )?order of (?:the )?(\w+)\b"),
)
_WHERE_EQUAL = re.compile(r"\bby (\w+) (?:where|when|if|among) equal\b")
_COLUMNS = re.compile(r"\[([a-z_ ]+(?:, ?[a-z_ ]+)+)\]")
_OF_LINES = re.compile(r"[\"']([a-z_ ]+(?: *[|;/] *[a-z_ ]+)+)[\"']")


@dataclass(frozen=True, slots=True)
class StatedOrder:
    """What comes first."""

    down: bool
    """What has more comes first."""
    of_time: bool
    """It is about dates."""
    words: str
    noun: str = ""
    """What is said to be more, such as `points`."""
    named: bool = False
    """A column is named, and nothing is said of which side comes first."""


@dataclass(frozen=True, slots=True)
class StatedTie:
    """What decides between rows that are equal."""

    column: str
    down: bool
    words: str


def stated_order(description: str) -> StatedOrder | None:
    """Read what comes first; None when nothing is said, or more than one thing."""
    text = _plain(description)
    if not _FIRST.search(text):
        return _by_column(text)
    found = _firsts(text)
    if len({one[1] for one in found}) != 1:
        return None
    side = found[0][1]
    return StatedOrder(side in _DOWN, side in _OF_TIME, found[0][0], found[0][2] or "")


def _by_column(text: str) -> StatedOrder | None:
    """Read the column that rows are sorted by, smallest first."""
    sorting = _SORTED.search(text)
    if sorting is None or _TURNED.search(text):
        return None
    return StatedOrder(down=False, of_time=False, words=sorting[0], noun=sorting[1], named=True)


def _firsts(text: str) -> list[re.Match[str]]:
    """Return where something is said to come first, but not among equal rows only."""
    ties = [found.span() for tie in _TIES for found in tie.finditer(text)]
    return [
        one
        for one in _FIRST.finditer(text)
        if not any(start <= one.start() < end for start, end in ties)
    ]


def stated_ties(description: str) -> list[StatedTie]:
    """Read what decides between equal rows, in order."""
    text = _plain(description)
    found = [
        (one.start(), StatedTie(one[2], one[1] in _DOWN, one[0]))
        for tie in _TIES
        for one in tie.finditer(text)
    ]
    found += [
        (one.start(), StatedTie(one[1], down=False, words=one[0]))
        for one in _WHERE_EQUAL.finditer(text)
    ]
    return [tie for _, tie in sorted(found, key=lambda one: one[0])]


def without_orders(description: str) -> str:
    """Return a description without what it says comes first."""
    return _COMES_FIRST.sub(" ", _plain(description))


def stated_columns(description: str) -> list[str]:
    """Return the names of the cells of a row, such as `[player_id, points]` or `id | points`."""
    text = " ".join(description.lower().split())
    if found := _COLUMNS.search(text):
        return [name.strip() for name in found[1].split(",")]
    lines = _OF_LINES.search(text)
    return [name.strip() for name in re.split(r"[|;/]", lines[1])] if lines else []


def _plain(description: str) -> str:
    return " ".join(description.lower().replace("`", "").split())
