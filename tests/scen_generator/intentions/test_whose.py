"""Reasons say of whom they are, in the words of the records."""

import pytest

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.reasons import reason_for, without_reason
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import (
    BROUGHT_BACK,
    PLANS,
    RAISED,
    TAKEN_OVER,
    WRONG,
)
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.unwanted import is_unwanted
from envscaler.scen_generator.solution_first.intentions.whose import as_they, is_told_already, named
from envscaler.scen_generator.solution_first.intentions.world import World

STATE: JsonObject = {
    "guests": {
        "GU-1": {"guest_id": "GU-1", "name": "Ann Lee"},
        "GU-2": {"guest_id": "GU-2", "name": "Bob May"},
    },
    "users": {"US-1": {"user_id": "US-1", "username": "cy_orr7"}},
    "agents": {
        "AG-1": {"agent_id": "AG-1", "name": "Dee Poe"},
        "AG-2": {"agent_id": "AG-2", "name": "Eva Roy"},
    },
    "bookings": {
        "BO-1": {"booking_id": "BO-1", "guest_id": "GU-1"},
        "BO-2": {"booking_id": "BO-2", "guest_id": "GU-2"},
        "BO-3": {"booking_id": "BO-3", "guest_id": None},
    },
    "loans": {"LO-1": {"loan_id": "LO-1", "user_id": "US-1"}},
    "claims": {"CL-1": {"claim_id": "CL-1", "assigned_agent_id": "AG-1"}},
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _cancel(key: str) -> Drawn:
    return _drawn("cancel_booking", booking_id=("bookings", key))


def test_it_is_one_person_who_has_other_plans_or_several() -> None:
    assert named(PLANS, [_cancel("BO-1")], WORLD, NOUNS).one == "Ann Lee's plans have changed."
    both = named(PLANS, [_cancel("BO-1"), _cancel("BO-2")], WORLD, NOUNS)
    assert both.many == "The guests' plans have changed."
    assert both.own == "My plans have changed."
    assert named(PLANS, [_cancel("BO-3")], WORLD, NOUNS).one == "The plans have changed."


def test_who_has_no_name_is_called_a_borrower() -> None:
    back = _drawn("mark_loan_as_returned", loan_id=("loans", "LO-1"))
    assert named(BROUGHT_BACK, [back], WORLD, NOUNS).many == "The borrower has brought them back."


def test_who_needs_it_for_longer_is_the_borrower() -> None:
    longer = _drawn("update_loan", {"new_due_date": "2025-02-01"}, loan_id=("loans", "LO-1"))
    why = reason_for(longer, WORLD, NOUNS)
    assert why is not None
    assert named(why, [longer], WORLD, NOUNS).one == "The borrower needs it for longer."
    raised = _drawn("update_salary", {"salary": 50000}, agent_id=("agents", "AG-1"))
    assert reason_for(raised, WORLD, NOUNS) == RAISED


def test_an_incident_does_not_arrive() -> None:
    state: JsonObject = {"incidents": {"IN-1": {"incident_id": "IN-1", "status": "dispatched"}}}
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    place = ("incidents", "IN-1")
    for status, is_odd in (("arrived", True), ("completed", False)):
        drawn = _drawn("update_incident_status", {"new_status": status}, incident_id=place)
        assert is_unwanted(drawn, world, nouns) is is_odd


def test_who_goes_on_leave_is_who_has_had_it() -> None:
    over = _drawn("assign_claim", claim_id=("claims", "CL-1"), agent_id=("agents", "AG-2"))
    assert named(TAKEN_OVER, [over], WORLD, NOUNS).one == "Dee Poe is going on leave."
    assert named(WRONG, [over], WORLD, NOUNS) is WRONG


@pytest.mark.parametrize(
    ("said", "they"),
    [
        ("Ann Lee's plans have changed.", "Their plans have changed."),
        ("Ann Lee has brought it back.", "They have brought it back."),
    ],
)
def test_who_was_named_before_is_they(said: str, they: str) -> None:
    assert as_they(said) == they
    assert is_told_already(said, "Cancel the bookings of Ann Lee and Dee Poe.")
    assert not is_told_already(said, "Cancel booking BO-1.")


@pytest.mark.parametrize(
    "reason",
    ["Ann Lee's plans have changed.", "The guests' plans have changed.", "Bo is going on leave."],
)
def test_such_a_reason_is_no_part_of_what_is_asked_for(reason: str) -> None:
    assert without_reason(f"Cancel Ann Lee's booking. {reason}") == "Cancel Ann Lee's booking."


def test_whoever_hands_over_is_named_beside_the_one_who_takes_over() -> None:
    asked = "Assign Dee Poe's task to Ann Lee."
    assert not is_told_already("Dee Poe is going on leave.", asked)
    assert is_told_already("Dee Poe's plans have changed.", asked)


def test_an_accident_happens_where_nothing_else_does_and_nobody_waits() -> None:
    state: JsonObject = {
        "locations": {
            key: {"location_id": key, "address": key} for key in ("LO-1", "LO-2", "LO-3", "LO-4")
        },
        "incidents": {"IN-1": {"incident_id": "IN-1", "location": "LO-1"}},
        "ambulances": {
            "AM-1": {"ambulance_id": "AM-1", "current_location": "LO-2", "status": "available"},
            "AM-2": {"ambulance_id": "AM-2", "current_location": "LO-3", "status": "unavailable"},
        },
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    for key, is_odd in (("LO-1", True), ("LO-2", True), ("LO-3", False), ("LO-4", False)):
        drawn = _drawn("create_incident", {"type": "fall"}, location_id=("locations", key))
        assert is_unwanted(drawn, world, nouns) is is_odd
