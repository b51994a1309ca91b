"""Times of what has parts: versions of a document, tasks of a project."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.standing import is_taken_up, pool_of, status_fields, statuses
from envscaler.inputs.agreement.statuses import CALLED_OFF, ENGAGED, MISSED
from envscaler.inputs.times import holds_time, is_time, kind_of_time
from envscaler.records import JsonObject

_LONG = timedelta(days=200)
"""After which nothing is a draft any more."""
_TERM = timedelta(days=90)
"""Nothing that is renewed is valid for less."""
_RENEWED = re.compile(r"\b(renew|extend(ed|s)?\b)", re.IGNORECASE)
"""What was done, where it made a date of expiry a later one."""
_LATELY = timedelta(days=35)
_DONE = frozenset(("activity", "log", "comment", "review", "post", "thread", "message", "entry"))
_INACTIVE = frozenset(("inactive", "deactivated"))
"""Words for what somebody does who is there, and for who is not."""
_PAYMENTS = frozenset(("payment", "transaction"))
_FINAL = frozenset(("final", "finalized", "published", "approved"))


def order_versions(records: Records, table: Table) -> None:
    """Let a later version have a later time, and a document that of its last one."""
    number = next((name for name in table.of_type(int) if "version" in name), "")
    times = [name for name in table.fields() if any(map(is_time, table.values(name)))]
    if "version" not in table.words or not number or not times:
        return
    for field, home in records.references(table).items():
        if not home.is_of_people and home is not table:
            _order_those_of(records, home, records.belonging(table, field), (number, times[0]))


def _order_those_of(
    records: Records,
    home: Table,
    versions: Mapping[JsonValue, list[JsonObject]],
    fields: tuple[str, str],
) -> None:
    """Order the versions of each document.

    Args:
        records: All.
        home: The table of documents.
        versions: Key of a document → its versions.
        fields: With the number and the time of a version.
    """
    for key, found in versions.items():
        if home is records.home_of(key):
            _write_first(records.record(key), found, *fields)
        last = _sort_times(found, *fields)
        if home is records.home_of(key):
            _touch(records.record(key), last)
    for key, record in zip(home.keys, home.records, strict=True):
        made = _created(record)
        if key not in versions and made:
            _touch(record, made)


def _created(document: JsonObject) -> str:
    """Return when something was made, as it is written; empty where it does not say."""
    told = (str(value) for name, value in document.items() if "creat" in name and is_time(value))
    return next(told, "")


def _write_first(document: JsonObject, versions: list[JsonObject], number: str, time: str) -> None:
    """Let the first version of a document be of the day on which that was made."""
    made = _created(document)
    first = min(versions, key=lambda one: cast("int", one[number]))
    earliest = min(versions, key=lambda one: str(one[time]))
    if made and len(made) <= len(str(first[time])):
        earliest[time] = made + str(earliest[time])[len(made) :]


def _touch(document: JsonObject, last: str) -> None:
    """Let a document have been changed when its last version was made."""
    for name, value in document.items():
        if kind_of_time(name) == "middle" and is_time(value):
            document[name] = last[: len(str(value))]


def _sort_times(versions: list[JsonObject], number: str, time: str) -> str:
    """Sort the times of versions by their numbers; return the last one."""
    ordered = sorted(versions, key=lambda one: cast("int", one[number]))
    held = sorted(str(one[time]) for one in versions)
    for one, moment in zip(ordered, held, strict=True):
        one[time] = moment
    return held[-1]


def order_lists(records: Records, table: Table) -> None:
    """Let what lies in a list under the key of a record be in the order of its times."""
    value = records.state[table.name]
    times = [name for name in table.fields() if any(map(is_time, table.values(name)))]
    for found in value.values() if isinstance(value, dict) and len(times) == 1 else ():
        rows = [one for one in items_of(found) or () if isinstance(one, dict)]
        held = sorted(str(one.get(times[0])) for one in rows)
        for one, moment in zip(rows, held, strict=True):
            one[times[0]] = moment


def follow_renewals(records: Records, table: Table) -> None:
    """Let what was renewed be valid a term longer than from its issue, and tell that in time.

    Args:
        records: All; each renewal is dated shortly before the end of a term.
        table: Records of what was done, such as to a licence.
    """
    for field, home in records.references(table).items():
        for key, found in records.belonging(table, field).items():
            if home is records.home_of(key):
                _renew(records, records.record(key), [one for one in found if _renews(one)])
    value = records.state[table.name]
    for rows in value.values() if isinstance(value, dict) else ():
        if isinstance(rows, list) and any(map(_renews, rows)):
            rows.sort(key=_day_done)


def _renews(record: JsonValue) -> bool:
    told = record.values() if isinstance(record, dict) else ()
    return any(isinstance(one, str) and _RENEWED.search(one) for one in told)


def _day_done(record: JsonValue) -> str:
    """Return the first time in a record, as it is written; empty where there is none."""
    told = record.values() if isinstance(record, dict) else ()
    return next((str(one) for one in told if is_time(one)), "")


def _renew(records: Records, paper: JsonObject, renewals: list[JsonObject]) -> None:
    """Date the issue of something back by a term for each of its renewals, and these."""
    ends = {kind_of_time(name): name for name, value in paper.items() if is_time(value)}
    if not renewals or not {"start", "expiry"} <= {*ends}:
        return
    start, end = _day(paper[ends["start"]]), _day(paper[ends["expiry"]])
    term = end - start
    if term < _TERM:
        return
    paper[ends["start"]] = _on(paper[ends["start"]], start - len(renewals) * term)
    for turn, record in enumerate(reversed(renewals)):
        moment = start - turn * term - timedelta(days=records.chance.randrange(3, 40))
        record.update({name: _on(one, moment) for name, one in record.items() if is_time(one)})


def _on(value: JsonValue, day: datetime) -> str:
    """Write a time as it was, but of another day."""
    return f"{day:%Y-%m-%d}{str(value)[10:]}"


def finish_old(records: Records, table: Table) -> None:
    """Let what was written long ago be no draft any more."""
    long_ago = f"{records.now - _LONG:%Y-%m-%d}"
    for name in status_fields(table):
        final = [one for one in pool_of(records, table, name) if one.lower() in _FINAL]
        for record in table.records if final else ():
            last = max((str(one) for one in record.values() if is_time(one)), default="")
            if str(record[name]).lower() == "draft" and last and last < long_ago:
                record[name] = final[0]


def take_turns(records: Records, table: Table) -> None:
    """Let a thing be lent or booked once at a time: what was before ended before."""
    for child, name in records.children(table):
        ends = {
            kind_of_time(one): one for one in child.fields() if any(map(is_time, child.values(one)))
        }
        ends["end"] = ends.get("end", ends.get("out", ""))
        if is_taken_up(records, table) and ends["end"] and len(ends) > 1:
            for found in records.belonging(child, name).values():
                _one_after_the_other(child, found, _first(child), ends["end"])


def _first(table: Table) -> str:
    """Return the field with the first time of records."""
    held = [one for one in table.fields() if any(map(is_time, table.values(one)))]
    return min(held, key=lambda one: min(map(str, table.values(one))))


def _one_after_the_other(table: Table, found: list[JsonObject], start: str, end: str) -> None:
    """Move what ends after the next one starts; what is under way or ahead stays where it is."""
    held = [one for one in found if not statuses(table, one) & CALLED_OFF and one.get(start)]
    held.sort(
        key=lambda one: (not one.get(end) or bool(statuses(table, one) & ENGAGED), str(one[start]))
    )
    for before, after in reversed([*pairwise(held)]):
        late = _day(before.get(end)) - _day(after[start]) if before.get(end) else timedelta()
        if late >= timedelta() and not statuses(table, before) & ENGAGED:
            _move(before, late + timedelta(days=3))


def _day(value: JsonValue) -> datetime:
    return datetime.fromisoformat(str(value)[:10])


def _move(record: JsonObject, back: timedelta) -> None:
    """Let everything in a record have been so many days earlier."""
    for name, value in record.items():
        if is_time(value):
            record[name] = _on(value, _day(value) - timedelta(days=back.days))


def try_again(records: Records, table: Table) -> None:
    """Let a payment that failed be of before the one that is tried in its place."""
    times = [name for name in table.fields() if any(map(is_time, table.values(name)))]
    if len(times) != 1 or not _PAYMENTS & {*table.words}:
        return
    for field, home in records.references(table).items():
        for found in records.belonging(table, field).values() if not home.is_of_people else ():
            _missed_first(table, found, times[0])


def _missed_first(table: Table, payments: list[JsonObject], time: str) -> None:
    """Order payments of one bill so that those which failed come first, where any did."""
    missed = {id(one): bool(statuses(table, one) & {*MISSED}) for one in payments}
    held = sorted(str(one[time]) for one in payments)
    ordered = sorted(payments, key=lambda one: not missed[id(one)])
    for one, moment in zip(ordered, held, strict=True) if any(missed.values()) else ():
        one[time] = moment


def stay_active(records: Records, table: Table) -> None:
    """Let nobody be inactive who has done something in the last weeks."""
    for name in status_fields(table) if table.is_of_people else ():
        active = [one for one in pool_of(records, table, name) if one.lower() == "active"]
        doing = _busy_lately(records, table) if active else set[str]()
        for key, record in zip(table.keys, table.records, strict=True):
            if str(key) in doing and str(record[name]).lower() in _INACTIVE:
                record[name] = active[0]


def _busy_lately(records: Records, table: Table) -> set[str]:
    """Return the ids of those who have done something in the last weeks."""
    since, until = f"{records.now - _LATELY:%Y-%m-%d}", f"{records.now:%Y-%m-%d}"
    return {
        str(record.get(field))
        for child, field in records.children(table)
        for record in (child.records if _DONE & {*child.words} else ())
        if any(is_time(one) and since <= str(one)[:10] <= until for one in record.values())
    }


def hold_parts(records: Records, table: Table) -> None:
    """Let a project begin before the first of its tasks, and end after the last one."""
    for name, home in records.lists(table).items():
        if name != home.name or table.is_of_people or home.is_of_people:
            continue
        for record in table.records:
            for key in items_of(record[name]) or ():
                _hold(record, records.record(key))


def _hold(record: JsonObject, part: JsonObject) -> None:
    """Widen the span of a record so that it holds one of its parts."""
    ends = {kind_of_time(one): one for one in record if holds_time(one, record[one])}
    start, end = ends.get("start"), ends.get("end")
    inner = [value for one, value in part.items() if holds_time(one, value)]
    if start is None or end is None:
        return
    for value in inner:
        if isinstance(value, str):
            record[start] = min(str(record[start]), value[: len(str(record[start]))])
            record[end] = max(str(record[end]), value[: len(str(record[end]))])
        elif isinstance(value, int | float):
            record[start] = min(cast("float", record[start]), value)
            record[end] = max(cast("float", record[end]), value)
