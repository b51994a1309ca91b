"""Environments as they are written: state, rules, tools and code."""

import hashlib
import json
from typing import Literal, cast

from pydantic import Field

from envscaler.records.base import JsonObject, Record, Row, row_id


class Attribute(Record):
    """One field of an entity."""

    name: str
    type: str
    """Python type as text, such as `str` or `list[str]`; empty when the source does not say."""
    description: str = ""


class Entity(Record):
    """A kind of thing that the state holds."""

    name: str
    """Such as `Loan`."""
    description: str
    attributes: tuple[Attribute, ...]
    """Its fields."""


class Operation(Record):
    """A tool that the environment has to offer."""

    name: str = Field(pattern=r"^[a-z_][a-z0-9_]*$")
    """Of the tool."""
    description: str
    kind: Literal["query", "change"]
    """`query` only looks."""


class Tool(Record):
    """A tool as a model sees it."""

    name: str
    description: str
    """From the method's docstring."""
    parameters: JsonObject
    """JSON schema of the arguments: `type: object`, `properties`, `required`."""

    @property
    def properties(self) -> dict[str, JsonObject]:
        """The schema of each parameter."""
        return cast("dict[str, JsonObject]", self.parameters.get("properties") or {})

    @property
    def required(self) -> list[str]:
        """The names of the parameters that a call must give."""
        return cast("list[str]", self.parameters.get("required") or [])

    def as_function(self) -> JsonObject:
        """Write it as function calling has it."""
        function: JsonObject = {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }
        return {"type": "function", "function": function}


class AttributeUse(Record):
    """Who touches one attribute of the class."""

    type: str
    """Python type as text."""
    read_by: tuple[str, ...]
    """Tools."""
    written_by: tuple[str, ...]
    """Tools."""


class Structure(Record):
    """Which tool reads and writes what, helpers followed."""

    attributes: dict[str, AttributeUse]
    """Attribute of the class → who touches it."""
    queries: tuple[str, ...]
    """Tools that write nothing."""
    changes: tuple[str, ...]
    """Tools that may write."""


class Skeleton(Row):
    """`skeletons.jsonl`: an environment that was written but not tested yet."""

    summary: str
    """A name of a few words."""
    introduction: str
    """What an agent is told of the system."""
    source_task: str | None
    """The task it was mined from, verbatim; None when it was imported."""
    entities: tuple[Entity, ...]
    """The kinds of things in the state."""
    rules: tuple[str, ...]
    """What always holds, and what agents have to keep to."""
    operations: tuple[Operation, ...]
    """The tools as they were planned."""
    class_name: str
    """The class in the module below."""
    source: str
    """The whole Python module. Data until the sandbox runs it."""
    tools: tuple[Tool, ...]
    """The public methods, as a model sees them."""
    structure: Structure
    """What code reads from the class."""


def content_id(skeleton: Skeleton) -> str:
    """Return the id of the environment that a skeleton becomes: a hash of what it says.

    What two models, seeds or settings make of one task has two ids, so that runs can be put
    together.
    """
    said = skeleton.model_dump(mode="json", include={*Skeleton.model_fields} - {*Row.model_fields})
    content = json.dumps(said, sort_keys=True)
    return row_id("env", hashlib.sha256(content.encode()).hexdigest())
