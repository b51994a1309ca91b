"""The short way to check arguments says what the long one says."""

from hypothesis import given
from hypothesis import strategies as st

from envscaler.environment.schema.validate import check_arguments
from envscaler.records import JsonObject, Tool
from envscaler.sandbox.shapes import Shapes

VALUES = st.sampled_from(
    [None, True, False, 0, 1, 1.5, "", "a", "open", [], ["a"], [1], {}, {"a": 1}, 10**30]
)
SCHEMAS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object"},
        {"type": ["string", "null"]},
        {"type": "string", "enum": ["open", "paid"]},
        {"type": "date"},
        {},
    ]
)
NAMES = st.sampled_from(["a", "b", "c", "d"])


@given(
    properties=st.dictionaries(NAMES, SCHEMAS),
    required=st.lists(NAMES, unique=True),
    arguments=st.dictionaries(NAMES, VALUES),
    additional=st.sampled_from([{}, {"additionalProperties": True}]),
)
def test_both_ways_agree(
    properties: JsonObject, required: list[str], arguments: JsonObject, additional: JsonObject
) -> None:
    parameters: JsonObject = {
        "type": "object",
        "properties": properties,
        "required": [*required],
        **additional,
    }
    tool = Tool(name="t", description="", parameters=parameters)
    shapes = Shapes()

    for _ in range(2):
        assert shapes.check(tool, arguments) == check_arguments(tool, arguments)


def test_a_tool_is_not_mistaken_for_one_that_is_gone() -> None:
    shapes = Shapes()
    for number in range(5000):
        kind = "string" if number % 2 else "integer"
        parameters: JsonObject = {"type": "object", "properties": {"a": {"type": kind}}}
        tool = Tool(name="t", description="", parameters=parameters)

        _, wrong = shapes.check(tool, {"a": "x"})

        assert (wrong is None) == (kind == "string")
