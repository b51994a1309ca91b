"""Environments with more in their class, or fewer tools: changes of the source, made by code."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.records import Environment, Provenance, content_id


@dataclass(frozen=True, slots=True)
class Method:
    """A method that is put into a class."""

    name: str
    arguments: str
    """As they are written: `self, reason: str`."""
    told: str
    """Docstring, of which the tool's description is made."""
    body: tuple[str, ...]
    """Lines, not indented."""


def with_methods(
    environment: Environment, methods: Sequence[Method], attributes: Sequence[str] = ()
) -> Environment:
    """Put methods into the class, which become tools behind the others.

    Args:
        environment: Whose class it is.
        methods: Their names must be new.
        attributes: Statements with which a new object begins, such as `self.notes = 0`; the class
            must have a constructor.

    Raises:
        LookupError: There is no constructor to begin in.
    """
    found = class_in(environment)
    lines = environment.source.splitlines()
    indent = " " * found.body[0].col_offset
    added = [line for method in methods for line in _written(method, indent)]
    lines[found.end_lineno or len(lines) :] = [*added, *lines[found.end_lineno or len(lines) :]]
    if attributes:
        first = _first_line(methods_of(found)["__init__"])
        lines[first - 1 : first - 1] = [f"{indent}    {line}" for line in attributes]
    return _changed(environment, "\n".join(lines) + "\n")


def with_beginning(
    environment: Environment, beginnings: Mapping[str, Sequence[str]]
) -> Environment:
    """Put statements before all that some methods do.

    Args:
        environment: Whose class it is.
        beginnings: Name of a method → its new first statements.
    """
    found = methods_of(class_in(environment))
    lines = environment.source.splitlines()
    for name in sorted(beginnings, key=lambda each: -_first_line(found[each])):
        first = _first_line(found[name])
        indent = " " * found[name].body[0].col_offset
        lines[first - 1 : first - 1] = [f"{indent}{line}" for line in beginnings[name]]
    return _changed(environment, "\n".join(lines) + "\n")


def without_tool(environment: Environment, name: str) -> Environment:
    """Take a tool away: nobody is offered it any more."""
    structure = environment.structure
    fewer = structure.model_copy(
        update={
            "queries": tuple(each for each in structure.queries if each != name),
            "changes": tuple(each for each in structure.changes if each != name),
        }
    )
    update = {
        "tools": tuple(tool for tool in environment.tools if tool.name != name),
        "operations": tuple(each for each in environment.operations if each.name != name),
        "structure": fewer,
    }
    return _renamed(environment.model_copy(update=update), environment)


def told_more(environment: Environment, sentence: str) -> Environment:
    """Add a sentence to what an agent is told of the system."""
    introduction = f"{environment.introduction.rstrip()} {sentence}"
    return _renamed(environment.model_copy(update={"introduction": introduction}), environment)


def class_in(environment: Environment) -> ast.ClassDef:
    """Return the syntax of the class."""
    classes = (
        node
        for node in ast.parse(environment.source).body
        if isinstance(node, ast.ClassDef) and node.name == environment.class_name
    )
    return next(classes)


def methods_of(found: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """Return the methods that a class itself has."""
    return {node.name: node for node in found.body if isinstance(node, ast.FunctionDef)}


def _written(method: Method, indent: str) -> Iterator[str]:
    yield ""
    yield f"{indent}def {method.name}({method.arguments}):"
    yield f'{indent}    """{method.told}"""'
    for line in method.body:
        yield f"{indent}    {line}"


def _first_line(method: ast.FunctionDef) -> int:
    """Return the line of the first statement behind the docstring, or the one after that."""
    first, *others = method.body
    if ast.get_docstring(method, clean=False) is None:
        return first.lineno
    return others[0].lineno if others else (first.end_lineno or first.lineno) + 1


def _changed(environment: Environment, source: str) -> Environment:
    """Return the environment of another source; the tools that it had stay as they are."""
    known = {tool.name: tool for tool in environment.tools}
    own = {*methods_of(class_in(environment))}
    new = (
        tool
        for tool in tools_of(source, environment.class_name, foreign=True)
        if tool.name not in known and tool.name not in own
    )
    update = {
        "source": source,
        "tools": (*environment.tools, *new),
        "structure": structure_of(source, environment.class_name),
    }
    return _renamed(environment.model_copy(update=update), environment)


def _renamed(changed: Environment, before: Environment) -> Environment:
    return changed.model_copy(
        update={"id": content_id(changed), "provenance": Provenance(parents=(before.id,))}
    )
