"""Times of a record in order: what is created lies before what is due, and that before ends."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from pydantic import JsonValue

from envscaler.inputs.texts import date_form
from envscaler.records import JsonObject

TimeKind = Literal["birth", "expiry", "planned", "due", "out", "ahead", "end", "middle", "start"]

_FORMS = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
)
ENDED = frozenset(
    ("return", "returned", "completed", "completion", "closed", "resolved", "discharge", "finished")
)
"""Words for times of an end."""
_KINDS: tuple[tuple[TimeKind, frozenset[str]], ...] = (
    ("birth", frozenset(("birth", "birthday", "dob"))),
    ("expiry", frozenset(("expiry", "expiration", "expires", "expire"))),
    ("planned", frozenset(("planned", "expected", "estimated", "next"))),
    ("due", frozenset(("due", "until", "deadline"))),
    ("out", frozenset(("out", "checkout"))),
    ("ahead", frozenset(("scheduled", "appointment", "booking", "check", "departure"))),
    (
        "end",
        ENDED | frozenset(["end", "discharged", "canceled", "cancelled", "delivery", "delivered"]),
    ),
    ("end", frozenset(["arrival", "paid", "shipped"])),
    ("middle", frozenset(["updated", "modified", "last", "processed", "changed", "refresh"])),
)
"""What a time of a record is of → words in its name, the first that is there."""
_DAYS: dict[TimeKind, tuple[int, int]] = {
    "expiry": (200, 900),
    "planned": (8, 22),
    "due": (8, 22),
    "out": (1, 8),
    "end": (8, 22),
    "middle": (1, 8),
}
"""Days that a time lies after the first one, the least and the most."""


def is_time(value: JsonValue) -> bool:
    """Say whether a text is a date, or one with a time."""
    return isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value) is not None


def kind_of_time(name: str) -> TimeKind:
    """Return what a time is of, by the name of its field."""
    words = set(name.split("_"))
    for kind, told in _KINDS:
        if words & told:
            return kind
    return "start"


def put_in_order(record: JsonObject, now: datetime, chance: Random) -> JsonObject:
    """Return a record with other times, each after those that come before it by their names."""
    held = [name for name, value in record.items() if holds_time(name, value)]
    if not held:
        return record
    start = _start(held, now, chance)
    is_short = any(re.fullmatch(r"(start|begin)\w*_(time|at)", name) for name in held)
    moments = {
        name: start + timedelta(minutes=15 * chance.randrange(1, 6))
        if is_short and kind_of_time(name) == "end"
        else _moment(name, start, now, chance)
        for name in held
    }
    return {
        name: written(value, moments[name]) if name in moments else value
        for name, value in record.items()
    }


def _start(held: Sequence[str], now: datetime, chance: Random) -> datetime:
    """Return when a record began: lately, or about now where its times can lie ahead."""
    ahead = any(kind_of_time(name) in {"ahead", "planned"} for name in held)
    start = now + timedelta(
        days=chance.randrange(-30, 25) if ahead else -chance.randrange(30, 400),
        minutes=15 * chance.randrange(8 * 4, 18 * 4),
    )
    return start.replace(hour=8 + chance.randrange(10))


def _moment(name: str, start: datetime, now: datetime, chance: Random) -> datetime:
    kind = kind_of_time(name)
    if kind == "birth":
        return now - timedelta(days=chance.randrange(20 * 365, 80 * 365))
    if kind not in _DAYS:
        return start
    days, minutes = chance.randrange(*_DAYS[kind]), chance.randrange(1, 59)
    return start + timedelta(days=days, minutes=minutes)


def holds_time(name: str, value: JsonValue) -> bool:
    """Say whether a field holds a time: a date in a text, or seconds under such a name."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, str):
        return is_time(value) and "period" not in name.split("_")
    is_named = bool(date_form(name, "")) or name.rpartition("_")[2] == "time"
    return isinstance(value, int | float) and is_named


def written(value: JsonValue, moment: datetime) -> JsonValue:
    """Write a moment as another one is written."""
    if not isinstance(value, str):
        seconds = int(moment.timestamp())
        return seconds if isinstance(value, int) else float(seconds)
    form = next((form for form in _FORMS if _parses(value, form)), "")
    return moment.strftime(form) if form else value


def _parses(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
