"""Whether a phrasing says what was meant: what was read is compared with what was done."""

import pytest
from pydantic import JsonValue

from envscaler.scen_generator.proof.changes import Change, ChangeKind, Made, Mark
from envscaler.scen_generator.solution_first.rephrase import ReadChange, compare, expected_changes

CANCELLED = Change(ChangeKind.SET, ("bookings", "BK-1", "status"), "cancelled")
NOTED = Change(ChangeKind.SET, ("bookings", "BK-1", "note"), "engine trouble")
BOOKED = Change(
    ChangeKind.CREATED,
    ("bookings", Made("BK-9")),
    {"boat_id": "BT-4", "nights": 2, "status": "booked", "id": Made("BK-9")},
)
LOGGED = Change(ChangeKind.PUT, ("log",), {"text": "booked BK-9"})
GONE = Change(ChangeKind.REMOVED, ("boats", "BT-2"))
CHANGES = (CANCELLED, NOTED, BOOKED, LOGGED, GONE)
GIVEN = frozenset({"engine trouble", "BT-4", 2, "BT-2", "BK-1"})
EXPECTED = expected_changes(CHANGES, GIVEN, [frozenset({0, 1}), frozenset({2, 3}), frozenset({4})])


def read(kind: str, *path: str, value: JsonValue = None) -> ReadChange:
    return ReadChange.model_validate({"kind": kind, "path": path, "value": value})


READ_NOTED = read("set", "bookings", "BK-1", "note", value="engine trouble")
READ_BOOKED = read("created", "bookings", value={"boat_id": "BT-4", "nights": 2})
READ_GONE = read("removed", "boats", "BT-2")
ENOUGH = (READ_NOTED, READ_BOOKED, READ_GONE)


def test_what_shows_all_values_and_all_writes_is_understood() -> None:
    assert compare(ENOUGH, EXPECTED) == ""


def test_side_effects_may_be_read_but_need_not() -> None:
    cancelled = read("set", "bookings", "BK-1", "status", value="cancelled")
    logged = read("put", "log", value={"text": "booked BK-9"})

    assert compare((*ENOUGH, cancelled, logged), EXPECTED) == ""


@pytest.mark.parametrize("missing", [READ_NOTED, READ_BOOKED, READ_GONE])
def test_a_write_that_nobody_reads_is_missed(missing: ReadChange) -> None:
    left = [each for each in ENOUGH if each != missing]

    assert compare(left, EXPECTED).startswith("nobody saw that")


def test_a_value_that_nobody_reads_is_missed() -> None:
    without = read("created", "bookings", value={"boat_id": "BT-4"})

    problem = compare((READ_NOTED, without, READ_GONE), EXPECTED)

    assert problem == "nobody saw that '2' is to be stored"


@pytest.mark.parametrize(
    "extra",
    [
        read("removed", "boats", "BT-3"),
        read("set", "bookings", "BK-1", "status", value="moved"),
        read("set", "bookings", "BK-2", "note", value="engine trouble"),
        read("created", "bookings", value={"boat_id": "BT-5"}),
        read("created", "invoices", value={"boat_id": "BT-4"}),
    ],
)
def test_what_was_not_meant_is_a_misunderstanding(extra: ReadChange) -> None:
    assert "which is not wanted" in compare((*ENOUGH, extra), EXPECTED)


@pytest.mark.parametrize(
    ("done", "kind"),
    [
        (NOTED, "put"),
        (Change(ChangeKind.PUT, ("tags",), "urgent"), "taken"),
        (Change(ChangeKind.TAKEN, ("tags",), "urgent"), "put"),
        (Change(ChangeKind.SET, ("tags",), "urgent"), "put"),
        (GONE, "taken"),
    ],
)
def test_another_kind_of_change_in_the_same_place_is_a_misunderstanding(
    done: Change, kind: str
) -> None:
    expected = expected_changes([done], frozenset(), [frozenset({0})])
    value = None if done is GONE else str(done.wanted)
    path = [str(step) for step in done.path]

    assert compare([read(done.kind.value, *path, value=value)], expected) == ""
    assert "which is not wanted" in compare([read(kind, *path, value=value)], expected)


def test_the_key_of_a_new_record_is_asked_for_where_it_was_given() -> None:
    told = Change(ChangeKind.CREATED, ("boats", "BT-7"), {"name": "Tern"})
    expected = expected_changes([told], {"BT-7", "Tern"}, [frozenset({0})])

    right = read("created", "boats", "BT-7", value={"name": "Tern"})
    wrong = read("created", "boats", value={"name": "Tern"})

    assert compare([right], expected) == ""
    assert compare([wrong], expected) != ""


def test_values_left_open_agree_with_anything() -> None:
    dated = Change(ChangeKind.SET, ("bookings", "BK-1", "at"), Mark.ANY)
    expected = expected_changes([dated], frozenset(), [frozenset({0})])

    assert compare([read("set", "bookings", "BK-1", "at", value="10:00")], expected) == ""


def test_numbers_agree_whatever_way_they_are_written() -> None:
    priced = Change(ChangeKind.SET, ("berths", "A1", "price"), 30.0)
    expected = expected_changes([priced], frozenset(), [frozenset({0})])

    assert compare([read("set", "berths", "A1", "price", value=30)], expected) == ""
