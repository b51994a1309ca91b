"""Function documentation as benchmarks write it, as JSON schema."""

from envscaler.records import JsonObject

_TYPES = {
    "integer": "integer", "int": "integer", "number": "number", "float": "number",
    "double": "number", "string": "string", "boolean": "boolean", "bool": "boolean",
    "array": "array", "list": "array", "tuple": "array", "dict": "object", "object": "object",
}  # fmt: skip
"""Type in the documentation → in a JSON schema; any other one is a string."""


def json_schema(published: JsonObject) -> JsonObject:
    """Write a documented type as JSON schema, as BFCL's adapter for function calling does."""
    kind = str(published.get("type", "string"))
    schema = {**published, "type": _TYPES.get(kind, "string")}
    if kind == "float":
        schema["description"] = f"{published.get('description', '')} This is a float type value."
    properties, items = published.get("properties"), published.get("items")
    if isinstance(properties, dict):
        schema["properties"] = {
            name: json_schema(inner)
            for name, inner in properties.items()
            if isinstance(inner, dict)
        }
    if isinstance(items, dict):
        schema["items"] = json_schema(items)
    return schema
