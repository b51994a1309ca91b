"""A plausible state for an environment that comes without one, from what its source declares."""

import ast
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pydantic import JsonValue

from envscaler.environment.code.assemble import ClassSource, read_class
from envscaler.environment.hints.hints import Hints, mine
from envscaler.environment.hints.record_shapes import Path, Shapes, parts_of, shapes_of
from envscaler.environment.state.collections import stem_of
from envscaler.environment.state.encoding import canonical
from envscaler.environment.state.plurals import singular
from envscaler.inputs.fields import RECORDS, Filler, Place
from envscaler.records import JsonObject, Skeleton

_KNOWN = 64
"""Classes that are read once."""
_COUNTER = 1000
"""Where counters stand, above the numbers in the ids."""
_MAX_DEPTH = 4
_LOOSE = frozenset(("dict", "Dict", "Any", "Dict[str, Any]", "dict[str, Any]", "Dict[Any, Any]"))
_COUNTER_WORDS = frozenset(("counter", "next", "last", "seq", "sequence", "count", "index"))


@dataclass(frozen=True, slots=True)
class Invented:
    """A state that was made up."""

    state: JsonObject
    declared: bool
    """Every record is of a type that the source or the plan declares; else some are guesses."""


def invent_state(skeleton: Skeleton, seed: int = 0) -> JsonObject:
    """Make a state as `invent` does."""
    return invent(skeleton, seed).state


def invent(
    skeleton: Skeleton, seed: int = 0, records: int = RECORDS, busy: float = 0.0
) -> Invented:
    """Make a state with some records in every collection, which refer to each other.

    Attributes whose content the source does not tell are left to the class.

    Args:
        skeleton: The environment.
        seed: Another seed gives other values.
        records: How many are in each collection.
        busy: Share of the references that go to the first record of a collection.

    Raises:
        ReplyError: The source cannot be read.
    """
    attributes, shapes = _read(skeleton.source, skeleton.class_name)
    hints = mine(skeleton.source, skeleton.rules)
    chance = random.Random(f"{skeleton.class_name} {seed}")
    entities = {
        singular(one.name.lower()): {field.name: field.type for field in one.attributes}
        for one in skeleton.entities
    }
    filler = Filler(hints, attributes.keys(), chance, records, busy)
    inventor = _Inventor(hints, attributes, entities, shapes, filler)
    state = inventor.invent()
    return Invented(state, declared=not inventor.guessed)


@lru_cache(_KNOWN)
def _read(source: str, class_name: str) -> tuple[Mapping[str, ast.expr], Shapes]:
    """Return what is the same for every state of a class: its attributes, and its records."""
    found = read_class(source, class_name)
    return dict(_attributes(found)), shapes_of(found.module)


def _attributes(found: ClassSource) -> Iterator[tuple[str, ast.expr]]:
    """Yield the public attributes that the constructor sets, with their declared types."""
    constructor = found.methods.get("__init__")
    for node in ast.walk(constructor) if constructor else ():
        match node:
            case ast.AnnAssign(
                target=ast.Attribute(value=ast.Name(id="self"), attr=name),
                annotation=kind,
                value=value,
            ) if not name.startswith("_") and not _has_content(value):
                yield name, kind
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value
            ) if not name.startswith("_") and not _has_content(value):
                yield name, value
            case _:
                pass


def _has_content(value: ast.expr | None) -> bool:
    """Say whether the class itself puts something there, which it knows best."""
    return isinstance(value, ast.Dict | ast.List | ast.Set) and bool(
        value.keys if isinstance(value, ast.Dict) else value.elts
    )


