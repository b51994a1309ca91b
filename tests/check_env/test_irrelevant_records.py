"""Answers that count what their descriptions say does not count."""

import pytest

from envscaler.check_env.detectors.meant_records import meant_records, unexpired
from envscaler.environment.state.reduced import reduced
from envscaler.records import FindingKind, JsonObject, JsonValue
from tests.check_env.arena import examined

DESK = '''
class Desk:
    def __init__(self):
        self.tickets = {}

    def get_revenue(self) -> dict:
        """What was paid for the sold tickets."""
        sold = [t["paid"] for t in self.tickets.values() if t["status"] == "sold"]
        return {"success": True, "data": sum(sold)}

    def get_mean(self) -> dict:
        """The mean price of the tickets; refunded ones do not count."""
        paid = [t["paid"] for t in self.tickets.values() if t["status"] != "refunded"]
        return {"success": True, "data": sum(paid) / len(paid) if paid else 0}

    def count_all(self) -> dict:
        """Count the sold tickets and all tickets."""
        sold = [t for t in self.tickets.values() if t["status"] == "sold"]
        return {"success": True, "data": [len(sold), len(self.tickets)]}
'''
STATE: JsonObject = {
    "tickets": {
        "a": {"paid": 20, "status": "sold"},
        "b": {"paid": 35, "status": "refunded"},
        "c": {"paid": 30, "status": "sold"},
        "d": {"paid": 11, "status": "reserved"},
    }
}


def wrong(source: str) -> dict[str, str]:
    found = examined(source, STATE).findings
    return {one.tool: one.message for one in found if one.kind is FindingKind.WRONG_ANSWER}


def test_answers_about_what_is_described_are_fine() -> None:
    assert wrong(DESK) == {}


def test_answers_that_count_others_too_are_found() -> None:
    source = DESK.replace(
        ' if t["status"] == "sold"]\n        return {"success": True, "data": sum(sold)}',
        "]\n        return {'success': True, 'data': sum(sold)}",
    ).replace("/ len(paid) if", "/ len(self.tickets) if")

    found = wrong(source)

    assert set(found) == {"get_revenue", "get_mean"}
    assert "with them it is 96, without them 50" in found["get_revenue"]


@pytest.mark.parametrize(
    ("text", "words", "left_out"),
    [
        ("Count the sold tickets.", {"sold"}, False),
        ("List tickets that are sold or reserved.", {"sold", "reserved"}, False),
        ("Revenue of tickets; refunded ones do not count.", {"refunded"}, True),
        ("The price of tickets without the refunded ones.", {"refunded"}, True),
        ("What was paid. Refunds and refunded tickets do not count.", {"refunded"}, True),
        ("What was paid. Sold and reserved tickets count.", {"sold", "reserved"}, False),
    ],
)
def test_a_description_names_the_records_that_count(
    text: str, words: set[str], *, left_out: bool
) -> None:
    [meant] = meant_records(text, [STATE])

    assert (set(meant.words), meant.left_out) == (words, left_out)


@pytest.mark.parametrize(
    "text",
    [
        "Count the sold tickets and all tickets.",
        "The share of sold tickets.",
        "Count the tickets. Sold tickets are those that were paid.",
        "Count the tickets by status: sold tickets and refunded ones.",
    ],
)
def test_a_description_that_speaks_of_all_names_none(text: str) -> None:
    assert [*meant_records(text, [STATE])] == []


KINDS: tuple[tuple[JsonValue, JsonValue], ...] = (
    ([{"n": 1}, {"n": 2}], [{"n": 2}]),
    ({"a": {"n": 1}, "b": {"n": 2}}, {"b": {"n": 2}}),
    ({"$dict": [[1, {"n": 1}], [2, {"n": 2}]]}, {"$dict": [[2, {"n": 2}]]}),
    ({"$defaultdict": ["list", [["a", {"n": 1}]]]}, {"$defaultdict": ["list", []]}),
    ({"$deque": [{"n": 2}, {"n": 1}]}, {"$deque": [{"n": 2}]}),
)


@pytest.mark.parametrize(("value", "kept"), KINDS)
def test_records_are_taken_out_of_any_kind_of_collection(value: JsonValue, kept: JsonValue) -> None:
    state: JsonObject = {"things": value, "other": 1}

    assert reduced(state, "things", lambda _, one: one["n"] == 2) == {"things": kept, "other": 1}


LOTS: JsonObject = {
    "today": "2026-05-10",
    "lots": {
        "a": {"pieces": 3, "expiry": "2026-05-09"},
        "b": {"pieces": 5, "expiry": "2026-05-10"},
        "c": {"pieces": 7, "expiry": "2026-06-01"},
    },
}


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Pieces in lots that have not expired.", ["b", "c"]),
        ("Pieces in lots, expired or not.", None),
        ("Pieces in all lots.", None),
    ],
)
def test_what_has_expired_is_left_out_where_that_is_said(
    text: str, counted: list[str] | None
) -> None:
    lots = LOTS["lots"]
    assert isinstance(lots, dict)
    found = [
        [key for key, lot in lots.items() if isinstance(lot, dict) and meant.includes(lot)]
        for meant in unexpired(text, LOTS)
    ]

    assert found == ([] if counted is None else [counted])
