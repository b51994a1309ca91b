"""What a method takes out of one of its parameters, by the structure of its code."""

import ast
from collections.abc import Iterator

from envscaler.environment.code.syntax import FunctionNode

_ALL_OF_IT = frozenset(("get", "items", "values", "keys", "pop", "copy", "setdefault"))
_OF_ONE_VALUE = frozenset(("str", "int", "float", "bool", "len", "repr", "print", "hash", "type"))
"""Functions that say nothing of what is in a mapping."""


def with_aliases(node: FunctionNode, parameter: str) -> frozenset[str]:
    """Return a parameter, and the names of what is made of the whole of it alone.

    Such are `book = deepcopy(logbook)` and `data = json.loads(text) if text else {}`.
    """
    names = {parameter}
    for each in ast.walk(node):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names |= {name} if _is_whole(value, names) else set[str]()
            case _:
                pass
    return frozenset(names)


def _is_whole(value: ast.expr, names: set[str]) -> bool:
    match value:
        case (
            ast.Name(id=name)
            | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="copy"), args=[])
        ):
            return name in names
        case ast.Call(args=[inner], keywords=[]):  # also `json.loads(json.dumps(state))`
            return _is_whole(inner, names)
        case ast.BoolOp(values=[first, *_]):
            return _is_whole(first, names)
        case ast.IfExp(body=body, orelse=other):
            return _is_whole(body, names) or _is_whole(other, names)
        case _:
            return False


def keys_taken(node: FunctionNode, names: frozenset[str]) -> Iterator[ast.expr]:
    """Yield what a mapping is asked for: `state["dogs"]`, `state.get(name)`.

    Args:
        node: The method.
        names: Of the mapping.
    """
    for each in ast.walk(node):
        match each:
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name in names:
                yield key
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=[key, *_]):
                if name in names:
                    yield key
            case _:
                pass


def is_unfolded(node: FunctionNode, names: frozenset[str]) -> bool:
    """Say whether a method takes a mapping as one: by its members, or whole as a single argument.

    Args:
        node: The method.
        names: Of the mapping.
    """
    return any(_unfolds(each, names) for each in ast.walk(node))


def _unfolds(each: ast.AST, names: frozenset[str]) -> bool:
    match each:
        case ast.Attribute(value=ast.Name(id=name), attr=method):
            return name in names and method in _ALL_OF_IT
        case ast.Call(func=ast.Name(id=function)) if function in _OF_ONE_VALUE:
            return False
        case (
            ast.Subscript(value=ast.Name(id=name))
            | ast.For(iter=ast.Name(id=name))
            | ast.comprehension(iter=ast.Name(id=name))
            | ast.Call(args=[ast.Name(id=name)], keywords=[])
            | ast.Call(args=[], keywords=[ast.keyword(value=ast.Name(id=name))])
        ):
            return name in names
        case _:
            return False
