"""What lies exactly on a limit that is a field of the record is listed, or not, as is said."""

import pytest

from envscaler.check_env.detectors.fields_as_limits import fields_as_limits
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Store:
    def __init__(self):
        self.drugs = {}   # drug_id -> {"drug_id", "stock", "reorder_at"}

    def low_stock(self) -> dict:
        """{said}"""
        found = [k for k, d in self.drugs.items() if d["stock"] < d["reorder_at"]]
        return {"success": True, "data": found}
'''
STATE: JsonObject = {
    "drugs": {
        "a": {"drug_id": "a", "stock": 4, "reorder_at": 10},
        "b": {"drug_id": "b", "stock": 40, "reorder_at": 10},
    }
}


def low(state: JsonObject, *, at_level: bool) -> JsonObject:
    drugs = state["drugs"]
    assert isinstance(drugs, dict)
    found: list[str] = []
    for key, drug in drugs.items():
        assert isinstance(drug, dict)
        stock, level = int(str(drug["stock"])), int(str(drug["reorder_at"]))
        found += [key] if stock < level or (at_level and stock == level) else []
    return {"success": True, "data": [*found]}


def below(state: JsonObject, _arguments: JsonObject) -> JsonObject:
    return low(state, at_level=False)


def at_or_below(state: JsonObject, _arguments: JsonObject) -> JsonObject:
    return low(state, at_level=True)


@pytest.mark.parametrize(
    ("said", "answer", "claims"),
    [
        ("Drugs whose stock is at the reorder level or under it.", below, 1),
        ("Drugs whose stock is at the reorder level or under it.", at_or_below, 0),
        ("Drugs whose stock is less than the level to reorder at.", below, 0),
        ("Drugs whose stock is less than the level to reorder at.", at_or_below, 1),
        ("Drugs that have to be ordered soon.", below, 0),
    ],
)
def test_a_record_on_its_own_limit_is_claimed_where_the_words_say_otherwise(
    said: str, answer: Tool, claims: int
) -> None:
    found = claimed(
        fields_as_limits,
        {"low_stock": answer},
        STATE,
        call("low_stock"),
        source=SOURCE.replace("{said}", said),
    )

    assert len(found) == claims
