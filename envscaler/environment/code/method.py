"""Check one method before it becomes part of a class."""

import ast
from collections.abc import Iterable, Iterator

from envscaler.environment.code.docstring import Docstring, read_docstring
from envscaler.environment.code.lint import lint_class
from envscaler.environment.code.returns import Problem, own_nodes, return_problems
from envscaler.environment.code.syntax import FunctionNode, normalise, parse
from envscaler.environment.code.unit import is_method, read_unit
from envscaler.errors import ReplyError
from envscaler.records import Operation

RESERVED_NAMES = frozenset(
    ("reset", "step", "state", "close", "get_reward", "verify", "finish", "mcp")
)
"""Names that trainers use for an environment's own methods; no tool may have one."""

_FOREIGN = """
set Set frozenset FrozenSet bytes bytearray complex Callable datetime date time timedelta Decimal
UUID
"""
_NO_JSON = frozenset(_FOREIGN.split())


def check_method(source: str, operation: Operation) -> str:
    """Check a reply that is to be the method of an operation.

    Args:
        source: The method, with the imports and private helpers that it needs.
        operation: What the method has to be.

    Returns:
        The same code in a fixed order, at the left margin.

    Raises:
        ReplyError: Everything that is wrong with it, a line each.
    """
    text = normalise(source)
    functions = _functions(parse(text))
    method = functions.get(operation.name)
    if method is None:
        raise ReplyError(
            f"Expected a method named {operation.name}, found {', '.join(functions) or 'none'}"
        )
    problems = [
        *_reply_problems(functions, operation.name),
        *_signature_problems(method),
        *_docstring_problems(method),
        *_raise_problems(method),
        *return_problems(method, functions),
        *((finding.line, finding.message) for finding in lint_class(text)),
    ]
    if problems:
        raise ReplyError("\n".join(f"line {line}: {what}" for line, what in sorted(set(problems))))
    return read_unit(text).text


def _functions(tree: ast.Module) -> dict[str, FunctionNode]:
    """Functions of a reply by name, those inside its classes included."""
    blocks = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    return {node.name: node for block in blocks for node in block if isinstance(node, FunctionNode)}


def _reply_problems(functions: dict[str, FunctionNode], name: str) -> Iterator[Problem]:
    method = functions[name]
    if name in RESERVED_NAMES:
        yield method.lineno, f"the name {name} belongs to trainers; no tool may have it"
    if isinstance(method, ast.AsyncFunctionDef):
        yield method.lineno, "async def: write a plain def"
    if not is_method(method):
        yield method.lineno, f"{name} takes self as its first parameter"
    if "__init__" in functions:
        yield functions["__init__"].lineno, "write the method alone, without the class around it"
    for other, node in functions.items():
        if other != name and not other.startswith("_"):
            yield node.lineno, f"{other} would become a tool; a helper's name begins with _"


def _parameters(method: FunctionNode) -> list[ast.arg]:
    arguments = method.args
    named = [*arguments.posonlyargs, *arguments.args]
    is_static = any(ast.unparse(item) == "staticmethod" for item in method.decorator_list)
    return [*(named if is_static else named[1:]), *arguments.kwonlyargs]


def _signature_problems(method: FunctionNode) -> Iterator[Problem]:
    arguments = method.args
    line = method.lineno
    if arguments.vararg or arguments.kwarg:
        yield line, "*args and **kwargs: name every parameter, a tool has a fixed schema"
    if arguments.posonlyargs:
        yield line, "positional-only parameters: tools are called by keyword"
    for parameter in _parameters(method):
        if parameter.annotation is None:
            yield parameter.lineno, f"the parameter {parameter.arg} needs a type hint"
            continue
        foreign = _NO_JSON & _type_names(parameter.annotation)
        if foreign:
            yield (
                parameter.lineno,
                f"{parameter.arg}: arguments are JSON, which has no {min(foreign)}; "
                "take str, int, float, bool, list or dict",
            )
    if method.returns is None:
        yield line, f"{method.name} needs a return type hint"


def _type_names(annotation: ast.expr) -> set[str]:
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)}


def _docstring_problems(method: FunctionNode) -> Iterator[Problem]:
    text = ast.get_docstring(method)
    if not text:
        yield method.lineno, "a docstring with Args, Returns and Constraints is missing"
        return
    names = [parameter.arg for parameter in _parameters(method)]
    for problem in _missing_in(read_docstring(text, names), names):
        yield method.body[0].lineno, problem


def _missing_in(docstring: Docstring, names: Iterable[str]) -> Iterator[str]:
    if not docstring.rest or docstring.rest.startswith("Returns:"):
        yield "the docstring has to begin with what the tool does"
    for section in ("returns", "constraints"):
        if section not in docstring.sections:
            yield f"the docstring has no section '{section.title()}:'"
    for name in names:
        if name not in docstring.arguments:
            yield f"the docstring says nothing about {name} under 'Args:'"


def _raise_problems(method: FunctionNode) -> Iterator[Problem]:
    """Find what is raised where no handler of the method can catch it."""
    caught = {
        inner
        for node in own_nodes(method)
        if isinstance(node, ast.Try) and node.handlers
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in own_nodes(method):
        if isinstance(node, ast.Raise) and node not in caught:
            yield node.lineno, 'raise: return {"success": False, "error": ...} instead'
