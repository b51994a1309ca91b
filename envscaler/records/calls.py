"""A call of a tool: `name` and `arguments`, in every row that holds one."""

from pydantic import Field, JsonValue

from envscaler.records.base import JsonObject, Record


class Call(Record):
    """A call of a tool."""

    name: str
    """Of the tool."""
    arguments: JsonObject = Field(default_factory=dict[str, JsonValue])


class ToolCall(Record):
    """A call as an agent made it: readable or not, with what the endpoint needs to know it by."""

    id: str
    name: str
    arguments: JsonObject | str
    """A string when they could not be read as a JSON object: kept as the model wrote them."""
    extra: JsonObject = Field(default_factory=dict[str, JsonValue])
    """What else the endpoint put beside the call, such as a signature; it goes back to it."""
