"""Whether a parameter of a method has any effect, as far as the source tells."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envscaler.environment.code.syntax import FunctionNode

_WITHOUT_EFFECT = frozenset(("str", "int", "float", "bool", "len", "repr", "print", "isinstance"))
_TESTS = frozenset((*_WITHOUT_EFFECT, "list", "dict", "tuple", "set", "type", "any", "all"))
_MAX_DEPTH = 3


def ignored_parameters(methods: Mapping[str, FunctionNode], name: str) -> tuple[str, ...]:
    """Name the parameters of a method that have no effect beyond being checked themselves.

    A yes-or-no parameter that is checked has an effect: it stops the call.
    """
    node = methods[name]
    static = any(ast.unparse(mark) == "staticmethod" for mark in node.decorator_list)
    positional = node.args.args if static else node.args.args[1:]
    return tuple(
        one.arg
        for one in [*positional, *node.args.kwonlyargs]
        if not _Uses(methods, node, is_flag=_is_flag(one)).used(one.arg)
    )


def only_guarding(methods: Mapping[str, FunctionNode], name: str) -> tuple[str, ...]:
    """Name the optional parameters that only decide whether a call is refused.

    A filter that narrows nothing down is one; what a call needs for permission is required.
    """
    node = methods[name]
    optional = [
        *node.args.args[len(node.args.args) - len(node.args.defaults) :],
        *node.args.kwonlyargs,
    ]
    return tuple(one.arg for one in optional if _guards_only(node, one.arg, methods))


def _guards_only(node: FunctionNode, name: str, methods: Mapping[str, FunctionNode]) -> bool:
    inside = {
        id(part)
        for one in ast.walk(node)
        if isinstance(one, ast.If) and _is_guard(one, methods)
        for part in ast.walk(one)
    }
    uses = [one for one in ast.walk(node) if isinstance(one, ast.Name) and one.id == name]
    return bool(uses) and all(id(one) in inside for one in uses)


def _is_guard(node: ast.If, methods: Mapping[str, FunctionNode]) -> bool:
    return not node.orelse and _refuses(node.body[-1], methods)


def _refuses(last: ast.stmt, methods: Mapping[str, FunctionNode]) -> bool:
    if isinstance(last, ast.Return):
        return last.value is not None and is_refusal(last.value, methods)
    return isinstance(last, ast.Raise)


def never_succeeds(methods: Mapping[str, FunctionNode], name: str) -> bool:
    """Say whether a method has no return at all that could report a success."""
    return all(is_refusal(value, methods) for value in _returned(methods[name]))


def _returned(method: FunctionNode) -> list[ast.expr]:
    returns = [one for one in ast.walk(method) if isinstance(one, ast.Return)]
    return [one.value if one.value is not None else ast.Constant(None) for one in returns]


def is_refusal(value: ast.expr, methods: Mapping[str, FunctionNode]) -> bool:
    """Say whether a returned value is a dict in which `success` is literally False.

    A helper of the class that only returns such dicts counts as well.
    """
    match value:
        case ast.Dict(keys=keys, values=items):
            pairs = zip(keys, items, strict=True)
            return any(_is_constant(k, "success") and _is_constant(v, False) for k, v in pairs)
        case ast.Call(func=ast.Attribute(value=ast.Name(), attr=helper)) if helper in methods:
            return _returns_dicts(methods[helper]) and never_succeeds(methods, helper)
        case _:
            return False


def _returns_dicts(helper: FunctionNode) -> bool:
    """Say whether a helper returns, and nothing but dicts that are written out."""
    returned = _returned(helper)
    return bool(returned) and all(isinstance(one, ast.Dict) for one in returned)


def _is_constant(node: ast.expr | None, value: str | bool) -> bool:  # noqa: FBT001
    return isinstance(node, ast.Constant) and node.value == value


def _is_flag(parameter: ast.arg) -> bool:
    return parameter.annotation is not None and "bool" in ast.unparse(parameter.annotation)


@dataclass
class _Uses:
    methods: Mapping[str, FunctionNode]
    node: FunctionNode
    is_flag: bool
    """A test of the value is a use of it."""
    seen: set[str] = field(default_factory=set[str])
    depth: int = 0

    def used(self, name: str) -> bool:
        """Say whether what a name holds reaches anything that matters."""
        if name in self.seen:
            return False
        # A parameter may get another value before it is read; a local name is set by what is read.
        body = self.node.body if self.seen else _until_replaced(self.node.body, name)
        self.seen.add(name)
        return any(
            self._matters(one, name)
            for one in _statements(body)
            if any(_loads(part, name) for part in _parts(one))
        )

    def _matters(self, one: ast.stmt, name: str) -> bool:
        """Say whether a statement makes something of a value that it reads."""
        match one:
            case ast.If():
                matters = not self._only_checks(one, name)
            case (
                ast.Assign(targets=[ast.Name(id=target)], value=value)
                | ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
            ):
                matters = self._passes_on(value, target, name)
            case ast.Return(value=ast.expr() as value):
                matters = not is_refusal(value, self.methods)
            case ast.Expr(value=value):
                matters = not self._is_idle(value, name)
            case _:
                matters = not isinstance(one, ast.Delete)
        return matters

    def _passes_on(self, value: ast.expr, target: str, name: str) -> bool:
        """Assigning to a local name is a use when that name is used."""
        if target in {name, "_"} or self._goes_nowhere(value, name):
            return False
        # What is looked up with the value depends on the state, and so does a test of it.
        self.is_flag |= not _names(value) <= {name, *_TESTS}
        return self.used(target)

    def _only_checks(self, one: ast.If, name: str) -> bool:
        """Say whether a test looks at nothing but the value, to refuse the call."""
        if self.is_flag or one.orelse or self.depth:
            return False
        last = one.body[-1]
        refuses = isinstance(last, ast.Pass) or _refuses(last, self.methods)
        others = _names(one.test) - {name, *_TESTS}
        return refuses and all(other.isupper() for other in others)

    def _is_idle(self, value: ast.expr, name: str) -> bool:
        match value:
            case ast.Name() | ast.Attribute() | ast.Constant():
                return True
            case ast.Call(func=ast.Name(id=function)):
                return function in _WITHOUT_EFFECT
            case _:
                return self._goes_nowhere(value, name)

    def _goes_nowhere(self, value: ast.expr, name: str) -> bool:
        """Say whether a value is only given to a method of the class that ignores it."""
        match value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=helper)) if (
                helper in self.methods and self.depth < _MAX_DEPTH
            ):
                node = self.methods[helper]
                taken = [*_given_as(value, node, name)]
                inner = _Uses(self.methods, node, self.is_flag, depth=self.depth + 1)
                return bool(taken) and not any(inner.used(one) for one in taken)
            case _:
                return False


def _until_replaced(body: Sequence[ast.stmt], name: str) -> list[ast.stmt]:
    """Return the statements up to the one that gives the name another value outright."""
    found: list[ast.stmt] = []
    for one in body:
        match one:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                if not _loads(value, name):
                    return found
            case _:
                pass
        found.append(one)
    return found


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for one in body:
        yield one
        for block in _blocks(one):
            yield from _statements(block)


def _blocks(one: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the statements inside a statement, block by block."""
    for part in ("body", "orelse", "finalbody"):
        yield getattr(one, part, [])
    for part in ("handlers", "cases"):
        for inner in getattr(one, part, []):
            yield inner.body


def _parts(one: ast.stmt) -> Iterator[ast.AST]:
    """Yield what belongs to a statement itself, not to the statements inside it."""
    if isinstance(one, FunctionNode | ast.ClassDef):
        yield one
        return
    for child in ast.iter_child_nodes(one):
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _loads(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(inner, ast.Name) and inner.id == name and isinstance(inner.ctx, ast.Load)
        for inner in ast.walk(node)
    )


def _given_as(call: ast.Call, node: FunctionNode, name: str) -> Iterator[str]:
    """Yield the parameters of a method that a call gives the value of a name."""
    places = zip((one.arg for one in node.args.args[1:]), call.args, strict=False)
    named = ((one.arg, one.value) for one in call.keywords)
    for parameter, value in (*places, *named):
        if parameter and _loads(value, name):
            yield parameter
