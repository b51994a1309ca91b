"""The state of an environment as JSON, with Python's exact types in tags.

JSON has no sets, dates or integer keys. Such a value is an object with one key, its tag:

    {"$set": [...]}  {"$frozenset": [...]}     sorted by their canonical JSON
    {"$tuple": [...]}  {"$deque": [...]}       in order
    {"$dict": [[key, value], ...]}             keys that are not all strings, or one starts with $
    {"$counter": [[key, n], ...]}  {"$ordereddict": [[key, value], ...]}
    {"$defaultdict": [factory, [[key, value], ...]]}   a builtin's name, or null
    {"$datetime": iso}  {"$date": iso}  {"$time": iso}  {"$timedelta": seconds}
    {"$decimal": "1.20"}  {"$bytes": hex}  {"$uuid": "..."}
    {"$float": "nan" | "inf" | "-inf"}  {"$int": "..."}    beyond what JSON can hold
    {"$enum": [class, name, value]}  {"$dataclass": [class, {field: value}]}
    {"$ref": [step, ...]}                      an object that is written there, from the outside in

Objects of the module's own classes are written like dataclasses, by their attributes, each once.

The worker writes these tags; here is where the host reads them. The order of keys is kept but is
no part of what a state is: `canonical` and `diff` do not see it.
"""

import json
import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from envscaler.errors import ArtifactError

_JSON_INT = 2**63
_FACTORIES: dict[str, Callable[[], object]] = {
    kind.__name__: kind for kind in (bool, dict, float, int, list, set, str, tuple)
}


@dataclass(frozen=True)
class GuestEnum:
    """A member of an Enum that only the generated class knows."""

    class_name: str
    name: str
    value: object

    def __str__(self) -> str:
        return f"{self.class_name}.{self.name}"

    def __repr__(self) -> str:
        return f"<{self.class_name}.{self.name}: {self.value!r}>"

    def __hash__(self) -> int:
        return hash((self.class_name, self.name))


@dataclass(frozen=True)
class GuestDataclass:
    """An instance of a dataclass that only the generated class knows."""

    class_name: str
    fields: dict[str, object]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.class_name}({fields})"

    def __hash__(self) -> int:
        return hash((self.class_name, tuple(self.fields.items())))


def canonical(value: JsonValue) -> bytes:
    """Write a tagged value so that equal values, and only they, give equal bytes."""
    text = _sorted_json(value)
    return _sorted_json(_with_sorted_pairs(value)) if b'"$dict"' in text else text


