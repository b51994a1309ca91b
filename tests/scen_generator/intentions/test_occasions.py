"""What the records belie, or show to be too soon, and what nobody asks for at all."""

import pytest

from envscaler.environment.state.collections import Scalar, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.dues import still_due
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.occasions import is_without_occasion
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.unwanted import is_unwanted
from envscaler.scen_generator.solution_first.intentions.world import World

TODAY = "2025-01-01"
STATE: JsonObject = {
    "patients": {
        "PA-1": {"patient_id": "PA-1", "name": "Ann Lee", "status": "medically ready"},
        "PA-2": {"patient_id": "PA-2", "name": "Bob May", "status": "admitted"},
        "PA-3": {"patient_id": "PA-3", "name": "Cy Orr", "status": "discharged"},
    },
    "providers": {
        "PR-1": {"provider_id": "PR-1", "name": "Dee Poe", "role": "nurse"},
        "PR-2": {"provider_id": "PR-2", "name": "Eva Roy", "role": "nurse"},
    },
    "admissions": {
        "AD-1": {"admission_id": "AD-1", "patient_id": "PA-2", "care_team": ["PR-1"]},
    },
    "plans": {
        "PL-1": {"plan_id": "PL-1", "patient_id": "PA-1", "planned_date": "2025-01-01"},
        "PL-2": {"plan_id": "PL-2", "patient_id": "PA-2", "planned_date": "2025-01-20"},
        "PL-3": {"plan_id": "PL-3", "patient_id": "PA-3", "planned_date": "2024-03-02"},
    },
    "incidents": {
        "IN-1": {
            "incident_id": "IN-1",
            "patient_id": "PA-2",
            "status": "requested",
            "assigned_car_id": None,
        },
        "IN-2": {
            "incident_id": "IN-2",
            "patient_id": "PA-3",
            "status": "dispatched",
            "assigned_car_id": "CA-1",
        },
    },
    "cars": {"CA-1": {"car_id": "CA-1"}, "CA-2": {"car_id": "CA-2"}},
    "documents": {
        "DO-1": {"document_id": "DO-1", "title": "Plan", "modified": "2024-12-19"},
        "DO-2": {"document_id": "DO-2", "title": "Rules", "modified": "2023-02-03"},
        "DO-3": {"document_id": "DO-3", "title": "Lease contract", "modified": "2023-02-03"},
    },
    "meals": {
        "ME-1": {"meal_id": "ME-1", "patient_id": "PA-2", "consumed_at": "2024-12-29"},
        "ME-2": {"meal_id": "ME-2", "patient_id": "PA-2", "consumed_at": "2024-06-29"},
    },
    "visits": {
        "VI-1": {"visit_id": "VI-1", "start_time": "2025-01-09T10:00:00", "note": ""},
        "VI-2": {"visit_id": "VI-2", "start_time": "2024-12-09T10:00:00", "note": ""},
        "VI-3": {"visit_id": "VI-3", "start_time": "2024-12-09T10:00:00", "note": "Better."},
    },
    "challenges": {
        "CH-1": {"challenge_id": "CH-1", "end_date": "2024-12-20"},
        "CH-2": {"challenge_id": "CH-2", "end_date": "2025-03-20"},
    },
    "logs": {"LG-1": {"log_id": "LG-1", "challenge_id": "CH-2", "user_id": "US-2"}},
    "lists": {
        "LI-1": {"list_id": "LI-1", "tasks": ["TA-1"]},
        "LI-2": {"list_id": "LI-2", "tasks": []},
    },
    "tasks": {"TA-1": {"task_id": "TA-1"}, "TA-2": {"task_id": "TA-2"}},
    "departments": {"DE-1": {"department_id": "DE-1"}, "DE-2": {"department_id": "DE-2"}},
    "job_positions": {
        "JO-1": {
            "position_id": "JO-1",
            "department_id": "DE-1",
            "pay_min": 30000,
            "pay_max": 50000,
        },
    },
    "employees": {
        "EM-1": {
            "employee_id": "EM-1",
            "name": "Flo Tay",
            "department_id": "DE-1",
            "position_id": "JO-1",
            "salary": 40000,
            "status": "active",
        },
    },
    "machines": {"MA-1": {"machine_id": "MA-1", "type": "Treadmill", "place_id": "PL-8"}},
    "places": {
        "PL-8": {"place_id": "PL-8", "name": "Cardio area"},
        "PL-9": {"place_id": "PL-9", "name": "Weight room"},
    },
    "bills": {
        "BI-1": {"bill_id": "BI-1", "total_amount": 90.5},
        "BI-2": {"bill_id": "BI-2", "total_amount": 80.0},
    },
    "disputes": {"DI-1": {"dispute_id": "DI-1", "bill_id": "BI-2", "status": "resolved"}},
    "users": {
        "US-1": {"user_id": "US-1", "status": "suspended"},
        "US-2": {"user_id": "US-2"},
        "US-3": {"user_id": "US-3"},
    },
    "reviews": {
        "RE-1": {"review_id": "RE-1", "user_id": "US-1"},
        "RE-2": {"review_id": "RE-2", "user_id": "US-2"},
    },
    "licenses": {
        "LC-1": {"license_id": "LC-1", "user_id": "US-1", "status": "active"},
        "LC-2": {"license_id": "LC-2", "user_id": "US-1", "status": "suspended"},
        "LC-3": {"license_id": "LC-3", "user_id": "US-2", "status": "active"},
    },
    "services": {
        "SE-1": {"service_id": "SE-1", "name": "Office cleaning", "status": "active"},
        "SE-2": {"service_id": "SE-2", "name": "Data backup", "status": "active"},
    },
    "statements": {"ST-1": {"statement_id": "ST-1"}, "ST-2": {"statement_id": "ST-2"}},
    "line_items": {
        "IT-1": {"item_id": "IT-1", "statement_id": "ST-1", "amount": 100},
        "IT-2": {"item_id": "IT-2", "statement_id": "ST-2", "amount": 100},
        "IT-3": {"item_id": "IT-3", "statement_id": "ST-2", "amount": 200},
    },
    "requests": {
        "RE-1": {"request_id": "RE-1", "status": "failed", "submitted": "2024-12-27"},
        "RE-2": {"request_id": "RE-2", "status": "failed", "submitted": "2024-10-09"},
    },
    "payments": {
        "PY-1": {"payment_id": "PY-1", "bill_id": "BI-1", "amount": 40.5, "status": "completed"},
        "PY-2": {"payment_id": "PY-2", "bill_id": "BI-1", "amount": 50.0, "status": "failed"},
    },
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)


