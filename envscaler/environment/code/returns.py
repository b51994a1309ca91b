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
        elif name == "dict" and _has_only_names(value):
            yield from _dict_problems(_as_literal(value))
        elif name in self.helpers and name not in self.seen:
            yield from self.problems_of(self.helpers[name])


def _has_only_names(call: ast.Call) -> bool:
    return not call.args and all(item.arg for item in call.keywords)


def _as_literal(call: ast.Call) -> ast.Dict:
    """Write `dict(success=True)` as `{"success": True}`."""
    keys = [ast.Constant(item.arg) for item in call.keywords]
    literal = ast.Dict([*keys], [item.value for item in call.keywords])
    return ast.copy_location(literal, call)


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
            return True
        case ast.While(test=ast.Constant(value=truth)) if truth:
            return not any(isinstance(node, ast.Break) for node in ast.walk(last))
        case ast.Match(cases=cases) if not _is_default(cases[-1]):
            return False
        case _:
            ways = _ways_through(last)
            return bool(ways) and all(map(ends, ways))


def _ways_through(statement: ast.stmt | None) -> list[list[ast.stmt]]:
    """List the blocks of which one is run last; none for what is no compound statement."""
    match statement:
        case ast.If(body=yes, orelse=no):
            return [yes, no]
        case ast.With(body=inner):
            return [inner]
        case ast.Try():
            return _ways_through_try(statement)
        case ast.Match(cases=cases):
            return [case.body for case in cases]
        case _:
            return []


def _ways_through_try(statement: ast.Try) -> list[list[ast.stmt]]:
    if ends(statement.finalbody):
        return [statement.finalbody]
    handlers = [handler.body for handler in statement.handlers]
    return [statement.orelse or statement.body, *handlers]


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
    if isinstance(success, ast.Constant):
        problem = _problem_of_outcome(success.value, {*keys})
        if problem:
            yield value.lineno, problem


def _problem_of_outcome(success: object, keys: set[object]) -> str:
    """Say what is wrong with a result that tells `success`; nothing when it is whole."""
    if success is True:
        return "" if keys & {"data", "message"} else "success without 'data' or 'message'"
    if success is False:
        return "" if "error" in keys else "failure without 'error'"
    return f"'success' has to be True or False, not {success!r}"


def _name_problems(value: ast.Name, nodes: list[ast.AST]) -> Iterator[Problem]:
    """Look at what a returned name was bound to, where that is a literal each time."""
    bound = _bound_to(value.id, nodes)
    if not bound:
        return
    if all(isinstance(item, _NEVER_A_DICT) for item in bound):
        yield value.lineno, f"returns {value.id}, which is {_short(bound[0])}; return {_SHAPE}"
    elif all(isinstance(item, ast.Dict) for item in bound) and not _is_filled(value.id, nodes):
        for item in bound:
            assert isinstance(item, ast.Dict)
            yield from _dict_problems(item)


def _bound_to(name: str, nodes: list[ast.AST]) -> list[ast.expr]:
    """List the values that a name is assigned."""
    bound: list[ast.expr] = []
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound += [node.value for target in targets if _is_name(target, name)]
    return bound


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
