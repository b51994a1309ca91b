"""From the rows of the published EnvScaler data to ours, one row at a time.

A nested value may be there as it is or as text; both are read. What cannot become one of our
rows raises a RowError; a row without the fields of its kind is no row of that kind at all and
raises an ArtifactError.
"""

import ast
import json
import re
from typing import Literal, TypeVar, cast

from pydantic import JsonValue, ValidationError

from envscaler.environment.code.classes import read_class
from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.environment.state.encoding import tag, untag
from envscaler.errors import ArtifactError, RejectedError
from envscaler.records import (
    Attribute,
    Entity,
    Environment,
    JsonObject,
    Operation,
    Record,
    Scenario,
    row_id,
)

Compat = Literal["ours", "published"]
RecordT = TypeVar("RecordT", bound=Record)

_ATTRIBUTE = re.compile(r"\s*([^,(]+?)\s*(?:\(([^)]*)\)?)?\s*(?:,|$)")


def environment_row(row: JsonObject, compat: Compat) -> Environment:
    """Convert an environment; its tools and structure are worked out anew from its class.

    Args:
        row: A published environment, or a row of its pipeline from the assembled class on.
        compat: By which rules the tool schemas are written.

    Raises:
        ArtifactError: A field is missing.
        ReplyError: The class cannot be read, or a method cannot be a tool.
        RejectedError: A field holds something else than it should.
    """
    source = text(row, "env_class_code")
    named = row.get("env_class_name")
    class_name = named if isinstance(named, str) else read_class(source).name
    task = row.get("task")
    fields: JsonObject = {
        "id": row.get("env_id") or row_id("env", source),
        "summary": text(row, "environment_summary"),
        "introduction": text(row, "environment_introduction"),
        "source_task": task if isinstance(task, str) else None,
        "entities": [_entity(item) for item in objects(row, "state_space_definition")],
        "rules": decoded(row, "constraints_rules"),
        "operations": [_operation(item) for item in objects(row, "operation_list")],
        "class_name": class_name,
        "source": source,
        "tools": [tool.model_dump() for tool in tools_of(source, class_name, compat)],
        "structure": structure_of(source, class_name).model_dump(),
    }
    return build(Environment, fields)


def scenario_row(row: JsonObject, row_name: str, index: int) -> Scenario:
    """Convert a scenario.

    Args:
        row: A published scenario.
        row_name: Its id with us.
        index: Which of its environment's scenarios it is.

    Raises:
        ArtifactError: A field is missing.
        RejectedError: A check is empty, or the initial state cannot be read.
    """
    checks: list[JsonValue] = []
    for item in objects(row, "checklist_with_func") if "checklist_with_func" in row else []:
        source = text(item, "check_func")
        if not source.strip():
            raise RejectedError(
                "empty_check", f"{text(item, 'check_item')!r} has no code and can never pass"
            )
        checks.append({"item": text(item, "check_item"), "source": source})
    fields: JsonObject = {
        "id": row_name,
        "env_id": text(row, "env_id"),
        "kind": "rl" if checks else "sft",
        "index": index,
        "initial_state": state(decoded(row, "init_config")),
        "task": text(row, "task"),
        "checks": checks,
    }
    return build(Scenario, fields)


def state(value: JsonValue) -> JsonValue:
    """Write a published state with our tags in place of `{"__type__": "set", ...}`."""
    try:
        return tag(_with_python_types(value))
    except (TypeError, ArtifactError) as error:
        raise RejectedError("state", f"the initial state cannot be read: {error}") from error


def _with_python_types(value: JsonValue) -> object:
    if isinstance(value, list):
        return [_with_python_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__type__")
    if not isinstance(kind, str):
        return {key: _with_python_types(item) for key, item in value.items()}
    contents = [item for key, item in value.items() if key != "__type__"]
    tagged: JsonObject = {f"${kind.lower()}": contents[0] if contents else None}
    found = untag(tagged)
    if len(contents) != 1 or isinstance(found, dict):
        raise ArtifactError(f"unknown type tag {json.dumps(value)[:80]}")
    return found


def text(row: JsonObject, name: str) -> str:
    """Return a field that has to be text.

    Raises:
        ArtifactError: It is missing or something else.
    """
    value = row.get(name)
    if not isinstance(value, str):
        raise ArtifactError(f"the field {name!r} has to be text, found {json.dumps(value)[:60]}")
    return value


def decoded(row: JsonObject, name: str) -> JsonValue:
    """Return a field that may be there as text: JSON, or a list or dict as Python writes it.

    The latter comes of tables whose cells were turned into text.

    Raises:
        ArtifactError: It is missing, or text that is neither.
    """
    if name not in row:
        raise ArtifactError(f"the field {name!r} is missing")
    value = row[name]
    if not isinstance(value, str):
        return value
    try:
        return cast("JsonValue", json.loads(value))
    except (ValueError, RecursionError) as error:
        try:
            return _written_by_python(value)
        except ValueError:
            raise ArtifactError(f"the field {name!r} is text, but not JSON: {error}") from error


def _written_by_python(text: str) -> JsonValue:
    """Read a list or dict of plain values as Python writes it.

    Raises:
        ValueError: It is something else.
    """
    try:
        found: object = ast.literal_eval(text)  # reads, and runs nothing
        if isinstance(found, list | dict):
            return cast("JsonValue", json.loads(json.dumps(found)))
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(str(error)) from error
    raise ValueError("neither a list nor a dict")


def objects(row: JsonObject, name: str) -> list[JsonObject]:
    """Return a field that holds a list of objects.

    Raises:
        ArtifactError: It holds something else.
    """
    value = decoded(row, name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ArtifactError(f"the field {name!r} has to be a list of objects")
    return cast("list[JsonObject]", value)


def build(kind: type[RecordT], fields: JsonObject) -> RecordT:
    """Make a record.

    Raises:
        RejectedError: A field holds something else than it should.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise RejectedError("malformed", f"{name}: {problem['msg']}") from error


def _entity(row: JsonObject) -> JsonValue:
    listed = row.get("attributes", "")
    if isinstance(listed, list):
        listed = ", ".join(str(item) for item in listed)
    attributes = [
        Attribute(name=name, type="", description=remark)
        for name, remark in _ATTRIBUTE.findall(str(listed))
    ]
    name = text(row, "entity" if "entity" in row else "entity_name")
    entity = Entity(name=name, description=text(row, "description"), attributes=tuple(attributes))
    return entity.model_dump()


def _operation(row: JsonObject) -> JsonValue:
    operation = build(
        Operation,
        {
            "name": text(row, "operation_name"),
            "description": text(row, "operation_description"),
            "kind": "query" if row.get("operation_type") == "query" else "change",
        },
    )
    return operation.model_dump()
