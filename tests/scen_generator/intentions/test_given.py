"""What is given fits the thing, and is not there already."""

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.catalogued import as_catalogued
from envscaler.scen_generator.solution_first.intentions.given import is_given_already
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.requests import Drawn, in_order
from envscaler.scen_generator.solution_first.intentions.spans import on_weekdays
from envscaler.scen_generator.solution_first.intentions.world import World


def test_a_product_is_of_the_category_and_description_that_the_catalogue_has() -> None:
    given: dict[str, Scalar] = {
        "name": "Ceramic teapot",
        "category": "Electronics",
        "description": "In demand.",
    }

    found = as_catalogued(given, "add_product", "")

    assert (found["name"], found["category"]) == ("Ceramic teapot", "Kitchen")
    assert found["description"] == "Holds one litre, with a removable strainer."
    unknown: dict[str, Scalar] = {**given, "name": "Northern valve"}
    assert as_catalogued(unknown, "add_product", "") == unknown


def test_a_meal_has_the_calories_and_the_hour_of_one() -> None:
    given: dict[str, Scalar] = {
        "meal_name": "Grilled salmon",
        "calories": 120,
        "consumed_at": "2024-12-31T09:00:00",
    }

    assert as_catalogued(given, "add_meal_record", "health") == {
        "meal_name": "Grilled salmon",
        "calories": 380,
        "consumed_at": "2024-12-31T18:00:00",
    }


def test_a_license_is_valid_for_whole_years() -> None:
    given: dict[str, Scalar] = {"issue_date": "2024-12-31", "expiration_date": "2026-01-16"}

    assert in_order(given)["expiration_date"] == "2025-12-31"
    leap: dict[str, Scalar] = {"issue_date": "2024-02-29", "expiration_date": "2026-01-16"}
    assert in_order(leap)["expiration_date"] == "2026-02-28"


def test_a_title_is_not_given_twice() -> None:
    state: JsonObject = {"threads": {"TH-1": {"thread_id": "TH-1", "title": "Recommended reading"}}}
    collections = collections_of(state)
    world, nouns = World(collections), Nouns(collections)

    def is_there(title: str) -> bool:
        tool = Tool(name="create_thread", description="", parameters={})
        return is_given_already(Drawn(tool, {}, {"title": title}), world, nouns)

    assert is_there("Recommended reading")
    assert not is_there("Walking together")


def test_what_is_agreed_on_is_on_a_weekday() -> None:
    given: dict[str, Scalar] = {
        "start": "2025-02-02T11:30:00",  # a Sunday
        "end": "2025-02-01",
        "note": "2025-02",
        "room": 4,
        "date": "2025-02-05",
    }

    assert on_weekdays(given) == {
        "start": "2025-02-03T11:30:00",
        "end": "2025-02-03",
        "note": "2025-02",
        "room": 4,
        "date": "2025-02-05",
    }
