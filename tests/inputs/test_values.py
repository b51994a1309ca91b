"""Values for arguments, and where ids are found."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from envscaler.environment.hints.hints import mine
from envscaler.environment.schema.validate import check_arguments
from envscaler.environment.state.collections import collections_of, id_field, target_of
from envscaler.inputs.values import Candidates, candidates
from envscaler.records import JsonObject, JsonValue, Tool

NOTHING = mine("class Empty:\n    pass\n")
STATE: JsonObject = {
    "orders": {
        "O1": {"order_id": "O1", "status": "open", "items": [{"sku": "S1", "count": 2}]},
        "O2": {"order_id": "O2", "status": "paid", "items": []},
    },
    "seats": {"$dict": [[1, {"row": 4}], [2, {"row": 5}]]},
    "tags": [{"id": 7, "text": "a"}, {"id": 9, "text": "b"}],
}


def _values(name: str, schema: JsonObject, state: JsonObject = STATE) -> Candidates:
    return candidates(_tool(name, schema), name, state, NOTHING)


def _tool(name: str, schema: JsonObject) -> Tool:
    parameters: JsonObject = {"type": "object", "properties": {name: schema}, "required": [name]}
    return Tool(name="act", description="", parameters=parameters)


def test_ids_of_the_collection_come_first() -> None:
    assert _values("order_id", {"type": "string"}).sensible[:2] == ("O1", "O2")


def test_leading_words_do_not_hide_the_collection() -> None:
    assert _values("linked_order_id", {"type": "string"}).existing == ("O1", "O2")


def test_fields_of_the_same_name_give_values() -> None:
    assert _values("new_status", {"type": "string"}).existing == ("open", "paid")


def test_integer_keys_are_found_behind_their_tag() -> None:
    assert _values("seat_id", {"type": "integer"}).existing == (1, 2)


def test_records_in_a_list_are_called_by_their_id_field() -> None:
    assert _values("tag_id", {"type": "integer"}).existing == (7, 9)


def test_an_enum_leaves_nothing_else() -> None:
    found = _values("order_id", {"type": "string", "enum": ["x", "y"]})

    assert found.sensible == ("x", "y")
    assert found.odd == ()


def test_a_list_holds_what_its_items_may_be() -> None:
    schema: JsonObject = {"type": "array", "items": {"type": "string"}}

    assert ["O1"] in _values("order_ids", schema).sensible


def test_an_object_has_the_keys_that_the_source_reads() -> None:
    hints = mine("class A:\n    def act(self, box):\n        return box['side'] + box['depth']\n")

    found = candidates(_tool("box", {"type": "object"}), "box", {}, hints)

    assert set(cast("JsonObject", found.plausible[0])) == {"side", "depth"}
    assert {"side": None} in [
        {k: v for k, v in cast("JsonObject", one).items() if k == "side"}
        for one in found.wrong_type
    ]


@given(
    st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]),
    st.text("abc_", min_size=1, max_size=12),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=12,
    ),
)
def test_every_value_fits_the_schema(kind: str, name: str, content: JsonValue) -> None:
    tool = _tool(name, {"type": kind})
    state: JsonObject = {"things": content, name: content}

    found = candidates(tool, name, state, NOTHING)

    for value in (*found.sensible, *found.odd):
        assert check_arguments(tool, {name: value})[1] is None


def test_collections_inside_records_have_a_path_of_their_own() -> None:
    paths = [one.path for one in collections_of(STATE)]

    assert paths == ["orders", "seats", "tags", "orders.*.items"]


def test_the_id_field_is_the_one_that_repeats_the_key() -> None:
    [orders, *_] = collections_of(STATE)

    assert id_field(orders) == "order_id"


def test_a_name_points_to_the_collection_of_that_name() -> None:
    target = target_of("order_ids", collections_of(STATE))

    assert target is not None
    assert target.path == "orders"


def test_ids_of_a_kind_in_a_flat_store_stand_behind_the_kind() -> None:
    flat: JsonObject = {
        "store": {"vessel:A": {"litres": 3}, "vessel:B": {"litres": 0}, "lot:7": {"vintage": 2023}}
    }

    assert _values("vessel", {"type": "string"}, flat).existing == ("A", "B")
    assert _values("new_lot", {"type": "string"}, flat).existing == ("7",)
    assert _values("target", {"type": "string"}, flat).existing == ("A", "B", "7")
