"""What a thing has: its category, maker, price and description are those of such a thing."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from zlib import crc32

from pydantic import JsonValue

from envscaler.environment.state.collections import items_of
from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.catalogue.catalogue import Thing, ailments, cities, find
from envscaler.inputs.vocabulary import gender_of
from envscaler.records import JsonObject

_NAMED = frozenset(("name", "title", "label", "type", "description", "details", "role"))
"""Last words of fields that say what a thing is."""
_CALLED = {
    word: column
    for column, words in {
        "category": "category genre",
        "brand": "brand manufacturer maker make",
        "price": "price cost",
        "unit": "unit units",
        "description": "description about",
        "summary": "summary",
        "content": "content body text snapshot",
        "details": "details detail",
        "calories": "calories kcal",
        "qualification": "qualification qualifications",
        "model": "model",
        "location": "location area",
        "action": "action",
        "criteria": "criteria goal",
        "activity": "activity",
        "value": "value distance",
        "provider": "provider vendor supplier",
        "department": "department",
        "condition": "condition",
        "amount": "amount",
        "medications": "medications",
        "statement": "statement",
    }.items()
    for word in words.split()
}
"""Words of fields → columns of the tables of things."""
_PASSED_ON = ("action", "activity", "value", "content", "condition", "statement", "category")
"""Columns that tell about what refers to a thing, too."""
_PARTS = frozenset(("neighborhood",))
"""Fields with a part of a city, which tell where in it a place is."""
_HARMFUL = frozenset(("Amoxicillin", "Cefuroxime"))
"""What nobody takes who is allergic to penicillin."""
_PAGES = "https://example.org/"
_SHARED = frozenset(("profession", "specialty", "currency", "brand", "unit", "language"))
"""Fields that are the same in what refers to each other."""


def settle_things(records: Records) -> None:
    """Give all records what goes with what they are called."""
    for table in records.in_order():
        with records.still():
            for record in table.records:
                fit_to_name(records, table, record)
                _fit_to_others(records, table, record)
                _share(records, table, record)
        _fit_salaries(table)
    _use_one_currency(records)
    _fit_plans(records)
    for table in records.tables:
        for record in table.records:
            _fit_place(record)
            _fit_illness(records, record)
            _fit_person(record)
            _fit_file(record)
            _fit_page(record)


def fit_to_name(records: Records, table: Table, record: JsonObject) -> None:
    """Give a yoga mat the category, the maker and the price of one."""
    for field, thing in things_in(records, table, record):
        for name in record:
            if name != field:
                _fit(records, record, name, thing.columns)
                _refer(records, table, record, name, thing.columns)


def _fit_to_others(records: Records, table: Table, record: JsonObject) -> None:
    """Give a maintenance record what is done to such a machine, a post what its group is about."""
    for field, home in records.references(table).items():
        other = records.record(record[field]) if record.get(field) else {}
        for _, thing in things_in(records, home, other):
            told = {
                column: thing.columns[column] for column in _PASSED_ON if column in thing.columns
            }
            for name in record:
                if name != field:
                    _fit(records, record, name, told)


def things_in(
    records: Records, table: Table, record: Mapping[str, JsonValue]
) -> Iterator[tuple[str, Thing]]:
    """Yield the fields that say what a record is, and what that is."""
    for name, value in record.items():
        words = name.split("_")
        if isinstance(value, str) and words[-1] in _NAMED:
            thing = find(value, [*reversed(words[:-1]), *table.words, words[-1]], records.field)
            if thing is not None:
                yield name, thing


def _fit(
    records: Records, record: JsonObject, name: str, columns: Mapping[str, Sequence[str]]
) -> None:
    """Put into a field what a thing has there, if a table tells it."""
    words = name.split("_")
    told = columns.get(_column(words), ())
    if not told or words[-1] in {"date", "status", "count", "path", "url"}:
        return
    value, home = record[name], records.home_of(record[name])
    if home is not None:
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        record[name] = _between(records, told[0], value)
    elif isinstance(value, str) and not words[-1].startswith("id"):
        record[name] = _worded(records, name, told)


def _column(words: Sequence[str]) -> str:
    """Return the column of a table of things that a field is about; empty for any other field."""
    return next((_CALLED[word] for word in reversed(words) if word in _CALLED), "")


def _refer(
    records: Records,
    table: Table,
    record: JsonObject,
    name: str,
    columns: Mapping[str, Sequence[str]],
) -> None:
    """Let a field refer to a record that is called as a thing tells, if there is one."""
    home, told = records.home_of(record[name]), columns.get(_column(name.split("_")), ())
    if home is None or home is table:
        return
    found = (
        key
        for each in told
        for key, other in zip(home.keys, home.records, strict=True)
        if each in other.values()
    )
    record[name] = next(found, record[name])


def _between(records: Records, told: str, value: float) -> JsonValue:
    """Return a number in a range such as `20..60`, of the type that is there."""
    least, _, most = told.partition("..")
    found = records.chance.uniform(float(least), float(most or least))
    return round(found) if isinstance(value, int) else round(found, 2)


def _worded(records: Records, name: str, told: Sequence[str]) -> str:
    """Return what a thing has: a word of the class where it is one, else any that goes with it."""
    known = {word.lower(): word for word in records.words_of(name)}
    fitting = [known[each.lower()] for each in told if each.lower() in known]
    if fitting:
        return records.chance.choice(fitting)
    is_ranked = name.rpartition("_")[2] in {"category", "genre", "type", "activity", "unit"}
    return told[0] if is_ranked else records.chance.choice(told)


def _share(records: Records, table: Table, record: JsonObject) -> None:
    """Let a licence be one for the profession of whom it is for."""
    for field in records.references(table):
        other = records.record(record[field]) if record.get(field) else {}
        record.update({name: other[name] for name in _SHARED & {*record} & {*other}})


def _fit_salaries(table: Table) -> None:
    """Keep a range of salaries in that of the position."""
    ends = [name for name in table.of_type(int, float) if "salary" in name.split("_")]
    least = next((name for name in ends if "min" in name.split("_")), "")
    most = next((name for name in ends if "max" in name.split("_")), "")
    for record in table.records if least and most else ():
        thing = next((one for one in map(_position, record.values()) if one), None)
        if thing is not None:
            low, _, high = thing.columns["salary"][0].partition("..")
            record[least], record[most] = float(low), float(high)


def _position(value: JsonValue) -> Thing | None:
    return find(value, ("position",), "") if isinstance(value, str) else None


def _near(city: Thing, turn: int) -> tuple[float, float]:
    """Return a position within some kilometres of the middle of a city."""
    north = float(city.columns["latitude"][0]) + turn % 601 / 10_000 - 0.03
    east = float(city.columns["longitude"][0]) + turn // 601 % 601 / 10_000 - 0.03
    return north, east


def _fit_place(record: JsonObject) -> None:
    """Let city, state and position on the map be those of the address."""
    texts = {name: value for name, value in record.items() if isinstance(value, str)}
    address = next((value for name, value in texts.items() if "address" in name.split("_")), "")
    called = address.rpartition(", ")[2] or texts.get("city", "")
    city = next((one for one in cities() if one.name == called), None)
    if city is not None:
        for name in texts.keys() & _PARTS:
            record[name] = _placed(name, record[name], city, (0, 0))
        where = address or f"{city.name} {record.get('neighborhood')}"
        position = _near(city, crc32(where.encode()))
        for name, value in record.items():
            if name not in _PARTS:
                record[name] = _placed(name, value, city, position)


def _placed(name: str, value: JsonValue, city: Thing, position: tuple[float, float]) -> JsonValue:
    """Return what a field says of a place in a city."""
    north, east = position
    if isinstance(value, str):
        return _in_city(name, value, city, f"{north:.4f}, {east:.4f}")
    if "bounds" in name.split("_"):
        return _bounds(value, north, east)
    if name in {"latitude", "lat"}:
        return round(north, 4)
    return round(east, 4) if name in {"longitude", "lon", "lng"} else value


def _in_city(name: str, value: str, city: Thing, position: str) -> str:
    """Return what a text about a place says of a city; any other text as it is."""
    if name == "city":
        return city.name
    if {"gps", "coordinates"} & {*name.split("_")}:
        return position
    column = {"province": "state"}.get(name, name)
    known = city.columns[column] if column in {"state", "neighborhood"} else (value,)
    return known[sum(map(ord, value)) % len(known)]


def _bounds(value: JsonValue, north: float, east: float) -> JsonValue:
    """Return the corners of a part of a city, where there are two corners."""
    corners = items_of(value) or []
    if not isinstance(value, dict) or [len(items_of(one) or ()) for one in corners] != [2, 2]:
        return value
    ends = [[round(north + by, 4), round(east + by, 4)] for by in (-0.01, 0.01)]
    return {"$tuple": [{"$tuple": [*end]} for end in ends]}


def _fit_illness(records: Records, record: JsonObject) -> None:
    """Let medications and treatments go with the diagnoses, and not against allergies."""
    told = next((value for name, value in record.items() if name.startswith("diagnos")), None)
    known = [*_known_in(told)]
    is_allergic = "penicillin" in str(record.get("allergies")).lower()
    harmful = _HARMFUL if is_allergic else frozenset[str]()
    for name, value in record.items():
        column = {"medicat": "medications", "treatme": "treatment"}.get(name[:7], "")
        found = [*_chosen(records, known, column, harmful)]
        if found and isinstance(value, list | str):
            record[name] = [*dict.fromkeys(found)] if isinstance(value, list) else found[0]


def _fit_plans(records: Records) -> None:
    """Let what somebody is told to do go with the diagnoses of that one."""
    ill = _ailments_of_all(records)
    for table in records.tables if ill else ():
        names = [name for name in table.fields() if "instructions" in name.split("_")]
        references = [*records.references(table)] if names else []
        for record in table.records if names else ():
            known = [thing for one in references for thing in ill.get(record.get(one), ())]
            _instruct(records, record, names[0], known)


def _ailments_of_all(records: Records) -> dict[JsonValue, list[Thing]]:
    """Return what each of the people has, by the records of their diagnoses."""
    found: dict[JsonValue, list[Thing]] = {}
    for table in records.tables:
        names = [name for name in table.fields() if name.startswith("diagnos")]
        people = [one for one, home in records.references(table).items() if home.is_of_people]
        for key, record in zip(table.keys, table.records, strict=True) if names else ():
            known = [*_known_in(record[names[0]])]
            owners = [record[one] for one in people] or [key]
            for owner in owners if known else ():
                found.setdefault(owner, []).extend(known)
    return found


def _known_in(told: JsonValue) -> Iterator[Thing]:
    for one in items_of(told) or [told]:
        if isinstance(one, str) and one in ailments():
            yield ailments()[one]


def _instruct(records: Records, record: JsonObject, name: str, known: Sequence[Thing]) -> None:
    """Put into a field what helps against some illnesses, as much as is there."""
    held = record[name]
    told = [*dict.fromkeys(text for one in known for text in one.columns["instructions"])]
    if told and isinstance(held, list):
        record[name] = [*records.chance.sample(told, min(len(held), len(told)))]
    elif told and isinstance(held, str) and held:
        record[name] = records.chance.choice(told)


def _chosen(
    records: Records, known: Sequence[Thing], column: str, harmful: Collection[str]
) -> Iterator[str]:
    """Yield what helps against each of some illnesses, and is not dangerous."""
    for one in known:
        held = [each for each in one.columns.get(column, ()) if each not in harmful]
        if held:
            yield records.chance.choice(held)


def settle_orders(records: Records) -> None:
    """Let each order be of a category that what it names is of, each report of a fitting period."""
    for table in records.tables:
        _fit_orders(records, table)
        _fit_periods(records, table)


def _fit_periods(records: Records, table: Table) -> None:
    """Let an annual report be about a year."""
    for field, home in records.references(table).items():
        types = {
            key: str(one.get("period_type"))
            for key, one in zip(home.keys, home.records, strict=True)
        }
        for record in table.records if "period_type" in home.fields() else ():
            said = " ".join(str(value) for name, value in record.items() if name.endswith("type"))
            keys = [key for key, kind in types.items() if kind in said.split("_")]
            if keys and record[field] not in keys:
                record[field] = records.chance.choice(keys)


def _fit_orders(records: Records, table: Table) -> None:
    for field, home in records.references(table).items():
        for name, goods in records.lists(table).items():
            for record in table.records if home.words[0] == "category" else ():
                items = items_of(record[name]) or []
                things = [find(str(_name(records.record(one))), goods.words, "") for one in items]
                told = next((one.columns["category"] for one in things if one), ())
                record[field] = _key_called(records, home, told) or record[field]


def _key_called(records: Records, home: Table, names: Sequence[str]) -> JsonValue:
    """Return the key of the first of some names that a record has; None where none has."""
    called = {_name(records.record(key)): key for key in home.keys}
    return next((called[name] for name in names if name in called), None)


def _name(record: JsonObject) -> JsonValue:
    return next((value for name, value in record.items() if name.endswith("name")), "")


def _use_one_currency(records: Records) -> None:
    """Let all money be of one currency, so that it can be added."""
    held = [record for table in records.tables for record in table.records if "currency" in record]
    for record in held:
        record["currency"] = held[0]["currency"]


def _fit_person(record: JsonObject) -> None:
    """Let a person have the gender that the first name tells."""
    called = next((record[one] for one in ("first_name", "name", "full_name") if one in record), "")
    gender = gender_of(str(called).split(" ")[0])
    for name in ("gender", "sex"):
        if gender and record.get(name) in {"female", "male"}:
            record[name] = gender


def _fit_page(record: JsonObject) -> None:
    """Let the page of a firm have the name of the firm."""
    called = next((value for name, value in record.items() if name.endswith("name")), None)
    page = record.get("website")
    if isinstance(called, str) and isinstance(page, str) and page.startswith(_PAGES):
        record["website"] = _PAGES + re.sub(r"[^a-z]+", "-", called.lower()).strip("-")


def _fit_file(record: JsonObject) -> None:
    """Let a file end as its type says, and one of a picture as pictures do."""
    told = record.get("file_type") or record.get("format") or record.get("file_format")
    for name, value in record.items():
        if isinstance(value, str) and value.startswith("files/"):
            is_image = "image_id" in record or "photo_id" in record
            ending = told if isinstance(told, str) else "jpg" if is_image else "pdf"
            record[name] = f"{value.rpartition('.')[0]}.{ending.lower().lstrip('.')}"
