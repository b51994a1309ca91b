"""What several records of an invented state say of one matter fits together."""

from collections import Counter
from datetime import UTC, date, datetime
from random import Random
from typing import cast

import pytest

from envscaler.inputs.catalogue.catalogue import ailments
from envscaler.inputs.realistic import realistic_state
from envscaler.inputs.sentences import GOODS
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.records import JsonObject
from tests.check_env.arena import skeleton

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SEEDS = range(4)
END = '''
    def read(self) -> dict:
        """Read."""
        return {"success": True}
'''


def made(source: str, seed: int) -> JsonObject:
    return realistic_state(skeleton(source + END), seed, NOW, is_busy=True)


def rows(state: JsonObject, name: str) -> dict[str, JsonObject]:
    return cast("dict[str, JsonObject]", state[name])


def days_between(one: object, other: object) -> int:
    return (date.fromisoformat(str(other)[:10]) - date.fromisoformat(str(one)[:10])).days


BOARD = """
from typing import Dict, List, TypedDict


class ProviderInfo(TypedDict):
    provider_id: str
    name: str


class LicenseInfo(TypedDict):
    license_id: str
    provider_id: str
    status: str  # 'active', 'expired', 'suspended'
    issuance_date: str
    expiration_date: str


class LicenseActionInfo(TypedDict):
    license_id: str
    action_type: str  # 'expiration_update', 'status change'
    action_date: str
    action_description: str


class Board:
    def __init__(self):
        self.providers: Dict[str, ProviderInfo] = {}
        self.licenses: Dict[str, LicenseInfo] = {}
        self.license_actions: Dict[str, List[LicenseActionInfo]] = {}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_renewed_is_valid_a_term_longer(seed: int) -> None:
    state = made(BOARD, seed)
    seen = 0

    for key, found in cast("dict[str, list[JsonObject]]", state["license_actions"]).items():
        paper = rows(state, "licenses")[key]
        renewals = [one for one in found if _is_renewal(str(one["action_description"]))]
        length = days_between(paper["issuance_date"], paper["expiration_date"])
        assert length // (len(renewals) + 1) in range(725, 740)
        seen += len(renewals)
        assert found == sorted(found, key=lambda one: str(one["action_date"]))
        for one in renewals:
            assert str(paper["issuance_date"]) < str(one["action_date"]) <= "2025-01-01"
    assert seen


def _is_renewal(text: str) -> bool:
    return text.startswith(("Renew", "Extended"))


DISPATCH = """
from typing import Dict, Optional, TypedDict


class LocationInfo(TypedDict):
    location_id: str
    address: str


class AmbulanceInfo(TypedDict):
    ambulance_id: str
    current_location: str  # location_id
    availability_status: str  # 'available', 'unavailable'
    assigned_incident_id: Optional[str]


class IncidentInfo(TypedDict):
    incident_id: str
    location: str  # location_id
    status: str  # 'requested', 'en route', 'arrived', 'completed'
    assigned_ambulance_id: Optional[str]


class Dispatch:
    def __init__(self):
        self.locations: Dict[str, LocationInfo] = {}
        self.ambulances: Dict[str, AmbulanceInfo] = {}
        self.incidents: Dict[str, IncidentInfo] = {}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_on_the_way_is_not_there_and_who_has_arrived_is(seed: int) -> None:
    state = made(DISPATCH, seed)
    stood: set[tuple[str, bool]] = set()

    for one in rows(state, "incidents").values():
        if one["status"] in {"en route", "arrived"} and one["assigned_ambulance_id"]:
            ambulance = rows(state, "ambulances")[str(one["assigned_ambulance_id"])]
            stood.add((str(one["status"]), ambulance["current_location"] == one["location"]))

    assert stood
    assert stood <= {("en route", False), ("arrived", True)}


