"""What goes wrong in an invented state: complaints, accidents, and what nobody eats or asks."""

import re
from collections import Counter
from random import Random
from typing import cast

import pytest

from envscaler.inputs.agreement.complaints import with_fewer_complaints
from envscaler.inputs.agreement.diets import eaten_by
from envscaler.inputs.catalogue.catalogue import find
from envscaler.inputs.sentences import DISPUTES
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.inputs.word_lists import WORDS
from envscaler.records import JsonObject
from tests.inputs.test_one_story import DISPATCH, SEEDS, made, rows

CLINIC = """
from typing import Dict, List, Optional, TypedDict


class PatientInfo(TypedDict):
    patient_id: str
    name: str


class BillInfo(TypedDict):
    bill_id: str
    patient_id: str
    treatment_details: str
    amount_due: float
    dispute_ids: List[str]


class DisputeInfo(TypedDict):
    dispute_id: str
    bill_id: str
    patient_id: str
    description: str
    status: str  # 'open', 'resolved'


class ContactInfo(TypedDict):
    contact_id: str
    dispute_id: Optional[str]
    note: str


class Clinic:
    def __init__(self):
        self.patients: Dict[str, PatientInfo] = {}
        self.bills: Dict[str, BillInfo] = {}
        self.disputes: Dict[str, DisputeInfo] = {}
        self.contacts: Dict[str, ContactInfo] = {}
"""
CUSTOMERS: JsonObject = {"customer-1": {"name": "Ann Lee"}}
DIARY = """
from typing import Dict, TypedDict


class UserInfo(TypedDict):
    user_id: str
    name: str
    profile_info: str


class MealRecordInfo(TypedDict):
    record_id: str
    user_id: str
    meal_name: str
    calories: float


class Diary:
    def __init__(self):
        self.users: Dict[str, UserInfo] = {}
        self.meal_records: Dict[str, MealRecordInfo] = {}
"""
SHOP = """
from typing import Dict, TypedDict


class CommodityInfo(TypedDict):
    commodity_id: str
    name: str
    rating: str


class BondInfo(TypedDict):
    bond_id: str
    name: str
    rating: str


class Shop:
    def __init__(self):
        self.commodities: Dict[str, CommodityInfo] = {}
        self.bonds: Dict[str, BondInfo] = {}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_each_bill_is_disputed_once(seed: int) -> None:
    state = made(CLINIC, seed)
    disputes = rows(state, "disputes")
    disputed = [str(each["bill_id"]) for each in disputes.values()]

    assert len(disputed) > 2
    assert len(disputed) == len({*disputed})
    for key, bill in rows(state, "bills").items():
        held = [one for one, each in disputes.items() if each["bill_id"] == key]
        assert bill["dispute_ids"] == held
    for each in rows(state, "contacts").values():
        assert each["dispute_id"] in (None, *disputes)


def test_claims_that_are_about_no_other_record_stay_as_many() -> None:
    claims: JsonObject = {f"claim-{n}": {"customer_id": "customer-1"} for n in range(8)}

    assert (
        len(rows(with_fewer_complaints({"claims": claims, "customers": CUSTOMERS}), "claims")) == 8
    )
    assert (
        len(rows(with_fewer_complaints({"claims": claims, "policies": CUSTOMERS}), "claims")) == 4
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_most_bills_of_a_patient_are_not_disputed(seed: int) -> None:
    state = made(CLINIC, seed)
    bills = Counter(str(each["patient_id"]) for each in rows(state, "bills").values())
    disputes = Counter(str(each["patient_id"]) for each in rows(state, "disputes").values())

    for patient, count in disputes.items():
        assert count == 1 or count <= bills[patient] / 2


def test_no_bill_is_said_not_to_say_what_was_done() -> None:
    assert not [text for text in DISPUTES if "what was done" in text]


@pytest.mark.parametrize("seed", SEEDS)
def test_ambulances_wait_where_nothing_happens(seed: int) -> None:
    state = made(DISPATCH, seed)
    incidents = rows(state, "incidents").values()
    scenes = {str(each["location"]) for each in incidents}
    free = [
        str(each["current_location"])
        for each in rows(state, "ambulances").values()
        if each["availability_status"] == "available"
    ]

    assert len(scenes) == len(incidents)
    assert len(rows(state, "locations")) > len(scenes | {*free})  # there is room for another one
    assert 1 <= len({*free}) <= 2
    assert scenes.isdisjoint(free)


@pytest.mark.parametrize("seed", SEEDS)
def test_goods_are_rated_in_words_and_bonds_in_letters(seed: int) -> None:
    state = made(SHOP, seed)
    goods, bonds = (
        {str(each["rating"]) for each in rows(state, name).values()}
        for name in ("commodities", "bonds")
    )

    assert goods <= {"excellent", "very good", "good", "fair"}
    assert bonds <= {"A", "AA", "B", "BBB"}


def test_what_is_sought_for_stays_the_same_and_is_something() -> None:
    queries = WORDS[frozenset(("query", "params"))]

    assert not [each for each in queries if re.search(r"today|yesterday|(this|last) \w+$", each)]
    assert not [each for each in queries if each.startswith(("with", "only ", "sorted "))]


@pytest.mark.parametrize("seed", range(8))
def test_nobody_who_is_vegetarian_has_meat(seed: int) -> None:
    state = made(DIARY, seed)
    users = rows(state, "users")
    for each in rows(state, "meal_records").values():
        if "Vegetarian" in str(users[str(each["user_id"])]["profile_info"]):
            thing = find(str(each["meal_name"]), ["meal"], "")
            assert thing is not None
            assert thing.columns["diet"][0] in {"vegetarian", "vegan"}
            low, high = map(int, thing.columns["calories"][0].split(".."))
            assert low <= cast("float", each["calories"]) <= high


@pytest.mark.parametrize(
    ("told", "meal", "is_eaten"),
    [
        ("Vegetarian, fond of old films.", "Tuna sandwich", False),
        ("Vegetarian, fond of old films.", "Greek yogurt", True),
        ("I am vegan.", "Greek yogurt", False),
        ("I am vegan.", "Fruit salad", True),
        ("Sings in a choir.", "Tuna sandwich", True),
        ("I am vegan.", "Rowing", True),
    ],
)
def test_a_meal_is_one_that_somebody_eats(told: str, meal: str, *, is_eaten: bool) -> None:
    person: JsonObject = {"profile_info": told}

    eaten = eaten_by(person, meal, Random(0))

    assert (eaten == meal) is is_eaten
    assert eaten_by(person, eaten, Random(0)) == eaten


def test_somebody_who_is_vegetarian_is_among_them() -> None:
    told = {Vocabulary(Random(seed)).text("profile_info", "user") for seed in range(200)}

    assert any("Vegetarian" in each for each in told)