def _drawn(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> Drawn:
    return Drawn(Tool(name=name, description="", parameters={}), records, values or {})


def _is_odd(name: str, values: dict[str, Scalar] | None = None, **records: Place) -> bool:
    drawn = _drawn(name, values, **records)
    return is_without_occasion(drawn, WORLD, NOUNS, TODAY) or is_unwanted(drawn, WORLD, NOUNS)


@pytest.mark.parametrize(("key", "is_odd"), [("DO-1", True), ("DO-2", False), ("DO-3", True)])
def test_only_what_is_old_is_out_of_date(key: str, *, is_odd: bool) -> None:
    assert _is_odd("archive_document", document_id=("documents", key)) is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("BI-1", False), ("BI-2", True)])
def test_nobody_complains_twice_of_one_bill(key: str, *, is_odd: bool) -> None:
    given: dict[str, Scalar] = {"description": "Too much"}
    assert _is_odd("create_dispute", given, bill_id=("bills", key)) is is_odd


@pytest.mark.parametrize(("name", "is_odd"), [("note", True), ("start_time", False)])
def test_nobody_notes_how_it_went_when_it_is_booked(name: str, *, is_odd: bool) -> None:
    given: dict[str, Scalar] = {name: "2025-02-01T10:00:00"}
    assert _is_odd("create_consultation", given, provider_id=("providers", "PR-1")) is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("RE-1", True), ("RE-2", False)])
