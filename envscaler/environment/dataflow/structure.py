"""Which tool reads and writes which attribute, helpers followed."""

import ast
from collections.abc import Collection, Iterable, Mapping

from envscaler.environment.code.classes import ClassSource, read_class
from envscaler.environment.code.syntax import FunctionNode, walk_statements
from envscaler.environment.dataflow.effects import EffectsReader
from envscaler.environment.dataflow.value_sources import Effects
from envscaler.records import AttributeUse, Structure

_LITERALS: dict[type[ast.expr], str] = {
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
    ast.JoinedStr: "str",
}


def structure_of(source: str, class_name: str) -> Structure:
    """Find out what every tool of a class touches.

    A tool writes an attribute when it binds it, or changes anything in it: through a subscript, a
    method such as `append`, a name that stands for a part of it, or a helper.

    Raises:
        ReplyError: The source does not parse or has no such class.
    """
    found = read_class(source, class_name)
    summaries = _Summaries(found)
    effects = {name: summaries.of(name, is_method=True) or Effects() for name in found.tools}
    reads = {name: effect.reads for name, effect in effects.items()}
    writes = {name: _written_attributes(effect) for name, effect in effects.items()}
    attributes = {
        attribute: AttributeUse(
            type=kind,
            read_by=_touching(attribute, reads),
            written_by=_touching(attribute, writes),
        )
        for attribute, kind in _attribute_types(found).items()
    }
    return Structure(
        attributes=attributes,
        queries=tuple(name for name in writes if not writes[name]),
        changes=tuple(name for name in writes if writes[name]),
    )


def _written_attributes(effects: Effects) -> set[str]:
    return {place.name for place in effects.writes if place.kind == "attribute"}


def _touching(attribute: str, touched: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    return tuple(name for name, attributes in touched.items() if attribute in attributes)


class _Summaries:
    """The effects of every function of a module, each worked out once, when it is asked for."""

    def __init__(self, found: ClassSource) -> None:
        self._methods = found.methods
        self._functions = {
            node.name: node for node in found.module.body if isinstance(node, FunctionNode)
        }
        self._owners = {"self", "cls", *(node.name for node in found.lineage)}
        self._known: dict[tuple[str, bool], Effects] = {}

    def of(self, name: str, is_method: bool) -> Effects | None:  # noqa: FBT001
        """Return the effects of a method or function; None when there is none of that name."""
        node = (self._methods if is_method else self._functions).get(name)
        if node is None:
            return None
        if (name, is_method) not in self._known:
            # A function that calls itself finds no effects there; those of its body are counted.
            self._known[name, is_method] = Effects()
            self._known[name, is_method] = EffectsReader(self._owners, self.of).run(node)
        return self._known[name, is_method]


def _attribute_types(found: ClassSource) -> dict[str, str]:
    """Find the attributes of a class in order of appearance, with their types as text."""
    types: dict[str, str] = {}
    for node in reversed(found.lineage):
        for item in node.body:
            if isinstance(item, ast.Assign | ast.AnnAssign):
                _note(types, _class_targets(item), item, {})
    for method in sorted(found.methods.values(), key=lambda method: method.name != "__init__"):
        hints = {
            arg.arg: ast.unparse(arg.annotation)
            for arg in (*method.args.args, *method.args.kwonlyargs)
            if arg.annotation
        }
        for item in walk_statements(method):
            if isinstance(item, ast.Assign | ast.AnnAssign | ast.AugAssign):
                _note(types, _own_targets(item), item, hints)
    return types


def _note(
    types: dict[str, str],
    names: Iterable[str],
    node: ast.Assign | ast.AnnAssign | ast.AugAssign,
    hints: dict[str, str],
) -> None:
    kind = (
        ast.unparse(node.annotation)
        if isinstance(node, ast.AnnAssign)
        else _type_of(node.value, hints)
    )
    for name in names:
        types[name] = types.get(name) or kind


def _class_targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _own_targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    flat = [item for target in targets for item in _flat(target)]
    return [
        item.attr
        for item in flat
        if isinstance(item, ast.Attribute)
        and isinstance(item.value, ast.Name)
        and item.value.id in {"self", "cls"}
    ]


def _flat(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple | ast.List) else [target]


def _type_of(value: ast.expr, hints: dict[str, str]) -> str:
    match value:
        case ast.Constant(value=constant):
            kind = "" if constant is None else type(constant).__name__
        case ast.Name(id=name):
            kind = hints.get(name, "")
        case ast.Call(func=ast.Name(id=name)) if name in {"dict", "list", "set", "int", "str"}:
            kind = name
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            kind = _type_of(default, hints)
        case ast.BoolOp(values=[*_, last]):
            kind = _type_of(last, hints)
        case _:
            kind = _LITERALS.get(type(value), "")
    return kind
