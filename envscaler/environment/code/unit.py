"""One method as a model writes it: with the imports and helpers that come along."""

import ast
from dataclasses import dataclass
from functools import lru_cache

from envscaler.environment.code.imports import (
    Import,
    ImportNode,
    is_guarded_import,
    read_imports,
    write_imports,
)
from envscaler.environment.code.syntax import FunctionNode, Statement, normalise, parse, statements

_OWNERS = {"self", "cls"}
_METHOD_DECORATORS = {"staticmethod", "classmethod", "property"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A reply, sorted by where its parts belong in the module."""

    imports: tuple[Import, ...] = ()
    guards: tuple[Statement, ...] = ()
    """`try` statements around imports."""
    helpers: tuple[Statement, ...] = ()
    """What belongs above the class: functions, constants, data types."""
    methods: tuple[Statement, ...] = ()

    def __add__(self, other: "Unit") -> "Unit":
        return Unit(
            self.imports + other.imports,
            self.guards + other.guards,
            self.helpers + other.helpers,
            self.methods + other.methods,
        )

    @property
    def text(self) -> str:
        """The reply in a fixed order, its methods at the left margin."""
        parts = [
            write_imports(self.imports),
            *(part.text for part in (*self.guards, *self.helpers, *self.methods)),
        ]
        return "\n\n\n".join(part for part in parts if part) + "\n"


@lru_cache(256)
def read_unit(source: str) -> Unit:
    """Sort a reply; methods wrapped in a class without a constructor are taken out of it.

    Raises:
        ReplyError: It is not Python.
    """
    text = normalise(source)
    return _sort(statements(text, parse(text).body))


def is_method(node: ast.stmt) -> bool:
    """Tell a method from a plain function by its first parameter or its decorators."""
    if not isinstance(node, FunctionNode):
        return False
    first = [*node.args.posonlyargs, *node.args.args][:1]
    decorators = {item.id for item in node.decorator_list if isinstance(item, ast.Name)}
    return bool(decorators & _METHOD_DECORATORS or (first and first[0].arg in _OWNERS))


def block_margin(text: str, node: ast.ClassDef | FunctionNode) -> str:
    """Indentation of the statements inside a class or function."""
    line = text.split("\n")[node.body[0].lineno - 1]
    return line[: len(line) - len(line.lstrip())]


def _sort(found: list[Statement]) -> Unit:
    unit = Unit()
    for statement in found:
        unit += _unit_of(statement)
    return unit


def _unit_of(statement: Statement) -> Unit:
    node = statement.node
    if isinstance(node, ImportNode):
        return Unit(imports=tuple(read_imports(node)))
    if is_guarded_import(node):
        return Unit(guards=(statement,))
    if is_method(node):
        return Unit(methods=(statement,))
    if isinstance(node, ast.ClassDef) and _is_wrapper(node):
        return _unwrapped(node, statement)
    return Unit() if _is_remark(node) else Unit(helpers=(statement,))


def _unwrapped(node: ast.ClassDef, statement: Statement) -> Unit:
    """Sort what stands in a class that was only written around it."""
    text = ast.unparse(node) if node.body[0].lineno == node.lineno else statement.text
    wrapper = parse(text).body[0]
    assert isinstance(wrapper, ast.ClassDef)
    return _sort(statements(text, wrapper.body, block_margin(text, wrapper)))


def _is_remark(node: ast.stmt) -> bool:
    is_constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_constant or isinstance(node, ast.Pass)


def _is_wrapper(node: ast.ClassDef) -> bool:
    names = [
        child.name for child in node.body if is_method(child) and isinstance(child, FunctionNode)
    ]
    return bool(names) and not node.bases and "__init__" not in names
