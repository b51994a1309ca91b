"""Rewrite a class so that it notes which lines a call reaches and what it compares.

A value of the input that turns up on one side of a comparison should become the other side:
input-to-state correspondence, as in RedQueen (Aschermann et al., NDSS 2019).
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from envscaler.environment.code.classes import read_class
from envscaler.environment.code.syntax import FunctionNode, own_tree

TAKE = "cmplog_take"
"""The method that returns what was noted since it was called last."""
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_LOOKING_UP = frozenset(
    (
        *("get", "pop", "setdefault", "index", "remove", "startswith", "endswith", "split"),
        *("match", "fullmatch", "search", "findall", "finditer", "sub", "compile"),
        *("strptime", "fromisoformat"),
    )
)
_CONVERSIONS = frozenset(("int", "float", "Decimal"))
_TAKER = f"def {TAKE}(self):\n    return cmplog_taken()\n"
_Block = list[ast.stmt]


@dataclass(frozen=True, slots=True)
class Instrumented:
    """A class that notes what its calls do."""

    source: str
    lines: dict[str, frozenset[int]]
    """Method → lines on which its own statements begin."""


def instrument(source: str, class_name: str, log: str) -> Instrumented:
    """Rewrite the functions of a module.

    Args:
        source: The module.
        class_name: The class that gets the method `TAKE`.
        log: Text of the module with the functions that are called.

    Raises:
        ReplyError: The source cannot be read.
    """
    found = read_class(source, class_name)
    lines = {name: frozenset(_lines(method)) for name, method in found.methods.items()}
    tree = _Rewriter().visit(own_tree(found.source))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            node.body += own_tree(_TAKER).body
    first = _first_place(tree.body)
    tree.body[first:first] = own_tree(log).body
    return Instrumented(ast.unparse(ast.fix_missing_locations(tree)), lines)


def _lines(function: FunctionNode) -> Sequence[int]:
    """List where the statements of a function begin, its docstring aside."""
    return [
        node.lineno
        for one in function.body[_is_text(function.body[0]) :]
        for node in ast.walk(one)
        if isinstance(node, ast.stmt)
    ]


def _first_place(body: Sequence[ast.stmt]) -> int:
    """Return the place behind the docstring and the imports from `__future__`."""
    for place, node in enumerate(body):
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not future and not _is_text(node):
            return place
    return len(body)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class _Rewriter(ast.NodeTransformer):
    """Rewrites the bodies of functions; what stands outside them runs before any call."""

    def __init__(self) -> None:
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: FunctionNode) -> FunctionNode:
        self._depth += 1
        node.body = self._block(node.body)
        self._depth -= 1
        return node

    def _block(self, body: _Block) -> _Block:
        found: _Block = []
        for place, one in enumerate(body):
            if not (place == 0 and _is_text(one)) and not isinstance(one, ast.Nonlocal):
                number = ast.Constant(one.lineno)
                found.append(ast.copy_location(ast.Expr(_call("cmplog_line", number)), one))
            found.append(self.visit(one))
        return found

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.match_case):
            node.body = self._block(node.body)
            return node
        if not self._depth:
            return super().generic_visit(node)
        if not isinstance(node, ast.MatchValue):
            for name, old in ast.iter_fields(node):
                self._rewrite(node, name, old)
        return node

    def _rewrite(self, node: ast.AST, name: str, old: object) -> None:
        """Put the rewritten parts of a node in the place of those that were in a field."""
        if name in {"body", "orelse", "finalbody"} and isinstance(old, list):
            setattr(node, name, self._block(cast("_Block", old)))
        elif isinstance(old, list):
            parts = cast("list[object]", old)
            setattr(node, name, [self._part(part) for part in parts])
        elif isinstance(old, ast.AST) and name not in {"annotation", "returns"}:
            setattr(node, name, self.visit(old))

    def _part(self, part: object) -> object:
        return self.visit(part) if isinstance(part, ast.AST) else part

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        operations = [_COMPARISONS.get(type(one)) for one in node.ops]
        if not self._depth or None in operations or not all(map(_is_plain, node.comparators[:-1])):
            return node
        sides = [node.left, *node.comparators]
        parts: list[ast.expr] = [
            ast.copy_location(
                _call("cmplog_compare", ast.Constant(node.lineno), ast.Constant(name), left, right),
                node,
            )
            for name, left, right in zip(operations, sides, sides[1:], strict=False)
        ]
        return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        loads = isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice)
        if not self._depth or not loads:
            return node
        return _call("cmplog_item", ast.Constant(node.lineno), node.value, node.slice)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        line = ast.Constant(node.lineno)
        match node.func:
            case ast.Attribute(value=owner, attr=name) if self._depth and name in _LOOKING_UP:
                given = [line, owner, ast.Constant(name), *node.args]
                return ast.Call(ast.Name("cmplog_call", ast.Load()), given, node.keywords)
            case ast.Name(id=name) if self._depth and not node.keywords:
                return self._named_call(name, line, node)
            case _:
                return node

    @staticmethod
    def _named_call(name: str, line: ast.Constant, node: ast.Call) -> ast.AST:
        if name == "len" and len(node.args) == 1:
            return _call("cmplog_length", line, *node.args)
        if name == "isinstance" and len(node.args) == 2:
            return _call("cmplog_isinstance", line, *node.args)
        if name in _CONVERSIONS:
            return _call("cmplog_convert", line, node.func, *node.args)
        return node


def _is_plain(node: ast.expr) -> bool:
    """Say whether an expression may be evaluated twice."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=inner):
            return _is_plain(inner)
        case ast.Subscript(value=inner, slice=key):
            return _is_plain(inner) and _is_plain(key)
        case ast.Call(func=ast.Name(id="len" | "cmplog_length" | "cmplog_item"), args=given):
            return all(map(_is_plain, given))
        case _:
            return False


def _call(name: str, *given: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [*given], [])
