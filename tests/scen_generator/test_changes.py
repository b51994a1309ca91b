"""What differs between two states, and how much of it can be wanted."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from envscaler.scen_generator.proof.changes import (
    ById,
    Change,
    ChangeKind,
    Made,
    Mark,
    Says,
    find_changes,
    made_up,
)
from envscaler.scen_generator.proof.checked_state import as_checks_see, same, scalars_in

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc", max_size=2)
STATES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def changes(
    before: object, after: object, other: object = None, *made: object
) -> tuple[Change, ...]:
    return find_changes(before, after, after if other is None else other, frozenset(made))


def test_a_field_that_has_another_value_is_set() -> None:
    found = changes({"boats": {"B1": {"name": "Skua"}}}, {"boats": {"B1": {"name": "Alk"}}})

    assert found == (Change(ChangeKind.SET, ("boats", "B1", "name"), "Alk"),)


def test_a_new_key_is_created_with_all_that_is_below() -> None:
    found = changes({"boats": {}}, {"boats": {"B1": {"name": "Alk"}}})

    assert found == (Change(ChangeKind.CREATED, ("boats", "B1"), {"name": "Alk"}),)


def test_a_key_that_is_gone_is_removed() -> None:
    found = changes({"boats": {"B1": {}}}, {"boats": {}})

    assert found == (Change(ChangeKind.REMOVED, ("boats", "B1")),)


def test_items_are_put_into_a_list_and_taken_out() -> None:
    found = changes({"tags": ["a", "b"]}, {"tags": ["b", "c"]})

    assert found == (
        Change(ChangeKind.TAKEN, ("tags",), "a"),
        Change(ChangeKind.PUT, ("tags",), "c"),
    )


def test_the_records_of_a_list_are_told_apart_by_their_ids() -> None:
    before = {"crew": [{"id": 1, "role": "cook"}, {"id": 2, "role": "mate"}]}
    after = {"crew": [{"id": 2, "role": "cook"}, {"id": 3, "role": "cook"}]}

    assert changes(before, after) == (
        Change(ChangeKind.REMOVED, ("crew", ById("id", 1))),
        Change(ChangeKind.SET, ("crew", ById("id", 2), "role"), "cook"),
        Change(ChangeKind.PUT, ("crew",), {"id": 3, "role": "cook"}),
    )


def test_what_is_put_elsewhere_than_at_the_end_is_set_with_its_place() -> None:
    assert changes([1, 2], [1, 9, 2]) == (Change(ChangeKind.SET, (), [1, 9, 2]),)


def test_a_text_whose_phrasing_is_open_is_known_by_its_words() -> None:
    says = Says(("blue", "scarf"), 2)

    found = find_changes(
        {"what": ""},
        {"what": "scarf, blue"},
        {"what": "scarf, blue again"},
        frozenset(),
        {"scarf, blue": says},
    )

    assert found == (Change(ChangeKind.SET, ("what",), says),)


def test_a_text_that_tells_a_made_up_id_is_any_text() -> None:
    before: dict[str, object] = {"log": "", "boats": {}}
    after = {"log": "Boat x7 has come", "boats": {"x7": {"name": "Alk"}}}

    found = changes(before, after, None, "x7")

    assert found[0] == Change(ChangeKind.SET, ("log",), str)


def test_a_frozen_dataclass_in_a_set_is_seen_by_its_fields() -> None:
    before: JsonValue = {"$set": []}
    after: JsonValue = {"$set": [{"$dataclass": ["Receipt", {"tag": "T1"}]}]}

    found = changes(as_checks_see(before), as_checks_see(after))

    assert found == (Change(ChangeKind.PUT, (), {"tag": "T1"}),)


def test_a_list_in_another_order_is_set_as_a_whole() -> None:
    assert changes([1, 2], [2, 1]) == (Change(ChangeKind.SET, (), [2, 1]),)


def test_one_and_true_are_not_the_same() -> None:
    assert changes({"a": 1}, {"a": True}) == (Change(ChangeKind.SET, ("a",), True),)


def test_what_another_run_makes_otherwise_is_left_open() -> None:
    before = {"B1": {"at": None, "by": None}}
    after = {"B1": {"at": "10:00", "by": "me"}, "B2": {"at": "10:00", "n": 1}}
    other = {"B1": {"at": "11:00", "by": "me"}, "B2": {"at": "11:00", "n": 1}}

    assert changes(before, after, other) == (
        Change(ChangeKind.SET, ("B1", "at"), str),
        Change(ChangeKind.SET, ("B1", "by"), "me"),
        Change(ChangeKind.CREATED, ("B2",), {"at": str, "n": 1}),
    )


def test_made_up_keys_are_matched_with_those_of_another_run() -> None:
    after = {"x7": {"name": "Alk"}}
    other = {"q2": {"name": "Alk"}}

    [change] = changes({}, after, other, "x7")

    assert change == Change(ChangeKind.CREATED, (Made("x7"),), {"name": "Alk"})
    assert change.is_made


def test_what_refers_to_something_new_says_so() -> None:
    after = {"x7": {"name": "Alk"}, "B1": {"boat": "x7"}}

    found = changes({"B1": {"boat": ""}}, after, None, "x7")

    assert found[0] == Change(ChangeKind.SET, ("B1", "boat"), Made("x7"))


def test_ids_that_nobody_gave_are_made_up() -> None:
    before: JsonValue = {"boats": {"B1": {}}, "log": []}
    after = {
        "boats": {"B1": {}, "B2": {"name": "Alk"}, "told": {}},
        "log": [{"entry_id": "L9", "boat_id": "B1", "text": "new"}],
    }

    assert made_up(before, after, {"told", "B1", *scalars_in(before)}) == {"B2", "L9"}


def test_a_check_sees_generated_types_as_plain_ones() -> None:
    state: JsonValue = {
        "mood": {"$enum": ["Mood", "GOOD", "good"]},
        "boat": {"$dataclass": ["Boat", {"length": 3, "tags": {"$tuple": ["a"]}}]},
    }

    assert as_checks_see(state) == {"mood": "good", "boat": {"length": 3, "tags": ("a",)}}


@given(STATES, STATES)
def test_there_are_changes_exactly_where_states_differ(before: object, after: object) -> None:
    assert bool(changes(before, after)) is not same(before, after)


@given(STATES, STATES)
def test_no_value_is_left_open_when_another_run_agrees(before: object, after: object) -> None:
    found = changes(before, after)

    assert all(each.wanted is not Mark.ANY or each.kind is ChangeKind.REMOVED for each in found)
