"""Methods as tools: types, what is required, descriptions."""

import gzip
import json
from pathlib import Path
from textwrap import dedent
from typing import cast

import pytest

from envscaler.environment.code.assemble import read_class
from envscaler.environment.code.method import RESERVED_NAMES
from envscaler.environment.schema.tools import tools_of
from envscaler.errors import ReplyError
from envscaler.records import JsonObject, JsonValue, Tool

MODULE = '''
import collections.abc
import datetime
import typing as t
from decimal import Decimal
from enum import Enum, IntEnum, auto
from typing import *
from typing import List as Many

Status = Literal["open", "closed"]
Id = NewType("Id", str)
Loop = List["Loop"]


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Colour(str, Enum):
    RED = "red"


class Mode(Enum):
    ON = auto()


class Base(TypedDict, total=False):
    """What every item has.

    Attributes:
        name: Shown to customers.
    """

    name: Required[str]
    note: str


class Item(Base):
    """An item."""

    sku: Id  # as on the label
    tags: NotRequired[List[str]]
    parts: List["Item"]


class Shop:
    def tool(self, x{parameter}):
        """Do it.

        Args:
            x: It.
        """
'''
TEXT: JsonObject = {"type": "string"}
ANYTHING: JsonObject = {"type": ["string", "number", "boolean", "object", "array"]}
ITEM: JsonObject = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "Shown to customers."},
        "note": {"type": "string", "description": "Note."},
        "sku": {"type": "string", "description": "as on the label"},
        "tags": {"type": "array", "items": TEXT, "description": "Tags."},
        "parts": {"type": "array", "items": {"type": "object"}, "description": "Parts."},
    },
    "required": ["name", "sku", "parts"],
}


def schema_of(parameter: str) -> tuple[JsonObject, bool]:
    """Return the schema of a parameter without its description, and whether it is required."""
    (tool,) = tools_of(MODULE.replace("{parameter}", parameter), "Shop")
    properties = cast("dict[str, JsonObject]", tool.parameters["properties"])
    schema = {key: value for key, value in properties["x"].items() if key != "description"}
    return schema, tool.parameters["required"] == ["x"]


HINTS: list[tuple[str, JsonObject]] = [
    ("str", TEXT),
    ("int", {"type": "integer"}),
    ("float", {"type": "number"}),
    ("bool", {"type": "boolean"}),
    ("dict", {"type": "object"}),
    ("list", {"type": "array", "items": {}}),
    ("Any", ANYTHING),
    ("Unknown", ANYTHING),
    ("List[int]", {"type": "array", "items": {"type": "integer"}}),
    ("Many[int]", {"type": "array", "items": {"type": "integer"}}),
    ("t.List[str]", {"type": "array", "items": TEXT}),
    ("collections.abc.Sequence[str]", {"type": "array", "items": TEXT}),
    ("List[Dict[str, Any]]", {"type": "array", "items": {"type": "object"}}),
    ("Dict[str, List[int]]", {"type": "object", "additionalProperties": {"type": "array",
     "items": {"type": "integer"}}}),
    ("Set[str]", {"type": "array", "items": TEXT, "uniqueItems": True}),
    ("Tuple[str, str]", {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}),
    ("tuple[float, ...]", {"type": "array", "items": {"type": "number"}}),
    ("Optional[str]", {"type": ["string", "null"]}),
    ("str | None", {"type": ["string", "null"]}),
    ("Union[int, str]", {"type": ["integer", "string"]}),
    ("Union[str, List[int]]", {"type": ["string", "array"], "items": {"type": "integer"}}),
    ("List[int] | List[str]", {"type": "array", "items": {"type": ["integer", "string"]}}),
    ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
    ("Literal['a', 1, None]", {"type": ["string", "integer", "null"], "enum": ["a", 1, None]}),
    ("Optional[Literal['a']]", {"type": ["string", "null"], "enum": ["a", None]}),
    ("Literal['a'] | Literal['b']", {"type": "string", "enum": ["a", "b"]}),
    ("Literal['a'] | int", {"type": ["string", "integer"]}),
    ("Status", {"type": "string", "enum": ["open", "closed"]}),
    ("Id", TEXT),
    ("Level", {"type": "integer", "enum": [1, 2]}),
    ("Colour", {"type": "string", "enum": ["red"]}),
    ("Mode", TEXT),
    ("Loop", {"type": "array", "items": {}}),
    ("datetime.date", {"type": "string", "format": "date"}),
    ("Decimal", {"type": "number"}),
    ("Annotated[int, 'how many']", {"type": "integer"}),
    ("'List[str]'", {"type": "array", "items": TEXT}),
    ("Item", ITEM),
    ("List[Item]", {"type": "array", "items": ITEM}),
]  # fmt: skip


@pytest.mark.parametrize(("hint", "schema"), HINTS)
def test_a_hint_becomes_a_schema(hint: str, schema: JsonObject) -> None:
    assert schema_of(f": {hint}") == (schema, True)


DEFAULTS: list[tuple[str, JsonObject]] = [
    (": int = 3", {"type": "integer", "default": 3}),
    (": str = None", TEXT),
    (": Optional[str] = None", TEXT),
    (": Optional[Literal['a']] = None", {"type": "string", "enum": ["a"]}),
    (": Union[int, str, None] = None", {"type": ["integer", "string"]}),
    (": List[str] = LIMIT", {"type": "array", "items": TEXT}),
    ("=3", {"type": "integer", "default": 3}),
    ("=()", ANYTHING),
]


@pytest.mark.parametrize(("parameter", "schema"), DEFAULTS)
def test_a_default_makes_it_optional_and_takes_null_away(
    parameter: str, schema: JsonObject
) -> None:
    assert schema_of(parameter) == (schema, False)


