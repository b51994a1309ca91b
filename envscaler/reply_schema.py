"""JSON schemas of the replies that prompts ask for: endpoints can hold a model to them."""

from dataclasses import replace
from functools import cache
from typing import cast

from envscaler.chat import Prompt
from envscaler.records import JsonObject, JsonValue, Record

_LEFT_OUT = frozenset({"default", "title"})


def wanting(kind: type[Record], prompt: Prompt) -> Prompt:
    """Return a prompt whose replies are objects of a kind."""
    return replace(prompt, schema=schema_of(kind))


@cache
def schema_of(kind: type[Record]) -> JsonObject:
    """Return the schema of a record in the form that `response_format` takes.

    Every field is required, as OpenAI's strict mode wants it; strict is only what has no object
    of any shape in it.
    """
    schema = _closed(cast("JsonObject", kind.model_json_schema()))
    return {"name": kind.__name__, "strict": not _is_open(schema), "schema": schema}


def _closed(schema: JsonValue) -> JsonValue:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    fields = schema.get("properties")
    closed = {name: _closed(value) for name, value in schema.items() if name not in _LEFT_OUT}
    if isinstance(fields, dict):
        # A field may itself be called `title`.
        closed["properties"] = {name: _closed(value) for name, value in fields.items()}
        closed |= {"required": list(fields), "additionalProperties": False}
    return closed


def _is_open(schema: JsonValue) -> bool:
    """Tell whether an object of any shape, or any value at all, is allowed somewhere."""
    if isinstance(schema, list):
        return any(_is_open(each) for each in schema)
    if not isinstance(schema, dict):
        return False
    if not schema or (schema.get("type") == "object" and "properties" not in schema):
        return True
    return any(_is_open(value) for value in schema.values())