@dataclass
class _Inventor:
    hints: Hints
    attributes: Mapping[str, ast.expr]
    entities: Mapping[str, Mapping[str, str]]
    shapes: Shapes
    filler: Filler
    guessed: bool = False
    """A record had to be made from what the code writes and reads."""

    def invent(self) -> JsonObject:
        state: JsonObject = {}
        for name, kind in self.attributes.items():
            value = self._attribute(name, kind)
            if value is not None:
                state[name] = value
        return state

    def _attribute(self, name: str, kind: ast.expr) -> JsonValue:
        """Return the value of an attribute; None where the class has to know itself."""
        match kind:
            case ast.Dict() | ast.List() | ast.Call() if self._holds_records(name):
                return self._records_of(name, kind)
            case ast.Constant(value=int()) | ast.Call(args=[*_, ast.Constant(value=int())]) if (
                _COUNTER_WORDS & set(name.split("_"))
            ):
                return _COUNTER
            case ast.Subscript() | ast.Name(id="int"):
                return self._typed(kind, name, 0, 0)
            case _:
                return None

    def _records_of(self, name: str, kind: ast.expr) -> JsonValue:
        """Return the records of an attribute, in a list where the class keeps them in one."""
        records = [self._collected(name, n) for n in range(self.filler.records)]
        if (name,) in self.shapes.lists or isinstance(kind, ast.List):
            return [*records]
        return {self.filler.id_of(name, n): record for n, record in enumerate(records)}

    def _holds_records(self, name: str) -> bool:
        """Say whether an attribute holds records, or is at least looked up by ids."""
        looked_up = any(name in holders for holders in self.hints.holders.values())
        return bool(self._fields_of(name) or (name,) in self.shapes.fields or looked_up)

    def _collected(self, name: str, turn: int) -> JsonObject:
        """Return a record of a collection: declared, planned, or as the code uses it."""
        fields = self._fields_of(name)
        if fields:
            return self._record(fields, name, turn)
        self.guessed = True
        return self._shaped((name,), turn)

    def _shaped(self, path: Path, turn: int) -> JsonObject:
        """Return a record as the code writes and reads it."""
        record: JsonObject = {}
        for name, kind, inner, listed in parts_of(self.shapes, path):
            if inner and listed:
                record[name] = [self._shaped(inner, turn + n) for n in range(2)]
            elif inner:
                record[name] = self._shaped(inner, turn)
            else:
                fields = dict.fromkeys(self.shapes.fields[path], "") | {name: kind}
                record[name] = self._record(fields, path[-1], turn)[name]
        return record

    def _fields_of(self, name: str) -> Mapping[str, str]:
        """Return the fields of the records that a collection of that name holds."""
        return self.hints.record_for(name) or self._entity(singular(name))

    def _entity(self, name: str) -> Mapping[str, str]:
        plain = name.replace("_", "")
        found = [self.entities[one] for one in self.entities if one.replace(" ", "") == plain]
        return found[0] if found else dict[str, str]()

    def _typed(self, kind: ast.expr, name: str, turn: int, depth: int) -> JsonValue:
        """Return a value of a declared type."""
        match kind:
            case ast.Subscript(value=outer, slice=inner):
                return self._generic(_last(outer), inner, name, turn, depth)
            case ast.Constant(value=str(text)):
                return self._typed(ast.parse(text, mode="eval").body, name, turn, depth)
            case ast.BinOp(left=left):
                return self._typed(left, name, turn, depth)
            case _:
                return self._named(_last(kind), name, turn, depth)

    def _generic(self, outer: str, inner: ast.expr, name: str, turn: int, depth: int) -> JsonValue:
        """Return a value of a type with parameters, such as `Dict[str, Book]`."""
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        value: JsonValue
        match outer.lower():
            case "dict" | "defaultdict" | "mapping" if len(parts) == 2:
                value = self._dict(parts[0], parts[1], name, depth)
            case "list" | "sequence":
                value = self._several(parts[0], name, turn, depth, self._count(depth))
            case "set" | "frozenset":
                value = {"$set": self._several(parts[0], name, turn, depth, 2)}
            case "tuple":
                value = {"$tuple": self._each(parts, name, turn, depth)}
            case "literal":
                value = _word_of(parts, turn)
            case "optional" if self.filler.chance.random() < 0.25 and stem_of(name) is None:
                value = None
            case _:
                value = self._typed(parts[0], name, turn, depth)
        return value

    def _count(self, depth: int) -> int:
        return self.filler.records if depth == 0 else 2

    def _each(self, parts: Sequence[ast.expr], name: str, turn: int, depth: int) -> list[JsonValue]:
        """Return a value of each type; `...` is none."""
        kinds = [one for one in parts if not isinstance(one, ast.Constant)]
        return [self._typed(one, name, turn, depth + 1) for one in kinds]

    def _several(
        self, kind: ast.expr, name: str, turn: int, depth: int, count: int
    ) -> list[JsonValue]:
        """Return distinct values of a type."""
        values = [self._typed(kind, name, n + turn, depth + 1) for n in range(count)]
        return [*{canonical(value): value for value in values}.values()]

    def _dict(self, key: ast.expr, value: ast.expr, name: str, depth: int) -> JsonValue:
        turns = range(self._count(depth))
        if not depth and ast.unparse(value) in _LOOSE and (name,) in self.shapes.fields:
            return {self.filler.key(name, n, 0): self._collected(name, n) for n in turns}
        if _last(key) == "int" or isinstance(key, ast.Subscript):
            return {"$dict": [self._pair(key, value, name, n, depth) for n in turns]}
        keys = [self.filler.key(name, n, depth) for n in turns]
        return {key: self._typed(value, name, n, depth + 1) for n, key in enumerate(keys)}

    def _pair(
        self, key: ast.expr, value: ast.expr, name: str, turn: int, depth: int
    ) -> list[JsonValue]:
        """Return a key that is no text, and what lies under it."""
        own = turn + 1 if _last(key) == "int" else self._typed(key, name, turn, depth + 1)
        return [own, self._typed(value, name, turn, depth + 1)]

    def _named(self, kind: str, name: str, turn: int, depth: int) -> JsonValue:
        if kind in self.hints.records and depth <= _MAX_DEPTH:
            return self._record(self.hints.records[kind], name, turn, kind)
        if kind in {"dict", "Dict"}:
            return {}
        if kind in {"list", "List"}:
            return []
        place = Place(name, _TYPES.get(kind, "string"), self.hints.notes.get(name, ""))
        return self.filler.value(place, turn)

    def _record(
        self, fields: Mapping[str, str], owner: str, turn: int, kind: str = ""
    ) -> JsonObject:
        record: JsonObject = {}
        own = self.filler.own_names(owner)
        for name, text in fields.items():
            if name in own:
                record[name] = turn + 1 if text == "int" else self.filler.id_of(owner, turn)
                continue
            type_ = _TYPES.get(text.removeprefix("Optional[").removesuffix("]"), "")
            if type_ or not text:
                note = self.hints.notes.get(f"{kind}.{name}" if kind else name, "")
                usual = tuple(self.hints.examples_for(fields, name))
                record[name] = self.filler.value(Place(name, type_ or "string", note, usual), turn)
            else:
                record[name] = self._typed(ast.parse(text, mode="eval").body, name, turn, 2)
        return record


_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _word_of(parts: Sequence[ast.expr], turn: int) -> str:
    """Return one of the words of a `Literal`."""
    words = [one.value for one in parts if isinstance(one, ast.Constant)]
    return str(words[turn % len(words)])
