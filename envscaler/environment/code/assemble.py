"""Put the Python module of an environment together from its parts.

A class arrives in pieces: its data types and constructor first, then one reply for each method,
with the imports and helpers that the method needs. `assemble` makes one module of them and keeps
the text of every piece.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from envscaler.environment.code.classes import ClassSource, read_class
from envscaler.environment.code.imports import (
    Import,
    is_guarded_import,
    read_imports,
    write_imports,
)
from envscaler.environment.code.method import check_method
from envscaler.environment.code.renaming import rename_method, rename_name
from envscaler.environment.code.syntax import (
    FunctionNode,
    Statement,
    indent,
    parse,
    statements,
)
from envscaler.environment.code.unit import Unit, block_margin, read_unit
from envscaler.errors import ReplyError

__all__ = ["ClassSource", "assemble", "check_method", "read_class"]


def assemble(class_source: str, methods: Sequence[str]) -> str:
    """Put a class and its methods into one module.

    Imports are merged at the top; helpers that two replies bring alike are kept once. Where two
    replies mean different things by one name, the later one's private helper or import gets
    another name.

    Args:
        class_source: Data types and the class with its constructor.
        methods: Replies that `check_method` has accepted.

    Raises:
        ReplyError: A piece does not parse, or a clash cannot be resolved with certainty.
    """
    base = read_class(class_source)
    assembly = _Assembly(base)
    for method in methods:
        assembly.add(read_unit(method))
    return assembly.text()


@lru_cache(256)
def _dump(node: ast.AST) -> str:
    """Write a tree, once for all modules that its statement is put into: nobody changes it."""
    return ast.dump(node)


class _Assembly:
    """A module in the making."""

    def __init__(self, base: ClassSource) -> None:
        self._base = base
        self._imports: dict[str, Import] = {}
        self._guards: dict[str, str] = {}
        self._before: list[Statement] = []
        self._after: list[Statement] = []
        self._class = ""
        self._methods: list[Statement] = []
        self._class_names = {name: _dump(node) for name, node in base.methods.items()}
        for statement in statements(base.source, base.module.body):
            self._take(statement)
        own = {base.name: _dump(base.node)}
        self._module_names = own | _definitions([*self._before, *self._after])

    def _take(self, statement: Statement) -> None:
        """Take over a statement of the class's own module."""
        node = statement.node
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._imports |= {item.bound: item for item in read_imports(node)}
        elif is_guarded_import(node):
            self._guards[_dump(node)] = statement.text
        elif node is self._base.node:
            self._class = statement.text
        else:
            (self._after if self._class else self._before).append(statement)

    def add(self, unit: Unit) -> None:
        """Add one method with what it brings along."""
        owner = next((_name(item) for item in unit.methods if _is_public(item)), "helper")
        unit = self._with_free_imports(unit)
        unit = self._with_free_helpers(unit, owner)
        unit = self._with_free_methods(unit, owner)
        for guard in unit.guards:
            self._guards.setdefault(_dump(guard.node), guard.text)
        known = {_dump(item.node) for item in self._before}
        self._before += [item for item in unit.helpers if _dump(item.node) not in known]
        self._module_names |= _definitions(unit.helpers)
        for method in unit.methods:
            if _name(method) not in self._class_names:
                self._methods.append(method)
            self._class_names[_name(method)] = _dump(method.node)

    def _with_free_imports(self, unit: Unit) -> Unit:
        for item in {item.bound: item for item in unit.imports}.values():
            if item.bound not in self._module_names:
                known = self._imports.setdefault(item.bound, item)
                if known.target == item.target:
                    continue
            renamed = item.under(_alias(item))
            if self._imports.setdefault(renamed.bound, renamed).target != item.target:
                raise ReplyError(
                    f"{item.bound!r} stands for {item.target} and for something else; "
                    "import it under another name"
                )
            unit = _renamed(unit, item.bound, renamed.bound, rename_name, helpers=True)
        return unit

    def _with_free_helpers(self, unit: Unit, owner: str) -> Unit:
        for name, definition in _definitions(unit.helpers).items():
            if self._module_names.get(name, definition) == definition and name not in self._imports:
                continue
            if any(
                isinstance(item.node, ast.ClassDef) and item.node.name == name
                for item in unit.helpers
            ):
                raise ReplyError(f"{name} is a class here, and something else elsewhere")
            new = self._free_name(name, owner, self._module_names)
            unit = _renamed(unit, name, new, rename_name, helpers=True)
            # What uses the renamed helper has become another thing itself.
            return self._with_free_helpers(unit, owner)
        return unit

    def _with_free_methods(self, unit: Unit, owner: str) -> Unit:
        for method in unit.methods:
            name = _name(method)
            if self._class_names.get(name, _dump(method.node)) == _dump(method.node):
                continue
            if _is_public(method) or name.startswith("__"):
                raise ReplyError(f"The method {name} is defined twice, in different ways")
            new = self._free_name(name, owner, self._class_names)
            unit = _renamed(unit, name, new, rename_method, helpers=False)
            return self._with_free_methods(unit, owner)
        return unit

    def _free_name(self, name: str, owner: str, taken: dict[str, str]) -> str:
        new = f"{name}_{owner}"
        if new in taken or new in self._imports:
            raise ReplyError(f"Several methods bring a different {name!r}; give it another name")
        return new

    def text(self) -> str:
        """Write the module."""
        before = self._before
        docstring = [item.text for item in before if _is_docstring(item)]
        rest = [item for item in before if not _is_docstring(item)]
        top = [*docstring, write_imports(self._imports.values()), *self._guards.values()]
        parts = [
            "\n\n".join(part for part in top if part),
            *_blocks(rest),
            self._class_text(),
            *_blocks(self._after),
        ]
        return "\n\n\n".join(part for part in parts if part) + "\n"

    def _class_text(self) -> str:
        node = parse(self._class).body[0]
        assert isinstance(node, ast.ClassDef)
        text = self._class
        if node.body[0].lineno == node.lineno:
            text = ast.unparse(node)
            node = parse(text).body[0]
            assert isinstance(node, ast.ClassDef)
        margin = block_margin(text, node)
        return "\n\n".join([text, *(indent(item.text, margin) for item in self._methods)])


