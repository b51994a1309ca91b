"""Tool calls that are written as Python: parsed, never run."""

import ast
import json
import re
import warnings
from collections.abc import Collection, Iterator

from pydantic import JsonValue

from envscaler.model_json import MOST_LEVELS, loads

_LONGEST = 20_000
"""Characters; the parser's memory is some hundred times as much."""
_BEGINNING = re.compile(r"\[?\s*(?P<name>[\w.\-]+)\s*\(")
_NAMES = {"true": True, "false": False, "null": None}


def looks_like_python(text: str, tools: Collection[str]) -> bool:
    """Say whether a text is nothing but calls of some of `tools`, by its two ends."""
    text = text.strip()
    beginning = _BEGINNING.match(text)
    return beginning is not None and beginning["name"] in tools and text.endswith((")", ")]"))


def python_calls(text: str) -> list[tuple[str, JsonValue]]:
    """Read `find(id="O1")`, several of them, or a list of them.

    Returns:
        Name and arguments of each call.

    Raises:
        ValueError: It is something else, or an argument has no name or is no plain value.
    """
    return [(name, loads(json.dumps(arguments))) for name, arguments in _calls(_parsed(text))]


def _parsed(text: str) -> ast.Module:
    if len(text) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as those about '\d' in a string
            return ast.parse(text.strip())
    except SyntaxError as error:
        raise ValueError(f"it is no Python: {error.msg}") from error
    except (RecursionError, MemoryError) as error:  # how the parser says "nested too deep"
        raise ValueError(f"it is nested more than {MOST_LEVELS} levels deep") from error


def _calls(module: ast.Module) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    for statement in module.body:
        value = statement.value if isinstance(statement, ast.Expr) else None
        for each in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            if not isinstance(each, ast.Call):
                raise ValueError("it is no call")  # noqa: TRY004 -- a fault of the text
            yield _call(each)


def _call(call: ast.Call) -> tuple[str, dict[str, JsonValue]]:
    if call.args or any(keyword.arg is None for keyword in call.keywords):
        raise ValueError("its arguments have no names")
    pairs = ((str(keyword.arg), _value(keyword.value, 1)) for keyword in call.keywords)
    return _dotted(call.func), dict(pairs)


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise ValueError("what it calls has no name")  # noqa: TRY004
    return ".".join([node.id, *reversed(parts)])


def _value(node: ast.expr, level: int) -> JsonValue:
    if level > MOST_LEVELS:
        raise ValueError(f"it is nested more than {MOST_LEVELS} levels deep")
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, level + 1) for item in items]
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {_key(key): _value(value, level + 1) for key, value in pairs}
        case _:
            raise ValueError(f"{ast.unparse(node)[:40]} is no plain value")


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError("a key is no string")
