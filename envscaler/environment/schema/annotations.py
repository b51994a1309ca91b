"""Type hints as JSON schema.

Every schema has a `type`; none has `$ref` or `anyOf`. A choice of types is a list of types. What
may be anything is the list of all of them.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.environment.code.docstring import read_docstring
from envscaler.environment.schema.unions import ANYTHING, union
from envscaler.records import JsonObject

_SIMPLE: dict[str, JsonObject] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "None": {"type": "null"},
    "NoneType": {"type": "null"},
    "bytes": {"type": "string"},
    "Decimal": {"type": "number"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "UUID": {"type": "string", "format": "uuid"},
}
_ARRAYS = frozenset(
    ("list", "List", "Sequence", "Iterable", "Collection", "MutableSequence", "deque", "Deque")
)
_SETS = frozenset(("set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"))
_TUPLES = frozenset(("tuple", "Tuple"))
_OBJECTS = frozenset(
    ("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict")
)
_WRAPPERS = frozenset(
    ("Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Annotated", "Type")
)
_ENUMS = frozenset(("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"))


_MAX_NESTING = 4
"""Classes within classes that are written out; deeper ones are plain objects."""


def words(name: str) -> str:
    """Describe a name in want of anything better: `order_id` → `Order id.`."""
    text = name.strip("_").replace("_", " ").strip() or name
    return f"{text[0].upper()}{text[1:]}."


@dataclass
class Annotations:
    """Reads the type hints of one module."""

    module: ast.Module
    source: str
    _open: list[str] = field(default_factory=list[str])
    """Classes being written out; one that contains itself is left as a plain object."""

    def __post_init__(self) -> None:
        self._lines = self.source.split("\n")
        self._classes = {
            node.name: node for node in self.module.body if isinstance(node, ast.ClassDef)
        }
        self._imported = _import_aliases(self.module)
        self._aliases = _type_aliases(self.module)

    def schema(self, node: ast.expr) -> JsonObject:
        """Write a type hint as a schema."""
        match node:
            case ast.Constant(value=None):
                schema = self._named("None")
            case ast.Constant(value=str(text)):
                schema = self.schema_of_text(text)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                schema = union([self.schema(left), self.schema(right)])
            case ast.Subscript(value=owner, slice=content):
                parts = content.elts if isinstance(content, ast.Tuple) else [content]
                schema = self._generic(self._name(owner), parts)
            case ast.Name() | ast.Attribute():
                schema = self._named(self._name(node))
            case _:
                schema = dict(ANYTHING)
        return schema

    def schema_of_text(self, text: str) -> JsonObject:
        """Write a type hint given as text; anything when it is not one."""
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            return dict(ANYTHING)
        return self.schema(parsed)

    def description(self, node: ast.expr | None) -> str:
        """Return the text of an `Annotated[...]`, or nothing."""
        if isinstance(node, ast.Subscript) and self._name(node.value) in _WRAPPERS:
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            texts = [part.value for part in parts[1:] if isinstance(part, ast.Constant)]
            return next((text for text in texts if isinstance(text, str)), "")
        return ""

    def _name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return node.attr
        name = node.id if isinstance(node, ast.Name) else ""
        return self._imported.get(name, name)

    def _named(self, name: str) -> JsonObject:
        if name in self._aliases and name not in self._open:
            return self._guarded(name, lambda: self.schema(self._aliases[name]))
        return self._generic(name, [])

    def _generic(self, name: str, parts: list[ast.expr]) -> JsonObject:
        if name in self._classes:
            schema = self._class(name)
        elif name in {"Optional", "Union"}:
            schema = self._alternatives(name, parts)
        elif name == "Literal":
            schema = _literal(parts)
        elif name in _WRAPPERS and parts:
            schema = self.schema(parts[0])
        elif name in _ARRAYS | _SETS | _TUPLES:
            schema = self._array(name, parts)
        elif name in _OBJECTS:
            schema = self._mapping(parts)
        else:
            schema = dict(_SIMPLE.get(name, ANYTHING))
        return schema

    def _alternatives(self, name: str, parts: list[ast.expr]) -> JsonObject:
        none = [dict(_SIMPLE["None"])] if name == "Optional" else []
        return union([*map(self.schema, parts), *none])

    def _array(self, name: str, parts: list[ast.expr]) -> JsonObject:
        kept = [part for part in parts if not _is_ellipsis(part)]
        items: JsonObject = union(map(self.schema, kept)) if kept else {}
        array: JsonObject = {"type": "array", "items": {} if items == ANYTHING else items}
        if name in _SETS:
            array["uniqueItems"] = True
        elif name in _TUPLES and parts and len(kept) == len(parts):
            array |= {"minItems": len(parts), "maxItems": len(parts)}
        return array

    def _mapping(self, parts: list[ast.expr]) -> JsonObject:
        values = self.schema(parts[1]) if len(parts) == 2 else dict(ANYTHING)
        if values == ANYTHING:
            return {"type": "object"}
        return {"type": "object", "additionalProperties": values}

    def _class(self, name: str) -> JsonObject:
        bases = self._all_bases(name)
        if bases & _ENUMS:
            return self._enum(name)
        if name in self._open or len(self._open) > _MAX_NESTING:
            return {"type": "object"}
        return self._guarded(name, lambda: self._object(name))

    def _guarded(self, name: str, write: Callable[[], JsonObject]) -> JsonObject:
        self._open.append(name)
        try:
            return write()
        finally:
            self._open.pop()

    def _all_bases(self, name: str) -> set[str]:
        found: set[str] = set()
        for base in self._classes[name].bases:
            base_name = self._name(base)
            found.add(base_name)
            if base_name in self._classes:
                found |= self._all_bases(base_name)
        return found

    def _enum(self, name: str) -> JsonObject:
        values = [
            item.value
            for item in self._classes[name].body
            if isinstance(item, ast.Assign) and isinstance(item.value, ast.Constant)
        ]
        return _literal([*values]) if values else {"type": "string"}

    def _object(self, name: str) -> JsonObject:
        properties, required = self._fields(name)
        if not properties:
            return {"type": "object"}
        return {"type": "object", "properties": properties, "required": required}

    def _fields(self, name: str) -> tuple[dict[str, JsonValue], list[JsonValue]]:
        """Fields of a TypedDict, NamedTuple or dataclass, inherited ones first."""
        node = self._classes[name]
        properties, required = self._inherited(node)
        fields = _declared(node)
        described = read_docstring(ast.get_docstring(node) or "", fields).arguments
        for key, item in fields.items():
            said = described[key].description if key in described else self._comment(item)
            text = self.description(item.annotation) or said or words(key)
            properties[key] = {**self.schema(item.annotation), "description": text}
        needed = [key for key, item in fields.items() if self._is_required(item, node)]
        return properties, [*required, *(key for key in needed if key not in required)]

    def _inherited(self, node: ast.ClassDef) -> tuple[dict[str, JsonValue], list[JsonValue]]:
        """Return the fields of the classes that one is made from, and which are required."""
        properties: dict[str, JsonValue] = {}
        required: list[JsonValue] = []
        for base in map(self._name, node.bases):
            if base in self._classes:
                inherited, needed = self._fields(base)
                properties |= inherited
                required += needed
        return properties, required

    def _is_required(self, item: ast.AnnAssign, owner: ast.ClassDef) -> bool:
        marks = {
            self._name(node)
            for node in ast.walk(item.annotation)
            if isinstance(node, ast.Name | ast.Attribute)
        }
        if "Required" in marks or "NotRequired" in marks:
            return "Required" in marks
        partial = any(
            word.arg == "total" and isinstance(word.value, ast.Constant) and not word.value.value
            for word in owner.keywords
        )
        return not partial and item.value is None

    def _comment(self, item: ast.AnnAssign) -> str:
        """Return the comment behind a field, on its line."""
        line = self._lines[(item.end_lineno or item.lineno) - 1]
        rest = line.encode()[item.end_col_offset or 0 :].decode().strip()
        return rest.lstrip("# ") if rest.startswith("#") else ""


def _literal(parts: list[ast.expr]) -> JsonObject:
    values: list[str | bool | int | float | None] = []
    for part in parts:
        value = _constant(part)
        if value is None or isinstance(value, str | bool | int | float):
            values.append(value)
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    kinds: list[JsonValue] = [*dict.fromkeys(names[type(value)] for value in values)]
    if not kinds:
        return dict(ANYTHING)
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": [*values]}


def _constant(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _import_aliases(module: ast.Module) -> dict[str, str]:
    """Map a name that an import gives to the name it had there."""
    return {
        alias.asname: alias.name
        for node in module.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }


def _type_aliases(module: ast.Module) -> dict[str, ast.expr]:
    """Find `Status = Literal[...]`, `Id = NewType("Id", str)` and `type Status = ...`."""
    found: dict[str, ast.expr] = {}
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = _new_type(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case _ if type(node).__name__ == "TypeAlias":  # a statement of Python 3.12
                fields = vars(node)
                found[ast.unparse(fields["name"])] = fields["value"]
            case _:
                pass
    return found


def _new_type(value: ast.expr) -> ast.expr:
    match value:
        case ast.Call(func=ast.Name(id="NewType"), args=[_, base]):
            return base
        case _:
            return value


def _declared(node: ast.ClassDef) -> dict[str, ast.AnnAssign]:
    """Return the fields that a class declares itself."""
    return {
        item.target.id: item
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
