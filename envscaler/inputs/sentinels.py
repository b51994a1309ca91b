"""Values that stand for nothing, so that one recognises them where they turn up."""

from pydantic import JsonValue

from envscaler.records import JsonObject, Tool

_FIRST = 7001
"""Numbers that a class hardly ever has of its own."""


class Sentinels:
    """Hands out values, each unlike all others."""

    def __init__(self) -> None:
        self._count = 0

    def arguments(self, tool: Tool, names: list[str]) -> JsonObject:
        """Return a value for each of some parameters of a tool."""
        properties = tool.parameters.get("properties")
        shapes = properties if isinstance(properties, dict) else {}
        return {name: self.value(shapes.get(name, {})) for name in names}

    def value(self, shape: JsonValue) -> JsonValue:
        """Return a value that fits a schema."""
        schema: JsonObject = shape if isinstance(shape, dict) else {}
        choices = schema.get("enum")
        if isinstance(choices, list) and choices:
            return next((one for one in choices if one is not None), None)
        self._count += 1
        return self._of_type(schema)

    def _of_type(self, schema: JsonObject) -> JsonValue:
        found: JsonValue
        match schema.get("type"):
            case "integer":
                found = _FIRST + 13 * self._count
            case "number":
                found = _FIRST + 13 * self._count + 0.25
            case "boolean":
                found = True
            case "array":
                found = [self.value(schema.get("items"))]
            case "object":
                found = self._object(schema)
            case _:
                found = self.text()
        return found

    def text(self) -> str:
        """Return a short word."""
        self._count += 1
        letters = "abcdefghijklmnopqrstuvwxyz"
        return f"zq{letters[self._count // 26 % 26]}{letters[self._count % 26]}"

    def _object(self, schema: JsonObject) -> JsonObject:
        properties = schema.get("properties")
        if isinstance(properties, dict) and properties:
            wanted = schema.get("required")
            names = wanted if isinstance(wanted, list) and wanted else [*properties]
            return {str(name): self.value(properties.get(str(name))) for name in names}
        return {self.text(): self.value(schema.get("additionalProperties"))}


def is_sentinel(value: JsonValue) -> bool:
    """Say whether a value was handed out as one."""
    if isinstance(value, str):
        return len(value) == 4 and value.startswith("zq")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value >= _FIRST and int(value - _FIRST) % 13 == 0
