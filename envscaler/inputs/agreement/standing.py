"""How records stand: statuses that such records have, and fields that go with them."""

from collections.abc import Collection, Sequence

from pydantic import JsonValue

from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.statuses import (
    AHEAD,
    ALSO,
    BUSY,
    CLOSED,
    ENGAGED,
    OUTCOMES,
    USUAL,
    WHEN_SAID,
    found_in,
)
from envscaler.inputs.consistent import fits
from envscaler.inputs.texts import date_form
from envscaler.inputs.times import is_time
from envscaler.records import JsonObject

_MOST = 0.55
"""How often somebody is active, besides the share of the others."""
_FIRST = 0.2
"""How often the first status of a kind is chosen, besides its share of the others."""
_NO_TIMES = frozenset(
    ("amount", "sum", "count", "total", "fee", "planned", "expected", "status", "by")
)
"""Words of fields that say nothing of whether something has come."""
_FREE = "available"
_BROKEN = frozenset(("damaged", "broken", "defective", "faulty", "poor"))
_THERE = frozenset(("arrived", "on scene", "on_scene", "at scene"))
_DONE = frozenset(("completed", "complete", "done", "resolved", "closed"))
_PLACES = frozenset(("location", "place", "site", "address", "position", "area"))
_NEVER = frozenset[str]()
_MEETINGS = frozenset(["consultation", "visit", "appointment", "encounter", "session", "meeting"])
_NOT_HELD = AHEAD | {"cancelled", "canceled", "no-show"}
_TOLD_AFTERWARDS = frozenset(["note", "notes", "summary", "diagnosis", "outcome"])
"""What is written in such records, once they have taken place."""
_NOT_NOTED = 0.4
"""How often that has still to be done."""


def status_fields(table: Table) -> list[str]:
    """Return the fields that say how a record stands."""
    texts = table.of_type(str)
    return [name for name in texts if name.endswith(("status", "_sta")) or name == "state_code"]


def statuses(table: Table, record: JsonObject) -> set[str]:
    """Return how a record stands, in small letters."""
    return {str(record.get(name) or "").lower() for name in status_fields(table)} - {""}


def settle_standing(records: Records) -> None:
    """Give all records statuses that they may have, and what these imply."""
    for table in records.tables:
        for name in status_fields(table):
            pool = pool_of(records, table, name)
            for record in table.records if pool else ():
                is_first = records.chance.random() < (_MOST if table.is_of_people else _FIRST)
                record[name] = pool[0] if is_first else records.chance.choice(pool)
    for table in records.tables:
        _act_when_admitted(records, table)
    for table in records.in_order():
        _one_at_a_time(records, table)
        _nobody_twice(records, table)
        _engage(records, table)
        with records.still():
            pool = _all_statuses(records, table)
            for record in table.records:
                _say_what_happened(records, table, record, pool)


def _act_when_admitted(records: Records, table: Table) -> None:
    """Let nobody wait to be admitted who has done something already."""
    for name in status_fields(table) if table.is_of_people else ():
        acting = {
            str(record.get(field))
            for child, field in records.children(table)
            for record in child.records
        }
        others = [one for one in pool_of(records, table, name) if one.lower() == "active"]
        for key, record in zip(table.keys, table.records, strict=True) if others else ():
            if str(record[name]).lower() == "pending" and str(key) in acting:
                record[name] = others[0]


def pool_of(records: Records, table: Table, name: str) -> list[str]:
    """Return the statuses among which a record of a table has one."""
    own, told = records.own_words_of(table, name), records.words_of(name)
    usual, also = found_in(USUAL, table.words), found_in(ALSO, table.words)
    is_shared = name == "status" or name not in records.hints.words
    may = [one for one in told if not (usual and is_shared) or one.lower() in {*usual, *also}]
    known = own if len(own) > 1 else [*dict.fromkeys([*own, *may])]
    pool = _fitting(table, known, usual)
    if len(pool) > 1 or not (told or name in {"status", "account_status"}):
        return pool
    return [*dict.fromkeys([*pool, *usual])]


def _fitting(table: Table, words: Sequence[str], usual: Sequence[str]) -> list[str]:
    """Return the statuses that a record may have; those of people are the usual ones."""
    pool = [word for word in words if fits(word, table.kind)]
    is_usual = table.is_of_people and len({*usual} & {*pool}) > 1
    return [word for word in usual if word in pool] if is_usual else pool


