"""What arguments are drawn from: ids, words, dates, and texts made up."""

from random import Random

import pytest

from envscaler.environment.state.collections import Collection, collections_of
from envscaler.records import Operation
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.pools import Pool, fresh_ids
from envscaler.scen_generator.solution_first.random_text import days_later, random_text
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT

CONTEXT = SearchContext(ENVIRONMENT, STATE)


def pool(tool: str, parameter: str) -> Pool:
    return CONTEXT.pool(CONTEXT.tools[tool], parameter)


def test_an_id_is_one_that_exists_or_a_new_one_of_the_same_form() -> None:
    found = pool("cancel_booking", "booking_id")

    assert found.collection is not None
    assert found.collection.name == "bookings"
    assert found.values == ("BK-001", "BK-002", "BK-003")
    assert all(str(key).startswith("BK-") and key not in found.values for key in found.fresh)


def test_a_word_is_one_of_those_that_count() -> None:
    assert set(pool("set_berth_status", "status").values) == {"open", "closed"}


def test_a_date_is_one_of_the_state_or_one_later() -> None:
    found = pool("book_berth", "arrival")

    assert "2025-01-10" in found.values
    assert "2025-01-19" in found.fresh


def test_a_name_is_made_up() -> None:
    assert pool("register_boat", "name").is_text


def test_a_number_is_one_that_the_state_has() -> None:
    assert 9.5 in pool("register_boat", "length_m").values


def test_new_integer_ids_go_on_counting() -> None:
    numbered = Collection("rows", (3, 7), ({}, {}), keyed=True)

    assert list(fresh_ids(numbered, 2)) == [8, 9]


@pytest.mark.parametrize("name", ["boats", "berths", "bookings", "invoices"])
def test_new_ids_are_new_and_different(name: str) -> None:
    found = next(each for each in collections_of(STATE) if each.name == name)

    new = list(fresh_ids(found))

    assert len(new) == len(set(new)) == 6
    assert set(new).isdisjoint(found.ids)


@pytest.mark.parametrize(
    ("value", "later"),
    [
        ("2025-01-30", "2025-02-08"),
        ("2025-01-30T10:00:00Z", "2025-02-08T10:00:00Z"),
        ("2025-13-45", "2025-13-45"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_a_later_date_keeps_its_form(value: str, later: str) -> None:
    assert days_later(value) == later


def test_texts_fit_what_they_are_for() -> None:
    random = Random(1)

    assert "@example.org" in random_text("contact_email", random)
    assert random_text("phone", random).startswith("+1-555-01")
    assert random_text("closing_note", random).endswith(".")
    assert len(random_text("name", random).split()) == 2


def test_tools_that_are_there_for_reading_are_no_writers() -> None:
    looking = Operation(name="register_boat", description="", kind="query")
    environment = ENVIRONMENT.model_copy(update={"operations": (looking,)})

    assert "register_boat" in CONTEXT.writers()
    assert "register_boat" not in SearchContext(environment, STATE).writers()
