"""What several records of an invented state say of one matter fits together."""

from datetime import UTC, date, datetime
from typing import cast

import pytest

from envscaler.inputs.catalogue.catalogue import ailments
from envscaler.inputs.realistic import realistic_state
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
