"""Types of parameters that declare none, as far as a state and their names tell them."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from envscaler.environment.state.collections import (
    Collection,
    Scalar,
    scalars_of,
    target_of,
    values_held,
)
from envscaler.environment.state.plurals import singular
from envscaler.records import Environment, JsonObject, Tool
from envscaler.scen_generator.solution_first.looked_up import holders_of

_COUNTED = re.compile(
    r"(^|_)(minutes?|hours?|days?|weeks?|months?|years?|seconds?|cents|pence|pounds|euros|dollars"
    r"|kg|g|cm|mm|m|km|l|ml|litres?|copies|pieces|count|amount|number|quantity|qty|weight|length"
    r"|height|width|size|price|cost|fee|most|least|at_most|at_least|limit|seats|places|grade|area)$"
)
"""What a number says how much or how many there is of."""
_TYPES: tuple[tuple[str, type], ...] = (
    ("boolean", bool),
    ("integer", int),
    ("number", float),
    ("string", str),
)


def with_types(
    environment: Environment, state: JsonObject, collections: Sequence[Collection]
) -> Environment:
    """Return an environment whose tools say what type each plain parameter is of.

    Args:
        environment: Its source may declare none.
        state: As loaded.
        collections: Those of the state.
    """
    holders = holders_of(environment.source)
    tools = tuple(_typed(tool, state, collections, holders) for tool in environment.tools)
    if tools == environment.tools:
        return environment
    return environment.model_copy(update={"tools": tools})


def is_counted(name: str) -> bool:
    """Tell whether a name stands for a number that says how much there is of something."""
    return _COUNTED.search(name) is not None


def _typed(
    tool: Tool,
    state: JsonObject,
    collections: Sequence[Collection],
    holders: Mapping[tuple[str, str], Sequence[str]],
) -> Tool:
    found = {
        name: kind
        for name, schema in tool.properties.items()
        if isinstance(schema.get("type"), list)
        if (kind := _kind(name, schema, state, collections, holders.get((tool.name, name), ())))
        is not None
    }
    if not found:
        return tool
    told = {
        name: {**schema, "type": found[name]}
        for name, schema in tool.properties.items()
        if name in found
    }
    properties = {**tool.properties, **told}
    return tool.model_copy(update={"parameters": {**tool.parameters, "properties": properties}})


def _kind(
    name: str,
    schema: JsonObject,
    state: JsonObject,
    collections: Sequence[Collection],
    holders: Sequence[str],
) -> str | None:
    """Return the type of what a parameter takes; None where nothing tells it."""
    if _may_be_list(name):
        return None
    kind = _kind_of(_held(name, state, collections, holders))
    kind = kind or ("integer" if is_counted(name) else "string")
    allowed = schema.get("type")
    return kind if kind == "integer" or (isinstance(allowed, list) and kind in allowed) else None


def _may_be_list(name: str) -> bool:
    return not is_counted(name) and (singular(name) != name or name.endswith(("ids", "nos")))


def _held(
    name: str, state: JsonObject, collections: Sequence[Collection], holders: Sequence[str]
) -> Sequence[Scalar]:
    """Return the ids of what a name stands for, or else what fields of the name hold."""
    target = target_of(name, collections) or target_of(name[:-2], collections)
    known = [target] if target is not None else [one for one in collections if one.name in holders]
    return [key for one in known for key in one.ids] or scalars_of(values_held(state, name))


def _kind_of(values: Sequence[Scalar]) -> str | None:
    """Return the one type that some values are of."""
    return next(
        (name for name, kind in _TYPES if values and all(_is(value, kind) for value in values)),
        None,
    )


def _is(value: JsonValue, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind
