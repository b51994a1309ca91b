"""What suits a kind of record: no cleaning is in maintenance, a balance sheet has both sides."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.standing import pool_of, status_fields
from envscaler.inputs.catalogue.catalogue import find
from envscaler.inputs.times import is_time, kind_of_time
from envscaler.records import JsonObject

_BY_PEOPLE = re.compile(
    r"\b(clean|maintenance|repair|cater|translat|deliver|collect|securit|hotline|car|process"
    r"|licen[sc]e|suppl|consult|train|coach|garden)\w*\b",
    re.IGNORECASE,
)
"""Words for services that people do, or that are bought, and no machine of ours."""
_OF_MACHINES = frozenset(("maintenance", "under maintenance", "under repair", "out of order"))
"""Statuses that only machines, places and programs have."""
_SERVICES = frozenset(("service",))
_CALLED = re.compile(r"(^|_)(name|title)$")
_TOLD = re.compile(r"description|name|title|type")
_PAPERS = frozenset(("license", "licence", "permit", "certificate", "certification"))
_AGE_OF_LICENSED = 26
"""Nobody got one much younger."""
_LINES = frozenset(("charge", "fee"))
_SIDE = re.compile(r"paper invoice|delivery|handling|setup fee|above the limit", re.IGNORECASE)
"""Fees that go with something else."""
_MAIN = "Monthly subscription"


def never_stands_so(words: Sequence[str], record: Mapping[str, JsonValue], status: str) -> bool:
    """Tell whether a status is one of machines, and a record a service that people do.

    Args:
        words: Those of the name of the kind of record.
        record: The record.
        status: How it would stand.
    """
    if status.lower().replace("_", " ") not in _OF_MACHINES or _SERVICES.isdisjoint(words):
        return False
    called = (value for name, value in record.items() if _CALLED.search(name))
    return any(isinstance(each, str) and _BY_PEOPLE.search(each) for each in called)


def settle_suited(records: Records) -> None:
    """Let records be as such records are, before numbers are added up."""
    for table in records.tables:
        for name in status_fields(table):
            _keep_at_work(records, table, name)
        for field in records.references(table):
            for parts in records.belonging(table, field).values():
                _charge_for_something(table, parts)


def settle_sides(records: Records) -> None:
    """Let what has parts of several sorts have all of them, once it is settled what it is."""
    for table in records.tables:
        for field, home in records.references(table).items():
            for key, parts in records.belonging(table, field).items():
                if home is records.home_of(key):
                    _show_all_sides(records, home, records.record(key), parts)
                    if home.is_of_people and _PAPERS & {*table.words}:
                        _be_of_age(records.record(key), parts)


def _keep_at_work(records: Records, table: Table, name: str) -> None:
    """Let no service that people do be in maintenance."""
    others = [each for each in pool_of(records, table, name) if each.lower() not in _OF_MACHINES]
    for record in table.records if others else ():
        if never_stands_so(table.words, record, str(record[name])):
            record[name] = others[0]


def _show_all_sides(
    records: Records, home: Table, whole: JsonObject, parts: Sequence[JsonObject]
) -> None:
    """Let the parts of something be of all the categories that it has: assets and liabilities."""
    called = (str(value) for value in whole.values() if isinstance(value, str))
    thing = next((one for each in called if (one := find(each, home.words, ""))), None)
    sorts = thing.columns.get("category", ()) if thing else ()
    known = {word.lower() for word in records.words_of("category")}
    fitting = [each for each in sorts if each in known]
    if len(fitting) == 1:
        fitting = [*sorts]  # a class that names but one of them gives examples
    for at, part in enumerate(sorted(parts, key=_largest, reverse=True)):
        if len(fitting) > 1 and part.get("category") in fitting:
            part["category"] = fitting[at % len(fitting)]


def _be_of_age(person: JsonObject, papers: Sequence[JsonObject]) -> None:
    """Let nobody have got a licence as a child: they had learnt for it before."""
    born = next((name for name in person if kind_of_time(name) == "birth"), "")
    given = [
        str(value)
        for paper in papers
        for name, value in paper.items()
        if kind_of_time(name) == "start" and is_time(value)
    ]
    day = str(person.get(born))
    if not given or not is_time(day):
        return
    latest = int(min(given)[:4]) - _AGE_OF_LICENSED
    if int(day[:4]) > latest:
        rest = day[4:].replace("-02-29", "-02-28")
        person[born] = f"{latest - int(day[8:10]) % 10}{rest}"


def _largest(part: JsonObject) -> float:
    """Return the largest number of a record: nobody owes more than there is."""
    return max((value for value in part.values() if isinstance(value, int | float)), default=0)


def _charge_for_something(table: Table, lines: Sequence[JsonObject]) -> None:
    """Let no bill be about side fees only."""
    if _LINES.isdisjoint(table.words):
        return
    told = [(line, name) for line in lines for name in filter(_TOLD.search, line)]
    if told and all(_SIDE.search(str(line[name])) for line, name in told):
        line, name = told[0]
        line[name] = _MAIN
        _charge_as_usual(line)


def _charge_as_usual(line: JsonObject) -> None:
    """Give a line with what is charged in the main an amount that is usual for it."""
    thing = find(_MAIN, ["charge"], "")
    low, _, high = thing.columns["amount"][0].partition("..") if thing else ("", "", "")
    for field, value in line.items():
        is_amount = isinstance(value, int | float) and not isinstance(value, bool)
        if is_amount and "amount" in field and high:
            middle = (int(low) + int(high)) / 2
            line[field] = round(middle) if isinstance(value, int) else middle
