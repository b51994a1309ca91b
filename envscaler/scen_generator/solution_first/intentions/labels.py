"""What the fields and parameters of code are called by a person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import inflection

_MOST_KNOWN = 4096
"""Names of fields and parameters of which it is known what they are called."""
_PLAIN = re.compile(r"^(new|updated|requested|provided|target)_(?=\w)")
_LONG = {
    "max": "maximum",
    "min": "minimum",
    "qty": "quantity",
    "desc": "description",
    "num": "number of",
    "dob": "date of birth",
    "sta": "status",
    "addr": "address",
    "avg": "average",
    "info": "information",
    "dept": "department",
    "temp": "temperature",
    "rh": "relative humidity",
    "why": "reason",
}
_UNITS = {
    "m": "metres",
    "cm": "centimetres",
    "mm": "millimetres",
    "km": "kilometres",
    "kg": "kilograms",
    "minutes": "minutes",
    "mins": "minutes",
    "hours": "hours",
    "days": "days",
    "seconds": "seconds",
    "cents": "cents",
    "pence": "pence",
    "c": "degrees",
    "usd": "dollars",
    "eur": "euros",
    "pct": "percent",
    "percent": "percent",
}
_WHEN_DONE = r"_(?:at|on|date|time|timestamp)"
_DONE = re.compile(rf"^(?:date_(\w+ed)|last_(\w+?ed)(?:{_WHEN_DONE})?|(\w+?ed){_WHEN_DONE})$")
_MADE = {
    "creation": "created",
    "generation": "generated",
    "upload": "uploaded",
    "submission": "submitted",
    "registration": "registered",
    "last modification": "modified",
    "last update": "updated",
    "recording": "recorded",
    "completion": "completed",
    "publication": "published",
    "issuance": "issued",
    "issue": "issued",
    "hire": "hired",
    "hiring": "hired",
    "admission": "admitted",
    "enrollment": "enrolled",
    "purchase": "purchased",
}
_MADE_FIELD = re.compile(
    rf"^(?:last_)?({'|'.join(each.split()[-1] for each in _MADE)})_(?:date|time|timestamp)$"
)
_WHEN = frozenset(["date", "time", "timestamp", "datetime", "day"])
_PRICE = re.compile(r"(^|_)(price|cost|fee)(_per_\w+)?$")
_COUNT = re.compile(r"(\w+)_count|(?:number|num)_of_(\w+)|(\w*(?:votes|likes|points|views))")
_BIRTH = re.compile(r"birth|(^|_)dob$")
_SIZE = re.compile(r"^(total_)?(amount|total|balance|sum)$")
_PLAIN_NOUN = frozenset(["information", "content", "feedback", "stock", "notes", "details"])


@dataclass(frozen=True, slots=True)
class Rank:
    """Words for the first record in the order of a field."""

    before: str
    """What stands before the noun; empty when nothing does."""
    after: str
    """What stands behind it."""
    most: bool
    rank: int = 1


_IN_TIME = (
    Rank("latest ", "", most=True),
    Rank("earliest ", "", most=False),
    Rank("second latest ", "", most=True, rank=2),
    Rank("second earliest ", "", most=False, rank=2),
)
_BY_PRICE = (
    Rank("most expensive ", "", most=True),
    Rank("cheapest ", "", most=False),
    Rank("second cheapest ", "", most=False, rank=2),
)
_BY_SIZE = (Rank("largest ", "", most=True), Rank("smallest ", "", most=False))
_BY_BIRTH = (Rank("youngest ", "", most=True), Rank("oldest ", "", most=False))
_BY_AGE = (Rank("oldest ", "", most=True), Rank("youngest ", "", most=False))


def words(name: str) -> str:
    """Return a name of code as words."""
    return name.replace("_", " ").strip().lower()


@lru_cache(_MOST_KNOWN)
def label_of(name: str) -> str:
    """Return what a field or parameter is called: `due date` for `new_due_date`."""
    plain = _PLAIN.sub("", name)
    plain = re.sub(r"(^|_)(timestamp|datetime)$", r"\1time", re.sub(r"_ids?$", "", plain) or plain)
    plain = re.sub(r"_val$", "", plain)
    said, unit = plain.lower().split("_"), ""
    if len(said) > 1 and said[-1] in _UNITS and said[-2] not in ("per", "of", "in"):
        unit = f" in {_UNITS[said[-1]]}"
        said = said[:-1]
    if (found := participle_of(plain)) and said[-1] in ("at", "on", found):
        noun = next((each for each, done in _MADE.items() if done == found), "")
        return f"{noun} date" if noun else f"date {found}"
    label = " ".join(_LONG.get(word, word) for word in said) + unit
    return re.sub(r"\bcheck (in|out)\b", r"check-\1", label)


@lru_cache(_MOST_KNOWN)
def participle_of(field: str) -> str | None:
    """Return what was done at the time that a field holds: `created` for `creation_date`."""
    if found := _MADE_FIELD.match(field):
        return next(done for each, done in _MADE.items() if each.endswith(found[1]))
    found = _DONE.match(field)
    return next((each for each in found.groups() if each), None) if found else None


def ranks(field: str, *, is_date: bool, is_main: bool) -> Iterator[Rank]:
    """Yield the ways to speak of the first and the second record in the order of a field.

    Args:
        field: What they are ordered by.
        is_date: It holds dates.
        is_main: No other date of these records is meant when none is named.
    """
    done = participle_of(field) if is_date else None
    if done is not None and not is_main:
        yield Rank(f"most recently {done} ", "", most=True)
        yield Rank("", f" that was {done} first", most=False)
        return
    if done is not None:
        yield from (Rank("latest ", "", most=True), Rank("oldest ", "", most=False))
        return
    named = _named_ranks(field, is_date=is_date, is_main=is_main)
    yield from named or _plain_ranks(label_of(field), is_date=is_date)


def _named_ranks(field: str, *, is_date: bool, is_main: bool) -> tuple[Rank, ...]:
    """Return ranks that have words of their own; none where the field has to be named."""
    if is_date and is_main and set(field.split("_")) & _WHEN:
        return _IN_TIME
    if _PRICE.search(field):
        return _BY_PRICE
    if _SIZE.match(field) and not is_date:
        return _BY_SIZE
    if _BIRTH.search(field):
        return _BY_BIRTH
    return _BY_AGE if field == "age" else _counted_ranks(field)


def _counted_ranks(field: str) -> tuple[Rank, ...]:
    """Return ranks by how many there are of something; none where a field counts nothing."""
    found = _COUNT.fullmatch(field)
    if found is None:
        return ()
    many = words(inflection.pluralize(found[1] or found[2] or found[3]))
    return (Rank("", f" with the most {many}", most=True),)


def _plain_ranks(label: str, *, is_date: bool) -> Iterator[Rank]:
    most, least = ("latest", "earliest") if is_date else ("highest", "lowest")
    for said, is_most, rank in (
        (most, True, 1),
        (least, False, 1),
        (f"second {most}", True, 2),
        (f"second {least}", False, 2),
    ):
        yield Rank("", f" with the {said} {label}", is_most, rank)


def with_article(noun: str) -> str:
    """Put `a` or `an` before words; nothing where they are many or cannot be counted."""
    last = noun.split()[-1] if noun.strip() else ""
    if last in _PLAIN_NOUN or (last.endswith("s") and not last.endswith(("ss", "us", "is"))):
        return noun
    sounds = noun.startswith(("a", "e", "i", "o", "u")) and not noun.startswith(("us", "uni", "eu"))
    return f"{'an' if sounds else 'a'} {noun}"
