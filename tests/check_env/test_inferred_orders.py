"""An order of two numbers is a rule where a sentence speaks of both."""

import pytest

from envscaler.check_env.detectors.inferred_rules import inferred_rules
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

SOURCE = '''
class Desk:
    """{said}"""

    def __init__(self):
        self.orders = {}

    def extend(self, order_id: str, more: int) -> dict:
        """Add refills."""
        return {"success": True}
'''
STATE: JsonObject = {
    "orders": {
        key: {"order_id": key, "refills_left": left, "every_days": every}
        for key, left, every in (("a", 2, 30), ("b", 5, 14), ("c", 1, 7), ("d", 3, 21))
    }
}


def extended(state: JsonObject, arguments: JsonObject) -> JsonObject:
    orders = state["orders"]
    assert isinstance(orders, dict)
    order = orders[str(arguments["order_id"])]
    assert isinstance(order, dict)
    order["refills_left"] = int(str(order["refills_left"])) + int(str(arguments["more"]))
    return {"success": True}


@pytest.mark.parametrize(
    ("said", "claims"),
    [
        ("The refills left never exceed the days in every_days.", 1),
        ("Early refills: at most five days before the interval has run out.", 0),
    ],
)
def test_a_sentence_has_to_speak_of_both_numbers(said: str, claims: int) -> None:
    found = claimed(
        inferred_rules,
        {"extend": extended},
        STATE,
        call("extend", order_id="c", more=2),
        call("extend", order_id="a", more=2),
        call("extend", order_id="c", more=50),
        source=SOURCE.replace("{said}", said),
    )

    assert len(found) == claims
