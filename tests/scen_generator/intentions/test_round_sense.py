"""What belongs into a round of work, and what a thing is moved for."""

import pytest

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.conditions import goes_in_any_case
from envscaler.scen_generator.solution_first.intentions.moves import is_moved_in_vain
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.occasions import is_without_occasion
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.round_sense import (
    belongs,
    goes_with,
    hand_all_over,
    is_gone_through,
    is_of_one_sort,
    is_of_things,
)
from envscaler.scen_generator.solution_first.intentions.sayings import (
    ARRIVED,
    HOPELESS,
    REPAIRED,
    TAKEN_OVER,
    UNWANTED,
    WRONG,
)
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.world import World

STATE: JsonObject = {
    "users": {
        "US-1": {"user_id": "US-1", "name": "Ann Lee"},
        "US-2": {"user_id": "US-2", "name": "Bob May"},
        "US-3": {"user_id": "US-3", "name": "Cy Orr"},
    },
    "job_positions": {"JP-1": {"position_id": "JP-1", "title": "Buyer"}},
    "tasks": {
        "TA-1": {"task_id": "TA-1", "assigned_to": "US-1", "status": "pending"},
        "TA-2": {"task_id": "TA-2", "assigned_to": "US-1", "status": "in progress"},
        "TA-3": {"task_id": "TA-3", "assigned_to": "US-1", "status": "completed"},
        "TA-4": {"task_id": "TA-4", "assigned_to": "US-2", "status": "pending"},
    },
    "machines": {
        "MA-1": {"machine_id": "MA-1", "type": "Bike", "place_id": "PL-1", "status": "good"},
        "MA-2": {"machine_id": "MA-2", "type": "Bike", "place_id": "PL-1", "status": "broken"},
        "MA-3": {"machine_id": "MA-3", "type": "Bike", "place_id": "PL-3", "status": "good"},
        "MA-4": {"machine_id": "MA-4", "type": "Bike", "place_id": "PL-5", "status": "good"},
    },
    "places": {
        "PL-1": {"place_id": "PL-1", "name": "Cardio area"},
        "PL-2": {"place_id": "PL-2", "name": "Upper floor"},
        "PL-3": {"place_id": "PL-3", "name": "Weight room"},
        "PL-4": {"place_id": "PL-4", "name": "Storage room"},
        "PL-5": {"place_id": "PL-5", "name": "Pool"},
        "PL-6": {"place_id": "PL-6", "name": "Square"},
    },
    "incidents": {
        "IN-1": {"incident_id": "IN-1", "place_id": "PL-5", "status": "requested"},
        "IN-2": {"incident_id": "IN-2", "place_id": "PL-6", "status": "en route"},
    },
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _set_to(status: str, key: str = "TA-1") -> Drawn:
    return _drawn("update_task_status", {"new_status": status}, task_id=("tasks", key))


@pytest.mark.parametrize(("status", "is_plain"), [("in progress", True), ("processing", False)])
def test_without_a_reason_a_record_only_goes_on(status: str, *, is_plain: bool) -> None:
    assert belongs(_set_to(status), None, NOUNS) is is_plain
    assert belongs(_set_to(status), ARRIVED, NOUNS)


def test_nobody_changes_in_passing_who_sees_something() -> None:
    drawn = _drawn("update_group", {"privacy_setting": "public"}, task_id=("tasks", "TA-1"))
    assert not belongs(drawn, UNWANTED, NOUNS)


def test_what_was_paid_is_not_deleted_on_a_round() -> None:
    drawn = _drawn("delete_payment", payment_id=("tasks", "TA-1"))
    assert not belongs(drawn, UNWANTED, NOUNS)
    assert belongs(_drawn("delete_task", task_id=("tasks", "TA-1")), UNWANTED, NOUNS)


def test_the_record_of_a_person_is_changed_for_a_reason() -> None:
    drawn = _drawn("update_user", {"phone": "+1-555-0100"}, user_id=("users", "US-1"))
    assert not belongs(drawn, None, NOUNS)
    assert belongs(drawn, WRONG, NOUNS)


def test_whoever_puts_mistakes_right_does_nothing_else() -> None:
    assert goes_with(_set_to("done"), WRONG, [(_set_to("open", "TA-2"), WRONG)], NOUNS)
    assert not goes_with(_set_to("done"), WRONG, [(_set_to("open", "TA-2"), ARRIVED)], NOUNS)
    assert not goes_with(_set_to("done"), None, [(_set_to("open", "TA-2"), WRONG)], NOUNS)


def test_nothing_is_given_up_where_the_like_works_again() -> None:
    retried = (_drawn("retry_task", task_id=("tasks", "TA-2")), REPAIRED)
    assert not goes_with(_set_to("failed"), HOPELESS, [retried], NOUNS)


def test_a_round_is_for_three_things_at_most() -> None:
    earlier = [(_set_to(each), None) for each in ("a", "b", "c")]
    assert goes_with(_set_to("a", "TA-2"), None, earlier, NOUNS)
    assert not goes_with(_set_to("d", "TA-2"), None, earlier, NOUNS)


def _given_to(key: str, person: str) -> Drawn:
    return _drawn("assign_task_to_user", task_id=("tasks", key), user_id=("users", person))


def test_whoever_goes_on_leave_hands_over_all_that_is_open() -> None:
    one, other = _given_to("TA-1", "US-3"), _given_to("TA-2", "US-3")
    assert not hand_all_over([one], TAKEN_OVER, WORLD, NOUNS)
    assert hand_all_over([one, other], TAKEN_OVER, WORLD, NOUNS)
    assert hand_all_over([_given_to("TA-4", "US-3")], TAKEN_OVER, WORLD, NOUNS)
    assert hand_all_over([one], UNWANTED, WORLD, NOUNS)


@pytest.mark.parametrize(
    ("machine", "place", "is_odd"),
    [
        ("MA-1", "PL-2", False),
        ("MA-2", "PL-2", True),
        ("MA-1", "PL-3", True),
        ("MA-1", "PL-4", True),
        ("MA-4", "PL-2", True),
        ("MA-1", "PL-6", True),
    ],
    ids=["needed", "broken", "one is there", "a store", "needed where it stands", "a scene"],
)
def test_what_works_is_moved_to_where_it_lacks(machine: str, place: str, *, is_odd: bool) -> None:
    thing = ("machines", machine)
    drawn = _drawn("move_machine", machine_id=thing, location_id=("places", place))
    assert is_moved_in_vain(drawn, thing, WORLD, NOUNS) is is_odd


def test_nothing_is_called_failed_that_has_not_begun() -> None:
    assert is_without_occasion(_set_to("failed", "TA-1"), WORLD, NOUNS, "2025-01-01")
    assert not is_without_occasion(_set_to("failed", "TA-2"), WORLD, NOUNS, "2025-01-01")


def test_people_go_through_what_belongs_to_somebody_or_to_a_place() -> None:
    assert is_gone_through("users", NOUNS)
    assert is_gone_through("places", NOUNS)
    assert not is_gone_through("job_positions", NOUNS)


def test_two_things_of_a_small_round_are_of_one_sort() -> None:
    moved = (_set_to("in progress"), None)
    deleted = (_drawn("delete_task", task_id=("tasks", "TA-3")), UNWANTED)
    assert is_of_one_sort([moved, (_set_to("completed", "TA-2"), None)])
    assert not is_of_one_sort([moved, (_set_to("completed", "TA-2"), ARRIVED)])
    assert not is_of_one_sort([(_set_to("in progress"), ARRIVED), deleted])


def test_nothing_is_lent_on_a_round() -> None:
    lent = _drawn("create_loan", task_id=("tasks", "TA-1"), user_id=("users", "US-1"))
    assert not belongs(lent, None, NOUNS)
    assert belongs(_drawn("create_task", user_id=("users", "US-1")), None, NOUNS)


def test_amid_other_things_nothing_is_suspended() -> None:
    assert not goes_with(_set_to("suspended"), None, [(_set_to("open", "TA-2"), None)], NOUNS)
    assert goes_with(_set_to("suspended"), None, [(_set_to("suspended", "TA-2"), None)], NOUNS)


def test_nothing_is_needed_in_a_room_that_is_told_as_a_store() -> None:
    kept = _drawn("move_machine", {"location": "Storage room"}, machine_id=("machines", "MA-1"))
    used = _drawn("move_machine", {"location": "Ward 1"}, machine_id=("machines", "MA-1"))
    assert is_moved_in_vain(kept, ("machines", "MA-1"), WORLD, NOUNS)
    assert not is_moved_in_vain(used, ("machines", "MA-1"), WORLD, NOUNS)


def test_nobody_goes_through_what_a_person_has_done_to_things() -> None:
    assert is_of_things("maintenance_records")
    assert not is_of_things("bookings")


def test_nobody_sends_help_in_passing() -> None:
    sent = _drawn("assign_machine", incident_id=("incidents", "IN-1"))
    ended = _drawn("close_incident", incident_id=("incidents", "IN-1"))

    assert not belongs(sent, None, NOUNS)
    assert belongs(ended, None, NOUNS)


def test_nobody_lets_hang_on_how_things_stand_what_has_happened_or_is_known() -> None:
    task = ("tasks", "TA-1")

    assert goes_in_any_case(_drawn("log_call", task_id=task), None)
    assert goes_in_any_case(_drawn("retry_task", task_id=task), REPAIRED)
    assert goes_in_any_case(_set_to("in progress"), None)
    assert not goes_in_any_case(_drawn("cancel_task", task_id=task), UNWANTED)
