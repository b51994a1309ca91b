"""Find the environment class of a module, with what it inherits."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from envscaler.environment.code.syntax import FunctionNode, normalise, parse
from envscaler.errors import ReplyError

_DATA_TYPES = """
TypedDict NamedTuple Enum IntEnum StrEnum Flag IntFlag Protocol dict list set str int float tuple
Exception ValueError KeyError RuntimeError TypeError BaseModel
"""
_DATA_BASES = frozenset(_DATA_TYPES.split())
_SEVERAL = 3
"""A data class with so many methods does more than hold data."""


@dataclass(frozen=True)
class ClassSource:
    """A module with an environment class in it."""

    source: str
    name: str
    node: ast.ClassDef
    classes: dict[str, ast.ClassDef]
    """Every top-level class of the module, by name."""
    module: ast.Module

    @property
    def lineage(self) -> list[ast.ClassDef]:
        """The class and the bases that the module defines, nearest first."""
        found: list[ast.ClassDef] = []
        pending = [self.node]
        while pending:
            node = pending.pop(0)
            if node not in found:
                found.append(node)
                pending += [self.classes[name] for name in _bases(node) if name in self.classes]
        return found

    @property
    def methods(self) -> dict[str, FunctionNode]:
        """Its methods by name, inherited ones first, each in order of definition."""
        found: dict[str, FunctionNode] = {}
        for node in reversed(self.lineage):
            found |= {item.name: item for item in node.body if isinstance(item, FunctionNode)}
        return found

    @property
    def tools(self) -> dict[str, FunctionNode]:
        """Its methods that an agent may call: public ones, without properties."""
        return {
            name: method
            for name, method in self.methods.items()
            if not name.startswith("_") and not _is_property(method)
        }


def read_class(source: str, class_name: str | None = None) -> ClassSource:
    """Find the environment class of a module.

    Args:
        source: The module.
        class_name: The class that is meant; by default the only one that is neither a data type
            nor an exception nor the base of another.

    Raises:
        ReplyError: The source does not parse, or no single class can be meant.
    """
    text = normalise(source)
    module = parse(text)
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    _check_bases(classes)
    name = class_name or _environment_class(classes)
    if name not in classes:
        raise ReplyError(f"The code defines no class {name}; it defines {_listed(classes)}")
    return ClassSource(text, name, classes[name], classes, module)


def _is_property(method: FunctionNode) -> bool:
    names = [ast.unparse(item) for item in method.decorator_list]
    return any("property" in name or name.endswith((".setter", ".deleter")) for name in names)


def _environment_class(classes: dict[str, ast.ClassDef]) -> str:
    candidates = {
        name
        for name, node in classes.items()
        if not name.startswith("_") and not _is_data_type(node, classes)
    }
    candidates -= {base for name in candidates for base in _bases(classes[name])}
    candidates = candidates or _acting(classes)
    used = {name for one in candidates for name in _called(classes[one])} & candidates
    candidates = candidates - used or candidates
    if len(candidates) != 1:
        raise ReplyError(
            "Expected one environment class beside the data types, "
            f"found {_listed(sorted(candidates))}"
        )
    return candidates.pop()


def _acting(classes: dict[str, ast.ClassDef]) -> set[str]:
    """Return the data class that has most methods, as an environment may be one itself."""
    acts = {
        name: len([*filter(_is_public, node.body)])
        for name, node in classes.items()
        if "dataclass" in _decorators(node)
    }
    most = max(acts.values(), default=0)
    return {name for name, count in acts.items() if count == most >= _SEVERAL}


def _called(node: ast.ClassDef) -> set[str]:
    """Return the names that a class calls, among them those of classes that it makes objects of."""
    calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return {each.id for each in calls if isinstance(each, ast.Name)} - {node.name}


def _is_public(item: ast.stmt) -> bool:
    return isinstance(item, FunctionNode) and not item.name.startswith("_")


def _decorators(node: ast.ClassDef) -> set[str]:
    """Return the last names of what a class is decorated with."""
    return {ast.unparse(item).partition("(")[0].rpartition(".")[2] for item in node.decorator_list}


def _is_data_type(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> bool:
    bases = _bases(node)
    return "dataclass" in _decorators(node) or any(
        base in _DATA_BASES or (base in classes and _is_data_type(classes[base], classes))
        for base in bases
    )


def _bases(node: ast.ClassDef) -> list[str]:
    return [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases]


def _check_bases(classes: dict[str, ast.ClassDef]) -> None:
    for node in classes.values():
        for base in _bases(node):
            if base in classes and classes[base].lineno >= node.lineno:
                raise ReplyError(
                    f"line {node.lineno}: {node.name} inherits from {base} before it is defined"
                )


def constructor_needs(found: ClassSource) -> list[str]:
    """Name the parameters without which its constructor cannot be called."""
    constructor = found.methods.get("__init__")
    if constructor is None:
        return []
    arguments = constructor.args
    taken = [one.arg for one in (*arguments.posonlyargs, *arguments.args)][1:]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    needed = taken[: len(taken) - len(arguments.defaults)]
    return [*needed, *(one.arg for one, default in named if default is None)]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
