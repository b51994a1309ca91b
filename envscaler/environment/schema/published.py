"""Tool schemas as the published data has them, mistakes included, for comparison with it."""

import ast

from pydantic import JsonValue

from envscaler.environment.code.syntax import FunctionNode
from envscaler.records import JsonObject, Tool

_SIMPLE = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def published_tool(method: FunctionNode) -> Tool:
    """Write a method as a tool by the published rules.

    The whole docstring is the description and properties have none. Only a parameter annotated
    with `Optional` is optional, whatever its default; `Any` has no type; what is neither simple
    nor a list is an object.
    """
    properties: dict[str, JsonValue] = {}
    required: list[JsonValue] = []
    for parameter in [*method.args.args[1:], *method.args.kwonlyargs]:
        hint = parameter.annotation
        properties[parameter.arg] = _schema(hint)
        if not (isinstance(hint, ast.Subscript) and _name(hint.value) == "Optional"):
            required.append(parameter.arg)
    return Tool(
        name=method.name,
        description=ast.get_docstring(method) or "",
        parameters={"type": "object", "properties": properties, "required": required},
    )


def _schema(hint: ast.expr | None) -> JsonObject:
    owner, content = (hint.value, hint.slice) if isinstance(hint, ast.Subscript) else (hint, None)
    name = _name(owner)
    if name == "Optional" and content is not None:
        inner = _schema(content)
        return {**inner, "type": [inner.get("type", "object"), "null"]}
    if name in {"list", "List"}:
        return {"type": "array", "items": {} if content is None else _schema(content)}
    if name == "Any":
        return {}
    return {"type": _SIMPLE.get(name, "object") if content is None else "object"}


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
