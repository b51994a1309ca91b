"""An environment that somebody wrote as a Python module, and states of it in a JSON file."""

import ast
import json
from collections.abc import Iterator, Sequence
from importlib.util import decode_source
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from envscaler.environment.code.classes import read_class
from envscaler.environment.code.lint import ALLOWED_IMPORTS
from envscaler.environment.code.syntax import parse
from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.errors import ArtifactError
from envscaler.inputs.subject import properties_of
from envscaler.published.loaders import with_known_loader
from envscaler.published.rows import state as without_literals
from envscaler.published.slots import without_slots
from envscaler.records import JsonObject, Skeleton, row_id
from envscaler.sandbox.guest.wire import is_loader

_STATES = ("initial_state", "init_config", "state", "initial_config")
"""Names under which a row may hold a state."""


def read_module(
    file: Path, class_name: str | None = None, states: Sequence[JsonObject] = ()
) -> Skeleton:
    """Read the environment class of a module; what it imports from files beside it is put in.

    Args:
        file: The module.
        class_name: The class, where the module has several.
        states: Some that it is to begin in, where they are known: they show which method takes one.

    Raises:
        ArtifactError: The file is missing, is no text, or imports what is not beside it.
        ReplyError: Its class cannot be read.
    """
    if not file.is_file():
        raise ArtifactError(f"{file} does not exist; give the path of a Python module")
    source = _with_siblings(file, _text_of(file), {file.resolve()})
    return skeleton_of(source, class_name, states)


def skeleton_of(
    source: str, class_name: str | None = None, states: Sequence[JsonObject] = ()
) -> Skeleton:
    """Make the row of a class of which there is nothing but the code.

    A method that loads a state is no tool: an agent would set the state with it. Nor is one that
    makes another object of the class.

    Raises:
        ReplyError: The class cannot be read.
    """
    found = read_class(source, class_name)
    name = found.name
    known = with_known_loader(without_slots(source, found), found, states)
    source = known.source
    tools = tools_of(source, name, foreign=True)
    structure = structure_of(source, name)
    members = structure.attributes
    return Skeleton(
        id=row_id("skel", source, name),
        summary=name,
        introduction="",
        source_task=None,
        entities=(),
        rules=(),
        operations=(),
        class_name=name,
        source=source,
        tools=tuple(
            tool
            for tool in tools
            if tool.name not in known.names
            if not is_loader(tool.name, [*properties_of(tool)], members)
        ),
        structure=structure,
    )


def _text_of(file: Path) -> str:
    """Read a module in the encoding that its first lines name, UTF-8 otherwise.

    Raises:
        ArtifactError: Its bytes are no text in that encoding, or nobody knows the encoding.
    """
    try:
        return decode_source(file.read_bytes())
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ArtifactError(
            f"{file} is no Python text ({error}); save it as UTF-8, or name its encoding in its "
            "first line, such as `# -*- coding: latin-1 -*-`"
        ) from error


def _with_siblings(file: Path, source: str, known: set[Path]) -> str:
    """Put the text of modules that lie beside a file in the place of their imports.

    What the sandbox does not have, and nothing uses, is not imported at all.

    Raises:
        ArtifactError: A module is neither allowed nor there.
    """
    lines = source.split("\n")
    tree = parse(source)
    used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    for node in reversed(tree.body):
        sibling = _sibling(file, node)
        if sibling is None:
            if _is_idle(node, used):
                lines[node.lineno - 1 : node.end_lineno] = ["pass"]
            continue
        text = ""
        if sibling.resolve() not in known:
            known.add(sibling.resolve())
            text = _with_siblings(sibling, _text_of(sibling), known)
        lines[node.lineno - 1 : node.end_lineno] = [text]
    return "\n".join(lines)


def _sibling(file: Path, node: ast.stmt) -> Path | None:
    """Return the file that an import is about; None for what is no import, or one that runs.

    Raises:
        ArtifactError: There is no such file.
    """
    # `import x` stays as it is.
    if not isinstance(node, ast.ImportFrom):
        return None
    name = node.module or ""
    if not node.level and name.partition(".")[0] in {*ALLOWED_IMPORTS, "__future__"}:
        return None
    beside = file.parent / f"{name.rpartition('.')[2]}.py"
    if beside.is_file():
        return beside
    if node.level or "." in name:
        raise ArtifactError(
            f"{file}, line {node.lineno}: {name or '.'} is imported, and {beside.name} is not "
            "beside it; put the module there, or its code into the file"
        )
    return None


def _is_idle(node: ast.stmt, used: set[str]) -> bool:
    """Say whether a statement imports a module that the sandbox lacks and nothing uses."""
    match node:
        case ast.Import(names=[alias]):
            top = alias.name.partition(".")[0]
            return top not in ALLOWED_IMPORTS and (alias.asname or top) not in used
        case _:
            return False


def states_of(file: Path) -> tuple[JsonObject, ...]:
    """Read states from a JSON or JSONL file: one, a list of them, or rows that hold one.

    Raises:
        ArtifactError: The file is missing or holds no state.
    """
    if not file.is_file():
        raise ArtifactError(f"{file} does not exist; give a JSON file with states")
    try:
        found = [*_states(_values(file))]
    except ValueError as error:
        raise ArtifactError(f"{file} is not JSON: {error}") from error
    if not found:
        raise ArtifactError(f"{file} holds no state: expected an object, or a list of objects")
    return tuple(found)


def _values(file: Path) -> Sequence[JsonValue]:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    value = cast("JsonValue", json.loads(text))
    return value if isinstance(value, list) else [value]


def _states(values: Sequence[JsonValue]) -> Iterator[JsonObject]:
    for value in values:
        if isinstance(value, dict):
            inner = [value[name] for name in _STATES if name in value]
            state = without_literals(inner[0] if inner else value)
            if isinstance(state, str):
                state = cast("JsonValue", json.loads(state))
            if isinstance(state, dict):
                yield state
