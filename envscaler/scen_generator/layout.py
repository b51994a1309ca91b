"""What a state of an environment looks like, and whether a given state looks like that."""

import ast
import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from envscaler.environment.source import read_class
from envscaler.records import JsonObject

MAX_FAULTS = 12
"""Faults told at once: more than a model can mend in one go only makes the prompt long."""

_ID_FIELD = re.compile(r"^(?P<stem>[a-z0-9_]+?)_ids?$")


def class_head(source: str, class_name: str) -> str:
    """Return a module without the methods of its class: types, constants and the constructor.

    The text stays as it is, since the comments in it often say how keys and values look.
    """
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            for start, end in _methods(node):
                lines[start - 1 : end] = [""] * (end - start + 1)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _methods(node: ast.ClassDef) -> Iterator[tuple[int, int]]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            if method.name == "__init__":
                continue
            first = min([method.lineno, *(mark.lineno for mark in method.decorator_list)])
            yield first, method.end_lineno or method.lineno


def state_attributes(source: str, class_name: str) -> tuple[str, ...]:
    """Return the attributes that the constructor sets: what an initial state has to fill.

    Left out is what it only keeps of its argument, such as `self.init_config = init_config`.
    Attributes that methods add later are none of an initial state's business.
    """
    constructor = read_class(source, class_name).methods.get("__init__")
    if constructor is None:
        return ()
    me, *parameters = (argument.arg for argument in constructor.args.args)
    found: dict[str, None] = {}
    for node in ast.walk(constructor):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            kept = isinstance(node.value, ast.Name) and node.value.id in parameters
            found |= dict.fromkeys(
                name for each in targets if (name := _own(each, me)) and not kept
            )
    return tuple(found)


def _own(target: ast.expr, me: str) -> str:
    """Return the name of an attribute of the object itself; empty for any other target."""
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return target.attr if target.value.id == me else ""
    return ""


def find_faults(state: JsonObject, attributes: frozenset[str]) -> tuple[str, ...]:
    """Say what is wrong with an initial state, as far as names alone can tell.

    Args:
        state: Attribute name → value, as the model wrote it.
        attributes: Names of the attributes that the class keeps its state in.

    Returns:
        At most `MAX_FAULTS` sentences for the model; empty when nothing is wrong.
    """
    faults = [*_key_faults(state, attributes), *_reference_faults(state)]
    return tuple(faults[:MAX_FAULTS])


def _key_faults(state: JsonObject, attributes: frozenset[str]) -> Iterator[str]:
    for name in sorted(attributes - state.keys()):
        # A private attribute is the constructor's business unless the model wants to set it.
        if not name.startswith("_"):
            yield f"The key {name!r} is missing; the class has this attribute."
    for name in sorted(state.keys() - attributes):
        known = ", ".join(sorted(attributes))
        yield f"The class has no attribute {name!r}; it has {known}."
    for name, value in state.items():
        if isinstance(value, dict | list) and not value:
            yield f"{name!r} is empty; give it records that belong to the others."


def _reference_faults(state: JsonObject) -> Iterator[str]:
    collections = collections_of(state)
    for name, value in state.items():
        for key, record in _records(value):
            own = f"{_singular(name)}_id"
            if key is not None and isinstance(record.get(own), str) and record[own] != key:
                yield f"{name}[{key!r}] has the {own} {record[own]!r}; they must be the same."
            for field, wanted in _references(record):
                if field == own:
                    continue
                target = target_of(field, collections)
                if target and wanted not in collections[target]:
                    place = f"{name}[{key!r}].{field}" if key else f"{name}: {field}"
                    yield f"{place} is {wanted!r}, but {target} has no such record."


def collections_of(state: JsonObject) -> dict[str, frozenset[str]]:
    """Return the collections of records in a state, with the ids in them."""
    return {name: ids for name in state if (ids := _ids(name, state[name]))}


def _ids(name: str, value: JsonValue) -> frozenset[str]:
    """Return the ids of a collection of records; empty when it is none."""
    fields = (f"{_singular(name)}_id", "id")
    found: set[str] = set()
    for key, record in _records(value):
        own = key or next((record[field] for field in fields if field in record), None)
        if isinstance(own, str | int):
            found.add(str(own))
    return frozenset(found)


def _records(value: JsonValue) -> Iterator[tuple[str | None, JsonObject]]:
    """Yield the records of a collection, with their keys where it is a dict."""
    if isinstance(value, dict):
        yield from ((key, record) for key, record in value.items() if isinstance(record, dict))
    elif isinstance(value, list):
        yield from ((None, record) for record in value if isinstance(record, dict))


def _references(record: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield the (field, id) pairs by which a record, or something inside it, refers to others."""
    for field, value in record.items():
        if _ID_FIELD.match(field):
            for wanted in value if isinstance(value, list) else [value]:
                # An empty text is a common way to say that there is none.
                if isinstance(wanted, str | int) and wanted != "":
                    yield field, str(wanted)
        elif isinstance(value, dict):
            yield from _references(value)
        else:
            for _, inner in _records(value):
                yield from _references(inner)


def target_of(field: str, collections: Mapping[str, frozenset[str]]) -> str | None:
    """Find the collection that a field such as `assigned_user_id` refers to.

    Leading words are dropped one by one, so that `assigned_user` becomes `user`.
    """
    found = _ID_FIELD.match(field)
    words = found["stem"].split("_") if found else []
    for start in range(len(words)):
        stem = "_".join(words[start:])
        named = [name for name in collections if _singular(name) == _singular(stem)]
        if named:
            return named[0] if len(named) == 1 else None
    return None


def _singular(name: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch")):
        if name.endswith(ending):
            return name.removesuffix(ending) + instead
    return name if name.endswith("ss") else name.removesuffix("s")
