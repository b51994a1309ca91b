"""A field that a change is said to alter has to be altered by some success of it."""

import pytest

from envscaler.check_env.detectors.named_effects import named_effects, said_to_alter
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

SOURCE = '''
class Laundry:
    def __init__(self):
        self.customers = {}
        self.orders = {}

    def return_order(self, order_no: str) -> dict:
        """Give an order back to its customer, whose pieces_returned go up by its pieces."""
        return {"success": True}
'''
STATE: JsonObject = {
    "customers": {"C1": {"pieces_returned": 3}, "C2": {"pieces_returned": 0}},
    "orders": {key: {"customer": "C1", "pieces": 4, "status": "done"} for key in ("A", "B", "D")},
}


def returned(state: JsonObject, arguments: JsonObject, *, counted: bool) -> JsonObject:
    orders, customers = state["orders"], state["customers"]
    assert isinstance(orders, dict)
    assert isinstance(customers, dict)
    order, customer = orders[str(arguments["order_no"])], customers["C1"]
    assert isinstance(order, dict)
    assert isinstance(customer, dict)
    order["status"] = "returned"
    customer["pieces_returned"] = int(str(customer["pieces_returned"])) + (4 if counted else 0)
    return {"success": True}


@pytest.mark.parametrize(("counted", "claims"), [(True, 0), (False, 1)])
def test_what_is_never_altered_is_claimed(*, counted: bool, claims: int) -> None:
    def tool(state: JsonObject, arguments: JsonObject) -> JsonObject:
        return returned(state, arguments, counted=counted)

    calls = [call("return_order", order_no=key) for key in ("A", "B", "D")]

    assert (
        len(claimed(named_effects, {"return_order": tool}, STATE, *calls, source=SOURCE)) == claims
    )


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("Its status becomes 'done'.", ["status"]),
        ("The status becomes 'done' if all pieces are there.", []),
        ("The status never goes down.", []),
        ("Tell the status.", []),
    ],
)
def test_only_what_is_said_without_a_condition_counts(said: str, fields: list[str]) -> None:
    assert [name for name, _ in said_to_alter(said, STATE)] == fields