def test_what_somebody_wrote_who_was_suspended_is_not_praised(key: str, *, is_odd: bool) -> None:
    assert _is_odd("increment_helpful_vote", review_id=("reviews", key)) is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("ME-1", False), ("ME-2", True)])
def test_a_mistake_is_noticed_within_weeks(key: str, *, is_odd: bool) -> None:
    assert _is_odd("delete_meal", meal_id=("meals", key)) is is_odd


def test_nobody_is_anonymized_to_whom_an_ambulance_is_on_its_way() -> None:
    assert _is_odd("anonymize_patient", patient_id=("patients", "PA-2"))
    assert not _is_odd("anonymize_patient", patient_id=("patients", "PA-1"))


def test_what_is_of_who_is_gone_stays() -> None:
    assert _is_odd("remove_plan", plan_id=("plans", "PL-3"))
    assert not _is_odd("remove_plan", plan_id=("plans", "PL-2"))


def test_nothing_is_on_its_way_that_nobody_was_sent_to() -> None:
    way: dict[str, Scalar] = {"new_status": "en route"}

    assert _is_odd("update_incident_status", way, incident_id=("incidents", "IN-1"))


def test_nobody_is_discharged_days_before_it_is_planned_or_kept_when_ready() -> None:
    later: dict[str, Scalar] = {"planned_date": "2025-01-09"}

    assert _is_odd("finalize_discharge", patient_id=("patients", "PA-2"))
    assert not _is_odd("finalize_discharge", patient_id=("patients", "PA-1"))
    assert _is_odd("update_plan", later, plan_id=("plans", "PL-1"))
    assert not _is_odd("update_plan", later, plan_id=("plans", "PL-2"))


def test_who_sees_to_somebody_is_of_the_team() -> None:
    plan = ("plans", "PL-2")

    assert _is_odd("update_plan", plan_id=plan, provider_id=("providers", "PR-2"))
    assert not _is_odd("update_plan", plan_id=plan, provider_id=("providers", "PR-1"))


@pytest.mark.parametrize(("key", "is_odd"), [("VI-1", True), ("VI-2", False), ("VI-3", True)])
def test_a_note_is_of_what_took_place_and_stands_in_place_of_none(
    key: str, *, is_odd: bool
) -> None:
    note: dict[str, Scalar] = {"note": "Less pain."}

    assert _is_odd("update_visit_note", note, visit_id=("visits", key)) is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("CH-1", True), ("CH-2", False)])
def test_nobody_joins_what_has_ended(key: str, *, is_odd: bool) -> None:
    ann = ("patients", "PA-1")

    found = _is_odd("join_challenge", challenge_id=("challenges", key), patient_id=ann)

    assert found is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("TA-1", True), ("TA-2", False)])
def test_a_task_is_put_into_one_list(key: str, *, is_odd: bool) -> None:
    home = ("lists", "LI-2")

    assert _is_odd("add_task_to_list", task_id=("tasks", key), list_id=home) is is_odd


def test_nobody_has_two_accidents_at_a_time() -> None:
    assert _is_odd("create_incident", {"type": "fall"}, patient_id=("patients", "PA-2"))
    assert not _is_odd("create_incident", {"type": "fall"}, patient_id=("patients", "PA-1"))


def test_nobody_gets_another_name_or_trade_or_less() -> None:
    flo = ("employees", "EM-1")

    assert _is_odd("update_employee", {"name": "Flo Roe"}, employee_id=flo)
    assert _is_odd("update_employee", {"specialty": "Surgery"}, employee_id=flo)
    assert _is_odd("update_salary", {"new_salary": 38000}, employee_id=flo)
    assert not _is_odd("update_salary", {"new_salary": 42000}, employee_id=flo)


def test_nobody_is_moved_to_where_there_is_no_such_work() -> None:
    flo = ("employees", "EM-1")

    assert _is_odd("transfer_employee", employee_id=flo, department_id=("departments", "DE-2"))


