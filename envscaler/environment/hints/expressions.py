"""What single expressions of a class are about."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.dataflow.bindings import bindings

Word = str | int | float
_UNWRAPPED = frozenset(("lower", "upper", "strip", "title", "casefold", "keys"))


def attribute_of(node: ast.expr) -> str | None:
    """Return the attribute of `self` that an expression is, or is a part of."""
    while isinstance(node, ast.Subscript):
        node = node.value
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case ast.Call(func=ast.Attribute(value=inner, attr="get" | "keys" | "setdefault")):
            return attribute_of(inner)
        case _:
            return None


def field_of(node: ast.expr) -> str | None:
    """Return the field that is read from a record."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
            return key
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner != "self":
            return name
        case _:
            return None


def subject(node: ast.expr, aliases: Mapping[str, str]) -> str | None:
    """Name what an expression is about: `status` for `order["status"].lower()`."""
    match node:
        case ast.Name(id=name):
            found = aliases.get(name, name)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            found = name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            found = key
        case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in _UNWRAPPED:
            found = subject(inner, aliases)
        case ast.Call(
            func=ast.Attribute(attr="get" | "pop" | "setdefault"),
            args=[ast.Constant(value=str(key)), *_],
        ):
            found = key
        case (
            ast.Call(func=ast.Name(id="len" | "str" | "int" | "float" | "set"), args=[inner])
            | ast.BoolOp(values=[inner, *_])
        ):
            found = subject(inner, aliases)
        case _:
            found = None
    return found


def aliases_of(function: FunctionNode) -> Iterator[tuple[str, str]]:
    """Yield local names and what they stand for; a loop's name stands for the list it is from."""
    parameters = {one.arg for one in [*function.args.args, *function.args.kwonlyargs]}
    for target, value, is_loop in bindings(function):
        name = _first_name(target)
        if not name or (name in parameters and not is_loop):
            continue
        stands_for = subject(_iterated(value) if is_loop else value, {})
        if stands_for and stands_for != name:
            yield name, stands_for


def _first_name(target: ast.expr) -> str:
    """Return the name that a loop binds, the first of several; empty where it binds others."""
    match target:
        case ast.Name(id=name) | ast.Tuple(elts=[ast.Name(id=name), *_]):
            return name
        case _:
            return ""


def _iterated(node: ast.expr) -> ast.expr:
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "keys" | "values")):
            return inner
        case ast.Call(func=ast.Name(id="enumerate" | "list" | "sorted"), args=[inner, *_]):
            return _iterated(inner)
        case _:
            return node


def literals_of(node: ast.expr) -> Iterator[Word]:
    """Yield the plain constants of a literal; of a dict, its keys and what its lists hold."""
    match node:
        case ast.Constant(value=str() | int() | float() as value) if not isinstance(value, bool):
            if value != "":
                yield value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            yield -value
        case _:
            for part in _parts_of_literal(node):
                yield from literals_of(part)


def _parts_of_literal(node: ast.expr) -> Sequence[ast.expr]:
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return items
        case ast.Dict(keys=keys, values=items):
            lists = [item for item in items if isinstance(item, ast.List | ast.Set | ast.Tuple)]
            return [*(key for key in keys if key is not None), *lists]
        case ast.Call(func=ast.Name(id="set" | "frozenset" | "tuple" | "list"), args=[inner]):
            return [inner]
        case _:
            return ()


def last_name(node: ast.expr) -> str | None:
    """Return `x` for `x`, `self.x` and `Class.x`."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None
