"""A state is what an object has in its `__dict__`: a class that somebody wrote gets one."""

import ast
from collections.abc import Iterator

from envscaler.environment.code.classes import ClassSource


def without_slots(source: str, found: ClassSource) -> str:
    """Return a module in which the class, what it inherits, and what it keeps has no `__slots__`.

    They do the same with their attributes in a `__dict__`, where a state is looked for. No line has
    another number. Other classes keep theirs where something asks for `__slots__`.

    Args:
        source: The module as it was written.
        found: The class in it.
    """
    # The class was read without the empty lines above the code.
    above = source[: len(source) - len(source.lstrip("\n"))]
    text = _without_slots(found)
    return source if text == found.source else above + text


def _without_slots(found: ClassSource) -> str:
    lines = found.source.encode().split(b"\n")
    for node in (*found.lineage, *_others(found)):
        for statement in node.body:
            if _sets_slots(statement):
                first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
                rest = lines[last][statement.end_col_offset or 0 :]
                head = lines[first][: statement.col_offset]
                lines[first : last + 1] = [head + b"pass" + rest, *[b""] * (last - first)]
        for value in _asked_of_decorators(node):
            line, end = value.lineno - 1, value.end_col_offset or 0
            lines[line] = lines[line][: value.col_offset] + b"False" + lines[line][end:]
    return b"\n".join(lines).decode()


def _others(found: ClassSource) -> Iterator[ast.ClassDef]:
    """Yield the other classes of the module: objects of them may be parts of a state."""
    inside = [*ast.walk(found.module)]
    if not any(isinstance(each, ast.Attribute) and each.attr == "__slots__" for each in inside):
        known = set(found.lineage)
        yield from (each for each in inside if isinstance(each, ast.ClassDef) if each not in known)


def _sets_slots(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id="__slots__")]):
            return True
        case ast.AnnAssign(target=ast.Name(id="__slots__")):
            return True
        case _:
            return False


def _asked_of_decorators(node: ast.ClassDef) -> Iterator[ast.Constant]:
    """Yield the `True` of `@dataclass(slots=True)`."""
    for decorator in node.decorator_list:
        for given in decorator.keywords if isinstance(decorator, ast.Call) else ():
            value = given.value
            if given.arg == "slots" and isinstance(value, ast.Constant) and value.value is True:
                yield value
