"""Where a method takes whichever item of a set comes first."""

import ast

from envscaler.environment.code.syntax import FunctionNode

_SETS = frozenset(("set", "frozenset"))
_KEEPING = frozenset(("union", "intersection", "difference", "symmetric_difference", "copy"))


def picks_from_set(method: FunctionNode) -> bool:
    """Say whether a method picks an item of a set by the order that the set has.

    `next(iter(found))` and `list(found)[0]` are such; the order of a set of texts differs from
    process to process. A set that is asked whether it has one item may be picked from.
    """
    names = {
        target.id
        for node in ast.walk(method)
        if isinstance(node, ast.Assign) and _is_set(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    picked = [one for node in ast.walk(method) if (one := _picked_from(node)) is not None]
    return any(_is_set(one, names) and not _is_counted(method, one) for one in picked)


def _picked_from(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.Call(
            func=ast.Name(id="next"),
            args=[ast.Call(func=ast.Name(id="iter"), args=[owner]), *_],
        ):
            return owner
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="list" | "tuple"), args=[owner]),
            slice=ast.Constant(value=int()),
        ):
            return owner
        case _:
            return None


def _is_counted(method: FunctionNode, owner: ast.expr) -> bool:
    """Say whether the number of its items is compared with 1."""
    counted = f"len({ast.unparse(owner)})"
    return any(
        isinstance(node, ast.Compare)
        and ast.unparse(node.left) == counted
        and any(isinstance(one, ast.Constant) and one.value == 1 for one in node.comparators)
        for node in ast.walk(method)
    )


def _is_set(node: ast.expr, names: set[str]) -> bool:
    found = False
    match node:
        case ast.Set() | ast.SetComp():
            found = True
        case ast.Name(id=name):
            found = name in names
        case ast.Call(func=ast.Name(id=name)):
            found = name in _SETS
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            found = name in _KEEPING and _is_set(owner, names)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
            found = _is_set(left, names)
        case _:
            pass
    return found
