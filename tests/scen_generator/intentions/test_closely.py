"""What a strict reader looks for in what is asked: visits, bills, reviews, lists of names."""

import pytest

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.drafts import tells_by_what_changes
from envscaler.scen_generator.solution_first.intentions.intention import (
    Condition,
    Group,
    Only,
    Told,
)
from envscaler.scen_generator.solution_first.intentions.lists import rows
from envscaler.scen_generator.solution_first.intentions.meaning import Reader
from envscaler.scen_generator.solution_first.intentions.newly import leaves_nothing, undoes
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.occasions import is_without_occasion
from envscaler.scen_generator.solution_first.intentions.places import Target
from envscaler.scen_generator.solution_first.intentions.reasons import is_unasked, reason_for
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sense import depends
from envscaler.scen_generator.solution_first.intentions.sentences import evenly_quoted
from envscaler.scen_generator.solution_first.intentions.story import is_by_staff, may_be_asked
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.unwanted import is_unwanted
from envscaler.scen_generator.solution_first.intentions.verbs import wordings
from envscaler.scen_generator.solution_first.intentions.world import World

TODAY = "2025-01-01"
STATE: JsonObject = {
    "patients": {"PA-1": {"patient_id": "PA-1", "name": "Ann Lee"}},
    "appointments": {
        "AP-1": {"appointment_id": "AP-1", "patient_id": "PA-1", "appointment_time": "2025-01-20"},
        "AP-2": {"appointment_id": "AP-2", "patient_id": "PA-1", "appointment_time": "2024-11-20"},
    },
    "medical_records": {
        "MR-1": {"record_id": "MR-1", "patient_id": "PA-1", "access": "shared_patient_provider"},
        "MR-2": {"record_id": "MR-2", "patient_id": "PA-1", "access": "patient_view"},
    },
    "images": {"IM-1": {"image_id": "IM-1", "appointment_id": "AP-1"}},
    "invoices": {
        "IN-1": {"invoice_id": "IN-1", "status": "unpaid"},
        "IN-2": {"invoice_id": "IN-2", "status": "unpaid"},
    },
    "charges": {
        "CH-1": {"charge_id": "CH-1", "invoice_id": "IN-1", "description": "Setup fee"},
        "CH-2": {"charge_id": "CH-2", "invoice_id": "IN-1", "description": "Support package"},
        "CH-3": {"charge_id": "CH-3", "invoice_id": "IN-1", "description": "Storage upgrade"},
    },
    "payments": {"PY-1": {"payment_id": "PY-1", "invoice_id": "IN-2", "status": "failed"}},
    "users": {"US-1": {"user_id": "US-1", "username": "ann_lee1"}},
    "reviews": {
        "RE-1": {
            "review_id": "RE-1",
            "user_id": "US-1",
            "rating": 4,
            "comment": "My whole family likes it.",
        },
        "RE-2": {"review_id": "RE-2", "user_id": "US-1", "rating": 3, "comment": "Average."},
    },
    "posts": {"PO-1": {"post_id": "PO-1", "user_id": "US-1", "like_count": 3}},
    "categories": {
        "CA-1": {"category_id": "CA-1", "name": "Home"},
        "CA-2": {"category_id": "CA-2", "name": "Toys"},
    },
    "orders": {
        "OR-1": {"order_id": "OR-1", "category_id": "CA-1", "status": "shipped"},
        "OR-2": {"order_id": "OR-2", "category_id": "CA-2", "status": "shipped"},
    },
    "projects": {
        "PJ-1": {"project_id": "PJ-1", "end_date": "2025-02-01", "tasks": []},
        "PJ-2": {"project_id": "PJ-2", "end_date": "2025-01-05", "tasks": []},
    },
    "tasks": {"TA-1": {"task_id": "TA-1", "due_date": "2025-01-20"}},
    "guests": {"GU-1": {"guest_id": "GU-1", "name": "Cy Orr"}},
    "rooms": {"RO-1": {"room_id": "RO-1", "status": "available"}},
    "bookings": {
        "BO-1": {
            "booking_id": "BO-1",
            "guest_id": "GU-1",
            "check_in_date": "2025-01-09",
            "check_out_date": "2025-01-12",
            "status": "active",
        },
    },
    "employees": {"EM-1": {"employee_id": "EM-1", "name": "Bob May", "job_title": "Analyst"}},
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)
VISIT: Place = ("appointments", "AP-1")
FILE: Place = ("medical_records", "MR-1")


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _why(drawn: Drawn) -> tuple[str, str] | None:
    reason = reason_for(drawn, WORLD, NOUNS)
    return reason and (reason.one, reason.own)


