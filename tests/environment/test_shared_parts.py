"""Equal parts of states become one object; values of another type stay others."""

from envscaler.environment.state.shared_parts import ByIdentity, changed_parts, with_shared_parts
from envscaler.records import JsonObject


def test_equal_attributes_of_two_states_are_one_object() -> None:
    first = with_shared_parts({"orders": {"O1": {"n": 1}}, "at": 3})
    second = with_shared_parts({"orders": {"O1": {"n": 1}}, "at": 4})

    assert first["orders"] is second["orders"]
    assert second["at"] == 4


def test_a_number_and_a_flag_are_not_alike() -> None:
    values: list[JsonObject] = [{"x": [1]}, {"x": [1.0]}, {"x": [True]}, {"x": ["1"]}]

    shared = [with_shared_parts(value)["x"] for value in values]

    assert [repr(value) for value in shared] == ["[1]", "[1.0]", "[True]", "['1']"]


def test_the_order_of_keys_is_kept() -> None:
    first = with_shared_parts({"x": {"a": 1, "b": 2}})
    second = with_shared_parts({"x": {"b": 2, "a": 1}})

    assert [*second["x"]] == ["b", "a"] != [*first["x"]]  # type: ignore[misc]


def test_only_what_differs_is_changed() -> None:
    before = with_shared_parts({"orders": {"O1": 1}, "users": {}, "gone": [1]})
    after = with_shared_parts({"orders": {"O1": 2}, "users": {}, "new": [1]})

    assert changed_parts(after, before) == {"orders": {"O1": 2}, "new": [1]}


def test_what_is_known_of_an_object_is_worked_out_once() -> None:
    known, thing, other, asked = ByIdentity[int](2), [1], [1], list[int]()

    for one in (thing, other, thing):
        known.of(one, lambda: asked.append(1) or len(asked))

    assert len(asked) == 2
