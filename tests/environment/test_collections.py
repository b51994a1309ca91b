"""Collections of a state."""

import pytest

from envscaler.environment.state.collections import (
    collections_of,
    emptied,
    field_values,
    values_held,
)
from envscaler.records import JsonObject


def test_an_emptied_state_keeps_its_attributes_and_loses_its_records() -> None:
    state: JsonObject = {"boats": {"B": {}}, "log": [1], "next": 7, "name": "x"}

    assert emptied(state) == {"boats": {}, "log": [], "next": 7, "name": "x"}


@pytest.mark.parametrize("field", ["status", "boats", "owner", "B1", "n", "2", "missing", "$dict"])
def test_what_fields_hold_is_the_same_whether_all_are_found_at_once_or_one_alone(
    field: str,
) -> None:
    state: JsonObject = {
        "boats": {"B1": {"status": "in", "owner": {"status": ["x", {"n": 1}]}}, "B2": {"n": 2}},
        "log": [{"status": "out"}, {"$tuple": [{"n": 3}, 4]}],
        "kept": {"$dict": [[2, {"status": "late"}], ["n", 5]]},
        "made": {"$dataclass": ["Boat", {"owner": {"n": 6}, "status": None}]},
        "counts": {"$defaultdict": ["int", [["n", 7]]]},
        "status": "open",
    }

    states: tuple[JsonObject, ...] = (
        state,
        {"boats": state["boats"]},
        {"$dict": [["n", {"status": 1}]]},
    )
    for each in states:
        assert [*values_held(each, field)] == [*field_values(each, field)]


def test_a_code_is_the_id_of_records_in_a_list_only_where_it_tells_them_apart() -> None:
    apart: JsonObject = {"boxes": [{"code": "A", "kg": 1}, {"code": "B", "kg": 2}]}
    shared: JsonObject = {"moves": [{"code": "A", "day": 1}, {"code": "A", "day": 2}]}

    assert [one.ids for one in collections_of(apart)] == [("A", "B")]
    assert [one.ids for one in collections_of(shared)] == [()]
