"""Which method of somebody else's class takes a state, whatever it is called."""

import ast
from collections.abc import Iterator

from envscaler.environment.code.classes import ClassSource
from envscaler.environment.code.syntax import FunctionNode
from envscaler.sandbox.guest.wire import is_loader, loaders_first

_KNOWN = "load_state"
_FEW = 2
"""So many attributes are set from so many members by a method that loads a state."""
_SHARE = 2 / 3
"""Of the attributes that the constructor sets, at least."""


def with_known_loader(source: str, found: ClassSource) -> tuple[str, str | None]:
    """Let the method that takes a state be known by a name of those that are looked for.

    It has one parameter, and sets attributes, most of those that the constructor sets, out of
    members of it that it names. A line at the end of the module gives it the other name, so that
    no line has another number.

    Args:
        source: The module as it was written.
        found: The class in it.

    Returns:
        The source, and the name of the method; None where one has such a name, or none is like it.
    """
    if any(_is_known(name, node) for name, node in found.methods.items()):
        return source, None
    names = [name for name, node in found.methods.items() if _loads(found, name, node)]
    if len(names) != 1:
        return source, None
    alias = f"{found.name}.{_KNOWN} = {found.name}.{names[0]}"
    return f"{source.rstrip()}\n\n\n{alias}\n", names[0]


def _is_known(name: str, node: FunctionNode) -> bool:
    parameters = _parameters(node)
    return bool(loaders_first([name])) and is_loader(name, parameters, parameters)


def _parameters(node: FunctionNode) -> list[str]:
    """Return the names of the parameters of a method, the first left out."""
    arguments = node.args
    placed = [one.arg for one in (*arguments.posonlyargs, *arguments.args)][1:]
    return [*placed, *(one.arg for one in arguments.kwonlyargs)]


def _loads(found: ClassSource, name: str, node: FunctionNode) -> bool:
    """Say whether a method sets most attributes out of the members of its one parameter."""
    parameters = _parameters(node)
    if name.startswith("__") or len(parameters) != 1 or node.decorator_list:
        return False
    known = _attributes_set(found.methods.get("__init__"))
    keys = _keys(node, parameters[0])
    members = {key.value for key in keys if isinstance(key, ast.Constant)}
    given = _attributes_set(node) | _attributes_named(node) | members
    enough = max(_FEW, _SHARE * len(known))
    return len(known & given) >= enough and _takes_members(node, parameters[0])


def _attributes_set(node: FunctionNode | None) -> set[str]:
    """Return the attributes of `self` that a method binds."""
    return {
        each.attr
        for each in ast.walk(node or ast.Module([], []))
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
        if _is_name(each.value, "self")
    }


def _attributes_named(node: FunctionNode) -> set[str]:
    """Return what may be names of attributes in a method that binds attributes by their names."""
    sets = (each for each in ast.walk(node) if isinstance(each, ast.Call) and each.args)
    if not any(_is_name(each.func, "setattr") and _is_name(each.args[0], "self") for each in sets):
        return set()
    texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {text for text in texts if isinstance(text, str)}


def _takes_members(node: FunctionNode, parameter: str) -> bool:
    """Say whether members of a parameter are taken by their names, several or one after another."""
    keys = [*_keys(node, parameter)]
    texts = {key.value for key in keys if isinstance(key, ast.Constant)}
    return len(texts) >= _FEW or any(isinstance(key, ast.Name) for key in keys)


def _keys(node: FunctionNode, parameter: str) -> Iterator[ast.expr]:
    """Yield what a parameter is asked for: `state["dogs"]`, `state.get(name)`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Subscript):
            if _is_name(each.value, parameter):
                yield each.slice
        elif isinstance(each, ast.Call) and each.args and _is_method_of(each.func, parameter):
            yield each.args[0]


def _is_method_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Attribute) and _is_name(node.value, name)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
