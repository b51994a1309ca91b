"""A number does not depend on the order of records, and no query sorts them in place."""

import pytest

from envscaler.check_env.detectors.reordered import (
    is_numbered,
    reordered,
    reversed_collection,
    sorted_in_place,
    with_lists_turned,
)
from envscaler.records import FindingKind, JsonObject, JsonValue
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Pledges:
    def __init__(self):
        self.pledges = []

    def get_raised(self, project: str) -> dict:
        """{said}"""
        return {"success": True, "data": 0}
'''
STATE: JsonObject = {
    "pledges": [
        {"pledge_id": 1, "backer": "Ann", "project": "P", "amount": 40},
        {"pledge_id": 2, "backer": "Ben", "project": "P", "amount": 30},
        {"pledge_id": 3, "backer": "Ann", "project": "P", "amount": 25},
    ]
}
SUM = "The sum pledged to a project."


def pledges(state: JsonObject) -> list[JsonObject]:
    held = state["pledges"]
    assert isinstance(held, list)
    return [one for one in held if isinstance(one, dict)]


def told(value: JsonValue) -> JsonObject:
    return {"success": True, "data": value}


def summed(state: JsonObject, _arguments: JsonObject) -> JsonObject:
    return told(sum(int(str(one["amount"])) for one in pledges(state)))


def last_of_each_backer(state: JsonObject, _arguments: JsonObject) -> JsonObject:
    kept = {str(one["backer"]): int(str(one["amount"])) for one in pledges(state)}
    return told(sum(kept.values()))


def sorting(state: JsonObject, arguments: JsonObject) -> JsonObject:
    held = pledges(state)
    held.sort(key=lambda one: int(str(one["pledge_id"])))
    state["pledges"] = [*held]
    return summed(state, arguments)


@pytest.mark.parametrize(
    ("said", "answer", "claims"),
    [
        (SUM, last_of_each_backer, 1),
        (SUM, summed, 0),
        ("The latest pledge of each backer, added up.", last_of_each_backer, 0),
    ],
)
def test_a_number_that_changes_with_the_order_of_records_is_claimed(
    said: str, answer: object, claims: int
) -> None:
    found = claimed(
        reordered,
        {"get_raised": answer},  # type: ignore[dict-item]  # a function of the test
        STATE,
        call("get_raised", project="P"),
        source=SOURCE.replace("{said}", said),
    )

    assert [one.kind for one in found] == [FindingKind.WRONG_ANSWER] * claims


def newest_over(*, by_day: bool) -> Tool:
    """Make a query of those whose newest count is above 10: by day, or the one entered last."""

    def over(state: JsonObject, _arguments: JsonObject) -> JsonObject:
        counts = state["counts"]
        assert isinstance(counts, list)
        newest: dict[str, JsonObject] = {}
        for one in counts:
            assert isinstance(one, dict)
            known = newest.get(str(one["hive"]))
            if known is None or not by_day or str(known["day"]) < str(one["day"]):
                newest[str(one["hive"])] = one
        return told([dict(one) for one in newest.values() if int(str(one["mites"])) > 10])

    return over


@pytest.mark.parametrize(
    ("said", "by_day", "claims"),
    [
        ("Hives whose count on the newest day is above 10, highest count first.", False, 1),
        ("Hives whose count on the newest day is above 10, highest count first.", True, 0),
        ("Hives whose latest entry is above 10.", False, 0),
    ],
)
def test_rows_that_change_with_the_order_of_records_are_possibly_wrong(
    said: str, *, by_day: bool, claims: int
) -> None:
    state: JsonObject = {
        "counts": [
            {"count_id": 1, "hive": "A", "day": "2026-05-09", "mites": 30},
            {"count_id": 2, "hive": "A", "day": "2026-05-02", "mites": 4},
            {"count_id": 3, "hive": "B", "day": "2026-05-02", "mites": 14},
        ]
    }
    found = claimed(
        reordered,
        {"get_raised": newest_over(by_day=by_day)},
        state,
        call("get_raised", project="P"),
        source=SOURCE.replace("{said}", said),
    )

    assert [one.severity for one in found] == ["possible"] * claims


@pytest.mark.parametrize(("answer", "claims"), [(sorting, 1), (summed, 0)])
def test_a_query_that_sorts_a_list_in_place_is_claimed_though_it_was_sorted(
    answer: object, claims: int
) -> None:
    found = claimed(
        sorted_in_place,
        {"get_raised": answer},  # type: ignore[dict-item]  # a function of the test
        STATE,
        call("get_raised", project="P"),
        source=SOURCE.replace("{said}", SUM),
    )

    assert [one.kind for one in found] == [FindingKind.QUERY_CHANGES_STATE] * claims


@pytest.mark.parametrize(
    ("rounds", "numbered"),
    [
        ([{"number": 1, "bye": 3}, {"number": 2, "bye": 1}], True),
        ([{"row_index": 0}, {"row_index": 1}, {"row_index": 2}], True),
        ([{"$dataclass": ["Round", {"no": 1}]}, {"$dataclass": ["Round", {"no": 2}]}], True),
        ([{"number": 2}, {"number": 1}], False),
        ([{"id": 1}, {"id": 2}], False),
        ([{"number": 1}], False),
        (["a", "b"], False),
    ],
)
def test_records_that_tell_their_place_stay_in_it(
    rounds: list[JsonValue], *, numbered: bool
) -> None:
    turned = with_lists_turned({"rounds": rounds})["rounds"]

    assert is_numbered(rounds) is numbered
    assert (turned == rounds) is (numbered or len(rounds) == 1)
    assert reversed_collection(rounds) == turned
