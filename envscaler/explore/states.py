"""A plausible state for an environment that comes without one, from what its source declares."""

import ast
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.environment.source import ClassSource, read_class
from envscaler.environment.state import canonical
from envscaler.explore.hints import Hints, mine
from envscaler.explore.places import singular, stem_of
from envscaler.explore.plain import plain_values
from envscaler.records import JsonObject, Skeleton

RECORDS = 5
"""Records in each collection."""
_COUNTER = 1000
"""Where counters stand, above the numbers in the ids."""
_MAX_DEPTH = 4
_KEYS = re.compile(r"\{\s*\(?(\w+)")
"""Names of keys in a comment such as `{user_id: {book_id: count}}`, from the outside in."""
_FIRST_NAMES = ("Amara Diallo", "Jonas Berg", "Mei Tanaka", "Rosa Lima", "Omar Haddad", "Ivy Cole")
_THINGS = ("North", "Harbor", "Maple", "Summit", "Cedar", "Willow")
_LEAF = re.compile(r":\s*(\w+)\s*\}")
_PEOPLE = ("user", "employee", "member", "customer", "account", "patient", "person", "agent")
_COUNTER_WORDS = frozenset(("counter", "next", "last", "seq", "sequence", "count", "index"))


def invent_state(skeleton: Skeleton, seed: int = 0) -> JsonObject:
    """Make a state with some records in every collection, which refer to each other.

    Attributes whose content the source does not tell are left to the class.

    Args:
        skeleton: The environment.
        seed: Another seed gives other values.

    Raises:
        ReplyError: The source cannot be read.
    """
    found = read_class(skeleton.source, skeleton.class_name)
    hints = mine(skeleton.source, skeleton.rules)
    chance = random.Random(f"{skeleton.class_name} {seed}")
    entities = {
        singular(one.name.lower()): {field.name: field.type for field in one.attributes}
        for one in skeleton.entities
    }
    return _Inventor(hints, dict(_attributes(found)), entities, chance).invent()


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
    chance: random.Random

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
            case ast.Dict() | ast.List() | ast.Call() if self._fields_of(name):
                records = [self._record(self._fields_of(name), name, n) for n in range(RECORDS)]
                if isinstance(kind, ast.List):
                    return [*records]
                return {self._id(name, n): record for n, record in enumerate(records)}
            case ast.Constant(value=int()) if _COUNTER_WORDS & set(name.split("_")):
                return _COUNTER
            case ast.Subscript() | ast.Name(id="int"):
                return self._typed(kind, name, 0, 0)
            case _:
                return None

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
                count = RECORDS if depth == 0 else 2
                value = self._several(parts[0], name, turn, depth, count)
            case "set" | "frozenset":
                value = {"$set": self._several(parts[0], name, turn, depth, 2)}
            case "tuple":
                kinds = [one for one in parts if not isinstance(one, ast.Constant)]
                value = {"$tuple": [self._typed(one, name, turn, depth + 1) for one in kinds]}
            case "literal":
                words = [one.value for one in parts if isinstance(one, ast.Constant)]
                value = str(words[turn % len(words)])
            case "optional" if self.chance.random() < 0.25 and stem_of(name) is None:
                value = None
            case _:
                value = self._typed(parts[0], name, turn, depth)
        return value

    def _several(
        self, kind: ast.expr, name: str, turn: int, depth: int, count: int
    ) -> list[JsonValue]:
        """Return distinct values of a type."""
        values = [self._typed(kind, name, n + turn, depth + 1) for n in range(count)]
        return [*{canonical(value): value for value in values}.values()]

    def _dict(self, key: ast.expr, value: ast.expr, name: str, depth: int) -> JsonValue:
        count = RECORDS if depth == 0 else 2
        if _last(key) == "int":
            pairs: list[JsonValue] = [
                [n + 1, self._typed(value, name, n, depth + 1)] for n in range(count)
            ]
            return {"$dict": pairs}
        if isinstance(key, ast.Subscript):
            found = [
                [self._typed(key, name, n, depth + 1), self._typed(value, name, n, depth + 1)]
                for n in range(count)
            ]
            return {"$dict": [*found]}
        keys = [self._key(name, n, depth) for n in range(count)]
        return {key: self._typed(value, name, n, depth + 1) for n, key in enumerate(keys)}

    def _key(self, name: str, turn: int, depth: int) -> str:
        """Return a key: of a record of its own, or of some other record."""
        said = _KEYS.findall(self.hints.notes.get(name, ""))[depth : depth + 1]
        words = [word for word in self.hints.words_for(said[0]) if word] if said else []
        if said and len(words) > turn and stem_of(said[0]) is None:
            return str(words[turn])
        owner = self._target(said[0]) if said else None
        if owner is None and depth == 0:
            # `user_history` has the keys of `users`.
            starts = [one for one in self.attributes if name.startswith(f"{singular(one)}_")]
            owner = next((one for one in starts if one != name), None)
        return self._id(owner or name, turn)

    def _own_names(self, owner: str) -> set[str]:
        """Return the names under which records of a collection hold their own ids."""
        return {
            "id",
            "_id",
            f"{singular(owner)}_id",
            *_KEYS.findall(self.hints.notes.get(owner, ""))[:1],
        }

    def _named(self, kind: str, name: str, turn: int, depth: int) -> JsonValue:
        if kind in self.hints.records and depth <= _MAX_DEPTH:
            return self._record(self.hints.records[kind], name, turn)
        if kind in {"dict", "Dict"}:
            return {}
        if kind in {"list", "List"}:
            return []
        return self._scalar(name, {"type": _TYPES.get(kind, "string")}, turn)

    def _record(self, fields: Mapping[str, str], owner: str, turn: int) -> JsonObject:
        record: JsonObject = {}
        for name, text in fields.items():
            own = name in self._own_names(owner)
            record[name] = self._own_id(owner, text, turn) if own else self._field(name, text, turn)
        return record

    def _own_id(self, owner: str, text: str, turn: int) -> JsonValue:
        return turn + 1 if text == "int" else self._id(owner, turn)

    def _field(self, name: str, text: str, turn: int) -> JsonValue:
        if not text:
            return self._scalar(name, {"type": "string"}, turn)
        return self._typed(ast.parse(text, mode="eval").body, name, turn, 2)

    def _scalar(self, name: str, schema: JsonObject, turn: int) -> JsonValue:
        target = self._target(name)
        if target is not None:
            place = self.chance.randrange(RECORDS)
            return place + 1 if schema["type"] == "integer" else self._id(target, place)
        if "name" in name or "title" in name:
            return self._own_words(name, turn)
        words = self.hints.words_for(self._leaf(name))
        fitting = [word for word in words if isinstance(word, str) == (schema["type"] == "string")]
        if fitting:
            return self.chance.choice(fitting) if turn else fitting[0]
        values = [*plain_values(name, schema, (), self.hints.formats)]
        value = values[turn % len(values)]
        return f"{value} {turn + 1}" if isinstance(value, str) and "Fresh" in value else value

    def _leaf(self, name: str) -> str:
        """Return what the comment calls the innermost value: `permissions` for an access list."""
        said = _LEAF.search(self.hints.notes.get(name, "")) if name in self.attributes else None
        return said[1].removesuffix("_list").removesuffix("_set") if said else name

    @staticmethod
    def _own_words(name: str, turn: int) -> str:
        people = ("name", "user", "first", "last", "full", "patient", "doctor")
        is_person = name in {"name", "full_name"} or name.split("_")[0] in people[1:]
        return (_FIRST_NAMES if is_person else _THINGS)[turn % 6]

    def _target(self, name: str, owner: str = "") -> str | None:
        """Name the collection that a field refers to: by its name, or by the comment beside it."""
        note = "" if name in self.attributes else self.hints.notes.get(name, "")
        said = re.findall(r"\w+_ids?\b", note)
        for one in (name, *said):
            stem = stem_of(one)
            words = (stem or one).split("_")
            for start in range(len(words) if stem else 1):
                wanted = singular("_".join(words[start:]))
                for other in self.attributes:
                    if singular(other) == wanted and other != owner:
                        return other
        others = [one for one in self.attributes if one != owner]
        keyed = [one for one in others if name in self._own_names(one)]
        if name.endswith("_id"):
            # `owner_id` and `author_id` are of people, whatever these are called.
            keyed += [one for one in others if singular(one) in _PEOPLE]
        return keyed[0] if keyed and name not in {"id", "_id"} else None

    @staticmethod
    def _id(owner: str, turn: int) -> str:
        return f"{singular(owner)}-{turn + 1}"


_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "str": "string"}


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
