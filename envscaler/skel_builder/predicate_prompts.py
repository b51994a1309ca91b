"""What a model is shown of an environment whose calls it shall judge: all but how it works."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.predicates.oracle import Material
from envscaler.environment.code.classes import read_class
from envscaler.environment.code.syntax import FunctionNode, parse
from envscaler.environment.state.collections import items_of, pairs_of
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, rules_of_all
from envscaler.prompt_text import cut
from envscaler.records import JsonObject, Skeleton

STATE_CHARS = 9_000
"""Of the data that a model writes predicates for."""
EXAMPLE_CHARS = 6_000
"""Of each further state."""
OUTLINE_CHARS = 8_000
"""Of a class without its methods."""
MOST_STATES = 3
"""Initial states that a model proposes calls for."""
_SHORTER = (40, 20, 10, 6, 4, 2)
_DEEPEST = 5
_MANY_KEYS = 2
_BRACKETS = {"$tuple": "()", "$set": "{}", "$frozenset": "{}"}
_DATES = frozenset(("$date", "$datetime", "$time"))


@dataclass(frozen=True, slots=True)
class ShownTool:
    """A tool as a template names it."""

    text: str
    """Its signature and docstring."""
    returns: str
    """The shape of what it returns; empty when no call succeeded."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An environment as a template names it."""

    subject: Subject
    outline: str
    state: str
    rules: Sequence[str]
    tools: Sequence[ShownTool]
    further: Sequence[str] = ()
    """The initial states after the first."""


def tools_of(subject: Subject, results: dict[str, tuple[JsonValue, ...]]) -> list[ShownTool]:
    """Show the tools of an environment, in their order."""
    return [
        ShownTool(signature_text(subject.methods[name]), shape_text(results.get(name, ())))
        for name in subject.tools
    ]


def signature_text(method: FunctionNode) -> str:
    """Write a method without what it does."""
    said = ast.get_docstring(method)
    returns = f" -> {ast.unparse(method.returns)}" if method.returns else ""
    head = f"def {method.name}({ast.unparse(method.args)}){returns}:"
    if not said:
        return f"{head}\n    ..."
    body = "\n".join(f"    {line}".rstrip() for line in f'"""{said}"""'.splitlines())
    return f"{head}\n{body}"


def outline(source: str, class_name: str) -> str:
    """Write a module without what its functions and methods do, the constructor excepted.

    Comments and data stay as they are: they often say how keys and values look.
    """
    hidden = _hidden_in(parse(source), class_name)
    lines = [line for number, line in enumerate(source.splitlines(), 1) if number not in hidden]
    text = "\n".join(
        line for at, line in enumerate(lines) if line.strip() or (at and lines[at - 1].strip())
    )
    return text.strip()


def _hidden_in(tree: ast.Module, class_name: str) -> set[int]:
    """Return the lines of all functions and methods but the constructor of the class."""
    hidden = _lines_of(node for node in tree.body if isinstance(node, FunctionNode))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            kept = {"__init__"} if node.name == class_name else set[str]()
            methods = [one for one in node.body if isinstance(one, FunctionNode)]
            hidden |= _lines_of(one for one in methods if one.name not in kept)
    return hidden


def _lines_of(nodes: Iterable[FunctionNode | ast.stmt]) -> set[int]:
    found: set[int] = set()
    for node in nodes:
        marks = node.decorator_list if isinstance(node, FunctionNode) else []
        first = min([node.lineno, *(mark.lineno for mark in marks)])
        found |= {*range(first, (node.end_lineno or first) + 1)}
    return found


def whole_state(state: JsonObject) -> str:
    """Write a state as Python, a record per line."""
    return _state_lines(state, None)


def plain_state(state: JsonObject, most: int) -> str:
    """Write a state as Python, a record per line; when too long, the first of each collection."""
    text = whole_state(state)
    for limit in _SHORTER:
        if len(text) <= most:
            return text
        text = f"# at most {limit} of each collection are shown\n{_state_lines(state, limit)}"
    return cut(text, most)


def _state_lines(state: JsonObject, limit: int | None) -> str:
    return "\n".join(
        ["{", *(f"{name!r}: {_lines(value, limit)}," for name, value in state.items()), "}"]
    )


def _lines(value: JsonValue, limit: int | None) -> str:
    pairs, items = part_pairs(value), items_of(value)
    if pairs:
        body = "\n".join(f"    {plain(key)}: {plain(item)}," for key, item in pairs[:limit])
        return f"{{\n{body}\n}}"
    if items and isinstance(value, list):
        body = "\n".join(f"    {plain(item)}," for item in items[:limit])
        return f"[\n{body}\n]"
    return plain(value)