def _sorted_json(value: JsonValue) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an untagged integer beyond 64 bits, or half a surrogate pair
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _with_sorted_pairs(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_with_sorted_pairs(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {key: _with_sorted_pairs(item) for key, item in value.items()}
    pairs = members.get("$dict")
    if len(members) == 1 and isinstance(pairs, list):
        return {"$dict": sorted(pairs, key=_sorted_json)}
    return members


def python_text(value: JsonValue) -> str:
    """Write a tagged value as Python's `str()` writes what it stands for."""
    return str(untag(value))


def tag(value: object) -> JsonValue:
    """Turn a Python value into JSON with tags, by exact type.

    Raises:
        TypeError: A type that has no tag.
    """
    if value is None or isinstance(value, str | bool):
        return value
    writer = _WRITERS.get(type(value))
    if writer is None:
        raise TypeError(f"A value of type {type(value).__name__} has no place in a state")
    return writer(value)


def untag(value: JsonValue) -> object:
    """Turn tagged JSON into the Python value it stands for.

    Raises:
        ArtifactError: A tag with something in it that it cannot hold.
    """
    if isinstance(value, list):
        return [untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(name, content)] = value.items()
        reader = _READERS.get(name)
        if reader is not None:
            return _read_tag(reader, name, content)
    return {key: untag(item) for key, item in value.items()}


def _read_tag(reader: Callable[[JsonValue], object], name: str, content: JsonValue) -> object:
    try:
        return reader(content)
    except (TypeError, ValueError, ArithmeticError, KeyError) as error:
        raise ArtifactError(f"{name} cannot hold {str(content)[:80]}: {error}") from error


def _pairs(content: JsonValue) -> list[tuple[object, object]]:
    pairs = cast("list[list[JsonValue]]", content)
    return [(untag(key), untag(value)) for key, value in pairs]


def _tag_pairs(value: object) -> list[JsonValue]:
    items = cast("Mapping[object, object]", value).items()
    return [[tag(key), tag(item)] for key, item in items]


def _tag_int(value: object) -> JsonValue:
    number = cast("int", value)
    return number if -_JSON_INT <= number < _JSON_INT else {"$int": str(number)}


def _tag_float(value: object) -> JsonValue:
    number = cast("float", value)
    return number if math.isfinite(number) else {"$float": str(number)}


def _tag_dict(value: object) -> JsonValue:
    members = cast("dict[object, object]", value)
    if all(isinstance(key, str) and not key.startswith("$") for key in members):
        return {cast("str", key): tag(item) for key, item in members.items()}
    return {"$dict": _tag_pairs(members)}


def _tag_defaultdict(value: object) -> JsonValue:
    members = cast("defaultdict[object, object]", value)
    factory = members.default_factory
    name = next((name for name, kind in _FACTORIES.items() if kind is factory), None)
    return {"$defaultdict": [name, _tag_pairs(members)]}


def _untag_defaultdict(content: JsonValue) -> object:
    factory, pairs = cast("list[JsonValue]", content)
    return defaultdict(None if factory is None else _FACTORIES[str(factory)], _pairs(pairs))


def _tag_enum(value: object) -> JsonValue:
    member = cast("GuestEnum", value)
    return {"$enum": [member.class_name, member.name, tag(member.value)]}


def _untag_enum(content: JsonValue) -> object:
    class_name, name, value = cast("list[JsonValue]", content)
    return GuestEnum(str(class_name), str(name), untag(value))


def _tag_dataclass(value: object) -> JsonValue:
    instance = cast("GuestDataclass", value)
    fields: dict[str, JsonValue] = {name: tag(item) for name, item in instance.fields.items()}
    return {"$dataclass": [instance.class_name, fields]}


def _untag_dataclass(content: JsonValue) -> object:
    class_name, fields = cast("tuple[str, dict[str, JsonValue]]", content)
    return GuestDataclass(class_name, {name: untag(item) for name, item in fields.items()})


def _untag_items(content: JsonValue) -> list[object]:
    return [untag(item) for item in cast("list[JsonValue]", content)]


def _tag_items(value: object) -> list[JsonValue]:
    return [tag(item) for item in cast("Iterable[object]", value)]


def _sorted_items(value: object) -> list[JsonValue]:
    return sorted(_tag_items(value), key=_as_workers_write)


def _as_workers_write(item: JsonValue) -> str:
    """Write an item as workers do, which order sets by it: `-6.1e-05` is no `-0.000061` there."""
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _text(content: JsonValue) -> str:
    if not isinstance(content, str):
        raise TypeError("it has to be a string")
    return content


_WRITERS: dict[type, Callable[[object], JsonValue]] = {
    int: _tag_int,
    float: _tag_float,
    list: _tag_items,
    dict: _tag_dict,
    set: lambda value: {"$set": _sorted_items(value)},
    frozenset: lambda value: {"$frozenset": _sorted_items(value)},
    tuple: lambda value: {"$tuple": _tag_items(value)},
    deque: lambda value: {"$deque": _tag_items(value)},
    Counter: lambda value: {"$counter": _tag_pairs(value)},
    OrderedDict: lambda value: {"$ordereddict": _tag_pairs(value)},
    defaultdict: _tag_defaultdict,
    datetime: lambda value: {"$datetime": cast("datetime", value).isoformat()},
    date: lambda value: {"$date": cast("date", value).isoformat()},
    time: lambda value: {"$time": cast("time", value).isoformat()},
    timedelta: lambda value: {"$timedelta": cast("timedelta", value).total_seconds()},
    Decimal: lambda value: {"$decimal": str(value)},
    UUID: lambda value: {"$uuid": str(value)},
    bytes: lambda value: {"$bytes": cast("bytes", value).hex()},
    GuestEnum: _tag_enum,
    GuestDataclass: _tag_dataclass,
}

_READERS: dict[str, Callable[[JsonValue], object]] = {
    "$int": lambda content: int(_text(content)),
    "$float": lambda content: float(_text(content)),
    "$set": lambda content: set(_untag_items(content)),
    "$frozenset": lambda content: frozenset(_untag_items(content)),
    "$tuple": lambda content: tuple(_untag_items(content)),
    "$deque": lambda content: deque(_untag_items(content)),
    "$dict": lambda content: dict(_pairs(content)),
    "$counter": lambda content: Counter(dict(_pairs(content))),
    "$ordereddict": lambda content: OrderedDict(_pairs(content)),
    "$defaultdict": _untag_defaultdict,
    "$datetime": lambda content: datetime.fromisoformat(_text(content)),
    "$date": lambda content: date.fromisoformat(_text(content)),
    "$time": lambda content: time.fromisoformat(_text(content)),
    "$timedelta": lambda content: timedelta(seconds=cast("float", content)),
    "$decimal": lambda content: Decimal(_text(content)),
    "$uuid": lambda content: UUID(_text(content)),
    "$bytes": lambda content: bytes.fromhex(_text(content)),
    "$enum": _untag_enum,
    "$dataclass": _untag_dataclass,
}

TAGS = frozenset(_READERS)
"""The keys that say that an object is a tagged value."""
