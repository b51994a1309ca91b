"""Whoever has left has done nothing since, and specialists do what is theirs."""

from typing import cast

import pytest

from envscaler.records import JsonObject
from tests.inputs.test_one_story import made, rows

CLUB = """
from typing import Dict, List, TypedDict


class UserInfo(TypedDict):
    user_id: str
    username: str
    registration_date: str
    status: str  # 'active', 'inactive', 'suspended'


class ActivityInfo(TypedDict):
    activity_id: str
    user_id: str
    activity_type: str  # 'run', 'swim'
    timestamp: str


class Club:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.activities: Dict[str, ActivityInfo] = {}
"""
CLINIC = """
from typing import Dict, List, TypedDict


class ProviderInfo(TypedDict):
    provider_id: str
    name: str
    specialty: str


class RecordInfo(TypedDict):
    record_id: str
    provider_id: str
    event_type: str
    event_date: str


class Clinic:
    def __init__(self):
        self.providers: Dict[str, ProviderInfo] = {}
        self.medical_records: Dict[str, RecordInfo] = {}
"""
GENERAL = {"check-up", "vaccination", "blood test", "consultation", "follow-up"}


@pytest.mark.parametrize("seed", range(8))
def test_whoever_is_gone_has_done_nothing_lately(seed: int) -> None:
    state = made(CLUB, seed)
    users = rows(state, "users")
    gone = {key for key, one in users.items() if one["status"] in ("inactive", "suspended")}
    last = [
        str(one["timestamp"])
        for one in rows(state, "activities").values()
        if cast("str", one["user_id"]) in gone
    ]

    assert all(each < "2024-11-28" for each in last)


def _oddities(state: JsonObject) -> list[str]:
    providers = rows(state, "providers")
    return [
        str(one["record_id"])
        for one in rows(state, "medical_records").values()
        if one["event_type"] in GENERAL
        and providers[str(one["provider_id"])]["specialty"] == "Surgery"
    ]


def test_a_surgeon_has_other_cases_than_check_ups() -> None:
    assert not [each for seed in range(8) for each in _oddities(made(CLINIC, seed))]
