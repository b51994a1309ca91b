"""Names of collections in the singular, as tasks and questions write them."""

import pytest

from envscaler.environment.state.collections import collections_of, target_of
from envscaler.environment.state.plurals import singular
from envscaler.records import JsonObject

PLURALS = """
shelf shelves, person people, child children, bus buses, status statuses, dish dishes,
wish wishes, diagnosis diagnoses, knife knives, city cities, box boxes, class classes,
course courses, case cases, axis axes, warehouse warehouses, branch branches, process processes,
analysis analyses, hero heroes, address addresses, house houses, lens lenses, leaf leaves,
index indices, database databases, category categories, movie movies, criterion criteria,
virus viruses, bonus bonuses, campus campuses, cache caches, lease leases, response responses,
invoice invoices, cookie cookies, quiz quizzes, gas gases, canvas canvases, alias aliases,
tie ties, shoe shoes, drive drives, reserve reserves, valve valves, olive olives, dose doses,
nurse nurses, matrix matrices, journey journeys, menu menus, woman women, fee fees,
spouse spouses, calorie calories, tooth teeth, sku skus, order_item order_items,
bus_pass bus_passes, visa visas, schema schemas, key keys, potato potatoes, photo photos
"""
PAIRS = [pair.split() for pair in PLURALS.replace("\n", " ").split(",")]
KEPT = """
series species news equipment staff analytics progress glass access quota slice specimen data
media metadata sms gps tv_series
"""


@pytest.mark.parametrize(("one", "many"), PAIRS)
def test_plural_names_become_singular(one: str, many: str) -> None:
    assert singular(many) == one


@pytest.mark.parametrize("name", [one for one, _ in PAIRS] + KEPT.split())
def test_singular_names_stay(name: str) -> None:
    assert singular(name) == name


@pytest.mark.parametrize(("one", "many"), PAIRS)
def test_an_id_points_to_the_collection_in_the_plural(one: str, many: str) -> None:
    state: JsonObject = {many: {"A1": {"title": "x", "n": 1}, "A2": {"title": "y", "n": 2}}}

    target = target_of(f"{one}_id", collections_of(state))

    assert target is not None
