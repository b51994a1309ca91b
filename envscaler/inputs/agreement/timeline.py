"""When things happened: in the order of their references, and as their statuses say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from random import Random

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.inputs.agreement.parts import (
    finish_old,
    follow_renewals,
    hold_parts,
    order_lists,
    order_versions,
    stay_active,
    take_turns,
    try_again,
)
from envscaler.inputs.agreement.periods import (
    draft_lately,
    is_calendar,
    label_periods,
    number_versions,
    place_periods,
    report_once,
)
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.standing import statuses
from envscaler.inputs.agreement.statuses import AHEAD, CALLED_OFF, CLOSED, PAID, UNDER_WAY
from envscaler.inputs.catalogue.catalogue import find
from envscaler.inputs.times import holds_time, is_time, kind_of_time, written
from envscaler.inputs.word_lists import STAFF
from envscaler.records import JsonObject

_QUICK = frozenset(["request", "job", "call", "session", "upload", "query", "search"])
"""Words for what takes minutes."""
_URGENT = frozenset(["incident", "emergency", "dispatch", "call", "alarm"])
"""Words for what cannot be under way since last week."""
_UNTOUCHED = frozenset(("submitted", "requested", "queued", "new", "placed"))
"""Statuses in which a record is as it was made."""
_AGES = {
    frozenset(("document", "policy", "handbook")): (10, 1000),
    frozenset(("meal", "food", "diary", "workout")): (1, 25),
    _QUICK: (1, 21),
    frozenset(("upload",)): (2, 90),
}
"""Words for what is kept until it is out of date, noted every day, asked of a program, or sent in
for a visit → how many days ago it began, at least and at most."""
_READY = frozenset(("medically ready", "ready", "ready for discharge"))
"""Statuses of those who leave today or tomorrow."""
_GONE = frozenset(("inactive", "suspended", "deactivated", "banned", "terminated", "closed"))
"""How things stand with somebody who has done nothing for weeks."""
_LEFT, _SPREAD = 35, 25
"""Days ago that somebody left, at least, and how much that differs."""
_LATELY = re.compile(r"last_(used|seen|login|active|visit)")
"""Times of what goes on all the time."""
_WORKERS = STAFF | frozenset(("driver", "technician", "teacher", "instructor"))
_COMES_TODAY = 0.2
"""How often it is today that somebody comes who has booked."""
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Span:
    """When something began, and when it ended or will, as far as that is told."""

    start: datetime
    end: datetime | None
    is_period: bool = False
    """Of the calendar, about which one can only report afterwards."""
    has_left: bool = False
    """Of somebody who has not been there since its end."""


def settle_times(records: Records) -> None:
    """Put the times of all records in order, those first to which others refer."""
    line = _Timeline(records)
    with records.still():
        for table in records.in_order():
            draft_lately(records, table)
            report_once(records, table)
            line.place(table)
            number_versions(records, table)
    for table in records.tables:
        order_versions(records, table)
        order_lists(records, table)
        finish_old(records, table)
        follow_renewals(records, table)
    for table in records.tables:
        take_turns(records, table)
        try_again(records, table)
        stay_active(records, table)
        hold_parts(records, table)
        label_periods(records, table)


class _Timeline:
    def __init__(self, records: Records) -> None:
        self._records = records
        self._now = records.now
        self._chance: Random = records.chance
        self._spans: dict[int, _Span] = {}
        self._hour = 0
        """At which a record usually begins; 0 for any."""
        self._is_exact = False
        """A record began minutes ago, at night too."""

    def place(self, table: Table) -> None:
        """Give all records of a table other times."""
        fields = [
            name
            for name in table.fields()
            if any(holds_time(name, record.get(name)) for record in table.records)
        ]
        if not fields:
            return
        if is_calendar(table):
            for record, first, last in place_periods(table, fields, self._now):
                self._spans[id(record)] = _Span(first, last, is_period=True)
            return
        forms = {name: next(iter(table.values(name))) for name in fields}
        for record in table.records:
            held = [name for name in fields if record.get(name) not in (None, "")]
            moments = self._moments(table, record, held)
            for name, moment in moments.items():
                record[name] = written(forms[name], moment)
            stands = statuses(table, record)
            self._remember(record, moments, stands, is_person=table.is_of_people)

    def _left(self, since: datetime) -> datetime:
        """Return when somebody was there for the last time who came on a day."""
        return self._now - timedelta(days=_LEFT + since.toordinal() % _SPREAD)

    def _remember(
        self,
        record: JsonObject,
        moments: dict[str, datetime],
        stands: set[str],
        *,
        is_person: bool,
    ) -> None:
        """Keep when a record began and ended, for those that refer to it."""
        kinds = {name: kind_of_time(name) for name in moments}
        first = [moments[name] for name, kind in kinds.items() if kind in {"start", "middle"}]
        if first and _is_short([*moments]) and stands & CALLED_OFF:
            # What belongs to a meeting that was not held is of the days before.
            self._spans[id(record)] = _Span(min(first) - 5 * _DAY, min(first))
        elif first:
            last = self._ends(moments, kinds, is_paid=bool({*PAID} & stands))
            has_left = is_person and bool(stands & _GONE) and not last
            last += [self._left(min(first))] if has_left else []
            span = _Span(min(first), max(last, default=None), has_left=has_left)
            self._spans[id(record)] = span

    def _ends(
        self, moments: Mapping[str, datetime], kinds: Mapping[str, str], *, is_paid: bool
    ) -> list[datetime]:
        """Return the times at which something has ended: a bill that is paid, when it was due."""
        ends = {"end", "due"} if is_paid else {"end"}
        last = [one for name, one in moments.items() if kinds[name] in ends]
        past = [one for name, one in moments.items() if kinds[name] == "expiry"]
        return last + [one for one in past if one < self._now]

    def _moments(
        self, table: Table, record: JsonObject, held: Sequence[str]
    ) -> dict[str, datetime]:
        """Return when each time of a record is."""
        stands = statuses(table, record)
        self._hour = self._usual_hour(table, record)
        expiry = self._expiry(stands, held)
        start = self._start(table, record, stands, held) if expiry is None else None
        start = start or self._before(expiry)
        length = self._length(table, record, held)
        found: dict[str, datetime] = {}
        for name in held:
            kind = kind_of_time(name)
            told = self._told(table, record, name)
            if told is not None:
                found[name] = told
            elif kind == "birth":
                found[name] = self._birth(table)
            elif kind == "expiry":
                found[name] = expiry or self._now + self._days(20, 600)
            else:
                found[name] = self._moment(name, start, length, stands)
        return found

    def _told(self, table: Table, record: JsonObject, name: str) -> datetime | None:
        """Return a time that a record has from one it refers to: of the same name, or planned."""
        same = name.removeprefix("planned_")
        for field, home in self._records.references(table).items():
            other = self._records.record(record[field]) if record.get(field) else {}
            value = other.get(same)
            if home is not table and name != "timestamp" and is_time(value):
                return datetime.fromisoformat(str(value)).replace(tzinfo=self._now.tzinfo)
            if name != same and home.is_of_people and statuses(home, other) & _READY:
                return self._now + _DAY * self._chance.randrange(2)
        return None

    def _moment(self, name: str, start: datetime, length: timedelta, stands: set[str]) -> datetime:
        """Return a time of a record, given when that began and how long it takes."""
        kind, is_over = kind_of_time(name), bool(stands & CLOSED)
        if kind in {"due", "planned", "out"}:
            return self._ahead(kind, start, length, stands)
        if _LATELY.match(name):
            last = self._left(start) if stands & _GONE else self._now
            return self._by_day(last - self._days(1, 12))
        length = length * self._chance.random() if kind == "middle" else length
        may_be_ahead = "date" in name.split("_") or name.startswith("end")
        if kind == "end" and may_be_ahead and not is_over:
            return start + length
        return self._afterwards(kind, start, length, stands)

    def _afterwards(
        self, kind: str, start: datetime, length: timedelta, stands: set[str]
    ) -> datetime:
        """Return when something ended, or was changed; when it began, where neither has come."""
        if kind not in {"end", "middle"} or (kind == "middle" and stands & _UNTOUCHED):
            return start
        last = self._now - (_MINUTE if self._is_exact else _HOUR)
        return max(start, min(start + max(length, _MINUTE), last))

    def _ahead(self, kind: str, start: datetime, length: timedelta, stands: set[str]) -> datetime:
        """Return a time that lies ahead of what has not ended yet, as far as that is in time."""
        is_over = bool(stands & CLOSED)
        if kind == "due" and "overdue" in stands:
            return self._now - self._days(2, 20)
        if kind == "due" and (is_over or not stands):
            return start + length + self._days(2, 10)
        if kind == "out":
            leaves = start + self._days(1, 7)
            return leaves if is_over else max(leaves, self._now + self._days(0, 3))
        return max(start + self._days(3, 25), self._now + self._days(2, 20))

    def _length(self, table: Table, record: JsonObject, held: Sequence[str]) -> timedelta:
        """Return how long a record takes, from its start to its end."""
        if {*table.words} & _QUICK:
            return timedelta(minutes=self._chance.randrange(2, 50))
        if _is_short(held):
            return timedelta(minutes=15 * self._chance.randrange(1, 6))
        days = self._column(table, record, "days")
        if days:
            return timedelta(days=int(days) - 1)
        is_window = any(name.startswith("start") for name in held)
        return self._days(40, 160) if is_window else self._days(3, 18)

    def _column(self, table: Table, record: JsonObject, column: str) -> str:
        """Return what a table of things tells about a record; empty where it tells nothing."""
        words = (*table.words, *(word for name in record for word in name.split("_")))
        found = (find(str(value), words, "") for value in record.values())
        return next((one.columns[column][0] for one in found if one and column in one.columns), "")

    def _usual_hour(self, table: Table, record: JsonObject) -> int:
        """Return an hour at which such a thing is usual: oatmeal is eaten in the morning."""
        least, _, most = self._column(table, record, "time").partition("..")
        return self._chance.randrange(int(least), int(most) + 1) if most else 0

    def _start(
        self, table: Table, record: JsonObject, stands: set[str], held: Sequence[str]
    ) -> datetime:
        """Return when a record began: after those that it refers to, and as it stands now."""
        start = self._wanted(table, stands, held)
        spans = [*self._around(table, record, stands)]
        periods = [span.end for span in spans if span.is_period and span.end]
        if periods:
            return self._after_period(max(periods))
        if not spans:
            return start if self._is_exact else self._by_day(start)
        ahead = self._now - 3 * _DAY
        low = max(span.start if span.start < self._now else ahead for span in spans)
        ends = [span.end for span in spans if span.end and span.end < self._now]
        return self._between(start, low, min(ends, default=self._now))

    def _around(self, table: Table, record: JsonObject, stands: set[str]) -> Iterator[_Span]:
        """Yield the spans in which a record began; what is open goes on without who has left."""
        is_open = bool(stands) and not stands & CLOSED
        for span in self._parents(table, record):
            yield replace(span, end=None) if span.has_left and is_open else span

    def _between(self, start: datetime, low: datetime, end: datetime) -> datetime:
        """Return when a record began that has to lie between two times; where it can, as wanted."""
        if start < low:
            room = self._now - low
            start = low + min(room * self._chance.random(), timedelta(days=20))
        if start > end:
            return self._within(low, end)
        return start if self._is_exact else self._by_day(start, low)

    def _after_period(self, end: datetime) -> datetime:
        """Return when one reports on a period: afterwards, or lately where it has not ended."""
        late = self._now - self._days(1, 9)
        return self._by_day(min(end + self._days(10, 50), late) if end < late else late)

    def _within(self, low: datetime, end: datetime) -> datetime:
        """Return a time between two."""
        inner = low + max(end - low, timedelta()) * self._chance.random()
        return inner if end - low < _DAY else min(self._by_day(inner, low), end)

    def _wanted(self, table: Table, stands: set[str], held: Sequence[str]) -> datetime:
        """Return when such a record may have begun, whatever it refers to."""
        self._is_exact = _is_of_now(table, stands, held)
        if self._is_exact:
            least, most = _minutes_ago(stands)
            minutes = self._chance.randrange(least, most)
            return self._now - timedelta(minutes=ceil(minutes / 5) * 5)
        if table.is_of_people and not any("admission" in name for name in held):
            return self._now - self._days(400, 1500)
        if _is_agreed(stands, held):
            if not stands & AHEAD and self._chance.random() < _COMES_TODAY:
                return self._now
            return self._now + (self._days(1, 40) if stands & AHEAD else self._days(-4, 25))
        return self._now - self._since(table, stands, held)

    def _since(self, table: Table, stands: set[str], held: Sequence[str]) -> timedelta:
        """Return how long ago a record began."""
        if (usual := _usual_age(table, held)) is not None:
            return self._days(*usual)
        is_open = bool(stands) and not stands & CLOSED
        is_due = is_open and any(kind_of_time(name) in {"due", "planned"} for name in held)
        if stands & UNDER_WAY or is_due:
            return self._lately(is_due=is_due, is_late="overdue" in stands)
        is_window = any(name.startswith("start_date") for name in held)
        return self._days(2, 120) if is_window else self._days(20, 300)

    def _lately(self, *, is_due: bool, is_late: bool) -> timedelta:
        """Return how long ago something began that has not ended."""
        if is_late:
            return self._days(25, 60)
        return self._days(1, 12 if is_due else 45)

    def _parents(self, table: Table, record: JsonObject) -> Iterator[_Span]:
        """Yield the spans of the records that one refers to."""
        for name, home in self._records.references(table).items():
            if record.get(name) and home is not table:
                yield from self._span_of(record[name])
        for name, home in self._records.lists(table).items():
            if name != home.name and home is not table:
                for key in items_of(record.get(name)) or ():
                    yield from self._span_of(key)

        yield from self._joined(table, record)

    def _joined(self, table: Table, record: JsonObject) -> Iterator[_Span]:
        """Yield when those that a record refers to came together: nobody writes before joining."""
        mine = {str(record.get(name)) for name in self._records.references(table)}
        for other in self._records.tables:
            names = [*self._records.references(other)] if "membership" in other.words else []
            for each in other.records if other is not table and len(names) == 2 else ():
                span = self._spans.get(id(each))
                if span is not None and {str(each.get(name)) for name in names} <= mine:
                    yield span

    def _span_of(self, key: JsonValue) -> Iterator[_Span]:
        span = self._spans.get(id(self._records.record(key)))
        if span is not None:
            yield span

    def _expiry(self, stands: set[str], held: Sequence[str]) -> datetime | None:
        """Return when a record expires or did, as it stands; None where it does not."""
        if not any(kind_of_time(name) == "expiry" for name in held):
            return None
        if "expired" in stands:
            return self._now - self._days(5, 200)
        return self._now + self._days(20, 600)

    def _before(self, expiry: datetime | None) -> datetime:
        """Return when something was issued for whole years that expires then."""
        end = expiry or self._now
        years = ceil(max((end - self._now).days, 0) / 365) or 1
        return self._by_day(end - timedelta(days=365 * max(years, 2)))

    def _birth(self, table: Table) -> datetime:
        is_worker = bool(_WORKERS & {*table.words})
        years = (25, 60) if is_worker else (20, 80)
        return self._now - self._days(years[0] * 365, years[1] * 365)

    def _days(self, least: int, most: int) -> timedelta:
        days = self._chance.randrange(least, most)
        return timedelta(days=days, minutes=self._chance.randrange(1, 59))

    def _by_day(self, moment: datetime, low: datetime | None = None) -> datetime:
        """Return a time of the same day in office hours, unless that is too early or beyond now."""
        hour = self._hour or 8 + self._chance.randrange(10)
        found = moment.replace(hour=hour, minute=15 * self._chance.randrange(4), second=0)
        is_out = found < low if low else False
        if not is_out and not found > self._now > moment:
            return found
        morning = moment.replace(hour=8, minute=15 * self._chance.randrange(4), second=0)
        is_night = moment.hour < 7 and morning < self._now
        return morning if is_night else moment.replace(second=0)


def _usual_age(table: Table, held: Sequence[str]) -> tuple[int, int] | None:
    """Return how many days ago such a record began; None where that is as with most."""
    told = {*table.words, *(word for name in held for word in name.split("_"))}
    return next((days for words, days in _AGES.items() if words & told), None)


def _is_of_now(table: Table, stands: set[str], held: Sequence[str]) -> bool:
    """Say whether a record must have begun minutes ago: a call, or a meeting that is held."""
    if {*table.words} & (_URGENT | _QUICK):
        return bool(stands & UNDER_WAY)
    return _is_short(held) and bool(stands) and not stands & (CLOSED | AHEAD)


def _minutes_ago(stands: set[str]) -> tuple[int, int]:
    """Return how long ago something began that is dealt with at once, at least and at most."""
    if stands & {"arrived", "on scene", "transporting"}:
        return 70, 170
    return (8, 25) if stands & {"en route", "en_route", "dispatched"} else (3, 40)


def _is_agreed(stands: set[str], held: Sequence[str]) -> bool:
    """Say whether a record is of what is agreed on before it takes place, and did not yet."""
    is_ahead = any(kind_of_time(name) == "ahead" for name in held)
    return not stands & CLOSED and (is_ahead or (_is_short(held) and bool(stands)))


def _is_short(held: Sequence[str]) -> bool:
    """Say whether a record takes less than a day: it tells at what time it starts."""
    return any(re.fullmatch(r"(start|begin)\w*_(time|at)", name) for name in held)
