"""What the source of a class says about values."""

from envscaler.environment.hints.hints import Hints, mine

SOURCE = '''
from datetime import datetime
from typing import Dict, List, TypedDict

KINDS = ("boat", "crane")


class OrderInfo(TypedDict):
    order_id: str
    status: str  # 'open' or 'paid'
    buyers: List[str]  # List of user_ids


class Desk:
    def __init__(self):
        # Orders: {order_id: OrderInfo}
        self.orders: Dict[str, OrderInfo] = {}
        self.users = {}

    def set_status(self, order_id: str, new_status: str, kind: str, actor: str) -> dict:
        """Set it.

        Args:
            new_status (str): One of "open", "paid", "void".
        """
        order = self._find(order_id)
        if kind not in KINDS or actor not in self.users:
            return {"success": False, "error": "no"}
        current = order["status"].lower()
        if current == "frozen":
            return {"success": False, "error": "no"}
        order["level"] = "high"
        return {"success": True, "message": "ok"}

    def _find(self, key):
        return self.orders.get(key)

    def add(self, details: dict, when: str) -> dict:
        for name in ("city", "street"):
            if name not in details:
                return {"success": False, "error": "no"}
        datetime.strptime(when, "%d.%m.%Y")
        for order in self.orders.values():
            if order["order_id"] == details.get("ref"):
                return {"success": False, "error": "no"}
        return {"success": True, "message": "ok"}
'''


def hints(*rules: str) -> Hints:
    return mine(SOURCE, rules)


def test_comments_beside_a_field_name_its_words() -> None:
    assert {"open", "paid"} <= set(hints().words["status"])


def test_a_new_status_has_the_words_of_a_status() -> None:
    assert set(hints().words_for("brand_new_status")) >= {"open", "paid"}


def test_docstrings_name_words_of_parameters() -> None:
    assert "void" in hints().words["new_status"]


def test_constants_are_words_of_what_is_looked_for_in_them() -> None:
    assert hints().words["kind"] == ("boat", "crane")


def test_a_local_name_stands_for_the_field_it_was_read_from() -> None:
    assert "frozen" in hints().words["status"]


def test_a_word_that_is_only_compared_with_is_not_stated() -> None:
    assert "frozen" not in hints().stated["status"]
    assert "high" in hints().stated["level"]


def test_rules_name_words_of_the_fields_they_mention() -> None:
    assert "void" in hints('The status may be "void" at the end').words["status"]


def test_a_parameter_is_linked_to_the_attribute_it_is_looked_up_in() -> None:
    assert hints().holders["actor"] == ("users",)


def test_a_helper_passes_the_link_on() -> None:
    assert hints().holders["order_id"] == ("orders",)


def test_required_names_are_keys_of_the_record_they_are_looked_for_in() -> None:
    assert {"city", "street", "ref"} <= set(hints().keys["details"])


def test_forms_of_dates_are_noted() -> None:
    assert "%d.%m.%Y" in hints().formats


def test_record_types_are_found_by_the_name_of_the_collection() -> None:
    assert list(hints().record_for("orders")) == ["order_id", "status", "buyers"]


def test_comments_are_kept_with_what_they_are_about() -> None:
    notes = hints().notes

    assert notes["orders"] == "Orders: {order_id: OrderInfo}"
    assert notes["OrderInfo.buyers"] == "List of user_ids"