def _one_at_a_time(records: Records, table: Table) -> None:
    """Let nothing be lent twice at a time: what else there was of it is over."""
    for child, name in records.children(table):
        if not is_taken_up(records, table) or not status_fields(child):
            continue
        status = status_fields(child)[0]
        over = [one for one in pool_of(records, child, status) if one in CLOSED]
        for found in records.belonging(child, name).values():
            engaged = [one for one in found if statuses(child, one) & ENGAGED]
            for record in engaged[1:] if over else ():
                record[status] = records.chance.choice(over)


def _nobody_twice(records: Records, table: Table) -> None:
    """Let nobody be in two meetings at a time."""
    names = status_fields(table)
    if not names or not {"start_time", "end_time"} <= {*table.fields()}:
        return
    others = [one for one in pool_of(records, table, names[0]) if one not in ENGAGED]
    for name, home in records.references(table).items():
        for found in records.belonging(table, name).values() if home.is_of_people else ():
            engaged = [one for one in found if statuses(table, one) & ENGAGED]
            for record in engaged[1:] if others else ():
                record[names[0]] = records.chance.choice(others)


def is_taken_up(records: Records, table: Table) -> bool:
    """Say whether records of a table are free or busy."""
    words = {word for name in status_fields(table) for word in records.words_of(name)}
    return _FREE in words and bool(words & {*BUSY, "reserved"})


def _engage(records: Records, table: Table) -> None:
    """Let those who may be assigned to each other be so, while there is something to do."""
    if not status_fields(table) or is_taken_up(records, table):
        return
    for name, home in records.references(table).items():
        back = [one for one, other in records.references(home).items() if other is table]
        if records.is_optional(table, name) and len(back) == 1 and home is not table:
            _assign(records, table, name, home, back[0])


def _assign(records: Records, table: Table, name: str, home: Table, back: str) -> None:
    """Give what is under way somebody who does nothing else, and all else nobody."""
    free = records.chance.sample(home.keys, len(home.keys))
    for record in home.records:
        record[back] = None
    for key, record in zip(table.keys, table.records, strict=True):
        is_engaged = bool(statuses(table, record) & ENGAGED) and bool(free)
        was_engaged = bool(statuses(table, record) & _DONE)
        other = records.chance.choice(home.keys) if was_engaged else None
        record[name] = free.pop() if is_engaged else other
        if is_engaged:
            other = records.record(record[name])
            other[back] = key
            _stand_where(records, table, record, other)
    _keep_away(records, table, home, back)


def _stand_where(records: Records, table: Table, record: JsonObject, other: JsonObject) -> None:
    """Let whoever has arrived be where the record says that something is, all others elsewhere."""
    is_there = bool(statuses(table, record) & _THERE)
    places = {
        name: home for name, home in records.references(table).items() if not home.is_of_people
    }
    for name, home in places.items():
        for field, value in other.items():
            is_place = bool({*name.split("_")} & {*field.split("_")} & _PLACES)
            if is_place and name in record and records.home_of(value) is home:
                other[field] = record[name] if is_there else _elsewhere(records, home, record, name)


def _keep_away(records: Records, table: Table, home: Table, back: str) -> None:
    """Let nobody who is free stand where something has happened that others are to see to."""
    for name, places in records.references(table).items():
        if not places.is_of_people and places is not home:
            open_at = {str(one[name]) for one in table.records if statuses(table, one) - CLOSED}
            free = [one for one in home.records if one[back] is None]
            _send_away(records, free, open_at, places)


def _send_away(
    records: Records, free: Sequence[JsonObject], taken: set[str], places: Table
) -> None:
    """Put those who are free where nothing has happened, each elsewhere as far as there is room."""
    quiet = [key for key in places.keys if key not in taken]
    for other in free if quiet else ():
        for field in [one for one, value in other.items() if value in places.keys]:
            left = [key for key in quiet if key not in taken]
            if str(other[field]) in taken:
                other[field] = records.chance.choice(left or quiet)
            taken.add(str(other[field]))


def _elsewhere(records: Records, home: Table, record: JsonObject, name: str) -> JsonValue:
    """Return another place than the one that a record tells, if there is one."""
    others = [one for one in home.keys if one != record[name]]
    return records.chance.choice(others) if others else record[name]


