"""What is done away with for good, known by what is said of a tool: never without a reason."""

import pytest

from envscaler.environment.state.collections import Key, collections_of
from envscaler.records import JsonObject, Tool
from envscaler.scen_generator.solution_first.intentions.drafts import is_over
from envscaler.scen_generator.solution_first.intentions.endings import (
    disposes,
    is_ended_in_vain,
    reason_to_end,
    reports_loss,
)
from envscaler.scen_generator.solution_first.intentions.groups import group_forms
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.reasons import reason_for
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.round_sense import goes_with
from envscaler.scen_generator.solution_first.intentions.sayings import (
    BEYOND_REPAIR,
    COLLECTED,
    UNWANTED,
)
from envscaler.scen_generator.solution_first.intentions.story import is_by_staff
from envscaler.scen_generator.solution_first.intentions.together import goes_for_all
from envscaler.scen_generator.solution_first.intentions.unwanted import is_unwanted
from envscaler.scen_generator.solution_first.intentions.verbs import is_creating
from envscaler.scen_generator.solution_first.intentions.world import World


def _rows(*rows: JsonObject) -> JsonObject:
    return {str(row["id"]): row for row in rows}


STATE: JsonObject = {
    "keys": _rows(
        {"id": "K1", "status": "in_cabinet"},
        {"id": "K2", "status": "out"},
        {"id": "K3", "status": "lost"},
        {"id": "K4", "status": "damaged"},
    ),
    "boats": _rows({"id": "B1", "owner": "Ann Lee"}, {"id": "B2", "owner": "Bob May"}),
    "stays": _rows(
        {"id": "S1", "boat_id": "B1", "status": "expected", "paid": False},
        {"id": "S2", "boat_id": "B1", "status": "expected", "paid": False},
        {"id": "S3", "boat_id": "B2", "status": "expected", "paid": 300},
        {"id": "S4", "boat_id": "B2", "status": "in_work", "paid": 0},
    ),
    "students": _rows({"id": "U1", "name": "Cy Day"}, {"id": "U2", "name": "Di Fox"}),
    "instructors": _rows({"id": "I1", "name": "Ed Gray"}),
    "lessons": _rows(
        {"id": "L1", "student_id": "U1", "instructor_id": "I1"},
        {"id": "L2", "student_id": "U2", "instructor_id": "I1"},
        {"id": "L3", "student_id": "U2", "instructor_id": "I1"},
    ),
    "spools": _rows({"id": "P1", "size": 3}, {"id": "P2", "size": 4}),
}
COLLECTIONS = collections_of(STATE)
WORLD, NOUNS = World(COLLECTIONS), Nouns(COLLECTIONS)


def _tool(name: str, description: str = "") -> Tool:
    return Tool(name=name, description=description, parameters={})


def _drawn(tool: Tool, noun: str, key: Key) -> Drawn:
    return Drawn(tool, {"id": (noun, key)}, {})


WRITE_OFF = _tool("write_off", "Take a key out of use for good (status written_off).")
REPORT_LOST = _tool("report_lost", "Mark a key that is out as lost; gives the key.")
HAND_OUT = _tool("hand_out", "Hands a stored set out to its owner for good. Returns the set.")
CALL_OFF = _tool("call_off", "Call off a stay; gives the refund.")


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("scrap", ""),
        ("write_off", ""),
        ("strikeOff", ""),
        ("let_go", "Take a bell out of use for good."),
        ("weed", "Discards a worn book. Returns it."),
    ],
)
def test_by_its_name_or_its_docstring_a_tool_does_away_with_something(
    name: str, description: str
) -> None:
    assert disposes(_tool(name, description))


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("move_over", "Moves a stored set. Rejects one that is scrapped for good."),
        ("delete_file", "Permanently delete a file, for good."),
        ("cancel", "Writes a booking off."),
    ],
)
def test_what_is_moved_or_has_rules_of_its_own_is_not_done_away_with(
    name: str, description: str
) -> None:
    assert not disposes(_tool(name, description))


def test_a_tool_that_marks_as_lost_reports_a_loss_and_makes_nothing() -> None:
    assert reports_loss(REPORT_LOST)
    assert not reports_loss(_tool("report_spill", "Note a spill."))
    taken: JsonObject = {"type": "object", "properties": {"serial": {}}}
    assert not is_creating(Tool(name="report_lost", description="", parameters=taken))
    assert is_creating(Tool(name="report_accident", description="", parameters=taken))


@pytest.mark.parametrize(("key", "is_vain"), [("K1", True), ("K2", True), ("K4", False)])
def test_what_is_of_use_is_not_written_off(key: str, *, is_vain: bool) -> None:
    assert is_unwanted(_drawn(WRITE_OFF, "keys", key), WORLD, NOUNS) is is_vain


