"""Find what generated code has no business doing, before it runs.

This is no wall: the sandbox is. It tells the model early, with line numbers, what to write
instead, and leaves the agent no hole to reach through a tool's arguments.
"""

import ast
from collections.abc import Iterator
from typing import Literal

from envscaler.environment.code.imports import is_guarded_import
from envscaler.environment.code.syntax import FunctionNode, parse
from envscaler.errors import ReplyError
from envscaler.records import Record

_MODULES = """
__future__ abc ast base64 binascii bisect calendar cmath collections collections.abc contextlib copy
csv dataclasses datetime decimal difflib enum fnmatch fractions functools graphlib hashlib heapq
hmac html ipaddress itertools json keyword math numbers operator random re secrets statistics string
struct textwrap time types typing unicodedata urllib.parse uuid zlib zoneinfo
"""
ALLOWED_IMPORTS = frozenset(_MODULES.split())
"""Modules of the standard library that compute and touch nothing outside."""

_CALLS = {
    "eval": "read the value with json.loads, int or float",
    "exec": "write the code out",
    "compile": "write the code out",
    "__import__": "import the module at the top",
    "open": "keep everything in attributes of the class",
    "input": "take a parameter",
    "print": "return what there is to say",
    "breakpoint": "leave it out",
    "globals": "name what is meant",
    "locals": "name what is meant",
    "vars": "name the attributes that are meant",
    "exit": "return a result",
    "quit": "return a result",
    "help": "leave it out",
    "memoryview": "work on str or bytes",
}
_NAMES = {"__builtins__", "__loader__", "__spec__", "__file__", "__import__"}
_BY_NAME = {"getattr", "setattr", "delattr", "hasattr"}
_HARMLESS = """
__init__ __name__ __class__ __doc__ __dict__ __repr__ __str__ __eq__ __hash__ __lt__ __le__ __gt__
__ge__ __len__ __contains__ __iter__ __getitem__ __post_init__ __enter__ __exit__ __bool__ __call__
__next__ __add__ __sub__ __annotations__ __members__ __slots__
"""
_DUNDERS = frozenset(_HARMLESS.split())
_FRAMES = """
gi_frame cr_frame ag_frame f_globals f_locals f_builtins f_back f_code tb_frame tb_next co_code mro
func_globals
"""
_INTERNALS = frozenset(_FRAMES.split())
_MODULES_INSIDE = {"sys", "os", "_os", "_sys", "builtins", "modules", "importlib", "subprocess"}
_SIDE_EFFECTS = (
    ast.Expr,
    ast.For,
    ast.While,
    ast.With,
    ast.Delete,
    ast.AugAssign,
    ast.Raise,
    ast.Assert,
)


