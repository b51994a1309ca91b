"""Periods of a calendar, such as quarters, and what is reported about them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import cast

from pydantic import JsonValue

from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.times import is_time, kind_of_time, written
from envscaler.records import JsonObject

_PERIODS = {"monthly": 1, "quarterly": 3, "annual": 12, "yearly": 12}
"""Types of periods of a calendar, in months."""
_PART_OF_PERIOD = frozenset(("period", "term", "semester", "season"))
_REPORTS = frozenset(("report", "statement"))
"""Words for what there is once of a kind and period."""
_DAY = timedelta(days=1)
_DRAFTS = 1
"""Periods about which there are drafts."""
_ENDED = timedelta(days=10)
"""How long ago the last period has ended at least: there is time to report about it."""
_CLOSED = timedelta(days=120)
"""How long after its end a period is closed: none is so before an earlier one."""


def is_calendar(table: Table) -> bool:
    """Say whether records are periods of a calendar: each of them has a start and a type."""
    return bool(_PART_OF_PERIOD & {*table.words}) and all(
        any(map(_months, record.values())) and all(map(is_time, _ends(record)))
        for record in table.records
    )


def _ends(record: JsonObject) -> list[JsonValue]:
    return [value for name, value in record.items() if name in {"start_date", "end_date"}]


def _months(value: JsonValue) -> int:
    return _PERIODS.get(value.lower(), 0) if isinstance(value, str) else 0


def _months_before(now: datetime, months: int, turns: int) -> datetime:
    """Return when the period began that lies some turns before the one that was last."""
    count = now.year * 12 + (now.month - 1) // months * months - months * (turns + 1)
    return now.replace(year=count // 12, month=count % 12 + 1, day=1, hour=0, minute=0)


def place_periods(
    table: Table, fields: Sequence[str], now: datetime
) -> Iterator[tuple[JsonObject, datetime, datetime]]:
    """Give periods the months that they last, the latest ones; yield their first and last days."""
    taken: dict[int, int] = {}
    for record in table.records:
        months = next(length for length in map(_months, record.values()) if length)
        taken[months] = taken.get(months, -1) + 1
        first = _months_before(now - _ENDED, months, taken[months])
        after = _months_before(now - _ENDED, months, taken[months] - 1)
        moments = {name: after - _DAY if kind_of_time(name) == "end" else first for name in fields}
        for name, moment in moments.items():
            record[name] = written(record[name], moment)
        for name, value in record.items():
            if isinstance(value, bool) and name.endswith("closed"):
                record[name] = after < now - _CLOSED
        yield record, first, after - _DAY


def draft_lately(records: Records, table: Table) -> None:
    """Let drafts be about the last periods of their lengths; where any will do, about the last."""
    for field, home in records.references(table).items() if table.records else ():
        drafts = [
            one
            for one in (table.records if is_calendar(home) else ())
            if "draft" in {str(value).lower() for value in one.values()} and one.get(field)
        ]
        for turn, record in enumerate(drafts):
            last = _last(home, records.record(record[field]), record)
            record[field] = last[turn % min(_DRAFTS, len(last))]


def _last(home: Table, period: JsonObject, record: JsonObject) -> list[JsonValue]:
    """Return the keys of the periods that a record may be about, the last one first."""
    said = {word for one in record.values() if isinstance(one, str) for word in one.split("_")}
    length = next((one for one in map(_months, period.values()) if one), 0)
    is_bound = bool({*_PERIODS} & said)
    found = [
        (max(map(str, _ends(one))), str(key))
        for key, one in zip(home.keys, home.records, strict=True)
        if not is_bound or length in map(_months, one.values())
    ]
    return [key for _, key in sorted(found, reverse=True)]


def report_once(records: Records, table: Table) -> None:
    """Let one report of a kind be about each period, as long as there are others of its length."""
    sorts = [name for name in table.of_type(str) if name.endswith("type")]
    if not sorts or not _REPORTS & {*table.words}:
        return
    for field, home in records.references(table).items():
        taken: set[tuple[JsonValue, JsonValue]] = set()
        for record in _drafts_first(table) if is_calendar(home) else ():
            for period in [record[field], *_last(home, records.record(record[field]), record)]:
                if (record[sorts[0]], period) not in taken:
                    record[field] = period
                    break
            taken.add((record[sorts[0]], record[field]))


def _drafts_first(table: Table) -> list[JsonObject]:
    return sorted(table.records, key=lambda one: "draft" not in {*map(str, one.values())})


def number_versions(records: Records, table: Table) -> None:
    """Let a report be of no later version than there was time for since its period ended."""
    numbers = [name for name in table.of_type(int) if "version" in name]
    for field, home in records.references(table).items() if numbers else ():
        for record in table.records if is_calendar(home) else ():
            made = [str(one)[:10] for one in record.values() if is_time(one)]
            last = max(map(str, _ends(records.record(record[field]))), default="")[:10]
            if made and last:
                days = (datetime.fromisoformat(min(made)) - datetime.fromisoformat(last)).days
                record[numbers[0]] = min(cast("int", record[numbers[0]]), 1 + max(days, 0) // 9)


def label_periods(records: Records, table: Table) -> None:
    """Let a line of a report be of the period that the report is about."""
    for name in table.of_type(str):
        if "period" not in name.split("_") or records.home_of(table.values(name)[0]):
            continue
        for record in table.records:
            period = _period_of(records, record, 3)
            if period is not None:
                record[name] = _label(period)


def _period_of(records: Records, record: JsonObject, steps: int) -> JsonObject | None:
    """Return the period of a calendar to which a record refers, directly or through others."""
    for name, value in record.items() if steps else ():
        home = records.home_of(value)
        if home is None or not name.endswith(("id", "period")):
            continue
        other = records.record(value)
        if other is record:
            continue
        if _PART_OF_PERIOD & {*home.words} and is_time(other.get("start_date")):
            return other
        found = _period_of(records, other, steps - 1)
        if found is not None:
            return found
    return None


def _label(period: JsonObject) -> str:
    """Write a period as people do: `2024-Q3`, or the year."""
    year, month = str(period["start_date"])[:4], int(str(period["start_date"])[5:7])
    months = next((length for length in map(_months, period.values()) if length), 12)
    return {3: f"{year}-Q{(month + 2) // 3}", 1: f"{year}-{month:02}"}.get(months, year)
