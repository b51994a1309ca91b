"""Read JSON with tags back into Python values, inside a worker."""

import contextlib
import datetime
import json
import marshal
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import cast
from uuid import UUID

_pack = cast("Callable[[object], bytes]", marshal.dumps)
_unpack = marshal.loads
_decode = json.JSONDecoder().decode
_TAGGED = '{"$'
"""A tag is the only key of its object, and what is read was written without spaces."""
_FACTORIES = {kind.__name__: kind for kind in (bool, dict, float, int, list, set, str, tuple)}


def from_json(text: str, classes: Mapping[str, object] | None = None) -> object:
    """Decode a value.

    Args:
        text: JSON with tags.
        classes: Where Enums and dataclasses are looked up by name. Without it, or where a name is
            missing, an Enum member becomes its value and a dataclass instance a `Fields`.
    """
    value = _decode(text)
    return _Reader(classes or {}).whole(value) if _TAGGED in text else value


class Copies:
    """Any number of independent copies of one value.

    Args:
        text: The value as JSON with tags.
        classes: As for `from_json`.
    """

    def __init__(self, text: str, classes: Mapping[str, object] | None = None) -> None:
        self._text, self._classes = text, classes
        self._is_tagged = _TAGGED in text
        self._packed: bytes | None = None
        self._shared: list[object] = []

    def take(self) -> object:
        """Return a copy that nobody else has."""
        if self._packed is not None:
            return _unpack(self._packed)
        value = from_json(self._text, self._classes)
        # Three times as fast as to decode again, but it knows only the plainest types.
        with contextlib.suppress(ValueError):
            self._packed = _pack(value)
        return value

    def share(self) -> object:
        """Return the one copy of all those that only read it."""
        if self._is_tagged:  # to read a missing key of a defaultdict changes it
            return self.take()
        if not self._shared:
            self._shared.append(_decode(self._text))
        return self._shared[0]


class Parts:
    """Values of which states are put together, each decoded once.

    Args:
        texts: The values as JSON, without tags.
    """

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._texts = texts
        self._values: dict[int, object] = {}

    def state(self, text: str) -> Copies:
        """Return copies of a state.

        Args:
            text: The state as JSON, or a list of its names, each with the number of a part.
        """
        if text[:1] != "[":
            return Copies(text)
        pairs = cast("list[tuple[str, int]]", _decode(text))
        return _Joined({name: self._part(number) for name, number in pairs})

    def _part(self, number: int) -> object:
        if number not in self._values:
            self._values[number] = _decode(self._texts[number].decode())
        return self._values[number]


class _Joined(Copies):
    """Copies of a state that was put together.

    Args:
        value: The state, whose parts are those of others.
    """

    def __init__(self, value: object) -> None:
        super().__init__("")
        self._shared.append(value)

    def take(self) -> object:
        """Return a copy that nobody else has."""
        if self._packed is None:
            self._packed = _pack(self._shared[0])
        return _unpack(self._packed)


class Fields(dict[str, object]):
    """A dataclass instance whose class is not known: its fields, as keys and as attributes.

    It can be a member of a set or a key, as an instance of a frozen dataclass can.
    """

    def __getattribute__(self, name: str) -> object:
        # Fields first: one may be called `items`.
        return self[name] if name in self else super().__getattribute__(name)

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(super().items()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in super().items())
        return f"{type(self).__name__}({fields})"


# Not `functools.cache`: with it two processes differ in `sys.getallocatedblocks()`.
_FIELDS_TYPES: dict[str, type[Fields]] = {}


def _fields_type(name: str) -> type[Fields]:
    """Make a class of the name that the generated one has."""
    if name not in _FIELDS_TYPES:
        _FIELDS_TYPES[name] = type(name, (Fields,), {})
    return _FIELDS_TYPES[name]


class _Place:
    """Stands for an object until all is read: it is the one at a place."""

    def __init__(self, steps: list[object]) -> None:
        self.steps = steps


def _at(value: object, steps: list[object]) -> object:
    for step in steps:
        if isinstance(value, dict):
            value = cast("dict[object, object]", value)[step]
        elif isinstance(value, list | tuple):
            value = cast("list[object]", value)[cast("int", step)]
        else:
            value = object.__getattribute__(value, cast("str", step))
    return value


