"""How long something is: a stay, a loan, the term of a paper."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from pydantic import JsonValue

from envscaler.environment.state.collections import Scalar

_ARRIVES, _LEAVES = re.compile(r"check_?in|arriv"), re.compile(r"check_?out|depart")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_NIGHTS = 13
_BEGINS, EXPIRES = (
    re.compile(r"issu|start|begin|valid_from|effective"),
    re.compile(r"expir|_until"),
)
_LENT, _BACK_BY = re.compile(r"borrow|lent|loan"), re.compile(r"due|return|back")
_LEAST_LENT = 14
_DAYS_OF_YEAR = 365.25
_FEBRUARY = 2
_FRIDAY, _DAYS_OF_WEEK = 4, 7


def in_order(values: dict[str, Scalar]) -> dict[str, Scalar]:
    """Put the dates in order: what begins comes before what ends."""
    dates = [
        name
        for name, value in values.items()
        if isinstance(value, str) and value[:2] == "20" and value[4:5] == "-"
    ]
    ordered = sorted((values[name] for name in dates), key=str)
    return _whole_years(_long_loan(_short_stay(values | dict(zip(dates, ordered, strict=True)))))


def on_weekdays(values: dict[str, Scalar]) -> dict[str, Scalar]:
    """Let what is agreed on for a Saturday or Sunday be on the Monday after it."""
    return {name: _weekday(value) for name, value in values.items()}


def _weekday(value: Scalar) -> Scalar:
    if not isinstance(value, str) or not _DAY.match(value):
        return value
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return value
    late = _DAYS_OF_WEEK - day.weekday() if day.weekday() > _FRIDAY else 0
    return f"{day + timedelta(days=late)}{value[10:]}"


def _long_loan(values: dict[str, Scalar]) -> dict[str, Scalar]:
    """Let what is lent be so for a fortnight at least."""
    begin = next((str(values[name]) for name in values if _LENT.search(name)), "")
    end = next((name for name in values if _BACK_BY.search(name)), "")
    if not end or not _DAY.fullmatch(begin) or not _DAY.fullmatch(str(values[end])):
        return values
    least = (date.fromisoformat(begin) + timedelta(days=_LEAST_LENT)).isoformat()
    return values | {end: max(least, str(values[end]))}


def extended(record: Mapping[str, JsonValue], until: str) -> str:
    """Return the day until which a paper is valid when its term begins anew.

    It is written as another such day; empty where the paper tells no term of whole years.
    """
    begins = [str(value) for name, value in record.items() if _BEGINS.search(name)]
    ends = [str(value) for name, value in record.items() if EXPIRES.search(name)]
    if not begins or not ends or not all(map(_DAY.match, (begins[0], ends[0], until))):
        return ""
    first, last = (date.fromisoformat(each[0][:10]) for each in (begins, ends))
    years = round((last - first).days / _DAYS_OF_YEAR)
    day = min(last.day, 28) if last.month == _FEBRUARY else last.day
    return f"{last.replace(year=last.year + years, day=day)}{until[10:]}" if years else ""


def _whole_years(values: dict[str, Scalar]) -> dict[str, Scalar]:
    """Let what is valid from a day on be so for a year, or for some."""
    begin = next((str(values[name]) for name in values if _BEGINS.search(name)), "")
    end = next((name for name in values if EXPIRES.search(name)), "")
    if not end or not _DAY.match(begin) or not _DAY.match(str(values[end])):
        return values
    first, last = date.fromisoformat(begin[:10]), date.fromisoformat(str(values[end])[:10])
    year = first.year + max(1, round((last - first).days / _DAYS_OF_YEAR))
    day = min(first.day, 28) if first.month == _FEBRUARY else first.day
    until = first.replace(year=year, day=day).isoformat()
    return values | {end: until + str(values[end])[10:]}


def _short_stay(values: dict[str, Scalar]) -> dict[str, Scalar]:
    """Let a stay end within two weeks."""
    begin = next((str(values[name]) for name in values if _ARRIVES.search(name)), "")
    end = next((name for name in values if _LEAVES.search(name)), "")
    if not end or not _DAY.fullmatch(begin) or not _DAY.fullmatch(str(values[end])):
        return values
    first, last = date.fromisoformat(begin), date.fromisoformat(str(values[end]))
    nights = 1 + (last - first).days % _MOST_NIGHTS
    return values | {end: (first + timedelta(days=nights)).isoformat()}
