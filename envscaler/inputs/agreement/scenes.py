"""Where things happen: elsewhere than where those stand who are free to come."""

from collections.abc import Collection, Iterator

from pydantic import JsonValue

from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.standing import is_taken_up, statuses
from envscaler.inputs.agreement.statuses import ENGAGED

_HAPPENS = frozenset(("incident", "emergency", "accident"))
_PLACES = frozenset(("location", "place", "site", "address"))
"""Words for what happens somewhere, and for where it does."""
_VEHICLES = frozenset((
    *("ambulance", "vehicle", "car", "truck", "van", "bike", "unit", "engine", "helicopter"),
    *("boat", "drone", "crew", "responder", "team"),
))  # fmt: skip
_MANY = 6
"""Places of which two are for those who wait; of fewer it is one."""
_FEW = 3
"""Fewer places are all needed for what happens."""


def is_scene(table: Table, home: Table) -> bool:
    """Say whether records of a table happened at those of another one."""
    return is_place_of(table.words, home.words[0])


def is_place_of(happened: Collection[str], place: str) -> bool:
    """Say whether something happens at records of another kind.

    Args:
        happened: Words for what may be an accident.
        place: The last word of the other kind.
    """
    return not _HAPPENS.isdisjoint(happened) and place in _PLACES


def depots(places: Table) -> tuple[JsonValue, ...]:
    """Return the places at which nothing happens, and whoever is free waits."""
    if len(places.keys) < _FEW:
        return ()
    return places.keys[: 2 if len(places.keys) >= _MANY else 1]


def scenes(places: Table) -> list[JsonValue]:
    """Return the places at which something may happen."""
    waiting = depots(places)
    return [key for key in places.keys if key not in waiting]


def settle_scenes(records: Records) -> None:
    """Let all vehicles stand in a depot that are not where they were called to."""
    for table in records.tables:
        for name, places in records.references(table).items():
            if is_scene(table, places) and depots(places):
                for fleet, field in _fleets(records, table, places):
                    _stand_ready(records, (table, name), (fleet, field), depots(places))


def _fleets(records: Records, table: Table, places: Table) -> Iterator[tuple[Table, str]]:
    """Yield the tables of what comes to where something happens, and the fields of their places."""
    for fleet, field in records.children(places):
        moves = bool(_VEHICLES & {*fleet.words}) or field.startswith("current_")
        if fleet is not table and moves and is_taken_up(records, fleet):
            yield fleet, field


def _stand_ready(
    records: Records,
    happened: tuple[Table, str],
    fleet: tuple[Table, str],
    waiting: tuple[JsonValue, ...],
) -> None:
    """Put all of a fleet into depots, but for those who are where they were called to."""
    table, place = happened
    for key, record in zip(fleet[0].keys, fleet[0].records, strict=True):
        called_to = [
            one[place] for one in table.records if key in one.values() and _is_open(table, one)
        ]
        if record.get(fleet[1]) not in (None, *called_to, *waiting):
            record[fleet[1]] = records.chance.choice(waiting)


def _is_open(table: Table, record: dict[str, JsonValue]) -> bool:
    return bool(statuses(table, record) & ENGAGED)