def settle_availability(records: Records) -> None:
    """Let what is lent, booked or under way be busy, and all else of its kind be free."""
    for table in records.tables:
        if not is_taken_up(records, table):
            continue
        name = status_fields(table)[0]
        words = [*dict.fromkeys([*records.own_words_of(table, name), *records.words_of(name)])]
        children = [
            (child, field)
            for child, field in records.children(table)
            if status_fields(child) and not any(child is one for one in _of_people(records))
        ]
        for key, record in zip(table.keys, table.records, strict=True) if children else ():
            record[name] = _state_of(records, _engaged_with(key, children), words)
            if record[name] != _FREE:
                _be_sound(records, record)


def _be_sound(records: Records, record: JsonObject) -> None:
    """Let what is in use not be broken."""
    for name, value in record.items():
        sound = [one for one in records.words_of(name) if one.lower() not in _BROKEN]
        if str(value).lower() in _BROKEN and sound:
            record[name] = sound[0]


def _engaged_with(
    key: JsonValue, children: Sequence[tuple[Table, str]]
) -> list[tuple[Table, JsonObject]]:
    """Return what is lent, booked or under way of a thing."""
    return [
        (child, one)
        for child, field in children
        for one in child.records
        if one.get(field) == key and statuses(child, one) & ENGAGED
    ]


def _of_people(records: Records) -> list[Table]:
    return [table for table in records.tables if table.is_of_people]


def _state_of(records: Records, found: list[tuple[Table, JsonObject]], words: list[str]) -> str:
    """Return whether a thing is free, given what goes on with it."""
    now = f"{records.now:%Y-%m-%dT%H:%M:%S}"
    ahead = [
        one
        for _, one in found
        if min((str(value) for value in one.values() if is_time(value)), default="") >= now[:10]
    ]
    if len(ahead) < len(found):
        return next(word for word in (*BUSY, "reserved") if word in words)
    return "reserved" if ahead and "reserved" in words else _FREE


def _all_statuses(records: Records, table: Table) -> set[str]:
    """Return the statuses that records of a table may have, in small letters."""
    return {word.lower() for name in status_fields(table) for word in pool_of(records, table, name)}


def _say_what_happened(
    records: Records, table: Table, record: JsonObject, pool: Collection[str]
) -> None:
    """Empty what has not happened yet, and fill what must have."""
    held = statuses(table, record)
    is_meeting = bool(_MEETINGS & {*table.words}) and (
        bool(held & _NOT_HELD) or records.chance.random() < _NOT_NOTED
    )
    for name in record if held else ():
        words = {*name.split("_")}
        when = _when_said(words)
        if is_meeting and words & _TOLD_AFTERWARDS:
            record[name] = _nothing(records, table, name, record[name])
        elif not when.isdisjoint(pool) and not words & _NO_TIMES:
            record[name] = _said(records, table, record, name, has_come=bool(held & when))


def _when_said(words: set[str]) -> frozenset[str]:
    """Return the statuses in which a field with some words in its name says something."""
    return next((told for fields, told in WHEN_SAID.items() if fields & words), _NEVER)


def _said(
    records: Records, table: Table, record: JsonObject, name: str, *, has_come: bool
) -> JsonValue:
    """Return what a field says that says something only where something has come."""
    value = record[name]
    if not has_come:
        return _nothing(records, table, name, value)
    is_said = value not in (None, "") and not _is_of_another(records, value)
    return value if is_said else _something(records, table, name)


def _is_of_another(records: Records, value: JsonValue) -> bool:
    """Say whether a result is but a word for how things stand, or for what went wrong."""
    words = {*records.words_of("status")}
    return isinstance(value, str) and bool(
        value in words or {"cancelled", "failed", "error"} & {*value.lower().split()}
    )


def _nothing(records: Records, table: Table, name: str, value: JsonValue) -> JsonValue:
    """Return what stands in a field that says nothing yet."""
    kind = records.hints.record_for(table.name).get(name, "")
    if "Optional" in kind or kind in {"Any", ""}:
        return None
    return "" if isinstance(value, str) else value


def _something(records: Records, table: Table, name: str) -> JsonValue:
    """Return what may stand in a field; a time is put in its place later."""
    held = table.values(name)
    if form := date_form(name, records.hints.notes.get(name, "")):
        return held[0] if held else f"{records.now:{form}}"
    if held and not isinstance(held[0], str):
        return held[0]
    if name == "result":
        return records.chance.choice(OUTCOMES)
    return records.vocabulary.text(name, table.kind)
