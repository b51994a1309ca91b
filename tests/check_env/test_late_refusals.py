"""A call that is refused in a state made for it has left all as it was."""

import pytest

from envscaler.check_env.detectors.late_refusals import late_refusals
from envscaler.records import FindingKind, JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Festival:
    def __init__(self):
        self.halls = {}        # hall_id -> {"hall_id", "seats"}
        self.screenings = {}   # screening_id -> {"screening_id", "hall_id", "sold"}

    def change_hall(self, screening_id: str, hall_id: str) -> dict:
        """Move a screening to a hall that has a seat for every ticket sold."""
        return {"success": True, "message": "moved"}
'''
STATE: JsonObject = {
    "halls": {"h1": {"hall_id": "h1", "seats": 90}, "h2": {"hall_id": "h2", "seats": 80}},
    "screenings": {"s1": {"screening_id": "s1", "hall_id": "h1", "sold": 30}},
}


def moved(state: JsonObject, arguments: JsonObject, *, late: bool) -> JsonObject:
    halls, screenings = state["halls"], state["screenings"]
    assert isinstance(halls, dict)
    assert isinstance(screenings, dict)
    one, hall = screenings["s1"], halls[str(arguments["hall_id"])]
    assert isinstance(one, dict)
    assert isinstance(hall, dict)
    fits = int(str(hall["seats"])) >= int(str(one["sold"]))
    if late or fits:
        one["hall_id"] = arguments["hall_id"]
    return {"success": True} if fits else {"success": False, "error": "too small"}


def checked_after(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return moved(state, arguments, late=True)


def checked_before(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return moved(state, arguments, late=False)


@pytest.mark.parametrize(("change", "claims"), [(checked_after, 1), (checked_before, 0)])
def test_a_refusal_that_comes_after_the_change_is_claimed(change: Tool, claims: int) -> None:
    found = claimed(
        late_refusals,
        {"change_hall": change},
        STATE,
        call("change_hall", screening_id="s1", hall_id="h2"),
        source=SOURCE,
    )

    assert [one.kind for one in found] == [FindingKind.REFUSED_CALL_CHANGED_STATE] * claims
