"""Invented states whose values could be real."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import cast

import pytest

from envscaler.inputs.realistic import RECORDS, realistic_state
from envscaler.records import JsonObject
from tests.check_env.arena import skeleton

NOW = datetime(2025, 1, 1, tzinfo=UTC)
CLINIC = '''
from typing import Dict, List, Optional, TypedDict


class PatientInfo(TypedDict):
    patient_id: str
    name: str
    email: str
    phone: str
    date_of_birth: str
    address: str


class ClinicianInfo(TypedDict):
    clinician_id: str
    name: str
    department: str


class ReportInfo(TypedDict):
    report_id: str
    patient_id: str
    author_id: str
    report_type: str
    status: str  # 'draft' or 'final'
    note: str


class VisitInfo(TypedDict):
    visit_id: str
    patient_id: str
    parent_id: Optional[str]
    start_time: str
    end_time: str
    price: float
    min_age: int
    max_age: int
    latitude: float
    status: str  # 'scheduled' or 'completed'


class PositionInfo(TypedDict):
    job_title: str
    salary: float


class Clinic:
    def __init__(self):
        self.patients: Dict[str, PatientInfo] = {}
        self.clinicians: Dict[str, ClinicianInfo] = {}
        self.reports: Dict[str, ReportInfo] = {}
        self.visits: Dict[str, VisitInfo] = {}
        # Positions: {job_title: PositionInfo}
        self.positions: Dict[str, PositionInfo] = {}

    def raise_salary(self, job_title: str, salary: float) -> dict:
        """Pay more for a position."""
        if job_title not in self.positions:
            return {"success": False, "error": "no position"}
        self.positions[job_title]["salary"] = salary
        return {"success": True}

    def add_report(self, patient_id: str, latitude: float) -> dict:
        """Add a report."""
        report_id = f"rep_{len(self.reports):04d}"
        if report_id in self.reports or latitude < -90 or latitude > 90:
            return {"success": False, "error": "no"}
        self.reports[report_id] = {"report_id": report_id, "status": "draft"}
        return {"success": True, "report_id": report_id}
'''


def records(state: JsonObject, name: str) -> list[JsonObject]:
    return cast("list[JsonObject]", [*cast("JsonObject", state[name]).values()])


@pytest.fixture(scope="module", params=range(3))
def state(request: pytest.FixtureRequest) -> JsonObject:
    return realistic_state(skeleton(CLINIC), cast("int", request.param), NOW)


def test_an_address_fits_the_name_and_nobody_shares_it(state: JsonObject) -> None:
    patients = records(state, "patients")

    for one in patients:
        first, last = re.sub(r"[^a-z ]", "", str(one["name"]).lower()).split(" ", 1)
        assert str(one["email"]).startswith(f"{first}.{last.replace(' ', '')}")
        assert re.fullmatch(r"\d+ [\w' -]+, [\w'. -]+", str(one["address"]))
        assert str(one["phone"]).startswith("+1-555-01")
        assert str(one["date_of_birth"]) < "2005-02"
    assert len({str(one["email"]) for one in patients}) == len(patients) == RECORDS


def test_every_reference_is_of_somebody_who_is_there(state: JsonObject) -> None:
    patients, clinicians = (cast("JsonObject", state[name]) for name in ("patients", "clinicians"))

    for one in records(state, "reports"):
        assert one["patient_id"] in patients
        assert one["author_id"] in clinicians


def test_ids_have_the_form_in_which_the_class_gives_them(state: JsonObject) -> None:
    reports = [*cast("JsonObject", state["reports"])]

    assert reports == [f"rep_{number:04d}" for number in range(RECORDS)]
    assert all(re.fullmatch(r"[A-Z]{2,}-\d{4}", key) for key in cast("JsonObject", state["visits"]))
    assert [one["report_id"] for one in records(state, "reports")] == reports


def test_the_id_that_the_class_gives_next_is_not_taken(state: JsonObject) -> None:
    reports = cast("JsonObject", state["reports"])

    assert f"rep_{len(reports):04d}" not in reports


def test_records_that_are_called_by_a_title_have_it_as_their_key(state: JsonObject) -> None:
    positions = cast("JsonObject", state["positions"])

    assert [one["job_title"] for one in records(state, "positions")] == [*positions]
    assert not any(re.search(r"\d", title) for title in positions)


def test_a_parent_is_an_earlier_record(state: JsonObject) -> None:
    visits = cast("JsonObject", state["visits"])

    for place, one in enumerate(records(state, "visits")):
        assert one["parent_id"] is None or one["parent_id"] in [*visits][:place]


def test_what_starts_ends_on_the_same_day_and_later(state: JsonObject) -> None:
    for one in records(state, "visits"):
        start, end = str(one["start_time"]), str(one["end_time"])
        assert start < end
        assert start[:10] == end[:10]


def test_numbers_are_plausible_for_their_name(state: JsonObject) -> None:
    for one in records(state, "visits"):
        assert 5 <= cast("float", one["price"]) <= 250
        assert cast("int", one["min_age"]) <= cast("int", one["max_age"])
        assert abs(cast("float", one["latitude"])) != 90


def test_a_field_takes_the_words_of_the_class_and_no_sentence_where_a_type_is_asked_for(
    state: JsonObject,
) -> None:
    for one in records(state, "reports"):
        assert str(one["status"]) in {"draft", "final"}
        assert not str(one["report_type"]).endswith(".")
        assert str(one["note"]).endswith(".")


def test_a_hospital_has_other_departments_than_an_office(state: JsonObject) -> None:
    departments = {str(one["department"]) for one in records(state, "clinicians")}

    assert not departments & {"Marketing", "Legal", "Finance"}


def test_another_seed_gives_other_people_and_the_same_seed_the_same_state() -> None:
    states = [realistic_state(skeleton(CLINIC), seed, NOW) for seed in (1, 1, 2)]

    assert states[0] == states[1]
    names = [{str(one["name"]) for one in records(each, "patients")} for each in states]
    assert len(names[0] & names[2]) < RECORDS / 2


def test_nothing_is_left_of_what_was_made_up(state: JsonObject) -> None:
    assert not re.search(r"Fresh|Another|<unknown>|[a-z_]+-\d\b", str(state))


ENDINGS = '''
from typing import Dict, Optional, TypedDict


class LoanInfo(TypedDict):
    loan_id: str
    borrowed_date: str
    due_date: str
    returned_date: Optional[str]
    amount_due: float
    amount_paid: float
    status: str


class Desk:
    def __init__(self):
        self.loans: Dict[str, LoanInfo] = {}

    def give_back(self, loan_id: str) -> dict:
        """Close a loan."""
        if self.loans[loan_id]["status"] != "active":
            return {"success": False, "error": "not active"}
        self.loans[loan_id]["status"] = "returned"
        return {"success": True}
'''


@pytest.mark.parametrize("seed", range(5))
def test_only_what_is_over_has_ended(seed: int) -> None:
    loans = records(realistic_state(skeleton(ENDINGS), seed, NOW), "loans")

    assert all(one["returned_date"] is None for one in loans if one["status"] == "active")
    assert all(str(one["borrowed_date"]) < str(one["due_date"]) for one in loans)
    assert all(
        cast("float", one["amount_paid"]) <= cast("float", one["amount_due"]) for one in loans
    )


def test_in_a_busy_state_there_is_more_and_much_of_it_belongs_to_one_record() -> None:
    plain, busy = (
        realistic_state(skeleton(CLINIC), 1, NOW, is_busy=is_busy) for is_busy in (False, True)
    )

    assert most_referred(busy) > most_referred(plain)
    assert len(str(busy)) > len(str(plain))


def most_referred(state: JsonObject) -> int:
    """Count the fields that hold the id that most fields hold."""
    collections = [each for each in state.values() if isinstance(each, dict)]
    found = [record for each in collections for record in each.values() if isinstance(record, dict)]
    held = Counter(str(value) for row in found for name, value in row.items() if "_id" in name)
    return max(held.values())