class LintFinding(Record):
    """One thing to change."""

    line: int
    rule: str
    message: str
    """What is there, and what to write instead."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def lint_class(source: str) -> tuple[LintFinding, ...]:
    """Look through the module of an environment, or through a part of one."""
    return _lint(source, "class")


def lint_check(source: str) -> tuple[LintFinding, ...]:
    """Look through the source of one check, and whether it defines `check_func(final_state)`."""
    return _lint(source, "check")


def _lint(source: str, what: Literal["class", "check"]) -> tuple[LintFinding, ...]:
    try:
        tree = parse(source)
    except ReplyError as error:
        return (LintFinding(line=1, rule="syntax", message=str(error)),)
    found = [finding for node in ast.walk(tree) for finding in _look_at(node)]
    found += _side_effects(tree)
    if what == "check":
        found += _check_shape(tree)
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.rule)))


def _look_at(node: ast.AST) -> Iterator[LintFinding]:
    match node:
        case ast.expr():
            yield from _expression(node)
        case ast.stmt():
            yield from _statement(node)
        case ast.ExceptHandler():
            yield from _handler(node)
        case _:
            pass


def _statement(node: ast.stmt) -> Iterator[LintFinding]:
    match node:
        case ast.Import() | ast.ImportFrom():
            yield from _imports(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _definition(node)
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Delete():
            yield from _assignment(node)
        case ast.While():
            yield from _loop(node)
        case ast.Global():
            yield _at(node, "global", "global: keep the value in an attribute of self")
        case _:
            pass


def _expression(node: ast.expr) -> Iterator[LintFinding]:
    match node:
        case ast.Name():
            yield from _name(node)
        case ast.Attribute():
            yield from _attribute(node)
        case ast.Call():
            yield from _call(node)
        case _:
            pass


def _at(node: ast.AST, rule: str, message: str) -> LintFinding:
    return LintFinding(line=getattr(node, "lineno", 1), rule=rule, message=message)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[LintFinding]:
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    else:
        modules = ["." * node.level + (node.module or "")]
    for module in modules:
        if module not in ALLOWED_IMPORTS:
            yield _at(
                node, "import", f"{module} cannot be imported; do without it, in plain Python"
            )
    if isinstance(node, ast.ImportFrom):
        yield from _imported_names(node)


def _imported_names(node: ast.ImportFrom) -> Iterator[LintFinding]:
    for alias in node.names:
        if alias.name == "*":
            yield _at(node, "import", "import *: name what is imported")
        elif alias.name.startswith("_") or alias.name in _MODULES_INSIDE:
            yield _at(node, "import", f"{alias.name} is internal to {node.module}; do without it")


def _name(node: ast.Name) -> Iterator[LintFinding]:
    if node.id in _NAMES:
        yield _at(node, "dunder", f"{node.id}: do without the interpreter's internals")


def _attribute(node: ast.Attribute) -> Iterator[LintFinding]:
    name = node.attr
    internal = name.startswith("__") and name.endswith("__") and name not in _DUNDERS
    if internal or name in _INTERNALS:
        yield _at(node, "dunder", f".{name}: do without the interpreter's internals")
    elif name in _MODULES_INSIDE and isinstance(node.value, ast.Name | ast.Attribute):
        root = ast.unparse(node.value)
        if root in ALLOWED_IMPORTS:
            yield _at(node, "import", f"{root}.{name}: do not reach for modules through others")


def _call(node: ast.Call) -> Iterator[LintFinding]:
    match node.func:
        case ast.Name(id=name):
            yield from _call_by_name(node, name)
        case ast.Attribute(attr="format" | "format_map" as name, value=template):
            if not isinstance(template, ast.Constant):
                yield _at(node, "dynamic", f".{name}() on a computed template; use an f-string")
        case _:
            pass


def _call_by_name(node: ast.Call, name: str) -> Iterator[LintFinding]:
    if name in _CALLS and name not in _NAMES:
        yield _at(node, "call", f"{name}() cannot be used; {_CALLS[name]}")
    if name in _BY_NAME and len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
        yield _at(
            node, "dynamic", f"{name}() with a computed name; name the attribute, or use a dict"
        )


def _definition(node: FunctionNode) -> Iterator[LintFinding]:
    name = node.name
    if name.startswith("__") and name.endswith("__") and name not in _DUNDERS:
        yield _at(node, "dunder", f"def {name}: an environment needs no such method")


def _assignment(
    node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete,
) -> Iterator[LintFinding]:
    targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
    for target in targets:
        if isinstance(target, ast.Attribute) and ast.unparse(target.value) in ALLOWED_IMPORTS:
            yield _at(
                node, "module", f"{ast.unparse(target)} changes a module; keep it in self instead"
            )


def _handler(node: ast.ExceptHandler) -> Iterator[LintFinding]:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if node.type is None or any(
        isinstance(item, ast.Name) and item.id == "BaseException" for item in caught
    ):
        yield _at(
            node, "except", "a bare except also stops time-outs; name the error that can happen"
        )


def _loop(node: ast.While) -> Iterator[LintFinding]:
    endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
    leaves = any(isinstance(item, ast.Break | ast.Return | ast.Raise) for item in ast.walk(node))
    if endless and not leaves:
        yield _at(node, "loop", "while True without a way out; give the loop a condition")


def _side_effects(tree: ast.Module) -> Iterator[LintFinding]:
    blocks = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    for node in (node for block in blocks for node in block):
        if _does_something(node):
            yield _at(
                node,
                "side_effect",
                "code that runs when the module is loaded; keep only definitions and constants",
            )


def _does_something(node: ast.stmt) -> bool:
    """Say whether a statement is more than a definition, a constant or a guarded import."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    branch = isinstance(node, ast.If | ast.Try) and not is_guarded_import(node)
    return branch or isinstance(node, _SIDE_EFFECTS)


def _check_shape(tree: ast.Module) -> Iterator[LintFinding]:
    check = _check_function(tree)
    if check is None:
        yield _at(tree, "check", "the code has to define check_func(final_state)")
        return
    parameters = [item.arg for item in (*check.args.posonlyargs, *check.args.args)]
    if not _takes_one(check, len(parameters)):
        yield _at(check, "check", "check_func takes one argument: final_state")
    if "initial_state" in parameters:
        yield _at(check, "check", "initial_state is a global; do not take it as a parameter")
    if not any(isinstance(node, ast.Return) and node.value for node in ast.walk(check)):
        yield _at(check, "check", "check_func has to return True or False")


def _check_function(tree: ast.Module) -> ast.FunctionDef | None:
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return next((node for node in functions if node.name == "check_func"), None)


def _takes_one(check: ast.FunctionDef, parameters: int) -> bool:
    """Say whether a function can be called with one value."""
    needed = parameters - len(check.args.defaults)
    return parameters > 0 and needed <= 1 and not check.args.kwonlyargs
