"""What people ask to log for themselves is what they eat."""

from envscaler.inputs.catalogue.catalogue import find
from envscaler.records import Environment, JsonObject, Scenario
from tests.check_env.arena import skeleton
from tests.scen_generator.intentions.making import make
from tests.scen_generator.running import ENVIRONMENT

DIARY = '''
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

    def get_user_by_name(self, name: str) -> dict:
        """Find a user by name."""
        found = [user for user in self.users.values() if user["name"] == name]
        return {"success": True, "data": found}

    def add_meal_record(
        self, record_id: str, user_id: str, meal_name: str, calories: float
    ) -> dict:
        """Add a meal record for a user."""
        if user_id not in self.users:
            return {"success": False, "error": "User not found"}
        if record_id in self.meal_records:
            return {"success": False, "error": "The record exists already"}
        self.meal_records[record_id] = {
            "record_id": record_id,
            "user_id": user_id,
            "meal_name": meal_name,
            "calories": calories,
        }
        return {"success": True, "message": "Added"}
'''
PEOPLE = {"US-1042": "Ann Lee", "US-1057": "Bob May", "US-1061": "Cy Orr"}


def _meals() -> set[str]:
    """Return the meals of the scenarios in which somebody vegan has one."""
    users: JsonObject = {
        key: {"user_id": key, "name": name, "profile_info": "Vegan, sings in a choir."}
        for key, name in PEOPLE.items()
    }
    state: JsonObject = {
        "users": users,
        "meal_records": {
            f"MR-30{turn}": {
                "record_id": f"MR-30{turn}",
                "user_id": key,
                "meal_name": "Lentil soup",
                "calories": 300.0,
            }
            for turn, key in enumerate(PEOPLE)
        },
    }
    row = skeleton(DIARY)
    environment = Environment.model_validate(ENVIRONMENT.model_dump() | row.model_dump())
    found = make(*((1, turn) for turn in range(10)), environment=environment, state=state)
    proofs = [each.proof for each in found.values() if isinstance(each, Scenario)]
    calls = [call for proof in proofs if proof for call in proof.reference]
    return {str(call.arguments["meal_name"]) for call in calls if "meal_name" in call.arguments}


def test_nobody_who_is_vegan_has_other_meals() -> None:
    meals = _meals()

    assert meals
    for each in meals:
        thing = find(each, ["meal"], "")
        assert thing is not None
        assert thing.columns["diet"] == ("vegan",)
