"""Which classmethod of somebody else's class makes an environment out of one state."""

import ast
from collections.abc import Iterator

from envscaler.environment.code.classes import ClassSource
from envscaler.environment.code.syntax import FunctionNode
from envscaler.published.members import is_unfolded, keys_taken, with_aliases

_ON_CLASS = frozenset(("classmethod", "staticmethod"))
_SELF_TYPES = frozenset(("Self", "typing.Self"))
_TEXTS = frozenset(("str", "bytes", "Path", "pathlib.Path"))


def makers_of(found: ClassSource) -> frozenset[str]:
    """Name the methods of a class itself that return an object of it, whatever they take.

    None of them is a tool: what it returns is another environment.
    """
    on_class = {name: node for name, node in found.methods.items() if _is_on_class(node)}
    made = {name for name, node in on_class.items() if _returns_object(found, node, set())}
    # One may leave it to another: `return cls.from_dict(json.loads(text))`.
    return frozenset(
        name
        for name, node in on_class.items()
        if name in made or _returns_object(found, node, made)
    )


def maker_of_state(found: ClassSource) -> str | None:
    """Name the one that makes an object of a state: it has one parameter without a default.

    Of several the one is meant that names most members of what it takes, and a mapping before a
    text.
    """
    fitting = {name: found.methods[name] for name in makers_of(found)}
    ranks = {name: _rank(node) for name, node in fitting.items() if _takes_state(node)}
    return max(ranks, key=lambda name: (*ranks[name], name), default=None)


def _is_on_class(node: FunctionNode) -> bool:
    return any(ast.unparse(one) in _ON_CLASS for one in node.decorator_list)


def _returns_object(found: ClassSource, node: FunctionNode, makers: set[str]) -> bool:
    if node.returns is not None:
        told = ast.unparse(node.returns).strip("'\"")
        if told == found.name or told in _SELF_TYPES:
            return True
    names = {found.name, *_first(node)}
    made = {name for name, value in _bound(node) if _is_object(value, names, makers)}
    returned = [each.value for each in _within(node) if isinstance(each, ast.Return)]
    return any(
        _is_object(value, names, makers) or (isinstance(value, ast.Name) and value.id in made)
        for value in returned
    )


def _within(node: FunctionNode) -> Iterator[ast.AST]:
    return (each for statement in node.body for each in ast.walk(statement))


def _first(node: FunctionNode) -> list[str]:
    """Return what a classmethod calls its class."""
    is_static = any(ast.unparse(one) == "staticmethod" for one in node.decorator_list)
    named = [*node.args.posonlyargs, *node.args.args]
    return [] if is_static or not named else [named[0].arg]


def _bound(node: FunctionNode) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a method binds, each with a value that it has."""
    for each in _within(node):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                pass


def _is_object(value: ast.expr | None, names: set[str], makers: set[str]) -> bool:
    """Say whether a value is a new object of the class."""
    match value:
        case ast.Call(func=ast.Name(id=name)):
            return name in names
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="__new__"), args=given):
            asked = [one.id for one in given if isinstance(one, ast.Name)]
            return name in names or (name == "object" and not names.isdisjoint(asked))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            return name in names and method in makers
        case _:
            return False


def _needed(node: FunctionNode) -> list[ast.arg]:
    """Return the parameters that have no default, the class left out."""
    arguments = node.args
    placed = [*arguments.posonlyargs, *arguments.args]
    placed = placed[: len(placed) - len(arguments.defaults)][len(_first(node)) :]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [*placed, *(one for one, default in named if default is None)]


def _takes_state(node: FunctionNode) -> bool:
    needed = _needed(node)
    if len(needed) != 1 or needed[0] in node.args.kwonlyargs:
        return False
    return is_unfolded(node, with_aliases(node, needed[0].arg))


def _rank(node: FunctionNode) -> tuple[bool, int]:
    [parameter] = _needed(node)
    annotated = ast.unparse(parameter.annotation) if parameter.annotation is not None else ""
    keys = keys_taken(node, with_aliases(node, parameter.arg))
    return annotated not in _TEXTS, len(
        {key.value for key in keys if isinstance(key, ast.Constant)}
    )
