"""Words and amounts of records that have to go together: what is earned and spent, how ill one is.

Nothing here is left to chance, so what else is made up stays as it is.
"""

import re

from envscaler.inputs.agreement.records import Records, Table
from envscaler.records import JsonObject

_EARNED = re.compile(r"revenue|income|sales|assets")
_SPENT = re.compile(r"expense|cost|liabilit|spending")
_LEAST_SPENT = 0.55
_MORE_SPENT = 0.04
"""Parts of what is earned that are spent at least, and by which that may be more."""
_STEPS = 10
_OF_AGE = ("heart attack", "stroke")
_YOUNG = 45
_INSTEAD = ("breathing difficulties", "traffic accident")
"""What befalls people of some age, when they are younger, and what befalls these."""
_LIGHT = frozenset(("itching", "redness"))
_HEAVY = frozenset(("swelling", "hives"))


def settle_figures(records: Records) -> None:
    """Let a firm spend less than it earns, and let what somebody has be as bad as it is told."""
    for table in records.tables:
        _balance(records, table)
        _fit_age(records, table)
        for record in table.records:
            record.update(fit_severity(record))


def _balance(records: Records, table: Table) -> None:
    """Let the lines of one statement go together."""
    sort = next((name for name in table.fields() if name in ("category", "line_type")), "")
    value = next((name for name in table.fields() if name in ("value", "amount")), "")
    homes = [*records.references(table)] if sort and value else []
    for home in homes:
        earned = {
            record[home]: float(held)
            for record in table.records
            if _EARNED.search(str(record.get(sort)))
            and isinstance(held := record.get(value), int | float)
        }
        for record in table.records:
            _keep_below(record, value, earned.get(record[home]), str(record.get(sort)))


def _fit_age(records: Records, table: Table) -> None:
    """Let nobody young have a heart attack."""
    people = [field for field, home in records.references(table).items() if home.is_of_people]
    for record in table.records if people else ():
        age = records.record(record[people[0]]).get("age") if record.get(people[0]) else None
        for name, value in record.items() if isinstance(age, int) and age < _YOUNG else ():
            if value in _OF_AGE:
                record[name] = _INSTEAD[_OF_AGE.index(value)]


def _keep_below(record: JsonObject, value: str, earned: float | None, sort: str) -> None:
    held = record.get(value)
    if earned is None or not _SPENT.search(sort) or not isinstance(held, int | float):
        return
    if held > earned * (_LEAST_SPENT + _MORE_SPENT * _STEPS):
        size = 10 ** max(0, len(str(int(earned))) - 3)
        share = _LEAST_SPENT + _MORE_SPENT * (int(held / size) % _STEPS)
        record[value] = type(held)(round(earned * share / size) * size)


def fit_severity(record: JsonObject) -> JsonObject:
    """Return a record in which nobody itches severely, or swells up mildly."""
    if record.get("severity") == "severe" and record.get("reaction") in _LIGHT:
        return {**record, "reaction": "swelling"}
    if record.get("severity") == "mild" and record.get("reaction") in _HEAVY:
        return {**record, "severity": "moderate"}
    return record
