"""Ids that are given twice where no call adds a record, and where records go by numbers."""

import pytest

from envscaler.check_env.detectors.duplicate_ids import duplicates
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Desk:
    def __init__(self):
        self.deliveries = {}
        self.fines = []

    def announce(self, supplier: str) -> dict:
        """Note a delivery that is on its way."""
        return {"success": True}

    def fine(self, who: str, cents: int) -> dict:
        """Impose a fine."""
        return {"success": True}
'''
STATE: JsonObject = {
    "deliveries": {
        "D-1": {"delivery_id": "D-1", "supplier": "Nord", "status": "received"},
        "D-2": {"delivery_id": "D-2", "supplier": "Sued", "status": "announced"},
    },
    "fines": [{"fine": 1, "who": "Ann", "cents": 5}, {"fine": 3, "who": "Ben", "cents": 9}],
}


def announce(state: JsonObject, arguments: JsonObject, number: int) -> JsonObject:
    held = state["deliveries"]
    assert isinstance(held, dict)
    key = f"D-{number}"
    held[key] = {"delivery_id": key, "supplier": arguments["supplier"], "status": "announced"}
    return {"success": True, "delivery_id": key}


def numbered_by_announced(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return announce(state, arguments, str(state["deliveries"]).count("'announced'") + 1)


def numbered_by_all(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return announce(state, arguments, str(state["deliveries"]).count("'delivery_id'") + 1)


def fined(state: JsonObject, arguments: JsonObject, *, by_count: bool) -> JsonObject:
    held = state["fines"]
    assert isinstance(held, list)
    numbers = [int(str(one["fine"])) for one in held if isinstance(one, dict)]
    number = len(numbers) + 1 if by_count else max(numbers) + 1
    state["fines"] = [*held, {"fine": number, "who": arguments["who"], "cents": 2}]
    return {"success": True, "data": number}


def fined_by_count(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return fined(state, arguments, by_count=True)


def fined_by_largest(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return fined(state, arguments, by_count=False)


@pytest.mark.parametrize(
    ("announced", "fine", "tools"),
    [
        (numbered_by_announced, fined_by_largest, ["announce"]),
        (numbered_by_all, fined_by_count, ["fine"]),
        (numbered_by_all, fined_by_largest, []),
    ],
)
def test_a_record_written_over_at_once_and_a_number_given_twice_are_claimed(
    announced: Tool, fine: Tool, tools: list[str]
) -> None:
    found = claimed(
        duplicates,
        {"announce": announced, "fine": fine},
        STATE,
        call("announce", supplier="West Traders"),
        call("fine", who="Ann", cents=2),
        source=SOURCE,
    )

    assert [one.calls[-1].tool for one in found] == tools


@pytest.mark.parametrize(("above", "claims"), [(0, 1), (1, 0)])
def test_a_field_named_as_its_collection_with_a_number_is_the_id(above: int, claims: int) -> None:
    rows: JsonObject = {"birds": [{"bird": f"R{n}", "called": f"B{n}"} for n in (1, 2, 4)]}

    def add(state: JsonObject, arguments: JsonObject) -> JsonObject:
        held = state["birds"]
        assert isinstance(held, list)
        key = f"R{len(held) + 1 + above * 10}"
        state["birds"] = [*held, {"bird": key, "called": arguments["called"]}]
        return {"success": True, "data": key}

    source = QUEUE.replace("outages", "birds").replace("report(self, place", "add(self, called")

    found = claimed(duplicates, {"add": add}, rows, call("add", called="Ida"), source=source)

    assert len(found) == claims


def test_a_record_that_is_written_over_is_claimed_of_what_notes_something() -> None:
    found = claimed(
        duplicates,
        {"turn": numbered_by_announced},
        STATE,
        call("turn", supplier="West Traders"),
        source=SOURCE.replace("announce(self", "turn(self"),
    )

    assert [one.calls[-1].tool for one in found] == ["turn"]


QUEUE = '''
class Queue:
    def __init__(self):
        self.outages = []

    def close_all(self) -> dict:
        """Drop what is mended."""
        return {"success": True}

    def report(self, place: str) -> dict:
        """Report an outage."""
        return {"success": True}
'''
OUTAGES: JsonObject = {
    "outages": [{"no": n, "place": "Ash", "mended": n < 3} for n in (1, 2, 3)],
}


def close_all(state: JsonObject, _arguments: JsonObject) -> JsonObject:
    held = state["outages"]
    assert isinstance(held, list)
    state["outages"] = [one for one in held if isinstance(one, dict) and not one["mended"]]
    return {"success": True, "data": 2}


def reported(state: JsonObject, arguments: JsonObject) -> JsonObject:
    held = state["outages"]
    assert isinstance(held, list)
    number = len(held) + 1
    state["outages"] = [*held, {"no": number, "place": arguments["place"], "mended": False}]
    return {"success": True, "data": number}


def test_a_number_comes_again_after_several_records_were_dropped() -> None:
    found = claimed(
        duplicates,
        {"close_all": close_all, "report": reported},
        OUTAGES,
        call("report", place="Oak"),
        call("close_all"),
        source=QUEUE,
    )

    assert [one.calls[-1].tool for one in found] == ["report"]


def reported_by_place(state: JsonObject, arguments: JsonObject) -> JsonObject:
    held, place = state["outages"], arguments["place"]
    assert isinstance(held, list)
    number = 1 + sum(isinstance(one, dict) and one["place"] == place for one in held)
    state["outages"] = [*held, {"no": number, "place": place, "mended": False}]
    return {"success": True, "data": number}


@pytest.mark.parametrize(("other", "tools"), [(1, []), (2, ["report"])])
def test_a_number_that_a_given_state_has_twice_is_no_id(other: int, tools: list[str]) -> None:
    found = claimed(
        duplicates,
        {"close_all": close_all, "report": reported_by_place},
        {
            "outages": [
                {"no": 1, "place": "Ash", "mended": False},
                {"no": other, "place": "Elm", "mended": False},
            ]
        },
        call("report", place="Oak"),
        source=QUEUE,
    )

    assert [one.calls[-1].tool for one in found] == tools


def test_records_that_are_kept_by_a_field_have_no_other_id() -> None:
    def ask(state: JsonObject, arguments: JsonObject) -> JsonObject:
        held = state["deliveries"]
        assert isinstance(held, dict)
        held[f"R-{len(held)}"] = {"ref": f"R-{len(held)}", "no": arguments["cents"]}
        return {"success": True, "message": f"R-{len(held)}"}

    before: JsonObject = {"deliveries": {"R-0": {"ref": "R-0", "no": 4}}}
    kept_apart: JsonObject = {"deliveries": {"a": {"ref": "R-0", "no": 4}}}
    calls = [call("fine", who="Ann", cents=4) for _ in range(2)]

    assert claimed(duplicates, {"fine": ask}, before, *calls, source=SOURCE) == []
    assert claimed(duplicates, {"fine": ask}, kept_apart, *calls, source=SOURCE) != []
