"""What a method returns: `{"success": ..., "data" | "message" | "error": ...}`, on every path.

Only what is certain is reported. A value that comes from elsewhere is left to the tests.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from envscaler.environment.code.syntax import FunctionNode

Problem = tuple[int, str]
"""Line and what is wrong there."""

_SHAPE = '{"success": ..., "data", "message" or "error": ...}'
_NEVER_A_DICT = (
    ast.Constant,
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.GeneratorExp,
    ast.JoinedStr,
    ast.Compare,
    ast.UnaryOp,
    ast.Lambda,
)
_NOT_A_DICT = {"bool", "float", "int", "len", "list", "max", "min", "set", "sorted", "str", "sum"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def return_problems(method: FunctionNode, helpers: Mapping[str, FunctionNode]) -> list[Problem]:
    """List the certain offences against the return shape.

    Args:
        method: The method.
        helpers: Functions of the same reply by name; one whose result is returned has to keep
            the shape too.
    """
    return _Returns(helpers).problems_of(method)


@dataclass
class _Returns:
    helpers: Mapping[str, FunctionNode]
    seen: set[str] = field(default_factory=set[str])

    def problems_of(self, method: FunctionNode) -> list[Problem]:
        self.seen.add(method.name)
        problems: list[Problem] = []
        nodes = list(own_nodes(method))
        for node in nodes:
            if isinstance(node, ast.Yield | ast.YieldFrom):
                problems.append((node.lineno, "yield: a tool returns one result"))
            elif isinstance(node, ast.Return) and node.value is None:
                problems.append((node.lineno, f"return without a value; return {_SHAPE}"))
            elif isinstance(node, ast.Return) and node.value is not None:
                problems += self._value(node.value, nodes)
        if not ends(method.body):
            problems.append((method.lineno, f"{method.name} can end without a return"))
        return problems

    def _value(self, value: ast.expr, nodes: list[ast.AST]) -> Iterator[Problem]:
        if isinstance(value, ast.IfExp):
            yield from self._value(value.body, nodes)
            yield from self._value(value.orelse, nodes)
        elif isinstance(value, ast.Dict):
            yield from _dict_problems(value)
        elif isinstance(value, ast.Name):
            yield from _name_problems(value, nodes)
        elif isinstance(value, ast.Call):
            yield from self._call(value)
        elif isinstance(value, _NEVER_A_DICT):
            yield value.lineno, f"returns {_short(value)}; return {_SHAPE}"
        elif isinstance(value, ast.Attribute | ast.Subscript) and _is_part_of_self(value):
            yield (
                value.lineno,
                f'returns {_short(value)} itself; return {{"success": True, "data": ...}}',
            )

    def _call(self, value: ast.Call) -> Iterator[Problem]:
        name = _called(value.func)
        if isinstance(value.func, ast.Name) and name in _NOT_A_DICT:
            yield value.lineno, f"returns {_short(value)}; return {_SHAPE}"
        elif name == "dict" and not value.args and all(item.arg for item in value.keywords):
            keys = [ast.Constant(item.arg) for item in value.keywords]
            literal = ast.Dict([*keys], [item.value for item in value.keywords])
            yield from _dict_problems(ast.copy_location(literal, value))
        elif name in self.helpers and name not in self.seen:
            yield from self.problems_of(self.helpers[name])


def own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    """Walk a function without the functions and classes inside it."""
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, _SCOPES):
            pending += ast.iter_child_nodes(node)


def ends(body: list[ast.stmt]) -> bool:
    """Tell whether a block never runs past its end."""
    last = body[-1] if body else None
    match last:
        case ast.Return() | ast.Raise():
            whole = True
        case ast.If(body=yes, orelse=no):
            whole = ends(yes) and ends(no)
        case ast.With(body=inner):
            whole = ends(inner)
        case ast.Try():
            paths = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
            whole = ends(last.finalbody) or all(map(ends, paths))
        case ast.While(test=ast.Constant(value=truth)) if truth:
            whole = not any(isinstance(node, ast.Break) for node in ast.walk(last))
        case ast.Match(cases=cases):
            whole = _is_default(cases[-1]) and all(ends(case.body) for case in cases)
        case _:
            whole = False
    return whole


def _is_default(case: ast.match_case) -> bool:
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _dict_problems(value: ast.Dict) -> Iterator[Problem]:
    keys = {
        key.value: item
        for key, item in zip(value.keys, value.values, strict=True)
        if isinstance(key, ast.Constant)
    }
    if len(keys) < len(value.keys):
        return
    if "success" not in keys:
        yield value.lineno, f"returns a dict without 'success'; return {_SHAPE}"
        return
    success = keys["success"]
    if not isinstance(success, ast.Constant):
        return
    if success.value is True and not keys.keys() & {"data", "message"}:
        yield value.lineno, "success without 'data' or 'message'"
    elif success.value is False and "error" not in keys:
        yield value.lineno, "failure without 'error'"
    elif not isinstance(success.value, bool):
        yield value.lineno, f"'success' has to be True or False, not {success.value!r}"


def _name_problems(value: ast.Name, nodes: list[ast.AST]) -> Iterator[Problem]:
    """Look at what a returned name was bound to, where that is a literal each time."""
    bound: list[ast.expr] = []
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound += [node.value for target in targets if _is_name(target, value.id)]
    if not bound:
        return
    if all(isinstance(item, _NEVER_A_DICT) for item in bound):
        yield value.lineno, f"returns {value.id}, which is {_short(bound[0])}; return {_SHAPE}"
    elif all(isinstance(item, ast.Dict) for item in bound) and not _is_filled(value.id, nodes):
        for item in bound:
            assert isinstance(item, ast.Dict)
            yield from _dict_problems(item)


def _is_filled(name: str, nodes: list[ast.AST]) -> bool:
    """Tell whether a dict gets keys after it was made."""
    for node in nodes:
        match node:
            case ast.Subscript(value=owner, ctx=ast.Store()):
                filled = _is_name(owner, name)
            case ast.Attribute(value=owner, attr="update" | "setdefault"):
                filled = _is_name(owner, name)
            case ast.AugAssign(target=owner):
                filled = _is_name(owner, name)
            case _:
                filled = False
        if filled:
            return True
    return False


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_part_of_self(value: ast.expr) -> bool:
    while isinstance(value, ast.Attribute | ast.Subscript):
        value = value.value
    return _is_name(value, "self")


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute) and _is_name(function.value, "self"):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:37]}..."
