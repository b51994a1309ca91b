"""What a state of an environment looks like, and whether a given state looks like that."""

import ast
import re
from collections.abc import Iterator

from pydantic import JsonValue

from envscaler.environment.code.assemble import read_class
from envscaler.environment.state.collections import collections_of, target_of
from envscaler.environment.state.plurals import singular
from envscaler.records import JsonObject

MAX_FAULTS = 12
"""Faults told at once: more than a model can mend in one go only makes the prompt long."""

_ID_FIELD = re.compile(r"^\w+_ids?$")


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
    collections = [one for one in collections_of(state) if one.path in state]
    for collection in collections:
        own = f"{singular(collection.name)}_id"
        for key, record in zip(collection.ids, collection.records, strict=True):
            place = f"{collection.name}[{key!r}]"
            if collection.keyed and record.get(own, key) != key:
                yield f"{place} has the {own} {record[own]!r}; they must be the same."
            for field, wanted in _references(record):
                target = target_of(field, collections) if field != own else None
                if target and wanted not in map(str, target.ids):
                    yield f"{place}.{field} is {wanted!r}, but {target.name} has no such record."


def _references(record: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield the (field, id) pairs by which a record, or something inside it, refers to others."""
    for field, value in record.items():
        if _ID_FIELD.match(field):
            yield from ((field, wanted) for wanted in _ids_in(value))
        elif isinstance(value, dict):
            yield from _references(value)
        elif isinstance(value, list):
            for inner in value:
                if isinstance(inner, dict):
                    yield from _references(inner)


def _ids_in(value: JsonValue) -> list[str]:
    held = value if isinstance(value, list) else [value]
    # An empty text is a common way to say that there is none.
    return [str(each) for each in held if isinstance(each, str | int) and each != ""]