def part_pairs(value: JsonValue) -> Sequence[tuple[JsonValue, JsonValue]] | None:
    """Return what a dict, or an object of a class, holds."""
    match value:
        case {"$dataclass": [str(), dict(fields)], **rest} if not rest:
            return [*fields.items()]
        case _:
            return pairs_of(value)


def plain(value: JsonValue) -> str:
    """Write a tagged value as the Python that a predicate reads."""
    pairs = part_pairs(value)
    if pairs is not None:
        return f"{{{', '.join(f'{plain(key)}: {plain(item)}' for key, item in pairs)}}}"
    items = items_of(value)
    if items is None:
        return _scalar(value)
    opening, closing = _BRACKETS.get(next(iter(value)) if isinstance(value, dict) else "", "[]")
    return f"{opening}{', '.join(map(plain, items))}{closing}"


def _scalar(value: JsonValue) -> str:
    """Write what holds nothing else; a date as the call that makes it."""
    if isinstance(value, dict) and len(value) == 1:
        [(kind, text)] = value.items()
        if kind in _DATES:
            return f"datetime.{kind.removeprefix('$')}.fromisoformat({text!r})"
    return repr(value)


def shape_text(values: Sequence[JsonValue], depth: int = 0) -> str:
    """Write what values have in common: names and types, never what they hold."""
    tuples = [parts for value in values if (parts := _parts(value)) is not None]
    kinds = {*_tuple_shapes(tuples, depth)}
    if lists := [value for value in values if isinstance(value, list)]:
        kinds.add(f"[{shape_text([item for value in lists for item in value], depth + 1)}]")
    if dicts := [value for value in values if isinstance(value, dict) and _parts(value) is None]:
        kinds.add(_dict_shape(dicts, depth))
    kinds.update(_name_of(value) for value in values if not isinstance(value, list | dict))
    return " | ".join(sorted(kinds))


def _name_of(scalar: JsonValue) -> str:
    return "None" if scalar is None else type(scalar).__name__


def _tuple_shapes(tuples: Sequence[Sequence[JsonValue]], depth: int) -> Iterator[str]:
    """Write tuples place by place; those of another length are of another shape."""
    for size in {len(parts) for parts in tuples}:
        places = zip(*(parts for parts in tuples if len(parts) == size), strict=True)
        yield f"({', '.join(shape_text(place, depth + 1) for place in places)})"


def _parts(value: JsonValue) -> Sequence[JsonValue] | None:
    """Return what a tuple holds; None for anything else."""
    match value:
        case {"$tuple": list(parts), **rest} if not rest:
            return parts
        case _:
            return None


def _dict_shape(dicts: Sequence[JsonObject], depth: int) -> str:
    if depth >= _DEEPEST:
        return "{...}"
    counts = Counter(name for value in dicts for name in value)
    if len(counts) > _MANY_KEYS and max(counts.values()) < len(dicts):
        inner = shape_text([item for value in dicts for item in value.values()], depth + 1)
        return f"{{<key>: {inner}}}"
    parts = [_field_shape(name, dicts, depth + 1) for name in sorted(counts)]
    return f"{{{', '.join(parts)}}}"


def _field_shape(name: str, dicts: Sequence[JsonObject], depth: int) -> str:
    """Write a field with the shape of its values; with `?` where not every dict has it."""
    held = [value[name] for value in dicts if name in value]
    mark = "" if len(held) == len(dicts) else "?"
    return f"{name!r}{mark}: {shape_text(held, depth)}"


def own_words(skeleton: Skeleton) -> str:
    """Return all that a class says outside of its methods, or what it says of itself if too long.

    Its data types, its constructor and the comments there often say what is kept, and for whom.
    """
    text = outline(skeleton.source, skeleton.class_name)
    return text if len(text) <= OUTLINE_CHARS else class_description(skeleton)


def class_description(skeleton: Skeleton) -> str:
    """Return what the class says of itself, which often holds for all of its tools."""
    lineage = read_class(skeleton.source, skeleton.class_name).lineage
    return "\n\n".join(filter(None, map(ast.get_docstring, lineage)))


def tools_in(
    subject: Subject, calls: Iterable[CallRecord], named: Sequence[str] = ()
) -> list[ShownTool]:
    """Show the tools that calls are of, and others by their names."""
    names = dict.fromkeys([*(one.call.tool for one in calls), *named])
    return [ShownTool(signature_text(subject.methods[name]), "") for name in names]


def shown_to_writer(material: Material) -> Shown:
    """Return what is the same for all requests of an environment."""
    skeleton = material.subject.skeleton
    return Shown(
        subject=material.subject,
        outline=outline(skeleton.source, skeleton.class_name),
        state=plain_state(material.states[0], STATE_CHARS),
        rules=rules_of_all(skeleton),
        tools=tools_of(material.subject, material.results),
        further=[plain_state(one, EXAMPLE_CHARS) for one in material.states[1:MOST_STATES]],
    )
