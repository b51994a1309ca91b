"""What people eat: nobody who is vegetarian has a meal with meat."""

import re
from collections.abc import Mapping
from random import Random

from pydantic import JsonValue

from envscaler.inputs.agreement.records import Records, Table
from envscaler.inputs.agreement.things import fit_to_name, things_in
from envscaler.inputs.catalogue.catalogue import find, table_for
from envscaler.records import JsonObject

_VEGAN = re.compile(r"\bvegan\b", re.IGNORECASE)
_VEGETARIAN = re.compile(r"\bvegetarian\b", re.IGNORECASE)
_DIET = "diet"
"""The column of the tables of things that says who eats them."""
_MEALS = ("meal", "food", "dish")


def settle_diets(records: Records) -> None:
    """Let everybody have meals that they eat."""
    for table in records.tables:
        for field, home in records.references(table).items():
            for record in table.records if home.is_of_people and home is not table else ():
                if record.get(field):
                    _eat_as_usual(records, table, record, records.record(record[field]))


def _eat_as_usual(
    records: Records, table: Table, record: JsonObject, person: Mapping[str, JsonValue]
) -> None:
    """Put a meal that somebody eats in the place of one that they do not."""
    for name, _ in [*things_in(records, table, record)]:
        eaten = eaten_by(person, str(record[name]), records.chance)
        if eaten != record[name]:
            record[name] = eaten
            fit_to_name(records, table, record)


def eaten_by(person: Mapping[str, JsonValue], meal: str, chance: Random) -> str:
    """Return a meal, or another one where somebody does not eat such meals.

    Args:
        person: Their record, which may say that they are vegetarian.
        meal: What it is called; what is no meal stays.
        chance: Chooses the other one.
    """
    may, thing = _diets_of(person), find(meal, _MEALS, "")
    if not may or thing is None or may & {*thing.columns.get(_DIET, ())}:
        return meal
    known = table_for(_MEALS[0], "")
    others = [
        one.name for one in (known.things if known else ()) if may & {*one.columns.get(_DIET, ())}
    ]
    return chance.choice(others) if others else meal


def _diets_of(person: Mapping[str, JsonValue]) -> frozenset[str]:
    """Return for whom the meals of somebody are; nothing where they eat all."""
    told = " ".join(value for value in person.values() if isinstance(value, str))
    if _VEGAN.search(told):
        return frozenset(("vegan",))
    return frozenset(("vegan", "vegetarian")) if _VEGETARIAN.search(told) else frozenset[str]()
