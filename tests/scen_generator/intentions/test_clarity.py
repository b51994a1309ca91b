"""What words leave open they do not say: whose a record is, which is its, which is latest."""

import pytest

from envscaler.environment.state.collections import collections_of
from envscaler.records import JsonObject
from envscaler.scen_generator.solution_first.intentions.clarity import says_who_acted
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns, main_date


def _nouns(**state: list[JsonObject]) -> Nouns:
    """Name each record by its first field."""
    keyed: JsonObject = {
        name: {str(next(iter(record.values()))): record for record in records}
        for name, records in state.items()
    }
    return Nouns(collections_of(keyed))


def _licenses(*dates: tuple[str, str]) -> Nouns:
    return _nouns(
        licenses=[
            {"license_id": f"LI-{at}", "issue_date": issued, "expiration_date": expires}
            for at, (issued, expires) in enumerate(dates)
        ]
    )


def test_the_latest_is_said_only_if_all_dates_agree_on_it() -> None:
    agreed = _licenses(("2024-01-01", "2026-01-01"), ("2024-02-01", "2026-02-01"))
    disputed = _licenses(("2024-01-01", "2026-02-01"), ("2024-02-01", "2026-01-01"))
    lacking = _licenses(("2024-01-01", ""), ("2024-02-01", "2026-01-01"))

    assert main_date(agreed, "licenses") == "expiration_date"
    assert main_date(disputed, "licenses") is None
    assert main_date(lacking, "licenses") is None


def _allergies(field: str) -> Nouns:
    return _nouns(
        allergies=[{"allergy_id": f"AL-{at}", field: f"CL-{at}"} for at in range(3)],
        clinicians=[{"clinician_id": f"CL-{at}", "name": f"Ann {at}"} for at in range(3)],
    )


def test_a_record_does_not_belong_to_who_recorded_it() -> None:
    assert _allergies("clinician_id").owners("allergies")
    assert not _allergies("recorded_by").owners("allergies")
    assert [link.field for link in _allergies("recorded_by").links["allergies"]] == ["recorded_by"]


@pytest.mark.parametrize(
    ("field", "is_said"),
    [
        ("created_by", True),
        ("assigned_by_user_id", True),
        ("reporter_id", True),
        ("patient_id", False),
        ("owned_by", False),
        ("baby_id", False),
    ],
)
def test_some_fields_say_who_acted(field: str, *, is_said: bool) -> None:
    assert says_who_acted(field) is is_said


def _dispatch(named: str) -> Nouns:
    """Two ambulances of two incidents, of which the first names one."""
    return _nouns(
        ambulances=[
            {"ambulance_id": "AM-1", "assigned_incident_id": "IN-1"},
            {"ambulance_id": "AM-2", "assigned_incident_id": "IN-2"},
        ],
        incidents=[
            {"incident_id": "IN-1", "assigned_ambulance_id": named},
            {"incident_id": "IN-2", "assigned_ambulance_id": None},
        ],
    )


def test_its_ambulance_is_said_only_if_both_records_agree() -> None:
    agreed, disputed = _dispatch("AM-1"), _dispatch("AM-2")

    assert [link.field for link in agreed.owners("ambulances")] == ["assigned_incident_id"]
    assert disputed.owners("ambulances") == []
    assert disputed.roles("ambulances") == []
    assert disputed.roles("incidents") == []


def test_a_manager_is_told_apart_from_the_employees_of_a_department() -> None:
    nouns = _nouns(
        departments=[{"department_id": "DE-1", "manager_id": "EM-2"}],
        employees=[
            {"employee_id": "EM-1", "department_id": "DE-1"},
            {"employee_id": "EM-2", "department_id": None},
        ],
    )

    assert [link.field for link in nouns.owners("employees")] == ["department_id"]
    assert [link.field for link in nouns.roles("departments")] == ["manager_id"]
