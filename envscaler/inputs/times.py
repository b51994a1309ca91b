"""Times of a record in order: what is created lies before what is due, and that before ends."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from pydantic import JsonValue

from envscaler.inputs.texts import date_form
from envscaler.records import JsonObject

_FORMS = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
)
_BIRTH = frozenset(("birth", "birthday", "dob"))
_LAST = frozenset(
    [
        "end",
        "due",
        "until",
        "deadline",
        "return",
        "returned",
        "completed",
        "completion",
        "finished",
        "closed",
        "resolved",
        "discharge",
        "out",
        "cancelled",
        "canceled",
        "delivery",
        "delivered",
        "arrival",
    ]
)
OPEN = frozenset(
    ("active", "open", "pending", "in progress", "in_progress", "submitted", "scheduled", "overdue")
)
"""Statuses of what has not ended."""
ENDED = frozenset(
    ("return", "returned", "completed", "completion", "closed", "resolved", "discharge", "finished")
)
"""Words for times of an end."""
_EXPIRES = frozenset(("expiry", "expiration", "expires", "expire"))
_MIDDLE = frozenset(("updated", "modified", "last", "processed", "changed", "paid", "refresh"))
_AFTER = (
    (_EXPIRES, 200, 900),
    (frozenset(("out", "checkout")), 1, 8),
    (_LAST, 8, 22),
    (_MIDDLE, 1, 8),
)
"""Words for times, and the days that they lie after the first one."""
_AHEAD = frozenset(("scheduled", "appointment", "booking", "check", "departure", "planned"))


def is_time(value: JsonValue) -> bool:
    """Say whether a text is a date, or one with a time."""
    return isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value) is not None


def put_in_order(record: JsonObject, now: datetime, chance: Random) -> JsonObject:
    """Return a record with other times, each after those that come before it by their names."""
    held = [name for name, value in record.items() if _holds_time(name, value)]
    if not held:
        return record
    start = _start(held, now, chance)
    is_short = any(re.fullmatch(r"(start|begin)\w*_(time|at)", name) for name in held)
    moments = {
        name: start + timedelta(minutes=15 * chance.randrange(1, 6))
        if is_short and _LAST & set(name.split("_"))
        else _moment(name, start, now, chance)
        for name in held
    }
    return {
        name: _written(value, moments[name]) if name in moments else value
        for name, value in record.items()
    }


def _start(held: Sequence[str], now: datetime, chance: Random) -> datetime:
    """Return when a record began: lately, or about now where its times can lie ahead."""
    ahead = any(_AHEAD & set(name.split("_")) for name in held)
    start = now + timedelta(
        days=chance.randrange(-30, 25) if ahead else -chance.randrange(30, 400),
        minutes=15 * chance.randrange(8 * 4, 18 * 4),
    )
    return start.replace(hour=8 + chance.randrange(10))


def _moment(name: str, start: datetime, now: datetime, chance: Random) -> datetime:
    words = set(name.split("_"))
    if words & _BIRTH:
        return now - timedelta(days=chance.randrange(20 * 365, 80 * 365))
    for names, least, most in _AFTER:
        if words & names:
            days, minutes = chance.randrange(least, most), chance.randrange(1, 59)
            return start + timedelta(days=days, minutes=minutes)
    return start


def _holds_time(name: str, value: JsonValue) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, str):
        return is_time(value)
    is_named = bool(date_form(name, "")) or name.rpartition("_")[2] == "time"
    return isinstance(value, int | float) and is_named


def _written(value: JsonValue, moment: datetime) -> JsonValue:
    """Write a moment as the value before it was written."""
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
