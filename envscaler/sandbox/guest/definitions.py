"""Tell modules that do nothing but define from those that might do something while they are run.

A module that only defines can be run before anybody knows for which scenario: it draws no number,
looks at no clock and calls nothing, so its template runs it once, and every worker that is forked
from there starts with the class as it was defined. Any other module is run anew in every worker.
"""

import ast
from collections.abc import Iterable

_MODULES = frozenset(
    ("__future__", "typing", "datetime", "collections", "collections.abc", "copy", "json", "re",
     "math", "random", "time", "uuid", "decimal", "itertools", "functools", "string", "hashlib",
     "statistics", "enum", "dataclasses", "abc", "operator", "bisect", "heapq", "calendar")
)  # fmt: skip
_BASES = frozenset(("object", "TypedDict"))
_DECORATORS = frozenset(("staticmethod", "classmethod", "property"))
_METHODS = frozenset(
    ("__init__", "__repr__", "__str__", "__len__", "__eq__", "__contains__", "__iter__",
     "__getitem__", "__setitem__")
)  # fmt: skip
"""Of Python's own: those that nothing calls while a class is being defined."""
_TAKEN = _BASES | _DECORATORS
"""Names that have to mean what they mean in Python."""


def only_defines(tree: ast.Module) -> bool:
    """Say whether running a module does nothing but define."""
    return _is_block(tree.body) and all(map(_keeps_names, ast.walk(tree)))


def _keeps_names(node: ast.AST) -> bool:
    """Refuse a node that gives a name on which the rest relies another meaning."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name not in _TAKEN
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return name not in _TAKEN
        case ast.ImportFrom(module=module, names=names):
            return all(one.name not in _TAKEN or module == "typing" for one in names)
        case _:
            return True


def _is_block(statements: Iterable[ast.stmt]) -> bool:
    return all(map(_is_statement, statements))


def _is_statement(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            allowed = True
        case ast.Import() | ast.ImportFrom():
            allowed = _is_import(node)
        case ast.ClassDef():
            allowed = _is_class(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            allowed = _is_function(node)
        case ast.AnnAssign() | ast.Assign():
            allowed = _is_assignment(node)
        case _:
            allowed = False
    return allowed


def _is_import(node: ast.Import | ast.ImportFrom) -> bool:
    """Judge an import: of the modules listed, under the names that they have."""
    if any(one.asname is not None for one in node.names):
        return False
    if isinstance(node, ast.Import):
        return all(one.name in _MODULES for one in node.names)
    named = all(one.name != "*" for one in node.names)
    return node.module in _MODULES and not node.level and named


def _is_assignment(node: ast.AnnAssign | ast.Assign) -> bool:
    """Judge an assignment: of a literal or a type, to one name."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            plain = value is None or _is_inert(value)
            return not name.startswith("__") and _is_annotation(annotation) and plain
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return not name.startswith("__") and (_is_inert(value) or _is_annotation(value))
        case _:
            return False


def _is_class(node: ast.ClassDef) -> bool:
    bases = all(isinstance(base, ast.Name) and base.id in _BASES for base in node.bases)
    total = all(
        keyword.arg == "total" and isinstance(keyword.value, ast.Constant)
        for keyword in node.keywords
    )
    return bases and total and not node.decorator_list and _is_block(node.body)


def _is_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Judge what is evaluated when a function is defined; its body is not run."""
    return (
        (not node.name.startswith("__") or node.name in _METHODS)
        and all(isinstance(one, ast.Name) and one.id in _DECORATORS for one in node.decorator_list)
        and (node.returns is None or _is_annotation(node.returns))
        and _are_parameters(node.args)
    )


def _are_parameters(given: ast.arguments) -> bool:
    """Judge the annotations and defaults of parameters."""
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    annotations = (one.annotation for one in parameters if one is not None)
    defaults = (*given.defaults, *given.kw_defaults)
    return all(one is None or _is_annotation(one) for one in annotations) and all(
        one is None or _is_inert(one) for one in defaults
    )


def _is_inert(node: ast.expr) -> bool:
    """Say whether an expression is a literal: constants, and containers of them."""
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return True
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return all(map(_is_inert, items))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and _is_inert(key) for key in keys) and all(
                map(_is_inert, values)
            )
        case _:
            return False


def _is_annotation(node: ast.expr) -> bool:
    """Say whether an expression only names types and puts them together."""
    match node:
        case ast.Name() | ast.Constant():
            allowed = True
        case ast.Attribute(value=ast.Name(), attr=name):
            allowed = not name.startswith("_")
        case ast.Subscript(value=value, slice=inner):
            allowed = _is_annotation(value) and _is_annotation(inner)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            allowed = all(map(_is_annotation, items))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            allowed = _is_annotation(left) and _is_annotation(right)
        case _:
            allowed = False
    return allowed
