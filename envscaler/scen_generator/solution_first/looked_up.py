"""In which attribute the method of a tool looks a parameter up, its helpers followed."""

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from envscaler.environment.code.syntax import FunctionNode, parse

_KNOWN = 64
_DEEP = 3
"""Helpers of helpers that are followed."""
_READERS = frozenset(("get", "pop", "setdefault"))

Functions = Mapping[str, FunctionNode]


@lru_cache(_KNOWN)
def holders_of(source: str) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return, for each function and parameter, the attributes in which it is looked up.

    Args:
        source: The module; an attribute is named by its last name: `hives` for
            `self.book["hives"]`.
    """
    functions = {
        node.name: node for node in ast.walk(parse(source)) if isinstance(node, FunctionNode)
    }
    return {
        (name, parameter): found
        for name, node in functions.items()
        for parameter in _parameters(node)
        if (found := tuple(dict.fromkeys(_holders(node, parameter, functions, _DEEP))))
    }


def _parameters(node: FunctionNode) -> list[str]:
    return [each.arg for each in (*node.args.args, *node.args.kwonlyargs) if each.arg != "self"]


def _holders(node: FunctionNode, parameter: str, functions: Functions, deep: int) -> Iterator[str]:
    names = dict(_names_of_parts(node))
    for each in ast.walk(node):
        owner = _owner(each, parameter)
        found = None if owner is None else _part(owner, names)
        if found:
            yield found
        if deep and isinstance(each, ast.Call):
            for helper, given in _given_to_helper(each, parameter, functions):
                yield from _holders(helper, given, functions, deep - 1)


def _owner(node: ast.AST, parameter: str) -> ast.expr | None:
    """Return what a parameter is looked up in by a piece of code; None for other pieces."""
    match node:
        case ast.Subscript(value=owner, slice=ast.Name(id=name)) if name == parameter:
            return owner
        case ast.Call(
            func=ast.Attribute(value=owner, attr=reader), args=[ast.Name(id=name), *_]
        ) if name == parameter and reader in _READERS:
            return owner
        case ast.Compare(
            left=ast.Name(id=name), ops=[ast.In() | ast.NotIn()], comparators=[owner]
        ) if name == parameter:
            return owner
        case _:
            return None


def _part(node: ast.expr, names: Mapping[str, str]) -> str | None:
    """Return the name of a part of the state: of `self.plots`, or of `self.book["plots"]`."""
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case ast.Subscript(value=inner, slice=ast.Constant(value=str(name))) if _part(inner, names):
            return name
        case ast.Name(id=name):
            return names.get(name)
        case _:
            return None


def _names_of_parts(node: FunctionNode) -> Iterator[tuple[str, str]]:
    """Yield the local names of parts of the state: `plots = self.plots`."""
    for each in ast.walk(node):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found = _part(value, {})
                if found:
                    yield name, found
            case _:
                pass


def _given_to_helper(
    call: ast.Call, parameter: str, functions: Functions
) -> Iterator[tuple[FunctionNode, str]]:
    """Yield the helper that is given a parameter, and what it calls it."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=name) | ast.Name(id=name):
            helper = functions.get(name)
        case _:
            helper = None
    if helper is None:
        return
    pairs = [
        *zip(_parameters(helper), call.args, strict=False),
        *((str(keyword.arg), keyword.value) for keyword in call.keywords),
    ]
    for known, given in pairs:
        if isinstance(given, ast.Name) and given.id == parameter:
            yield helper, known
