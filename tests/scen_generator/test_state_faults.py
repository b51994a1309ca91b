"""What can be said about an initial state without loading it."""

from copy import deepcopy
from typing import cast

import pytest

from envscaler.records import JsonObject
from envscaler.scen_generator.task_first.state_faults import (
    MAX_FAULTS,
    find_faults,
    state_attributes,
)
from tests.scen_generator.example import SOURCE, STATE

NAMES = frozenset({"boats", "berths", "bookings", "invoices"})


def changed(path: str, value: object) -> JsonObject:
    state = deepcopy(STATE)
    *parents, last = path.split(".")
    inner = state
    for step in parents:
        inner = cast("JsonObject", inner[step])
    inner[last] = cast("JsonObject", value)
    return state


def test_what_a_state_fills_is_what_the_constructor_sets() -> None:
    assert state_attributes(SOURCE, "HarbourOffice") == ("boats", "berths", "bookings", "invoices")


def test_what_the_constructor_keeps_of_its_argument_is_not_filled() -> None:
    source = """class A:
    def __init__(self, init_config: dict):
        self.init_config = init_config
        self.rooms: dict = init_config.get("rooms", {})
        self.next = self.first = 1

    def later(self):
        self.log = []
"""

    assert state_attributes(source, "A") == ("rooms", "next", "first")


def test_a_class_without_a_constructor_fills_nothing() -> None:
    assert state_attributes("class A:\n    pass\n", "A") == ()


def test_a_whole_state_has_no_faults() -> None:
    assert find_faults(STATE, NAMES) == ()


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("ships", {"S1": {}}, "The class has no attribute 'ships'; it has berths, boats,"),
        ("invoices", {}, "'invoices' is empty"),
        ("bookings.BK-001.boat_id", "BT-9", "bookings['BK-001'].boat_id is 'BT-9', but boats"),
        ("bookings.BK-001.booking_id", "BK-7", "bookings['BK-001'] has the booking_id 'BK-7'"),
        ("boats.BT-001.home_berth_id", "Z9", "boats['BT-001'].home_berth_id is 'Z9', but berths"),
        ("boats.BT-001.berth_ids", ["A1", "Z9"], "berth_ids is 'Z9'"),
        ("boats.BT-001.stays", [{"berth_id": "Z9"}], "berth_id is 'Z9'"),
    ],
)
def test_a_fault_is_named_with_its_place(path: str, value: object, told: str) -> None:
    [fault] = find_faults(changed(path, value), NAMES)

    assert told in fault


def test_a_missing_attribute_is_a_fault_unless_it_is_private() -> None:
    [fault] = find_faults(STATE, NAMES | {"tariff", "_next_number"})

    assert fault == "The key 'tariff' is missing; the class has this attribute."


@pytest.mark.parametrize("value", [None, "", []])
def test_a_reference_to_nothing_is_no_fault(value: object) -> None:
    assert find_faults(changed("boats.BT-001.berth_id", value), NAMES) == ()


def test_an_id_of_something_that_is_no_collection_is_not_looked_for() -> None:
    assert find_faults(changed("boats.BT-001.insurer_id", "INS-44"), NAMES) == ()


def test_records_in_a_list_are_found_by_their_own_id() -> None:
    state: JsonObject = {
        "users": [{"user_id": 1}, {"user_id": 2}],
        "loans": [{"loan_id": 1, "user_id": 2}, {"loan_id": 2, "user_id": 3}],
    }

    assert find_faults(state, frozenset(state)) == (
        "loans[2].user_id is '3', but users has no such record.",
    )


@pytest.mark.parametrize("plural", ["categories", "boxes", "classes", "batches", "users"])
def test_plurals_are_recognised(plural: str) -> None:
    one = {"categories": "category", "boxes": "box", "classes": "class", "batches": "batch"}
    field = f"{one.get(plural, plural.removesuffix('s'))}_id"
    state: JsonObject = {plural: {"1": {"x": 1}}, "notes": {"n": {field: "2"}}}

    [fault] = find_faults(state, frozenset(state))

    assert f"but {plural} has no such record" in fault


def test_only_so_many_faults_are_told_at_once() -> None:
    state: JsonObject = {f"a{n}": {} for n in range(40)}

    assert len(find_faults(state, frozenset(state))) == MAX_FAULTS
