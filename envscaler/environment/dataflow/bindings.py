"""What the names of a function are bound to, wherever that is in it."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from envscaler.environment.code.syntax import FunctionNode


class Binding(NamedTuple):
    """A value that names are bound to."""

    target: ast.expr
    value: ast.expr
    is_loop: bool
    """The names stand for the items of the value, one by one."""


def bindings(function: FunctionNode) -> Iterator[Binding]:
    """Yield the plain assignments to one name, and what loops and comprehensions go through."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name() as target], value=value):
                yield Binding(target, value, is_loop=False)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                yield Binding(target, value, is_loop=True)
            case _:
                pass
