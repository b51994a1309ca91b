"""What a strict reader looks for in an invented state: places, payments, queries and ages."""

import re
from collections import Counter
from random import Random
from typing import cast

import pytest

from envscaler.environment.hints.hints import mine
from envscaler.inputs.agreement.figures import settle_figures
from envscaler.inputs.agreement.records import Records
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.records import JsonObject
from tests.inputs.test_one_story import NOW, made, rows

SEEDS = range(4)
AMBULANCES = """
from typing import Dict, List, Optional, TypedDict


class LocationInfo(TypedDict):
    location_id: str
    address: str


class PatientInfo(TypedDict):
    patient_id: str
    name: str
    age: int


class AmbulanceInfo(TypedDict):
    ambulance_id: str
    current_location: str
    availability_status: str  # 'available', 'unavailable'
    assigned_incident_id: Optional[str]


class IncidentInfo(TypedDict):
    incident_id: str
    location: str
    timestamp: str
    patient_id: str
    status: str  # 'requested', 'en route', 'arrived', 'completed'
    assigned_ambulance_id: Optional[str]


class Dispatch:
    def __init__(self):
        self.locations: Dict[str, LocationInfo] = {}
        self.patients: Dict[str, PatientInfo] = {}
        self.ambulances: Dict[str, AmbulanceInfo] = {}
        self.incidents: Dict[str, IncidentInfo] = {}
"""
BILLS = """
from typing import Dict, List, TypedDict


class UserInfo(TypedDict):
    _id: str
    name: str


class InvoiceInfo(TypedDict):
    invoice_id: str
    user_id: str
    date_issued: str
    total_amount: float
    status: str  # 'paid', 'unpaid'


class ChargeInfo(TypedDict):
    charge_id: str
    invoice_id: str
    description: str
    amount: float


class PaymentInfo(TypedDict):
    payment_id: str
    invoice_id: str
    payment_date: str
    amount: float
    status: str  # 'success', 'failed'


class Billing:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.invoices: Dict[str, InvoiceInfo] = {}
        self.charges: Dict[str, ChargeInfo] = {}
        self.payments: Dict[str, PaymentInfo] = {}
"""
JOBS = """
from typing import Dict, List, Optional, TypedDict


class UserInfo(TypedDict):
    user_id: str
    username: str
    account_status: str  # 'active', 'pending', 'inactive'


class PostInfo(TypedDict):
    post_id: str
    user_id: str
    timestamp: str


class RequestInfo(TypedDict):
    request_id: str
    status: str  # 'submitted', 'processing', 'completed', 'failed'
    created_at: str
    updated_at: str


class Jobs:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.posts: Dict[str, PostInfo] = {}
        self.requests: Dict[str, RequestInfo] = {}
"""

RANKS = """
from typing import Dict, List, TypedDict


class UserInfo(TypedDict):
    user_id: str
    username: str


class ChallengeInfo(TypedDict):
    challenge_id: str
    name: str


class EnrollmentInfo(TypedDict):
    enrollment_id: str
    user_id: str
    challenge_id: str


class ActivityLogInfo(TypedDict):
    log_id: str
    user_id: str
    challenge_id: str
    value: float


class Games:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.challenges: Dict[str, ChallengeInfo] = {}
        self.enrollments: Dict[str, EnrollmentInfo] = {}
        self.activity_logs: Dict[str, ActivityLogInfo] = {}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_incidents_are_at_one_place(seed: int) -> None:
    incidents = rows(made(AMBULANCES, seed), "incidents").values()
    assert max(Counter(each["location"] for each in incidents).values()) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_no_free_ambulance_stands_where_others_are_waited_for(seed: int) -> None:
    state = made(AMBULANCES, seed)
    waiting = {
        str(each["location"])
        for each in rows(state, "incidents").values()
        if each["status"] != "completed"
    }
    free = [
        each for each in rows(state, "ambulances").values() if each["assigned_incident_id"] is None
    ]
    assert free
    assert not [each for each in free if each["current_location"] in waiting]


@pytest.mark.parametrize("seed", SEEDS)
def test_one_try_to_pay_a_bill_comes_after_the_other_and_pays_it(seed: int) -> None:
    state = made(BILLS, seed)
    tries: dict[str, list[JsonObject]] = {}
    for each in rows(state, "payments").values():
        tries.setdefault(str(each["invoice_id"]), []).append(each)
    several = {key: found for key, found in tries.items() if len(found) > 1}
    assert several
    for key, found in several.items():
        in_order = [
            one["status"] for one in sorted(found, key=lambda one: str(one["payment_date"]))
        ]
        if "failed" in in_order:
            assert in_order[-1] == "success"
            assert rows(state, "invoices")[key]["status"] == "paid"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_invoice_has_two_charges_for_the_same(seed: int) -> None:
    charges = rows(made(BILLS, seed), "charges").values()
    said = [(each["invoice_id"], each["description"]) for each in charges]
    assert len(said) == len({*said})


@pytest.mark.parametrize("seed", SEEDS)
def test_what_goes_on_was_changed_after_it_was_made(seed: int) -> None:
    for each in rows(made(JOBS, seed), "requests").values():
        is_later = str(each["updated_at"]) > str(each["created_at"])
        assert is_later is (each["status"] != "submitted")


@pytest.mark.parametrize("seed", SEEDS)
def test_who_has_written_something_was_admitted_and_is_there(seed: int) -> None:
    state = made(JOBS, seed)
    posts = rows(state, "posts").values()
    users = rows(state, "users")
    for each in posts:
        held = users[str(each["user_id"])]["account_status"]
        assert held == "active" or (held == "inactive" and str(each["timestamp"]) < "2024-11-28")


@pytest.mark.parametrize("seed", SEEDS)
def test_who_has_a_rank_has_done_something_as_far_as_there_are_entries(seed: int) -> None:
    state = made(RANKS, seed)
    entries, ranked = (
        [(str(each["user_id"]), str(each["challenge_id"])) for each in rows(state, name).values()]
        for name in ("activity_logs", "enrollments")
    )
    assert {*entries} <= {*ranked}
    assert len({*entries}) == min(len(entries), len(ranked))


def test_nobody_young_has_a_heart_attack() -> None:
    state: JsonObject = {
        "patients": {"PA-1": {"age": 24}, "PA-2": {"age": 71}},
        "incidents": {
            "IN-1": {"type": "heart attack", "patient_id": "PA-1"},
            "IN-2": {"type": "heart attack", "patient_id": "PA-2"},
        },
    }
    records = Records(state, mine("class Care:\n    pass\n"), Vocabulary(Random(0)), NOW)
    settle_figures(records)
    incidents = cast("dict[str, JsonObject]", records.state["incidents"])
    assert [each["type"] for each in incidents.values()] == [
        "breathing difficulties",
        "heart attack",
    ]


def test_streets_are_called_as_streets_are() -> None:
    words = Vocabulary(Random(3))
    for _ in range(300):
        assert re.fullmatch(r"\d+ [A-Za-z ]+ (Street|Avenue|Road|Lane)", words.text("street"))
        assert "Lot" not in words.text("street")


def test_a_query_can_be_asked_again_later_and_asks_for_something() -> None:
    words = Vocabulary(Random(3))
    said = {words.text("query_params") for _ in range(200)}
    assert not [each for each in said if re.search(r"today|this week|last|first|sorted", each)]
    assert all(re.search(r"s\b", each) for each in said)
