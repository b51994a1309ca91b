"""What a check reads that is not the state: chance, the clock, the machine."""

import ast
from collections.abc import Iterator

_MODULES = frozenset(
    {"random", "secrets", "uuid", "time", "os", "sys", "socket", "platform", "threading", "gc"}
)
_METHODS = frozenset({"now", "utcnow", "today"})
_BUILTINS = frozenset({"id", "hash", "open", "input"})


def unsteady(source: str) -> list[str]:
    """List the names in a check through which it could say something else the next time.

    The sandbox freezes all of these; a trainer that runs the checks elsewhere does not.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []  # a check that does not compile is no reward at all, which is another test's
    return sorted(set(_names(tree)))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.split(".")[0] in _MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in _MODULES:
                yield module
            case ast.Call(func=ast.Attribute(attr=name)) if name in _METHODS:
                yield f"{name}()"
            case ast.Call(func=ast.Name(id=name)) if name in _BUILTINS:
                yield f"{name}()"
            case _:
                pass
