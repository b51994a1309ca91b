"""A check of a list looks at every entry, not at the first one only."""

import pytest

from envscaler.check_env.detectors.list_places import list_places, meant_tables
from envscaler.check_env.stated_rules.tables import Tables
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Brigade:
    def __init__(self):
        self.members = {}   # member_id -> {"member_id", "on_call"}
        self.cars = {}      # car_id -> {"car_id", "out"}

    def send(self, car_id: str, crew: list[str]) -> dict:
        """{said}"""
        return {"success": True, "message": "sent"}
'''
STATE: JsonObject = {
    "members": {key: {"member_id": key, "on_call": True} for key in ("m1", "m2", "m3")},
    "cars": {"c1": {"car_id": "c1", "out": False}},
}
ALL = "Send a car with a crew, all on call."


def sent(state: JsonObject, arguments: JsonObject, *, most: int) -> JsonObject:
    members, crew = state["members"], arguments["crew"]
    assert isinstance(members, dict)
    assert isinstance(crew, list)
    for key in crew[:most]:
        member = members[str(key)]
        if isinstance(member, dict) and not member["on_call"]:
            return {"success": False, "error": "not on call"}
    state["cars"] = {"c1": {"car_id": "c1", "out": True}}
    return {"success": True, "message": "sent"}


def first_asked(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return sent(state, arguments, most=1)


def all_asked(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return sent(state, arguments, most=9)


@pytest.mark.parametrize("crew", [["m1", "m2"], ["m1"]])
@pytest.mark.parametrize(
    ("said", "send", "claims"),
    [
        (ALL, first_asked, 1),
        (ALL, all_asked, 0),
        ("Send a car with a crew, whose driver is on call.", first_asked, 0),
    ],
)
def test_a_check_of_the_first_entry_alone_is_claimed(
    crew: list[str], said: str, send: Tool, claims: int
) -> None:
    found = claimed(
        list_places,
        {"send": send},
        STATE,
        call("send", car_id="c1", crew=[*crew]),
        source=SOURCE.replace("{said}", said),
    )

    assert [one.severity for one in found] == ["possible"] * claims


def test_numbers_that_two_tables_have_are_of_the_table_that_is_named() -> None:
    rows: JsonObject = {
        "courses": [{"id": 1, "day": "x"}, {"id": 2, "day": "y"}],
        "pupils": [{"id": 1, "day": "x"}, {"id": 2, "day": "y"}],
    }
    tables = Tables(rows, frozenset(("id", "day")))

    assert meant_tables(tables, "pupil_ids", ["1", "2"]) == ["pupils"]
    assert meant_tables(tables, "numbers", ["1", "2"]) == []
