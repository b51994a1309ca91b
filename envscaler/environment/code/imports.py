"""Import statements as data: merged, sorted and written once."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

_WIDTH = 100
ImportNode = ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name."""

    module: str
    name: str | None
    """None: the module itself is imported."""
    alias: str | None

    @property
    def bound(self) -> str:
        """The name that it gives to the code below it."""
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def target(self) -> str:
        """What that name stands for."""
        if self.name:
            return f"{self.module}.{self.name}"
        return self.module if self.alias else self.module.partition(".")[0]

    def under(self, alias: str) -> "Import":
        """Return the same import bound to another name."""
        return replace(self, alias=alias)


def read_imports(node: ImportNode) -> list[Import]:
    """List what an import statement binds."""
    if isinstance(node, ast.Import):
        return [Import(alias.name, None, alias.asname) for alias in node.names]
    module = "." * node.level + (node.module or "")
    return [Import(module, alias.name, alias.asname) for alias in node.names]


def write_imports(imports: Iterable[Import]) -> str:
    """Write imports in a fixed order, one statement for each module that names are taken from."""
    wanted = {item if item.alias != item.name else replace(item, alias=None) for item in imports}
    modules = sorted((item for item in wanted if not item.name), key=_module_order)
    members = sorted((item for item in wanted if item.name), key=lambda item: item.module)
    ordered = sorted(
        (list(group) for _, group in groupby(members, key=lambda item: item.module)),
        key=lambda group: (group[0].module != "__future__", group[0].module),
    )
    lines = [*map(_from_line, ordered)]
    future = [line for line in lines if line.startswith("from __future__")]
    plain = [f"import {item.module}{_as(item)}" for item in modules]
    return "\n".join([*future, *plain, *lines[len(future) :]])


def is_guarded_import(node: ast.stmt) -> bool:
    """Tell whether a `try` or `if` is there to import something."""
    if not isinstance(node, ast.Try | ast.If):
        return False
    inner = [child for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node]
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.Pass)
    return all(isinstance(child, allowed) for child in inner) and any(
        isinstance(child, ImportNode) for child in inner
    )


def _from_line(group: list[Import]) -> str:
    names = [f"{item.name}{_as(item)}" for item in sorted(group, key=_name_order)]
    line = f"from {group[0].module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    listed = "".join(f"    {name},\n" for name in names)
    return f"from {group[0].module} import (\n{listed})"


def _module_order(item: Import) -> tuple[str, str]:
    return item.module, item.alias or ""


def _name_order(item: Import) -> tuple[str, str]:
    return item.name or "", item.alias or ""


def _as(item: Import) -> str:
    return f" as {item.alias}" if item.alias else ""