@pytest.mark.parametrize(
    ("record", "visit", "is_odd"),
    [("MR-1", "AP-1", False), ("MR-2", "AP-1", True), ("MR-1", "AP-2", True)],
)
def test_what_is_attached_is_for_all_who_are_there_and_in_time(
    record: str, visit: str, *, is_odd: bool
) -> None:
    attach = _drawn(
        "associate_record_with_appointment",
        record_id=("medical_records", record),
        appointment_id=("appointments", visit),
    )
    assert is_without_occasion(attach, WORLD, NOUNS, TODAY) is is_odd
    assert _why(attach) == ("It will be needed there.", "It will be needed there.")


def test_a_picture_that_is_taken_away_is_blurred() -> None:
    image: Place = ("images", "IM-1")
    assert _why(_drawn("remove_image_from_visit", image_id=image)) == (
        "It is blurred.",
        "It is blurred.",
    )


@pytest.mark.parametrize(
    ("invoice", "text", "is_odd"),
    [
        ("IN-1", "Delivery and handling", False),
        ("IN-1", "Setup fee", True),
        ("IN-2", "Delivery and handling", True),
    ],
)
def test_nothing_is_charged_twice_or_after_somebody_was_to_pay(
    invoice: str, text: str, *, is_odd: bool
) -> None:
    add = Tool(
        name="add_charge_to_invoice",
        description="",
        parameters={"properties": {"invoice_id": {}, "description": {}}},
    )
    drawn = Drawn(add, {"invoice_id": ("invoices", invoice)}, {"description": text})
    assert is_without_occasion(drawn, WORLD, NOUNS, TODAY) is is_odd


def test_something_is_left_of_a_bill() -> None:
    gone = [_drawn("delete_charge", charge_id=("charges", f"CH-{at}")) for at in (1, 2, 3)]
    assert not leaves_nothing(gone[:2], WORLD, NOUNS)
    assert leaves_nothing(gone, WORLD, NOUNS)


def test_what_a_review_says_still_goes_with_its_stars() -> None:
    review: Place = ("reviews", "RE-1")
    better = _drawn("edit_review", {"rating": 5}, review_id=review)
    assert _why(better) == ("The author has asked for it.", "I have come to like it more.")
    assert not is_unwanted(better, WORLD, NOUNS)
    assert is_unwanted(_drawn("edit_review", {"rating": 3}, review_id=review), WORLD, NOUNS)


def test_what_is_put_otherwise_has_a_reason() -> None:
    drawn = _drawn("edit_review", {"review_text": "Fine."}, review_id=("reviews", "RE-1"))
    assert _why(drawn) == ("The author has asked for it.", "I see it differently now.")


def test_nobody_keeps_one_thing_longer_who_has_kept_another_one() -> None:
    state: JsonObject = {
        "users": {"US-1": {"user_id": "US-1"}, "US-2": {"user_id": "US-2"}},
        "loans": {
            "LO-1": {"loan_id": "LO-1", "user_id": "US-1", "due_date": "2025-01-09"},
            "LO-2": {"loan_id": "LO-2", "user_id": "US-1", "status": "overdue"},
            "LO-3": {"loan_id": "LO-3", "user_id": "US-2", "due_date": "2025-01-09"},
        },
    }
    collections = collections_of(state)
    for loan, is_odd in (("LO-1", True), ("LO-3", False)):
        drawn = _drawn(
            "modify_loan_due_date", {"new_due_date": "2025-01-20"}, loan_id=("loans", loan)
        )
        found = is_without_occasion(drawn, World(collections), Nouns(collections), TODAY)
        assert found is is_odd


def test_no_two_accidents_are_at_one_place() -> None:
    state: JsonObject = {
        "patients": {"PA-1": {"patient_id": "PA-1"}},
        "locations": {"LO-1": {"location_id": "LO-1"}, "LO-2": {"location_id": "LO-2"}},
        "incidents": {"IN-1": {"incident_id": "IN-1", "location": "LO-1", "status": "requested"}},
    }
    collections = collections_of(state)
    schema: JsonObject = {"properties": {"patient_id": {}, "location": {}, "type": {}}}
    tool = Tool(name="create_incident", description="", parameters=schema)
    for place, is_odd in (("LO-1", True), ("LO-2", False)):
        records: dict[str, Place] = {
            "patient_id": ("patients", "PA-1"),
            "location": ("locations", place),
        }
        drawn = Drawn(tool, records, {"type": "burn"})
        found = is_without_occasion(drawn, World(collections), Nouns(collections), TODAY)
        assert found is is_odd


