"""Arguments that need no second look: a tool's schema as Python types, where it says no more.

Most calls give each argument a value of the plain type that the schema names. Those are let through
here; every other call goes the whole way, through `check_arguments`, which also says what is wrong.
"""

from collections import OrderedDict

from envscaler.environment.schema.validate import check_arguments
from envscaler.records import JsonObject, Tool

_TYPES: dict[str, frozenset[type]] = {
    "string": frozenset((str,)),
    "integer": frozenset((int,)),
    "number": frozenset((int, float)),
    "boolean": frozenset((bool,)),
}
_KNOWN = 4096
_Shape = tuple[Tool, dict[str, frozenset[type]], frozenset[str]]
"""The tool, the types of the arguments that have a plain one, and those that have to be there."""


class Shapes:
    """The shapes of the tools that were called."""

    def __init__(self) -> None:
        self._shapes: OrderedDict[int, _Shape] = OrderedDict()

    def check(self, tool: Tool, arguments: JsonObject) -> tuple[JsonObject, str | None]:
        """Compare arguments with a tool's schema, as `check_arguments` does."""
        # The tool is kept with its shape, so its identity is nobody else's.
        shape = self._shapes.get(id(tool)) or self._learn(tool)
        _, types, required = shape
        if not required <= arguments.keys():
            return check_arguments(tool, arguments)
        for name, value in arguments.items():
            if name not in types or type(value) not in types[name]:
                return check_arguments(tool, arguments)
        return arguments, None

    def _learn(self, tool: Tool) -> _Shape:
        properties = tool.parameters.get("properties")
        required = tool.parameters.get("required")
        types: dict[str, frozenset[type]] = {}
        for name, schema in (properties if isinstance(properties, dict) else {}).items():
            kind = schema.get("type") if isinstance(schema, dict) else None
            if isinstance(kind, str) and kind in _TYPES and _says_no_more(schema):
                types[name] = _TYPES[kind]
        names = frozenset(map(str, required)) if isinstance(required, list) else frozenset[str]()
        shape = (tool, types, names)
        self._shapes[id(tool)] = shape
        if len(self._shapes) > _KNOWN:
            self._shapes.popitem(last=False)
        return shape


def _says_no_more(schema: object) -> bool:
    return isinstance(schema, dict) and "enum" not in schema
