"""Values beside the limits of what a call is about."""

from envscaler.environment.state.relation import View
from envscaler.inputs.near import near_values
from envscaler.records import JsonObject

STATE: JsonObject = {
    "today": "2026-03-01",
    "plans": {"P1": {"plan_id": "P1", "permit_id": "M1", "day": "2026-03-09", "kg": 40}},
    "permits": {
        "M1": {"permit_id": "M1", "from": "2026-03-04", "most": 90},
        "M2": {"permit_id": "M2", "from": "2027-01-01", "most": 700},
    },
}


def near(name: str, **arguments: object) -> list[object]:
    given: JsonObject = {
        key: value for key, value in arguments.items() if isinstance(value, str | int)
    }
    return [*near_values(View(STATE), STATE, given, name)]


def test_days_beside_the_clock_and_what_the_named_record_refers_to() -> None:
    found = near("new_day", plan_id="P1", new_day="2026-05-05")

    assert {"2026-03-03", "2026-03-04", "2026-03-05", "2026-03-01"} <= {*found}
    assert "2027-01-01" not in found


def test_numbers_beside_those_of_the_named_records() -> None:
    assert {89, 90, 91, 39} <= {*near("kg", plan_id="P1", kg=5)}


def test_a_text_has_no_neighbours() -> None:
    assert near("plan_id", plan_id="P1", kg=5) == []
