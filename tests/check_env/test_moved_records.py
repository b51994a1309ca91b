"""A tool that moves a record puts it nowhere where the tool that makes such records refuses it."""

import pytest

from envscaler.check_env.detectors.moved_records import moved_records
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Hall:
    def __init__(self):
        self.shows = {}   # show_id -> {"show_id", "day", "start"}

    def add_show(self, day: str, start: str) -> dict:
        """Put on a show at a time that is free."""
        return {"success": True}

    def move_show(self, show_id: str, start: str) -> dict:
        """Give a show another start on its day."""
        return {"success": True}
'''
STATE: JsonObject = {
    "shows": {
        "1": {"show_id": "1", "day": "2026-05-01", "start": "10:00"},
        "2": {"show_id": "2", "day": "2026-05-01", "start": "14:00"},
    }
}
REFUSED: JsonObject = {"success": False, "error": "taken"}


def shows(state: JsonObject) -> dict[str, JsonObject]:
    held = state["shows"]
    assert isinstance(held, dict)
    return {key: one for key, one in held.items() if isinstance(one, dict)}


def taken(state: JsonObject, day: object, start: object, but: str = "") -> bool:
    return any(
        (one["day"], one["start"]) == (day, start) and key != but
        for key, one in shows(state).items()
    )


def add(state: JsonObject, arguments: JsonObject) -> JsonObject:
    day, start = arguments["day"], arguments["start"]
    if taken(state, day, start):
        return REFUSED
    key = str(max(map(int, shows(state)), default=0) + 1)
    state["shows"] = {**shows(state), key: {"show_id": key, "day": day, "start": start}}
    return {"success": True, "message": key}


def move(state: JsonObject, arguments: JsonObject, *, looks: bool) -> JsonObject:
    key = str(arguments["show_id"])
    one = shows(state)[key]
    if one["start"] == arguments["start"]:
        return REFUSED
    if looks and taken(state, one["day"], arguments["start"], key):
        return REFUSED
    state["shows"] = {**shows(state), key: {**one, "start": arguments["start"]}}
    return {"success": True, "message": "moved"}


def moved_blindly(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return move(state, arguments, looks=False)


def moved_with_care(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return move(state, arguments, looks=True)


@pytest.mark.parametrize(("change", "claims"), [(moved_blindly, 1), (moved_with_care, 0)])
def test_a_move_to_where_nothing_could_be_made_is_claimed(change: Tool, claims: int) -> None:
    found = claimed(
        moved_records,
        {"add_show": add, "move_show": change},
        STATE,
        call("add_show", day="2026-05-02", start="09:00"),
        call("move_show", show_id="1", start="12:00"),
        source=SOURCE,
    )

    assert [(one.calls[-1].tool, one.severity) for one in found] == [
        ("move_show", "possible")
    ] * claims
