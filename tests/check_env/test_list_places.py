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


MENU = """
class Menu:
    def __init__(self):
        self.guests = {}   # guest_id -> {"guest_id", "avoids"}
        self.dishes = {}   # dish_id -> {"dish_id", "contains"}
        self.served = {}

    def serve(self, dish_id: str) -> dict:
        '''Serve a dish that nobody avoids.'''
        return {"success": True, "message": "served"}
"""


@pytest.mark.parametrize(("most", "claims"), [(1, 1), (9, 0)])
def test_the_lists_of_those_that_no_argument_names_are_looked_at_as_a_whole(
    most: int, claims: int
) -> None:
    def serve(state: JsonObject, arguments: JsonObject) -> JsonObject:
        guests, dishes = state["guests"], state["dishes"]
        assert isinstance(guests, dict)
        assert isinstance(dishes, dict)
        dish = dishes[str(arguments["dish_id"])]
        for guest in guests.values():
            assert isinstance(guest, dict)
            assert isinstance(dish, dict)
            if {*guest["avoids"][:most]} & {*dish["contains"]}:  # type: ignore[index,misc]
                return {"success": False, "error": "avoided"}
        state["served"] = {"d1": 1}
        return {"success": True, "message": "served"}

    state: JsonObject = {
        "guests": {
            "g1": {"guest_id": "g1", "avoids": ["nuts"]},
            "g2": {"guest_id": "g2", "avoids": ["milk"]},
        },
        "dishes": {
            "d1": {"dish_id": "d1", "contains": {"egg": 2, "rice": 1}},
            "d2": {"dish_id": "d2", "contains": {"milk": 1}},
        },
        "served": {},
    }

    found = claimed(list_places, {"serve": serve}, state, call("serve", dish_id="d1"), source=MENU)

    assert [one.severity for one in found] == ["possible"] * claims


BOARD = """
class Board:
    def __init__(self):
        self.tasks = {}   # key -> {"key", "state", "needs"}

    def start(self, key: str) -> dict:
        '''Start a task of which all that it needs is done.'''
        return {"success": True, "message": "started"}
"""


@pytest.mark.parametrize(("most", "claims"), [(1, 1), (9, 0)])
def test_what_a_list_of_the_named_record_refers_to_is_looked_at_as_a_whole(
    most: int, claims: int
) -> None:
    def start(state: JsonObject, arguments: JsonObject) -> JsonObject:
        tasks = state["tasks"]
        assert isinstance(tasks, dict)
        task = tasks[str(arguments["key"])]
        assert isinstance(task, dict)
        needs = task["needs"]
        assert isinstance(needs, list)
        for key in needs[:most]:
            if tasks[str(key)]["state"] != "done":  # type: ignore[index,call-overload]
                return {"success": False, "error": "not yet"}
        task["state"] = "doing"
        return {"success": True, "message": "started"}

    state: JsonObject = {
        "tasks": {
            "a": {"key": "a", "state": "done", "needs": []},
            "b": {"key": "b", "state": "done", "needs": []},
            "c": {"key": "c", "state": "todo", "needs": ["a", "b"]},
        }
    }

    found = claimed(list_places, {"start": start}, state, call("start", key="c"), source=BOARD)

    assert len(found) == claims