def test_without_a_hint_the_docstring_may_name_the_type() -> None:
    source = 'class A:\n    def f(self, a, b, c):\n        """Do.\n\n        Args:\n'
    source += (
        "            a (List[int], optional): A.\n            b (integer): B.\n            c: C."
    )
    source += '\n        """'

    (tool,) = tools_of(source, "A")

    assert tool.parameters["properties"] == {
        "a": {"type": "array", "items": {"type": "integer"}, "description": "A."},
        "b": {"type": "integer", "description": "B."},
        "c": {**ANYTHING, "description": "C."},
    }


def described(parameters: str, docstring: str) -> str:
    source = f'class A:\n    def f(self, {parameters}):\n        """{docstring}"""\n'
    (tool,) = tools_of("from typing import Annotated\n" + source, "A")
    properties = cast("dict[str, dict[str, str]]", tool.parameters["properties"])
    return properties["order_id"]["description"]


def test_a_description_comes_from_the_hint_the_docstring_or_the_name() -> None:
    said = "Do.\n\n        Args:\n            order_id: Which."

    assert described("order_id: Annotated[str, 'This one.']", said) == "This one."
    assert described("order_id: str", said) == "Which."
    assert described("order_id: str", "Do.") == "Order id."


def test_a_tool_is_described_by_all_but_the_arguments() -> None:
    source = dedent(
        '''
        class A:
            def f(self, a: int):
                """Do it.

                Args:
                    a: A.

                Constraints:
                    - Never twice.
                """
            def go_on(self): ...
        '''
    )

    first, second = tools_of(source, "A")

    assert first.description == "Do it.\n\nConstraints:\n    - Never twice."
    assert second.description == "Go on."


def test_public_methods_are_tools_inherited_ones_too() -> None:
    source = dedent(
        """
        class Base:
            def base(self): ...
            def _hidden(self): ...
        class A(Base):
            def __init__(self, config=None): ...
            def __len__(self): ...
            @property
            def size(self): ...
            @staticmethod
            def static(a: int): ...
            @classmethod
            def made(cls, b: int): ...
            def own(self, c: int, /, d: int, *rest, e: int, f: int = 1, **more): ...
        """
    )

    tools = tools_of(source, "A")

    assert [tool.name for tool in tools] == ["base", "static", "made", "own"]
    assert [list(cast("JsonObject", tool.parameters["properties"])) for tool in tools] == [
        [], ["a"], ["b"], ["c", "d", "e", "f"]
    ]  # fmt: skip
    assert tools[-1].parameters["required"] == ["c", "d", "e"]
    assert tools[-1].parameters["additionalProperties"] is True


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_name_that_trainers_use_is_refused(name: str) -> None:
    with pytest.raises(ReplyError, match="belongs to trainers"):
        tools_of(f"class A:\n    def {name}(self): ...", "A")


def test_an_async_method_is_refused() -> None:
    with pytest.raises(ReplyError, match="f is async"):
        tools_of("class A:\n    async def f(self): ...", "A")


Environments = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def published(shared_data: Path) -> Environments:
    with gzip.open(shared_data / "envscaler/env_metadata_dev.json.gz") as file:
        return json.load(file)


def test_published_schemas_come_out_as_published(published: Environments) -> None:
    theirs = [tool for row in published.values() for tool in row["tools"]]

    ours = [
        {"type": "function", "function": tool.model_dump()}
        for row in published.values()
        for tool in tools_of(row["env_class_code"], row["env_class_name"], "published")
    ]

    assert len(ours) == 497
    assert ours == theirs


def all_tools(published: Environments) -> list[Tool]:
    return [
        tool
        for row in published.values()
        for tool in tools_of(row["env_class_code"], row["env_class_name"])
    ]


def test_every_property_of_published_classes_has_a_type_and_a_description(
    published: Environments,
) -> None:
    incomplete = [
        (tool.name, name)
        for tool in all_tools(published)
        for name, schema in _properties(tool.parameters)
        if not schema.get("type") or not schema.get("description")
    ]

    assert incomplete == []


def test_no_schema_of_published_classes_refers_or_branches(published: Environments) -> None:
    text = json.dumps([tool.parameters for tool in all_tools(published)])

    assert "$ref" not in text
    assert "anyOf" not in text


def test_exactly_the_parameters_without_default_are_required(published: Environments) -> None:
    for row in published.values():
        methods = read_class(row["env_class_code"], row["env_class_name"]).methods
        for tool in tools_of(row["env_class_code"], row["env_class_name"]):
            arguments = methods[tool.name].args
            names = [item.arg for item in arguments.args[1:]]

            assert tool.parameters["required"] == names[: len(names) - len(arguments.defaults)]


def _properties(schema: JsonObject) -> list[tuple[str, JsonObject]]:
    """List the properties of a schema, those of nested objects too."""
    found = list(cast("dict[str, JsonObject]", schema.get("properties", {})).items())
    inside = [inner for _, inner in found]
    items = schema.get("items")
    inside += [items] if isinstance(items, dict) else []
    return found + [pair for inner in inside for pair in _properties(inner)]


ANY: JsonValue = ["string", "number", "boolean", "object", "array"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("list of order numbers, each once", "array"),
        ("a dict of article to pieces", "object"),
        ("id of the customer (str)", "string"),
        ("how many (of those there are)", ANY),
        ("where it is listed", ANY),
    ],
)
def test_a_parameter_without_a_hint_has_the_type_that_its_description_names(
    said: str, kind: JsonValue
) -> None:
    described = f'"""Act.\n\n        :param a: {said}\n        """'
    source = f"class A:\n    def act(self, a):\n        {described}\n"

    [tool] = tools_of(source, "A")

    assert tool.properties["a"].get("type") == kind
