"""Times of what has parts: versions of a document, tasks of a project."""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.times import holds_time, is_time, kind_of_time
from envscaler.records import JsonObject


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
        last = _sort_times(found, *fields)
        if home is records.home_of(key):
            _touch(records.record(key), last)


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