WARD = """
from typing import Dict, List, TypedDict


class PatientInfo(TypedDict):
    patient_id: str
    name: str


class MedicalRecordInfo(TypedDict):
    medical_record_id: str
    patient_id: str
    diagnoses: List[str]
    medications: List[str]


class CareProviderInfo(TypedDict):
    provider_id: str
    name: str
    role: str


class AdmissionInfo(TypedDict):
    admission_id: str
    patient_id: str
    care_team: List[str]  # provider_ids


class DischargePlanInfo(TypedDict):
    discharge_plan_id: str
    patient_id: str
    follow_up_instructions: List[str]
    responsible_provider: str  # provider_id


class HospitalWard:
    def __init__(self):
        self.patients: Dict[str, PatientInfo] = {}
        self.medical_records: Dict[str, MedicalRecordInfo] = {}
        self.care_providers: Dict[str, CareProviderInfo] = {}
        self.admissions: Dict[str, AdmissionInfo] = {}
        self.discharge_plans: Dict[str, DischargePlanInfo] = {}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_responsible_is_in_the_team_and_may_do_so(seed: int) -> None:
    state = made(WARD, seed)
    teams = {
        one["patient_id"]: cast("list[str]", one["care_team"])
        for one in rows(state, "admissions").values()
    }

    for one in rows(state, "discharge_plans").values():
        assert one["responsible_provider"] in teams.get(one["patient_id"], [])
        provider = rows(state, "care_providers")[str(one["responsible_provider"])]
        assert provider["role"] in {"physician", "nurse"}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_patient_is_told_goes_with_the_diagnoses(seed: int) -> None:
    state = made(WARD, seed)
    ill: dict[str, set[str]] = {}
    for one in rows(state, "medical_records").values():
        ill.setdefault(str(one["patient_id"]), set()).update(cast("list[str]", one["diagnoses"]))

    for one in rows(state, "discharge_plans").values():
        told = {
            text
            for each in ill.get(str(one["patient_id"]), ())
            for text in ailments()[each].columns["instructions"]
        }
        assert {*cast("list[str]", one["follow_up_instructions"])} <= told or not told


BOOKS = """
from typing import Dict, TypedDict


class PeriodInfo(TypedDict):
    period_id: str
    period_type: str  # 'quarterly', 'annual'
    start_date: str
    end_date: str


class ReportInfo(TypedDict):
    report_id: str
    period_id: str
    report_type: str  # 'annual_report', 'balance_sheet', 'income_statement', 'cash_flow'
    generation_date: str
    status: str  # 'draft', 'final'
    version: int


class Books:
    def __init__(self):
        self.periods: Dict[str, PeriodInfo] = {}
        self.reports: Dict[str, ReportInfo] = {}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_period_has_one_report_of_a_kind_and_that_took_its_time(seed: int) -> None:
    state = made(BOOKS, seed)
    reports = [*rows(state, "reports").values()]

    for one in reports:
        period = rows(state, "periods")[str(one["period_id"])]
        days = days_between(period["end_date"], one["generation_date"])
        assert cast("int", one["version"]) <= 1 + max(days, 0) // 9
    for kind in {str(one["report_type"]) for one in reports}:
        mine = [str(one["period_id"]) for one in reports if one["report_type"] == kind]
        lengths = Counter(str(rows(state, "periods")[one]["period_type"]) for one in {*mine})
        there = Counter(str(one["period_type"]) for one in rows(state, "periods").values())
        assert len({*mine}) == len(mine) or lengths["annual"] == there["annual"]


STORE = """
from typing import Dict, TypedDict


class UserInfo(TypedDict):
    user_id: str
    name: str


class EquipmentInfo(TypedDict):
    equipment_id: str
    type: str
    model: str


class LoanInfo(TypedDict):
    loan_id: str
    equipment_id: str
    user_id: str
    borrowed_date: str


class MedicalEquipmentStore:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.equipment: Dict[str, EquipmentInfo] = {}
        self.loans: Dict[str, LoanInfo] = {}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_people_borrow_what_is_used_at_home(seed: int) -> None:
    kinds = {str(one["type"]) for one in rows(made(STORE, seed), "equipment").values()}

    assert len(kinds) > 5
    assert not kinds & {"Ultrasound scanner", "Defibrillator", "ECG machine", "Infusion pump"}
    assert {"Wheelchair", "Crutches"} & kinds


def test_a_description_of_what_is_sold_says_something_of_it() -> None:
    vocabulary = Vocabulary(Random(0))

    assert {vocabulary.text("description", "product") for _ in GOODS} == {*GOODS}
    assert all(len(one.split()) > 3 for one in GOODS)
