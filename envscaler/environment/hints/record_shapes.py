"""What records look like where no type declares them: from what is written and read in the code."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from envscaler.environment.code.syntax import FunctionNode
from envscaler.environment.dataflow.bindings import bindings

Path = tuple[str, ...]
"""An attribute, then fields inwards: `("orders", "lines")`."""

_COPIES = frozenset(("dict", "list", "copy", "deepcopy", "sorted", "reversed", "enumerate"))
_OF_CONSTANTS = {name: name for name in ("bool", "int", "float", "str")}
_OF_CALLS = {
    **_OF_CONSTANTS,
    "round": "float",
    "len": "int",
    "list": "List[str]",
    "sorted": "List[str]",
}
_OF_NODES: dict[type[ast.expr], str] = {
    ast.JoinedStr: "str",
    ast.List: "List[str]",
    ast.ListComp: "List[str]",
    ast.Dict: "dict",
    ast.DictComp: "dict",
}


@dataclass
class Shapes:
    """The fields of the records in every attribute, and of records inside them."""

    fields: dict[Path, dict[str, str]] = field(default_factory=dict[Path, dict[str, str]])
    """Path → field → type as text; empty where nothing tells."""
    lists: set[Path] = field(default_factory=set[Path])
    """Paths at which records are in a list, not in a dict."""

    def add(self, path: Path, name: str, kind: str = "") -> None:
        """Note a field; a type that is known stays."""
        fields = self.fields.setdefault(path, {})
        fields[name] = fields.get(name) or kind


def shapes_of(tree: ast.Module) -> Shapes:
    """Find out what the records of a class look like."""
    functions = [node for node in ast.walk(tree) if isinstance(node, FunctionNode)]
    finders: dict[str, Path] = {}
    for _ in range(2):
        for function in functions:
            if path := _returned_records(function, finders):
                finders.setdefault(function.name, path)
    shapes = Shapes()
    for function in functions:
        _Reader(function, finders, shapes).read()
    return shapes


def _returned_records(function: FunctionNode, finders: dict[str, Path]) -> Path | None:
    """Return which records a function returns one of; None where it returns anything else."""
    owners = _Owners(finders)
    owners.read(function)
    returned = (node.value for node in ast.walk(function) if isinstance(node, ast.Return))
    return next((path for value in returned if value and (path := owners.of(value))), None)


@dataclass
class _Owners:
    """Which records the local names of a function stand for."""

    finders: dict[str, Path]
    """Methods that return a record → where it is from."""
    names: dict[str, Path] = field(default_factory=dict[str, Path])
    looped: set[Path] = field(default_factory=set[Path])
    """Records inside records that are gone through one by one."""
    direct: set[str] = field(default_factory=set[str])
    """Names that go through an attribute itself: items of a list, or keys of a dict."""

    def read(self, function: FunctionNode) -> None:
        """Note the names that a function binds to records."""
        for _ in range(2):
            for target, value, is_loop in bindings(function):
                if is_loop:
                    self._bind_loop(target, value)
                elif isinstance(target, ast.Name):
                    self._bind(target.id, self.of(value))

    def _bind(self, name: str, path: Path | None) -> None:
        if path is not None:
            self.names[name] = path

    def _bind_loop(self, target: ast.expr, source: ast.expr) -> None:
        path = self.inside(source)
        match target:
            case ast.Name(id=name) | ast.Tuple(elts=[_, ast.Name(id=name)]) if path:
                self._bind(name, path)
                if isinstance(source, ast.Attribute):
                    self.direct.add(name)
                elif len(path) > 1:
                    self.looped.add(path)
            case _:
                pass

    def of(self, node: ast.expr) -> Path | None:
        """Say which records an expression is one of."""
        match node:
            case ast.Name(id=name):
                found = self.names.get(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=helper)):
                found = self.finders.get(helper)
            case ast.Call(func=ast.Name(id="next"), args=[ast.GeneratorExp() as parts, *_]):
                found = self.inside(parts.generators[0].iter)
            case ast.Call(func=ast.Name(id=copy), args=[inner, *_]) if copy in _COPIES:
                found = self.of(inner)
            case (
                ast.Subscript(value=inner, slice=key)
                | ast.Call(func=ast.Attribute(value=inner, attr="get" | "pop"), args=[key, *_])
            ):
                found = self._item(inner, key)
            case _:
                found = None
        return found

    def _item(self, inner: ast.expr, key: ast.expr) -> Path | None:
        """Say what a key leads to: a field of a record, or a record of a collection."""
        owner = self.of(inner)
        match key:
            case ast.Constant(value=str(name)):
                return (*owner, name) if owner else None
            case ast.Constant():
                return None
            case _:
                return None if owner else self.inside(inner)

    def inside(self, node: ast.expr) -> Path | None:
        """Say which records are in a collection."""
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return (name,)
            case ast.Call(func=ast.Attribute(value=inner, attr="values" | "items")):
                return self.inside(inner)
            case ast.Call(func=ast.Name(id=copy), args=[inner, *_]) if copy in _COPIES:
                return self.inside(inner)
            case ast.Subscript() | ast.Call():
                path = self.of(node)
                return path if path and len(path) > 1 else None
            case _:
                return None


@dataclass
class _Reader:
    function: FunctionNode
    finders: dict[str, Path]
    shapes: Shapes
    types: dict[str, str] = field(default_factory=dict[str, str])
    literals: dict[str, ast.Dict] = field(default_factory=dict[str, ast.Dict])

    def read(self) -> None:
        """Note what the function writes and reads."""
        for one in (*self.function.args.args, *self.function.args.kwonlyargs):
            if one.annotation:
                self.types[one.arg] = ast.unparse(one.annotation)
        owners = _Owners(self.finders)
        owners.read(self.function)
        self.shapes.lists |= owners.looped
        for target, value, is_loop in bindings(self.function):
            if isinstance(value, ast.Dict) and isinstance(target, ast.Name) and not is_loop:
                self.literals[target.id] = value
        for node in ast.walk(self.function):
            self._read_written(node, owners)
            self._read_used(node, owners)

    def _read_written(self, node: ast.AST, owners: _Owners) -> None:
        match node:
            case ast.Assign(targets=[ast.Subscript(value=owner, slice=key)], value=value) if (
                not isinstance(key, ast.Constant)
            ):
                path = owners.inside(owner)
            case ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[value]):
                path = owners.inside(owner)
                if path and self._literal(value):
                    self.shapes.lists.add(path)
            case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[_, value]):
                path = owners.inside(owner)
            case _:
                return
        if path:
            self._note(path, value)

    def _note(self, path: Path, value: ast.expr) -> None:
        literal = self._literal(value)
        for name, item in _named_items(literal) if literal else ():
            self.shapes.add(path, name, self._type(item))
            inner = item.elt if isinstance(item, ast.ListComp) else item
            if isinstance(inner, ast.Dict) and inner.keys:
                self._note((*path, name), inner)
                if inner is not item:
                    self.shapes.lists.add((*path, name))

    def _literal(self, value: ast.expr) -> ast.Dict | None:
        if isinstance(value, ast.Name):
            return self.literals.get(value.id)
        return value if isinstance(value, ast.Dict) else None

    def _type(self, value: ast.expr) -> str:
        """Return the type of a value as text; empty where it is not plain to see."""
        match value:
            case ast.Constant(value=constant):
                kind = _OF_CONSTANTS.get(type(constant).__name__, "")
            case ast.Name(id=name):
                kind = self.types.get(name, "")
            case ast.Call(func=ast.Name(id=name)):
                kind = _OF_CALLS.get(name, "")
            case ast.IfExp(body=body):
                kind = self._type(body)
            case _:
                kind = _OF_NODES.get(type(value), "")
        return kind

    def _read_used(self, node: ast.AST, owners: _Owners) -> None:
        match node:
            case (
                ast.Subscript(value=owner, slice=ast.Constant(value=str(key)))
                | ast.Call(
                    func=ast.Attribute(value=owner, attr="get"),
                    args=[ast.Constant(value=str(key)), *_],
                )
            ) if path := owners.of(owner):
                self.shapes.add(path, key)
                if isinstance(owner, ast.Name) and owner.id in owners.direct:
                    self.shapes.lists.add(path)
            case ast.Compare(
                left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[ast.Name(id=name)]
            ):
                self._number(owners, [left], self.types.get(name, ""))
            case ast.AugAssign(
                target=ast.Subscript(value=owner, slice=ast.Constant(value=str(key)))
            ) if path := owners.of(owner):
                self.shapes.add(path, key, "int")
            case (
                ast.BinOp(left=left, right=right)
                | ast.Compare(left=left, comparators=[right], ops=[ast.Lt() | ast.Gt() | ast.GtE()])
            ):
                self._number(owners, (left, right))
            case _:
                pass

    def _number(self, owners: _Owners, sides: Iterable[ast.expr], kind: str = "int") -> None:
        """Note the type of a field that is calculated with, or compared."""
        for one in sides:
            match one:
                case ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
                    if path := owners.of(owner):
                        self.shapes.add(path, key, kind)
                case _:
                    pass


def parts_of(shapes: Shapes, path: Path) -> Iterator[tuple[str, str, Path, bool]]:
    """Yield the fields of a record: name, type, path of the records inside, a list of them."""
    for name, kind in shapes.fields.get(path, {}).items():
        inner = (*path, name)
        yield name, kind, inner if inner in shapes.fields else (), inner in shapes.lists


def _named_items(literal: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key, item in zip(literal.keys, literal.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, item