def _renamed(
    unit: Unit,
    old: str,
    new: str,
    rename: Callable[[Statement, str, str], Statement],
    *,
    helpers: bool,
) -> Unit:
    return replace(
        unit,
        helpers=tuple(rename(item, old, new) if helpers else item for item in unit.helpers),
        methods=tuple(rename(item, old, new) for item in unit.methods),
    )


def _blocks(found: Sequence[Statement]) -> list[str]:
    """Join plain statements that follow each other; definitions stand alone."""
    blocks: list[str] = []
    joined = False
    for item in found:
        plain = not isinstance(item.node, FunctionNode | ast.ClassDef)
        if plain and joined:
            blocks[-1] += f"\n{item.text}"
        else:
            blocks.append(item.text)
        joined = plain
    return blocks


def _alias(item: Import) -> str:
    tail = item.module.rpartition(".")[2]
    return f"{tail}_{item.name}" if item.name else f"{tail}_module"


def _definitions(found: Sequence[Statement]) -> dict[str, str]:
    """Map each name to all the statements that bind it, as one text to compare."""
    definitions: dict[str, str] = {}
    for item in found:
        for name in _names(item.node):
            definitions[name] = definitions.get(name, "") + _dump(item.node)
    return definitions


def _names(node: ast.stmt) -> list[str]:
    """Names that a module-level statement binds."""
    if isinstance(node, FunctionNode | ast.ClassDef):
        return [node.name]
    return [
        child.id
        for child in ast.walk(node)
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)
    ]


def _name(method: Statement) -> str:
    assert isinstance(method.node, FunctionNode)
    return method.node.name


def _is_public(method: Statement) -> bool:
    return not _name(method).startswith("_")


def _is_docstring(item: Statement) -> bool:
    return isinstance(item.node, ast.Expr) and isinstance(item.node.value, ast.Constant)