def test_the_record_says_why_something_is_done_away_with() -> None:
    lost = reason_to_end(_drawn(WRITE_OFF, "keys", "K3"), WORLD)
    assert lost is not None
    assert lost.one == "It is lost."
    assert reason_for(_drawn(WRITE_OFF, "keys", "K4"), WORLD, NOUNS) is BEYOND_REPAIR
    assert reason_to_end(_drawn(HAND_OUT, "keys", "K1"), WORLD) is COLLECTED
    assert reason_to_end(_drawn(WRITE_OFF, "spools", "P1"), WORLD) is UNWANTED


def test_only_what_is_out_is_reported_lost() -> None:
    assert is_ended_in_vain(_drawn(REPORT_LOST, "keys", "K1"), WORLD)
    assert not is_ended_in_vain(_drawn(REPORT_LOST, "keys", "K2"), WORLD)


@pytest.mark.parametrize(("key", "is_vain"), [("S1", False), ("S3", True), ("S4", True)])
def test_what_is_paid_or_in_work_is_not_called_off(key: str, *, is_vain: bool) -> None:
    assert is_unwanted(_drawn(CALL_OFF, "stays", key), WORLD, NOUNS) is is_vain


def test_what_is_booked_is_called_off_though_it_is_paid() -> None:
    assert not is_ended_in_vain(_drawn(_tool("cancel_booking"), "stays", "S3"), WORLD)
    assert is_ended_in_vain(_drawn(_tool("cancel_order"), "stays", "S3"), WORLD)


def test_what_is_called_off_is_no_longer_needed() -> None:
    assert reason_for(_drawn(CALL_OFF, "stays", "S1"), WORLD, NOUNS) is UNWANTED
    assert reason_for(_drawn(_tool("give_up"), "stays", "S1"), WORLD, NOUNS) is UNWANTED


def test_several_are_called_off_of_one_owner_only() -> None:
    for tool in (CALL_OFF, _tool("cancel")):
        assert goes_for_all([_drawn(tool, "stays", each) for each in ("S1", "S2")], WORLD, NOUNS)
        both = [_drawn(tool, "stays", each) for each in ("S1", "S3")]
        assert not goes_for_all(both, WORLD, NOUNS)


def test_lessons_of_one_instructor_are_not_of_one_owner() -> None:
    cancel = _tool("cancel")
    both = [_drawn(cancel, "lessons", each) for each in ("L1", "L2")]
    assert not goes_for_all(both, WORLD, NOUNS)
    own = [_drawn(cancel, "lessons", each) for each in ("L2", "L3")]
    assert goes_for_all(own, WORLD, NOUNS)


@pytest.mark.parametrize("tool", [WRITE_OFF, REPORT_LOST])
def test_things_are_done_away_with_one_at_a_time(tool: Tool) -> None:
    assert goes_for_all([_drawn(tool, "keys", "K2")], WORLD, NOUNS)
    assert not goes_for_all([_drawn(tool, "keys", each) for each in ("K2", "K3")], WORLD, NOUNS)


def test_nothing_else_is_dealt_with_amid_what_is_done_away_with() -> None:
    lent = [(_drawn(_tool("check_in"), "keys", "K2"), None)]
    assert not goes_with(_drawn(WRITE_OFF, "keys", "K4"), None, lent, NOUNS)
    assert goes_with(_drawn(_tool("check_out"), "keys", "K4"), None, lent, NOUNS)


def test_others_decide_of_ones_clearance() -> None:
    assert is_by_staff("set_clearance")
    assert is_by_staff("sign_off_leaver")


def test_nothing_is_changed_of_who_has_left() -> None:
    leaves = _tool("sign_off_person", "Mark a person as having left (active false).")
    assert is_over(_drawn(leaves, "students", "U1"))
    assert is_over(_drawn(WRITE_OFF, "keys", "K1"))
    assert not is_over(_drawn(_tool("mark_ready", "Mark a key as left out."), "keys", "K1"))


@pytest.mark.parametrize(
    ("places", "field", "word"),
    [("slots", "slot_id", "in"), ("shelves", "shelf_id", "on"), ("projects", "project_id", "of")],
)
def test_things_are_in_a_slot_and_on_a_shelf(places: str, field: str, word: str) -> None:
    state: JsonObject = {
        places: _rows({"id": "A1"}),
        "wheels": _rows({"id": "W1", field: "A1"}),
    }
    nouns = Nouns(collections_of(state))
    said = {each.parts[0] for each in group_forms(nouns, "wheels", (), is_many=False)}
    assert f"the wheel {word} " in said
    assert len({each for each in said if str(each).startswith("the wheel ")}) == 1
