"""From a class to the tools that a model sees."""

import ast
import re
from collections.abc import Iterator
from typing import Literal

from pydantic import JsonValue

from envscaler.environment.code.classes import read_class
from envscaler.environment.code.docstring import Argument, read_docstring
from envscaler.environment.code.method import RESERVED_NAMES
from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.schema.annotations import Annotations, words
from envscaler.environment.schema.published import published_tool
from envscaler.environment.schema.unions import ANYTHING, without_null
from envscaler.errors import ReplyError
from envscaler.records import JsonObject, Tool

_TYPE_OF: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}


def tools_of(
    source: str,
    class_name: str,
    compat: Literal["ours", "published"] = "ours",
    *,
    foreign: bool = False,
) -> tuple[Tool, ...]:
    """List the public methods of a class as tools, inherited ones first.

    Every property has a type and a description. A parameter without a hint gets the type that
    its docstring names, or that of its default, or any. One that may be None and has a default
    is optional, and null is not among its types: leaving it out says the same.

    Args:
        source: The module.
        class_name: The class in it.
        compat: `published` writes the schemas as the published data has them: no descriptions,
            parameters with defaults required, no inherited methods.
        foreign: It is somebody else's class, whose tools may have names that trainers use.

    Raises:
        ReplyError: The source does not parse, has no such class, or a method cannot be a tool.
    """
    found = read_class(source, class_name)
    annotations = Annotations(found.module, found.source)
    if compat == "published":
        own = [item for item in found.node.body if isinstance(item, FunctionNode)]
        return tuple(published_tool(item) for item in own if item.name != "__init__")
    tools = found.tools.values()
    for method in tools:
        _check_can_be_a_tool(method, foreign=foreign)
    return tuple(_tool(method, annotations) for method in tools)


def _tool(method: FunctionNode, annotations: Annotations) -> Tool:
    parameters = dict(_parameters(method))
    names = [parameter.arg for parameter in parameters]
    docstring = read_docstring(ast.get_docstring(method) or "", names)
    properties: dict[str, JsonValue] = {}
    for parameter, default in parameters.items():
        said = docstring.arguments.get(parameter.arg, Argument("", ""))
        properties[parameter.arg] = _property(parameter, default, said, annotations)
    required = [parameter.arg for parameter, default in parameters.items() if default is None]
    schema: JsonObject = {"type": "object", "properties": properties, "required": [*required]}
    if method.args.kwarg:
        schema["additionalProperties"] = True
    return Tool(
        name=method.name, description=docstring.rest or words(method.name), parameters=schema
    )


def _check_can_be_a_tool(method: FunctionNode, *, foreign: bool) -> None:
    if method.name in RESERVED_NAMES and not foreign:
        raise ReplyError(f"The name {method.name} belongs to trainers; no tool may have it")
    if isinstance(method, ast.AsyncFunctionDef):
        raise ReplyError(f"{method.name} is async; a tool has to be a plain method")


def _parameters(method: FunctionNode) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Yield every parameter that a call can name, with its default."""
    arguments = method.args
    named = [*arguments.posonlyargs, *arguments.args]
    required = len(named) - len(arguments.defaults)
    defaults = [*[None] * required, *arguments.defaults]
    decorators = [ast.unparse(item) for item in method.decorator_list]
    skipped = 0 if "staticmethod" in decorators else 1
    yield from zip(named[skipped:], defaults[skipped:], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _property(
    parameter: ast.arg, default: ast.expr | None, said: Argument, annotations: Annotations
) -> JsonObject:
    hint, value = parameter.annotation, _literal(default)
    schema = annotations.schema(hint) if hint else annotations.schema_of_text(_stated(said))
    if default is not None:
        schema = without_null(schema)
    if hint is None and schema == ANYTHING:
        schema = _schema_of_default(value)
    description = annotations.description(hint) or said.description or words(parameter.arg)
    described: JsonObject = {**schema, "description": description}
    if isinstance(value, str | bool | int | float):
        described["default"] = value
    return described


def _schema_of_default(value: object) -> JsonObject:
    """Tell the type of a parameter that has none by its default; anything where that says none."""
    return {"type": _TYPE_OF[type(value)]} if type(value) in _TYPE_OF else dict(ANYTHING)


_TOLD = re.compile(
    r"^(?:an? |the )?(?P<container>list|dict) (?:of|with)\b|\((?P<plain>str|int|float|bool)\)\.?$",
    re.IGNORECASE,
)


def _stated(said: Argument) -> str:
    """Return the type that a docstring names, without remarks such as `optional`."""
    if not said.type and (told := _TOLD.search(said.description)):
        return (told["container"] or told["plain"]).lower()
    parts = said.type.split(", ")
    return ", ".join(part for part in parts if not part.startswith(("optional", "default")))


def _literal(default: ast.expr | None) -> object:
    try:
        return None if default is None else ast.literal_eval(default)
    except ValueError:
        return None
