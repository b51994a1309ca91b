"""Arguments against the schema of their tool."""

import pytest

from envscaler.environment.schema.validate import check_arguments
from envscaler.records import JsonObject, JsonValue, Tool

ORDER: JsonObject = {
    "type": "object",
    "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["sku"],
}
PROPERTIES: JsonObject = {
    "name": {"type": "string"},
    "count": {"type": "integer"},
    "price": {"type": "number"},
    "urgent": {"type": "boolean"},
    "size": {"type": "string", "enum": ["S", "M"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "lines": {"type": "array", "items": ORDER},
    "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
    "pairs": {"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 2}},
    "any": {"type": ["string", "number", "boolean", "object", "array"]},
    "untyped": {},
}


def tool(*required: str, **more: JsonValue) -> Tool:
    parameters: JsonObject = {"type": "object", "properties": PROPERTIES, "required": [*required]}
    return Tool(name="add", description="", parameters=parameters | more)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("count", -1),
        ("price", 1),
        ("price", 1.5),
        ("urgent", False),
        ("size", "M"),
        ("tags", []),
        ("tags", ["a"]),
        ("pairs", [["a", 1]]),
        ("lines", [{"sku": "A"}, {"sku": "B", "count": 2, "note": "soft"}]),
        ("lines", [{"sku": "A", "count": None}]),
        ("labels", {"a": 1}),
        ("any", {"x": [1]}),
        ("untyped", None),
    ],
)
def test_what_fits_the_schema_passes_as_it_is(name: str, value: JsonValue) -> None:
    assert check_arguments(tool(name), {name: value}) == ({name: value}, None)


_WRONG: list[tuple[str, JsonValue, str]] = [
    ("name", 1, "name has to be of type string, got 1."),
    ("count", 1.0, "count has to be of type integer, got 1.0."),
    ("count", True, "count has to be of type integer, got True."),
    ("price", "1", "price has to be of type number, got '1'."),
    ("urgent", 1, "urgent has to be of type boolean, got 1."),
    ("size", "L", "size has to be one of 'S', 'M', got 'L'."),
    ("tags", "a", "tags has to be of type array, got 'a'."),
    ("pairs", [["a"]], "pairs[0] has to have at least 2 items, got 1."),
    ("pairs", [["a", 1, 2]], "pairs[0] has to have at most 2 items, got 3."),
    ("tags", ["a", 2], "tags[1] has to be of type string, got 2."),
    ("lines", [{}], "lines[0] needs the key 'sku'."),
    ("lines", [{"sku": 1}], "lines[0].sku has to be of type string, got 1."),
    ("labels", {"a": "b"}, "labels.a has to be of type integer, got 'b'."),
    ("any", None, "any has to be of type string, number, boolean, object or array, got None."),
]


@pytest.mark.parametrize(("name", "value", "problem"), _WRONG)
def test_what_does_not_fit_is_said_in_one_sentence(
    name: str, value: JsonValue, problem: str
) -> None:
    assert check_arguments(tool(name), {name: value}) == ({name: value}, problem)


def test_a_missing_argument_is_named() -> None:
    assert check_arguments(tool("name"), {})[1] == "add needs the argument 'name'."


def test_an_unknown_argument_is_named_beside_the_known_ones() -> None:
    few = Tool(name="add", description="", parameters={"type": "object", "properties": {"a": {}}})

    assert check_arguments(few, {"b": 1})[1] == "add has no argument 'b'; it takes a."


def test_further_arguments_pass_where_the_tool_takes_any() -> None:
    open_ended = tool(additionalProperties=True)

    assert check_arguments(open_ended, {"b": 1}) == ({"b": 1}, None)


def test_null_for_an_optional_argument_counts_as_absent() -> None:
    given: JsonObject = {"name": "x", "count": None}

    assert check_arguments(tool("name"), given) == ({"name": "x"}, None)
    assert given == {"name": "x", "count": None}


def test_null_for_a_required_argument_is_a_value() -> None:
    nullable: JsonObject = {"type": ["string", "null"]}
    parameters: JsonObject = {"type": "object", "properties": {"a": nullable}, "required": ["a"]}
    takes_null = Tool(name="add", description="", parameters=parameters)

    assert check_arguments(tool("name"), {"name": None})[1] is not None
    assert check_arguments(takes_null, {"a": None}) == ({"a": None}, None)
