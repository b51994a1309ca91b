"""A row whose own field is beyond the limit of that name contradicts the question."""

import pytest

from envscaler.check_env.detectors.own_limits import limits_of, own_limits
from envscaler.inputs.subject import read_subject
from envscaler.records import FindingKind, JsonObject
from tests.check_env.arena import skeleton
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

LOTS = '''
class Lots:
    def __init__(self):
        self.lots = {}

    def list_lots(self, max_price: int = None, min_bids: int = None, limit: int = 9) -> dict:
        """The lots.

        Args:
            max_price (int): At most this much.
            min_bids (int): At least as many.
            limit (int): Not more rows.
        """
        return {"success": True, "data": []}
'''
STATE: JsonObject = {"lots": {"a": {"start": 10, "price": 90}, "b": {"start": 20, "price": 20}}}


def listing(field: str) -> object:
    def answer(state: JsonObject, arguments: JsonObject) -> JsonObject:
        most = arguments.get("max_price")
        lots = state["lots"]
        assert isinstance(lots, dict)
        rows = [
            {"id": key, **lot}
            for key, lot in lots.items()
            if isinstance(lot, dict) and (most is None or int(str(lot[field])) <= int(str(most)))
        ]
        return {"success": True, "data": [*rows]}

    return answer


@pytest.mark.parametrize(("field", "wrong"), [("price", 0), ("start", 1)])
def test_a_row_above_the_limit_of_its_own_field_is_claimed(field: str, wrong: int) -> None:
    found = claimed(
        own_limits,
        {"list_lots": listing(field)},  # type: ignore[dict-item]  # a function of the test
        STATE,
        call("list_lots"),
        source=LOTS,
    )

    assert len(found) == wrong
    assert all(one.kind is FindingKind.WRONG_ANSWER for one in found)


def test_limits_are_read_off_the_names_of_parameters() -> None:
    [tool] = read_subject(skeleton(LOTS)).tools.values()

    assert [*limits_of(tool)] == [("max_price", "price", 1), ("min_bids", "bids", -1)]


CLAIMS = '''
class Claims:
    def __init__(self):
        self.claims = {}

    def list_claims(self, reported_from: str = None) -> dict:
        """Numbers of claims reported on a day or after it."""
        return {"success": True, "data": []}
'''


@pytest.mark.parametrize(("field", "wrong"), [("reported", 0), ("happened", 1)])
def test_the_records_of_listed_ids_are_held_to_a_first_day(field: str, wrong: int) -> None:
    state: JsonObject = {
        "claims": {
            "c1": {"happened": "2025-03-01", "reported": "2025-03-02"},
            "c2": {"happened": "2025-03-09", "reported": "2025-03-20"},
        }
    }

    def answer(state: JsonObject, arguments: JsonObject) -> JsonObject:
        claims, first = state["claims"], str(arguments.get("reported_from") or "")
        assert isinstance(claims, dict)
        kept = [
            key for key, one in claims.items() if isinstance(one, dict) and str(one[field]) >= first
        ]
        return {"success": True, "data": [*kept]}

    found = claimed(own_limits, {"list_claims": answer}, state, call("list_claims"), source=CLAIMS)

    assert len(found) == wrong
