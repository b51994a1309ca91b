"""States as tagged JSON: written, read, compared."""

import json
from copy import deepcopy
from typing import cast

import pytest
from hypothesis import given

from envscaler.environment.state.difference import diff
from envscaler.environment.state.encoding import canonical, python_text, tag, untag
from envscaler.errors import ArtifactError
from envscaler.records import JsonObject, JsonValue
from envscaler.sandbox.guest.export import to_json
from tests.environment.values import EXAMPLES, JSON, ORDERED, PYTHON


@pytest.mark.parametrize(("value", "tagged"), EXAMPLES)
def test_every_type_has_its_tag(value: object, tagged: JsonValue) -> None:
    assert tag(value) == tagged


@given(PYTHON)
def test_untagging_undoes_tagging(value: object) -> None:
    restored = untag(tag(value))

    assert restored == value
    assert type(restored) is type(value)


@given(PYTHON)
def test_tagged_values_are_json(value: object) -> None:
    tagged = tag(value)

    assert json.loads(json.dumps(tagged)) == tagged


@given(ORDERED)
def test_python_text_is_what_str_writes(value: object) -> None:
    assert python_text(tag(value)) == str(value)


_GUESTS_OWN = {"$enum", "$dataclass"}


@pytest.mark.parametrize(
    ("value", "tagged"),
    [pair for pair in EXAMPLES if not _GUESTS_OWN & set(cast("JsonObject", pair[1]))],
)
def test_the_worker_writes_what_the_host_reads(value: object, tagged: JsonValue) -> None:
    assert json.loads(to_json(value)) == tagged


def test_a_type_without_a_tag_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no place in a state"):
        tag([object()])


_MISUSED: list[JsonObject] = [
    {"$date": "soon"},
    {"$set": 5},
    {"$set": [[]]},
    {"$decimal": 1},
    {"$decimal": "one"},
    {"$dict": [1]},
    {"$enum": ["Status"]},
    {"$defaultdict": ["eval", []]},
]


@pytest.mark.parametrize("tagged", _MISUSED)
def test_a_tag_with_something_else_in_it_is_refused(tagged: JsonObject) -> None:
    with pytest.raises(ArtifactError, match="cannot hold"):
        untag(tagged)


def test_a_key_that_only_looks_like_a_tag_is_a_key() -> None:
    assert untag({"$price": 3}) == {"$price": 3}


def test_canonical_bytes_do_not_depend_on_the_order_of_keys() -> None:
    one: JsonObject = {"a": 1, "b": {"$dict": [[1, "x"], [2, "y"]]}}
    other: JsonObject = {"b": {"$dict": [[2, "y"], [1, "x"]]}, "a": 1}

    assert canonical(one) == canonical(other)


@pytest.mark.parametrize("other", [True, 1.0, "1", [1], {"$tuple": [1]}])
def test_canonical_bytes_tell_types_apart(other: JsonValue) -> None:
    assert canonical({"a": 1}) != canonical({"a": other})


@pytest.mark.parametrize("value", [2**70, "\ud800"])
def test_canonical_bytes_exist_for_what_orjson_refuses(value: JsonValue) -> None:
    assert canonical([value]) == canonical([value])


@given(PYTHON)
def test_equal_states_do_not_differ(value: object) -> None:
    tagged = tag(value)

    assert not diff(tagged, deepcopy(tagged))


def test_a_difference_is_named_by_its_path() -> None:
    before: JsonObject = {
        "orders": {"O1": {"status": "open", "lines": [1, 2]}, "O2": {}},
        "seats": {"$dict": [[1, "free"], [2, "free"]]},
        "tags": {"$set": ["a"]},
        "prices": {"a.b": 1},
    }
    after: JsonObject = {
        "orders": {"O1": {"status": "closed", "lines": [1, 2, 3]}, "O3": {}},
        "seats": {"$dict": [[2, "taken"], [1, "free"]]},
        "tags": {"$set": ["a", "b"]},
        "prices": {"a.b": 2},
    }

    found = diff(before, after)

    assert found.added == {"orders.O1.lines[2]": 3, "orders.O3": {}}
    assert found.removed == {"orders.O2": {}}
    assert found.changed == {
        "orders.O1.status": ("open", "closed"),
        'prices["a.b"]': (1, 2),
        "seats[2]": ("free", "taken"),
        "tags": ({"$set": ["a"]}, {"$set": ["a", "b"]}),
    }


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (0, None), ("1", 1), ([], {})])
def test_a_changed_type_is_a_change(old: JsonValue, new: JsonValue) -> None:
    assert diff({"x": [old]}, {"x": [new]}).changed == {"x[0]": (old, new)}


def test_a_field_of_a_dataclass_has_a_path() -> None:
    before: JsonObject = {"bill": {"$dataclass": ["Bill", {"total": 1, "paid": False}]}}
    after: JsonObject = {"bill": {"$dataclass": ["Bill", {"total": 1, "paid": True}]}}

    assert diff(before, after).changed == {"bill.paid": (False, True)}


def test_another_class_is_a_change_of_the_whole() -> None:
    before: JsonObject = {"x": {"$dataclass": ["Bill", {"total": 1}]}}
    after: JsonObject = {"x": {"$dataclass": ["Note", {"total": 1}]}}

    assert list(diff(before, after).changed) == ["x"]


@given(JSON, JSON)
def test_a_difference_holds_all_that_changed(before: JsonValue, after: JsonValue) -> None:
    found = diff(before, after)

    assert canonical(apply(before, found.added, found.removed, found.changed)) == canonical(after)


def apply(
    before: JsonValue,
    added: dict[str, JsonValue],
    removed: dict[str, JsonValue],
    changed: dict[str, tuple[JsonValue, JsonValue]],
) -> JsonValue:
    """Build the later state from the earlier one and what differs: the tests' own reading."""
    root: JsonObject = {"root": deepcopy(before)}
    for path in sorted(removed, key=_last_place, reverse=True):
        owner, key = _owner(root, path)
        del owner[key]
    for path, (_, new) in changed.items():
        owner, key = _owner(root, path)
        owner[key] = new
    for path in sorted(added, key=_last_place):
        owner, key = _owner(root, path)
        if isinstance(owner, list):
            cast("list[JsonValue]", owner).append(added[path])
        else:
            owner[key] = added[path]
    return root["root"]


def _last_place(path: str) -> int:
    place = _steps(path)[-1]
    return place if isinstance(place, int) else -1


def _owner(root: JsonObject, path: str) -> tuple[dict[str | int, JsonValue], str | int]:
    *above, last = ["root", *_steps(path)]
    node: object = root
    for step in above:
        node = cast("dict[str | int, object]", node)[step]
    return cast("dict[str | int, JsonValue]", node), last


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    while path:
        if path[0] == "[":
            step, end = json.JSONDecoder().raw_decode(path, 1)
            steps.append(step)
            path = path[end + 1 :]
        else:
            path = path.removeprefix(".")
            ends = [at for at in (path.find("."), path.find("[")) if at >= 0]
            end = min(ends, default=len(path))
            steps.append(path[:end])
            path = path[end:]
    return steps