class _Reader:
    def __init__(self, classes: Mapping[str, object]) -> None:
        self._classes = classes
        self._places: list[tuple[Callable[[object], None], list[object]]] = []
        self._own: dict[str, Callable[[object], object]] = {
            "$enum": self._enum,
            "$dataclass": self._dataclass,
            "$ref": self._ref,
            "$defaultdict": self._defaultdict,
            "$set": lambda content: set(self._items(content)),
            "$frozenset": lambda content: frozenset(self._items(content)),
            "$tuple": lambda content: self._tuple(self._items(content)),
            "$deque": lambda content: deque(self._items(content)),
            "$dict": lambda content: dict(self._pairs(content)),
            "$counter": lambda content: Counter(dict(self._pairs(content))),
            "$ordereddict": lambda content: OrderedDict(self._pairs(content)),
        }

    def whole(self, value: object) -> object:
        """Read a value, and put the objects in their places that are told by these alone."""
        found = self.read(value)
        for put, steps in self._places:
            put(_at(found, steps))
        return found

    def read(self, value: object) -> object:
        if isinstance(value, list):
            return self._with_objects(self._items(cast("list[object]", value)))
        if not isinstance(value, dict):
            return value
        members = cast("dict[str, object]", value)
        if len(members) == 1:
            [(name, content)] = members.items()
            if name in self._own:
                return self._own[name](content)
            if name in _ATOMS:
                return _ATOMS[name](content)
        return self._with_objects({key: self.read(item) for key, item in members.items()})

    def _with_objects(self, read: dict[str, object] | list[object]) -> object:
        """Note where an object is missing that is told by its place."""
        for key, item in read.items() if isinstance(read, dict) else enumerate(read):
            if isinstance(item, _Place):
                put = cast("Callable[[object, object], None]", read.__setitem__)
                self._places.append((partial(put, key), item.steps))
        return read

    def _items(self, content: object) -> list[object]:
        return [self.read(item) for item in cast("list[object]", content)]

    def _pairs(self, content: object) -> list[tuple[object, object]]:
        pairs = cast("list[tuple[object, object]]", content)
        return [(self.read(key), self.read(item)) for key, item in pairs]

    def _tuple(self, items: list[object]) -> object:
        """Make the named tuple that the class has with so many fields; a plain one where none is.

        A named tuple does all that a plain one does.
        """
        makers = [make for number, make in self._named_tuples() if number == len(items)]
        return makers[0](*items) if len(makers) == 1 else tuple(items)

    def _named_tuples(self) -> Iterator[tuple[int, Callable[..., object]]]:
        """Yield how many fields each named tuple of the class has, and what makes one."""
        for kind in self._classes.values():
            if isinstance(kind, type) and issubclass(kind, tuple):
                named = cast("type[object]", kind)
                fields = cast("tuple[str, ...]", vars(named).get("_fields", ()))
                yield len(fields), named

    def _defaultdict(self, content: object) -> object:
        factory, pairs = cast("tuple[str | None, object]", content)
        make = None if factory is None else _FACTORIES[factory]
        return defaultdict(cast("Callable[[], object] | None", make), self._pairs(pairs))

    def _ref(self, content: object) -> object:
        if self._classes and isinstance(content, list):
            return _Place(self._items(cast("list[object]", content)))
        return {"$ref": self.read(content)}

    def _enum(self, content: object) -> object:
        kind, name, value = cast("tuple[str, str, object]", content)
        found = self._classes.get(kind)
        if isinstance(found, type) and issubclass(found, Enum):
            return found[name]
        return self.read(value)

    def _dataclass(self, content: object) -> object:
        kind, members = cast("tuple[str, dict[str, object]]", content)
        values = {name: self.read(item) for name, item in members.items()}
        found = self._classes.get(kind)
        if not isinstance(found, type):
            return _fields_type(kind)(values)
        instance = cast("object", object.__new__(found))
        for name, item in values.items():
            if isinstance(item, _Place):
                put = partial(object.__setattr__, instance, name)
                self._places.append((put, item.steps))
            object.__setattr__(instance, name, item)
        if "__pydantic_fields__" in vars(found):
            _complete(instance, set(values))
        return instance


def _complete(model: object, given: set[str]) -> None:
    """Set what pydantic keeps beside the fields of a model."""
    object.__setattr__(model, "__pydantic_fields_set__", given)
    object.__setattr__(model, "__pydantic_extra__", None)
    object.__setattr__(model, "__pydantic_private__", None)


# Looked up when they are needed: the virtual clock comes after this module.
def _datetime(iso: str) -> object:
    return datetime.datetime.fromisoformat(iso)


def _date(iso: str) -> object:
    return datetime.date.fromisoformat(iso)


def _timedelta(seconds: float) -> object:
    return datetime.timedelta(seconds=seconds)


_ATOMS: dict[str, Callable[..., object]] = {
    "$datetime": _datetime,
    "$date": _date,
    "$time": datetime.time.fromisoformat,
    "$timedelta": _timedelta,
    "$decimal": Decimal,
    "$bytes": bytes.fromhex,
    "$uuid": UUID,
    "$int": int,
    "$float": float,
}
