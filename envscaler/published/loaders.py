"""Which method of somebody else's class takes a state, whatever it is called."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from envscaler.environment.code.classes import ClassSource
from envscaler.environment.code.syntax import FunctionNode
from envscaler.published.makers import maker_of_state, makers_of
from envscaler.published.members import keys_taken, with_aliases
from envscaler.records import JsonObject
from envscaler.sandbox.guest.wire import MAKER, is_loader, loaders_first

_KNOWN = "load_state"
_FEW = 2
"""So many attributes are set from so many members by a method that loads a state."""
_SHARE = 2 / 3
"""Of the attributes that the constructor sets, at least."""


@dataclass(frozen=True)
class KnownLoader:
    """A module whose class can be brought into a state, and what of it is no tool."""

    source: str
    """The module, with a line at its end where the way has no name of those that are known."""
    names: frozenset[str]
    """Methods that load a state, or make an object of the class."""


def with_known_loader(
    source: str, found: ClassSource, states: Sequence[JsonObject] = ()
) -> KnownLoader:
    """Let the method that takes a state be known by a name of those that are looked for.

    It has one parameter, and sets attributes, most of those that the constructor sets, out of
    members of it that it names; or it belongs to the class, and makes an object of one state. A
    line at the end of the module gives it the other name, so that no line has another number.
    Where states are known, it may also be the one method that asks for most of their members.

    Args:
        source: The module as it was written.
        found: The class in it.
        states: Some that it is to be brought into.
    """
    makers = makers_of(found)
    if any(_is_known(name, node) for name, node in found.methods.items() if name not in makers):
        return KnownLoader(source, makers)
    if maker := maker_of_state(found):
        return KnownLoader(_with_line(source, f"{found.name}.{MAKER} = {maker!r}"), makers)
    names = [name for name, node in found.methods.items() if _loads(found, name, node)]
    names = names or _asking_for(found, states)
    if len(names) != 1:
        return KnownLoader(source, makers)
    alias = f"{found.name}.{_KNOWN} = {found.name}.{names[0]}"
    return KnownLoader(_with_line(source, alias), makers | {*names})


def _with_line(source: str, line: str) -> str:
    return f"{source.rstrip()}\n\n\n{line}\n"


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
    taken = with_aliases(node, parameters[0])
    keys = keys_taken(node, taken)
    members = {key.value for key in keys if isinstance(key, ast.Constant)}
    given = _attributes_set(node) | _attributes_filled(node) | _attributes_named(node) | members
    enough = max(_FEW, _SHARE * len(known))
    return len(known & given) >= enough and _takes_members(node, taken)


def _asking_for(found: ClassSource, states: Sequence[JsonObject]) -> list[str]:
    """Name the methods that ask their one parameter for most members of every state."""
    members = set[str]().union(*states) if states else set[str]()
    start = found.methods.get("__init__")
    if len(members) < _FEW or (start is not None and _parameters(start)):
        return []
    return [
        name
        for name, node in found.methods.items()
        if not name.startswith("__") and len(_parameters(node)) == 1 and not node.decorator_list
        if len(members & _members_taken(node)) >= max(_FEW, _SHARE * len(members))
    ]


def _members_taken(node: FunctionNode) -> set[str]:
    keys = keys_taken(node, with_aliases(node, _parameters(node)[0]))
    return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def _attributes_set(node: FunctionNode | None) -> set[str]:
    """Return the attributes of `self` that a method binds."""
    return {
        each.attr
        for each in ast.walk(node or ast.Module([], []))
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
        if _is_name(each.value, "self")
    }


def _attributes_filled(node: FunctionNode) -> set[str]:
    """Return the attributes of `self` into which a method puts items by their keys."""
    stored = (each for each in ast.walk(node) if isinstance(each, ast.Subscript))
    held = (each.value for each in stored if isinstance(each.ctx, ast.Store))
    return {
        one.attr for one in held if isinstance(one, ast.Attribute) and _is_name(one.value, "self")
    }


def _attributes_named(node: FunctionNode) -> set[str]:
    """Return what may be names of attributes in a method that binds attributes by their names."""
    sets = (each for each in ast.walk(node) if isinstance(each, ast.Call) and each.args)
    if not any(_is_name(each.func, "setattr") and _is_name(each.args[0], "self") for each in sets):
        return set()
    texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {text for text in texts if isinstance(text, str)}


def _takes_members(node: FunctionNode, taken: frozenset[str]) -> bool:
    """Say whether members of a parameter are taken by their names, several or one after another."""
    keys = [*keys_taken(node, taken)]
    texts = {key.value for key in keys if isinstance(key, ast.Constant)}
    return len(texts) >= _FEW or any(isinstance(key, ast.Name) for key in keys)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