def test_nobody_tells_when_they_have_written_something_and_nothing_is_taken_back_at_once() -> None:
    review: Place = ("reviews", "RE-1")
    assert is_unasked(_drawn("edit_review", {"timestamp": "2024-12-06"}, review_id=review))
    assert not is_unasked(_drawn("edit_review", {"rating": 5}, review_id=review))
    comes, goes = _drawn("check_in_guest"), _drawn("check_out_guest")
    assert undoes([comes], goes)
    assert not undoes([comes], comes)


def test_what_is_lacking_does_not_tell_what_is_set_to_a_status() -> None:
    task = Only(Group("tasks", field="completed_at", value=None))
    assert tells_by_what_changes(_drawn("set_task_status", {"status": "in progress"}), [task])
    assert not tells_by_what_changes(_drawn("assign_task"), [task])


def test_who_is_hurt_does_not_say_that_it_is_over() -> None:
    assert is_by_staff("update_incident_status")
    assert not is_by_staff("delete_meal_record")


def test_who_says_nothing_is_no_help_and_nobody_likes_for_nobody() -> None:
    praise = [
        _drawn("increment_helpful_vote", review_id=("reviews", key)) for key in ("RE-1", "RE-2")
    ]
    assert [is_unwanted(each, WORLD, NOUNS) for each in praise] == [False, True]
    post: Place = ("posts", "PO-1")
    assert is_unwanted(_drawn("like_post", post_id=post), WORLD, NOUNS)
    by_ann = _drawn("like_post", post_id=post, user_id=("users", "US-1"))
    assert not is_unwanted(by_ann, WORLD, NOUNS)


def test_what_people_have_written_is_taken_back_for_a_reason_of_its_kind() -> None:
    deleted = {
        "reviews": ("RE-1", "I no longer agree with it."),
        "posts": ("PO-1", "I don't want it online any more."),
    }
    for noun, (key, why) in deleted.items():
        told = _why(_drawn(f"delete_{noun[:-1]}", record_id=(noun, key)))
        assert told == ("The author has asked for it.", why)


def test_a_job_has_a_reason() -> None:
    drawn = _drawn(
        "update_employee_job_title", {"job_title": "Buyer"}, employee_id=("employees", "EM-1")
    )
    assert _why(drawn) == ("They have taken on a new role.", "They have taken on a new role.")


def test_nothing_is_closed_of_which_there_are_drafts() -> None:
    state: JsonObject = {
        "periods": {"FP-1": {"period_id": "FP-1"}, "FP-2": {"period_id": "FP-2"}},
        "reports": {
            "RE-1": {"report_id": "RE-1", "period_id": "FP-1", "status": "draft"},
            "RE-2": {"report_id": "RE-2", "period_id": "FP-2", "status": "final"},
        },
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    for key, is_odd in (("FP-1", True), ("FP-2", False)):
        drawn = _drawn("close_period", period_id=("periods", key))
        assert is_without_occasion(drawn, world, nouns, TODAY) is is_odd


def test_nobody_gets_a_second_licence_for_a_state() -> None:
    state: JsonObject = {
        "providers": {"PR-1": {"provider_id": "PR-1"}},
        "licenses": {"LI-1": {"license_id": "LI-1", "provider_id": "PR-1", "state": "Maine"}},
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    tool = Tool(
        name="add_license",
        description="",
        parameters={"properties": {"provider_id": {}, "state": {}}},
    )
    for where, is_odd in (("Maine", True), ("Ohio", False)):
        drawn = Drawn(tool, {"provider_id": ("providers", "PR-1")}, {"state": where})
        assert is_without_occasion(drawn, world, nouns, TODAY) is is_odd


def test_what_is_taken_for_worse_has_a_reason() -> None:
    state: JsonObject = {"allergies": {"AL-1": {"allergy_id": "AL-1", "severity": "moderate"}}}
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    drawn = _drawn("update_allergy", {"severity": "severe"}, allergy_id=("allergies", "AL-1"))

    found = reason_for(drawn, world, nouns)

    assert found is not None
    assert found.one == "The last reaction was worse."
    assert not is_unwanted(drawn, world, nouns)


def test_nothing_is_taken_for_milder_than_it_was() -> None:
    state: JsonObject = {"allergies": {"AL-1": {"allergy_id": "AL-1", "severity": "moderate"}}}
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))

    drawn = _drawn("update_allergy", {"severity": "mild"}, allergy_id=("allergies", "AL-1"))

    assert is_unwanted(drawn, world, nouns)


