"""Alternatives of a type hint as one JSON schema, without `anyOf`."""

from collections.abc import Iterable

from pydantic import JsonValue

from envscaler.records import JsonObject

ANYTHING: JsonObject = {"type": ["string", "number", "boolean", "object", "array"]}
"""Schema of what may be anything: every type but null."""


def union(schemas: Iterable[JsonObject]) -> JsonObject:
    """Merge alternatives into one schema with a list of types.

    What is said about one type holds for that type alone, so different types keep their details.
    Two alternatives of one type keep what they share.
    """
    merged: JsonObject = {}
    for schema in schemas:
        merged = _merged(merged, schema) if merged else dict(schema)
    return merged or dict(ANYTHING)


def without_null(schema: JsonObject) -> JsonObject:
    """Take None out of the types: for an argument that may be left out instead."""
    kinds = schema["type"]
    if not isinstance(kinds, list) or "null" not in kinds:
        return schema
    kept = [kind for kind in kinds if kind != "null"]
    choices = schema.get("enum")
    cleaned: JsonObject = {**schema, "type": kept[0] if len(kept) == 1 else kept}
    if isinstance(choices, list):
        cleaned["enum"] = [choice for choice in choices if choice is not None]
    return cleaned


def _merged(left: JsonObject, right: JsonObject) -> JsonObject:
    left_kinds, right_kinds = _kinds(left), _kinds(right)
    shared = set(left_kinds) & set(right_kinds)
    merged: JsonObject = {}
    for key in [*left, *(key for key in right if key not in left)]:
        value = _merged_keyword(key, left, right, shared=bool(shared))
        if value is not None:
            merged[key] = value
    kinds = [*left_kinds, *(kind for kind in right_kinds if kind not in left_kinds)]
    merged["type"] = kinds[0] if len(kinds) == 1 else [*kinds]
    return merged


def _merged_keyword(key: str, left: JsonObject, right: JsonObject, *, shared: bool) -> JsonValue:
    """Merge one keyword of two schemas; None drops it."""
    one, other = left.get(key), right.get(key)
    if key == "enum":
        return _merged_enum(left, right)
    if one is not None and other is not None:
        return _merged_values(key, one, other)
    # What only one says of a type that both have does not hold for the union.
    return None if shared else one if other is None else other


def _merged_values(key: str, one: JsonValue, other: JsonValue) -> JsonValue:
    match key, one, other:
        case "items", dict(), dict():
            return union([one, other]) if one and other else {}
        case "properties", dict(), dict():
            return {**other, **one}
        case "required", list(), list():
            return [name for name in one if name in other]
        case _:
            return one if one == other else None


def _merged_enum(left: JsonObject, right: JsonObject) -> JsonValue:
    """Join choices; an alternative without any leaves them open, unless it is only None."""
    if _kinds(left) == ["null"] or _kinds(right) == ["null"]:
        choices = left.get("enum") or right.get("enum")
        return [*choices, None] if isinstance(choices, list) else None
    one, other = left.get("enum"), right.get("enum")
    if not isinstance(one, list) or not isinstance(other, list):
        return None
    return [*one, *(choice for choice in other if choice not in one)]


def _kinds(schema: JsonObject) -> list[str]:
    kinds = schema["type"]
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else [str(kinds)]
