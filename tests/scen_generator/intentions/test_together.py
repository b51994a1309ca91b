"""What is not asked for with several records at once, and what is under way."""

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.together import (
    goes_for_all,
    leaves_overdue,
)
from envscaler.scen_generator.solution_first.intentions.underway import is_left_alone
from envscaler.scen_generator.solution_first.intentions.world import World


def _rows(key: str, *rows: JsonObject) -> JsonObject:
    return {str(row[key]): row for row in rows}


STATE: JsonObject = {
    "users": _rows(
        "user_id",
        {"user_id": "US-1", "name": "Ann Lee", "privacy": "public", "department_id": "DE-1"},
        {"user_id": "US-2", "name": "Bob May", "privacy": "private", "department_id": "DE-2"},
    ),
    "departments": _rows(
        "department_id",
        {"department_id": "DE-1", "name": "Sales", "manager_id": "US-1"},
        {"department_id": "DE-2", "name": "Research", "manager_id": None},
    ),
    "posts": _rows(
        "post_id",
        {"post_id": "PO-1", "user_id": "US-1"},
        {"post_id": "PO-2", "user_id": "US-1"},
        {"post_id": "PO-3", "user_id": "US-2"},
    ),
    "sites": _rows("site_id", {"site_id": "SI-1"}, {"site_id": "SI-2"}),
    "devices": _rows(
        "device_id",
        {"device_id": "DV-1", "status": "unavailable"},
        {"device_id": "DV-2", "status": "available"},
        {"device_id": "DV-3", "status": "occupied"},
    ),
    "bookings": _rows(
        "booking_id",
        {"booking_id": "BO-1", "device_id": "DV-1", "status": "active"},
        {"booking_id": "BO-2", "device_id": "DV-2", "status": "cancelled"},
        {"booking_id": "BO-3", "device_id": "DV-3", "status": "pending"},
    ),
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _all(name: str, *keys: str, values: dict[str, Scalar] | None = None, **more: Place) -> bool:
    """Tell whether posts or devices go together."""
    parameter, noun = ("post_id", "posts") if keys[0][:2] == "PO" else ("device_id", "devices")
    return goes_for_all(
        [_drawn(name, values, **{parameter: (noun, key)}, **more) for key in keys], WORLD, NOUNS
    )


def _alone(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> bool:
    return is_left_alone(_drawn(name, values, **records), WORLD, NOUNS)


def test_one_day_is_for_one_record() -> None:
    day: dict[str, Scalar] = {"due_date": "2025-03-01"}

    assert not _all("set_due_date", "PO-1", "PO-2", values=day)
    assert not _all("set_due_date", "PO-1", "PO-3", values=day)
    assert _all("set_due_date", "PO-3", values=day)


def test_one_place_or_client_is_not_for_many_and_one_who_sees_to_them_is() -> None:
    ann = ("users", "US-1")

    assert not _all("update_location", "DV-1", "DV-2", site_id=("sites", "SI-1"))
    assert not _all("update_post", "PO-1", "PO-3", client_id=ann)
    assert _all("update_post", "PO-1", "PO-3", assignee_id=ann)
    assert _all("assign_post", "PO-1", "PO-3", user_id=ann)


def test_what_is_shared_or_flagged_is_of_one_user() -> None:
    assert _all("share_post", "PO-1", "PO-2")
    assert not _all("share_post", "PO-1", "PO-3")
    assert not _all("like_post", "PO-1", "PO-3")


def test_what_is_private_is_not_shared() -> None:
    assert _alone("share_post", post_id=("posts", "PO-3"))
    assert not _alone("share_post", post_id=("posts", "PO-1"))


def test_few_things_are_taken_out_of_use_at_once() -> None:
    down: dict[str, Scalar] = {"status": "maintenance"}

    assert _all("set_status", "DV-1", "DV-2", values=down)
    assert not _all("set_status", "DV-1", "DV-2", "DV-3", values=down)
    assert _all("set_status", "DV-1", "DV-2", "DV-3", values={"status": "available"})


def test_allergies_are_resolved_one_at_a_time() -> None:
    assert not _all("resolve_allergy", "PO-1", "PO-2")


def test_neither_payments_nor_people_are_done_away_with_by_the_dozen() -> None:
    assert not _all("delete_payment", "PO-1", "PO-2")
    assert not _all("anonymize_patient", "PO-1", "PO-2")
    assert _all("delete_payment", "PO-1")


def test_what_is_in_use_is_neither_moved_nor_set_to_available() -> None:
    lent, free = ("devices", "DV-1"), ("devices", "DV-2")
    there: dict[str, Scalar] = {"location": "Ward 2"}

    assert _alone("update_location", there, device_id=lent)
    assert not _alone("update_location", there, device_id=free)
    assert _alone("set_status", {"status": "available"}, device_id=lent)
    assert not _alone("set_status", {"status": "maintenance"}, device_id=free)


def test_a_booking_of_what_is_occupied_is_not_cancelled() -> None:
    assert _alone("cancel_booking", booking_id=("bookings", "BO-3"))
    assert not _alone("cancel_booking", booking_id=("bookings", "BO-2"))


def test_who_leads_a_department_is_not_moved_to_another() -> None:
    new = ("departments", "DE-2")

    assert _alone("transfer_user", user_id=("users", "US-1"), department_id=new)
    assert not _alone("transfer_user", user_id=("users", "US-2"), department_id=new)


def test_who_could_be_one_person_is_not_dealt_with_together() -> None:
    state: JsonObject = {
        "users": _rows(
            "user_id",
            {"user_id": "US-1", "username": "ann_lee2"},
            {"user_id": "US-2", "username": "ann_lee29"},
            {"user_id": "US-3", "username": "bob_may1"},
        )
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))

    def all_of(*keys: str) -> bool:
        return goes_for_all(
            [_drawn("activate_user", user_id=("users", key)) for key in keys], world, nouns
        )

    assert not all_of("US-1", "US-2")
    assert all_of("US-1", "US-3")


def test_who_brings_several_things_back_keeps_nothing_that_is_overdue() -> None:
    state: JsonObject = {
        "users": _rows("user_id", {"user_id": "US-1", "name": "Ann Lee"}, {"user_id": "US-2"}),
        "loans": _rows(
            "loan_id",
            {"loan_id": "LO-1", "user_id": "US-1", "status": "active"},
            {"loan_id": "LO-2", "user_id": "US-1", "status": "overdue"},
            {"loan_id": "LO-3", "user_id": "US-2", "status": "active"},
            {"loan_id": "LO-4", "user_id": "US-2", "status": "active"},
        ),
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))

    def left(*keys: str) -> bool:
        members = [_drawn("mark_loan_as_returned", loan_id=("loans", key)) for key in keys]
        return leaves_overdue(members, world, nouns)

    assert left("LO-1", "LO-3")
    assert not left("LO-1", "LO-2", "LO-3")
    assert not left("LO-3", "LO-4")
    assert not left("LO-1")


def test_not_all_that_stand_at_one_place_are_taken_out_of_use() -> None:
    state: JsonObject = {
        "locations": _rows("location_id", {"location_id": "LO-1"}, {"location_id": "LO-2"}),
        "vans": _rows(
            "van_id",
            {"van_id": "VA-1", "location_id": "LO-1", "status": "available"},
            {"van_id": "VA-2", "location_id": "LO-1", "status": "available"},
            {"van_id": "VA-3", "location_id": "LO-2", "status": "available"},
            {"van_id": "VA-4", "location_id": "LO-2", "status": "available"},
            {"van_id": "VA-5", "location_id": "LO-2", "status": "available"},
        ),
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    for status, keys, goes in (
        ("unavailable", ("VA-1", "VA-2"), False),
        ("unavailable", ("VA-3", "VA-4"), True),
        ("unavailable", ("VA-1", "VA-3"), True),
        ("available", ("VA-1", "VA-2"), True),
    ):
        members = [
            _drawn("update_van_status", {"status": status}, van_id=("vans", key)) for key in keys
        ]
        assert goes_for_all(members, world, nouns) is goes