def test_a_thing_is_put_where_such_things_stand() -> None:
    treadmill = ("machines", "MA-1")

    assert _is_odd("assign_place", machine_id=treadmill, place_id=("places", "PL-9"))
    assert not _is_odd("assign_place", machine_id=treadmill, place_id=("places", "PL-8"))


def test_what_is_due_of_a_bill_is_what_nobody_has_paid() -> None:
    assert still_due("bills", "BI-1", NOUNS) == 50.0


@pytest.mark.parametrize(("key", "is_odd"), [("LC-1", True), ("LC-3", False)])
def test_no_paper_is_renewed_of_who_has_lost_another(key: str, *, is_odd: bool) -> None:
    given: dict[str, Scalar] = {"new_expiration_date": "2027-01-01"}
    assert _is_odd("update_license", given, license_id=("licenses", key)) is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("SE-1", True), ("SE-2", False)])
def test_what_people_do_is_in_no_maintenance(key: str, *, is_odd: bool) -> None:
    given: dict[str, Scalar] = {"new_status": "maintenance"}
    assert _is_odd("update_service_status", given, service_id=("services", key)) is is_odd


@pytest.mark.parametrize(("field", "is_odd"), [("status", True), ("title", False)])
def test_nobody_chooses_an_id_for_what_has_no_name(field: str, *, is_odd: bool) -> None:
    tool = Tool(name="create_task", description="", parameters={})
    drawn = Drawn(tool, {}, {"task_id": "TA-9", field: "Pending"}, frozenset(("task_id",)))
    assert is_without_occasion(drawn, WORLD, NOUNS, TODAY) is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("IT-1", True), ("IT-2", False)])
def test_a_line_is_put_right_beside_others(key: str, *, is_odd: bool) -> None:
    given: dict[str, Scalar] = {"new_amount": 300}
    assert _is_odd("update_line_item", given, item_id=("line_items", key)) is is_odd


@pytest.mark.parametrize(("key", "is_odd"), [("US-2", True), ("US-3", False)])
def test_nobody_joins_what_they_take_part_in(key: str, *, is_odd: bool) -> None:
    places = {"challenge_id": ("challenges", "CH-2"), "user_id": ("users", key)}
    assert _is_odd("join_challenge", None, **places) is is_odd


def test_nobody_chooses_an_id_and_says_how_things_stand_with_what_is_new() -> None:
    given: dict[str, Scalar] = {"task_id": "TA-9", "title": "Plan", "status": "pending"}
    tool = Tool(name="create_task", description="", parameters={})
    drawn = Drawn(tool, {"user_id": ("users", "US-2")}, given, frozenset(("task_id",)))
    assert is_without_occasion(drawn, WORLD, NOUNS, TODAY)
    rest = {name: value for name, value in given.items() if name != "status"}
    named = Drawn(tool, drawn.records, rest, drawn.made)
    assert not is_without_occasion(named, WORLD, NOUNS, TODAY)


@pytest.mark.parametrize(("key", "is_odd"), [("RE-1", False), ("RE-2", True)])
def test_what_failed_long_ago_is_not_tried_once_more(key: str, *, is_odd: bool) -> None:
    assert _is_odd("retry_request", request_id=("requests", key)) is is_odd


def test_two_who_have_an_appointment_to_come_get_no_other() -> None:
    state: JsonObject = {
        "patients": {key: {"patient_id": key, "name": "Ann Lee"} for key in ("PA-1", "PA-2")},
        "doctors": {"DR-1": {"doctor_id": "DR-1", "name": "Bob May"}},
        "visits": {
            "VI-1": {
                "visit_id": "VI-1",
                "patient_id": "PA-1",
                "doctor_id": "DR-1",
                "status": "scheduled",
            }
        },
    }
    world, nouns = World(collections_of(state)), Nouns(collections_of(state))

    def is_odd(key: str) -> bool:
        drawn = _drawn("create_visit", patient_id=("patients", key), doctor_id=("doctors", "DR-1"))
        return is_without_occasion(drawn, world, nouns, TODAY)

    assert is_odd("PA-1")
    assert not is_odd("PA-2")
