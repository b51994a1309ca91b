"""Fields of a tool's form, and what is read from what a person types."""

import pytest
from pydantic import JsonValue

from envscaler.app.forms import checked, fields_of
from envscaler.app.terminal import part_of, read_line
from envscaler.errors import ConfigError
from envscaler.records import JsonObject, Tool

TOOL = Tool(
    name="move",
    description="Move a thing.",
    parameters={
        "type": "object",
        "properties": {
            "note": {"type": "string"},
            "where": {"type": "string", "enum": ["hall", "loft"]},
            "count": {"type": "integer"},
            "fast": {"type": "boolean"},
            "level": {"enum": [1, 2]},
            "weight": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "anything": {},
        },
        "required": ["where"],
    },
)
FIELDS = {field.name: field for field in fields_of(TOOL)}


def test_what_is_required_is_asked_first() -> None:
    assert next(iter(FIELDS)) == "where"
    assert FIELDS["where"].label == "where (hall | loft)"
    assert FIELDS["weight"].label == "weight (number or null), optional"


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("note", "12", "12"),
        ("note", '"quoted"', '"quoted"'),
        ("where", "loft", "loft"),
        ("count", "12", 12),
        ("fast", "yes", True),
        ("fast", "False", False),
        ("level", "2", 2),
        ("weight", "2.5", 2.5),
        ("weight", "null", None),
        ("tags", '["a"]', ["a"]),
        ("anything", "a word", "a word"),
        ("anything", "7", 7),
    ],
)
def test_what_is_typed_has_the_type_of_the_field(name: str, typed: str, read: JsonValue) -> None:
    assert FIELDS[name].read(typed) == read
    assert type(FIELDS[name].read(typed)) is type(read)


@pytest.mark.parametrize(("name", "typed"), [("count", "many"), ("tags", "a, b"), ("fast", "so")])
def test_what_has_another_type_is_refused_with_an_example(name: str, typed: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} has to be .*, such as "):
        FIELDS[name].read(typed)


def test_arguments_on_one_line_are_read() -> None:
    assert read_line(TOOL, "where=hall count=2 note='two words'") == {
        "where": "hall",
        "count": 2,
        "note": "two words",
    }
    assert read_line(TOOL, '{"where": "hall"}') == {"where": "hall"}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("hall", "is not name=value"),
        ("room=hall", "the arguments are: where"),
        ("{oh", "no JSON object"),
        ("note='half", "quotation mark"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(typed: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_line(TOOL, typed)


def test_arguments_against_the_schema_are_refused() -> None:
    with pytest.raises(ConfigError, match="where"):
        checked(TOOL, {"count": 1})


def test_a_part_of_a_state_is_named_by_its_path() -> None:
    state: JsonObject = {"loans": {"B1": ["Bob", "Ada"]}}

    assert part_of(state, "loans.B1.1") == "Ada"
    with pytest.raises(ConfigError, match="there is: B1"):
        part_of(state, "loans.B7")