def test_what_is_broken_is_needed_nowhere() -> None:
    state: JsonObject = {
        "devices": {
            "DE-1": {"device_id": "DE-1", "condition": "damaged", "location": "Ward 1"},
            "DE-2": {"device_id": "DE-2", "condition": "good", "location": "Ward 1"},
        }
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    for key, is_odd in (("DE-1", True), ("DE-2", False)):
        schema: JsonObject = {"properties": {"device_id": {}, "location": {}}}
        tool = Tool(name="update_device", description="", parameters=schema)
        drawn = Drawn(tool, {"device_id": ("devices", key)}, {"location": "Ward 2"})
        assert is_without_occasion(drawn, world, nouns, TODAY) is is_odd
    breaks = _drawn(
        "update_device",
        {"condition": "damaged", "location": "Ward 2"},
        device_id=("devices", "DE-2"),
    )
    assert is_unwanted(breaks, world, nouns)


def test_nobody_itches_severely() -> None:
    state: JsonObject = {
        "allergies": {
            "AL-1": {"allergy_id": "AL-1", "reaction": "itching", "severity": "mild"},
            "AL-2": {"allergy_id": "AL-2", "reaction": "hives", "severity": "moderate"},
        },
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    for key, is_odd in (("AL-1", True), ("AL-2", False)):
        drawn = _drawn("update_allergy", {"severity": "severe"}, allergy_id=("allergies", key))
        assert is_unwanted(drawn, world, nouns) is is_odd


def test_what_is_called_failed_cannot_be_finished_and_guests_do_not_check_in_themselves() -> None:
    drawn = _drawn("update_task_status", {"new_status": "failed"}, task_id=("tasks", "TA-1"))
    assert _why(drawn) == ("It cannot be finished.", "It cannot be finished.")
    assert is_by_staff("check_in_guest")
    assert is_by_staff("update_consultation_note")


def test_what_is_gone_is_not_archived() -> None:
    state: JsonObject = {
        "documents": {
            "DO-1": {"document_id": "DO-1", "status": "deleted"},
            "DO-2": {"document_id": "DO-2", "status": "active"},
        },
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    asked = {
        (verb, key): may_be_asked(
            _drawn(f"{verb}_document", document_id=("documents", key)), world, nouns, None
        )
        for verb in ("archive", "restore")
        for key in ("DO-1", "DO-2")
    }
    assert not asked["archive", "DO-1"]
    assert asked["archive", "DO-2"]
    assert asked["restore", "DO-1"]


def test_a_payment_that_failed_went_through_later() -> None:
    state: JsonObject = {
        "invoices": {"IN-1": {"invoice_id": "IN-1"}, "IN-2": {"invoice_id": "IN-2"}},
        "payments": {
            "PY-1": {"payment_id": "PY-1", "invoice_id": "IN-1", "status": "failed"},
            "PY-2": {"payment_id": "PY-2", "invoice_id": "IN-1", "status": "success"},
            "PY-3": {"payment_id": "PY-3", "invoice_id": "IN-2", "status": "failed"},
        },
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))
    said = {"PY-1": "The second try went through.", "PY-3": "It has failed."}
    for key, why in said.items():
        found = reason_for(_drawn("delete_payment", payment_id=("payments", key)), world, nouns)
        assert found is not None
        assert found.one == why


def test_a_license_gets_its_number_not_a_license_number_of_the_license() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {"license_number": {"type": "string"}, "provider_id": {"type": "string"}},
        "required": ["license_number", "provider_id"],
    }
    tool = Tool(name="add_license_for_provider", description="", parameters=schema)
    targets = [
        Target("license_number", "license", is_new=True),
        Target("provider_id", "provider", is_human=True),
    ]
    said = [each for one in wordings(tool, targets) for each in one.patterns]
    assert any("give it the license number" in each for each in said)
    assert not any("give the license the license number" in each for each in said)


def test_who_goes_to_another_department_is_needed_there() -> None:
    drawn = _drawn(
        "assign_employee_to_department",
        {"new_department": "Sales"},
        employee_id=("employees", "EM-1"),
    )
    assert _why(drawn) == ("They are needed there.", "They are needed there.")


def test_what_failed_is_known_to_whom_has_mended_it() -> None:
    task: Place = ("tasks", "TA-1")
    failed = Condition(Told("tasks", "TA-1"), "status", "is", "failed")
    assert depends(failed, task, _drawn("delete_task", task_id=task))
    assert not depends(failed, task, _drawn("retry_task", task_id=task))
    assert not depends(failed, task, _drawn("delete_payment", task_id=task))


def test_orders_are_not_told_by_the_sort_of_goods() -> None:
    forms = [repr(row) for row in rows(NOUNS, "orders", Reader(WORLD))]
    assert forms
    assert not [each for each in forms if "categories" in each]


def test_a_machine_is_not_told_by_its_room() -> None:
    state: JsonObject = {
        "locations": {"LO-1": {"location_id": "LO-1", "name": "Weight room"}},
        "machines": {
            "MA-1": {"machine_id": "MA-1", "location_id": "LO-1", "condition": "operational"}
        },
        "desks": {"DE-1": {"desk_id": "DE-1", "location_id": "LO-1"}},
    }
    nouns = Nouns(collections_of(state))
    reader = Reader(World(collections_of(state)))
    told = {noun: repr(rows(nouns, noun, reader)) for noun in ("machines", "desks")}
    assert "Weight room" not in told["machines"]
    assert "Weight room" in told["desks"]


def test_all_names_of_a_list_are_quoted_or_none() -> None:
    assert evenly_quoted('the sorts "Office supplies", Home and Toys. Thanks') == (
        'the sorts "Office supplies", "Home" and "Toys". Thanks'
    )
    for said in ('"Desk" and "Chair"', "Ann Lee and Bob May", '"Desk". Thanks and goodbye'):
        assert evenly_quoted(said) == said


@pytest.mark.parametrize(("place", "is_odd"), [("PL-1", True), ("PL-2", False)])
def test_nothing_is_needed_where_another_one_stands_free(place: str, *, is_odd: bool) -> None:
    state: JsonObject = {
        "places": {key: {"place_id": key} for key in ("PL-1", "PL-2", "PL-3")},
        "cars": {
            "CA-1": {"car_id": "CA-1", "location": "PL-1", "status": "available"},
            "CA-2": {"car_id": "CA-2", "location": "PL-2", "status": "unavailable"},
            "CA-3": {"car_id": "CA-3", "location": "PL-3", "status": "available"},
        },
    }
    collections = collections_of(state)
    schema: JsonObject = {"properties": {"car_id": {}, "location": {}}}
    tool = Tool(name="update_car_location", description="", parameters=schema)
    drawn = Drawn(tool, {"car_id": ("cars", "CA-3"), "location": ("places", place)}, {})
    found = is_without_occasion(drawn, World(collections), Nouns(collections), TODAY)
    assert found is is_odd


def _anew(name: str, values: dict[str, Scalar], **records: Place) -> bool:
    """Tell whether the records speak against something new."""
    schema: JsonObject = {"properties": {each: {} for each in (*records, *values)}}
    tool = Tool(name=name, description="", parameters=schema)
    return is_without_occasion(Drawn(tool, records, values), WORLD, NOUNS, TODAY)


@pytest.mark.parametrize(
    ("start", "end", "is_odd"),
    [
        ("2025-01-04", "2025-01-09", False),
        ("2025-01-11", "2025-01-20", True),
        ("2025-01-12", "2025-01-20", False),
    ],
)
def test_nobody_stays_at_two_places_at_once(start: str, end: str, *, is_odd: bool) -> None:
    days: dict[str, Scalar] = {"check_in_date": start, "check_out_date": end}
    room, guest = ("rooms", "RO-1"), ("guests", "GU-1")
    assert _anew("create_booking", days, room_id=room, guest_id=guest) is is_odd


def test_nobody_judges_a_thing_twice() -> None:
    state: JsonObject = {
        "users": {"US-1": {"user_id": "US-1"}, "US-2": {"user_id": "US-2"}},
        "products": {"PR-1": {"product_id": "PR-1", "name": "Yoga mat"}},
        "reviews": {"RE-1": {"review_id": "RE-1", "user_id": "US-1", "product_id": "PR-1"}},
    }
    collections = collections_of(state)
    schema: JsonObject = {"properties": {"user_id": {}, "product_id": {}, "rating": {}}}
    tool = Tool(name="submit_review", description="", parameters=schema)
    for user, is_odd in (("US-1", True), ("US-2", False)):
        records: dict[str, Place] = {
            "user_id": ("users", user),
            "product_id": ("products", "PR-1"),
        }
        drawn = Drawn(tool, records, {"rating": 4})
        found = is_without_occasion(drawn, World(collections), Nouns(collections), TODAY)
        assert found is is_odd


def test_a_task_is_due_before_its_project_ends() -> None:
    task: Place = ("tasks", "TA-1")
    assert not _anew("add_task_to_project", {}, task_id=task, project_id=("projects", "PJ-1"))
    assert _anew("add_task_to_project", {}, task_id=task, project_id=("projects", "PJ-2"))
