"""JSON schemas of replies, as endpoints take them."""

from typing import Literal

import pytest

from envscaler.chat import Prompt
from envscaler.records import Inference, JsonObject, JsonValue, Judgement, Record
from envscaler.reply_schema import schema_of, wanting


class Item(Record):
    """A thing with fields that have defaults."""

    title: str | None = None
    size: Literal["small", "large"] = "small"


class Order(Record):
    """Has things in it."""

    items: tuple[Item, ...] = ()


class Form(Record):
    """Has an object of any shape."""

    state: JsonObject


class Anything(Record):
    """Has any value."""

    value: JsonValue = None


def test_a_prompt_says_what_it_wants_also_when_it_goes_on() -> None:
    prompt = wanting(Judgement, Prompt("p", "0" * 12, ()))

    assert prompt.then({"role": "user", "content": "again"}).schema == schema_of(Judgement)


def test_every_field_is_required_and_no_other_allowed() -> None:
    assert schema_of(Judgement)["schema"] == {
        "description": Judgement.__doc__,
        "type": "object",
        "properties": {"reasoning": {"type": "string"}, "stateful": {"type": "boolean"}},
        "required": ["reasoning", "stateful"],
        "additionalProperties": False,
    }


def test_what_is_inside_is_closed_too_and_a_field_may_be_called_title() -> None:
    schema = schema_of(Order)

    assert "'default'" not in str(schema)
    assert "'required': ['title', 'size']" in str(schema)


@pytest.mark.parametrize(
    ("kind", "strict"),
    [(Judgement, True), (Inference, True), (Order, True), (Form, False), (Anything, False)],
)
def test_only_what_has_a_shape_throughout_is_strict(kind: type[Record], strict: object) -> None:
    assert schema_of(kind)["strict"] is strict
