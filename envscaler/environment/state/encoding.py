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
import re
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
from envscaler.records import Record

_JSON_INT = 2**63
_FACTORIES: dict[str, Callable[[], object]] = {
    kind.__name__: kind for kind in (bool, dict, float, int, list, set, str, tuple)
}
_PLAIN_KEY = re.compile(r"[\w\-:@/#+ ]+")


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


class StateDiff(Record):
    """What differs between two states. Falsy when nothing does.

    A path names keys and list places from the outside in: `orders.O1.status`, `items[2]`. A key
    with other than ordinary characters is written as JSON in brackets: `prices["a.b"]`; a key
    that is not a string likewise: `seats[12]`.
    """

    added: dict[str, JsonValue]
    removed: dict[str, JsonValue]
    changed: dict[str, tuple[JsonValue, JsonValue]]
    """Path → value before and after."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


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
    return sorted(_tag_items(value), key=canonical)


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


def diff(before: JsonValue, after: JsonValue) -> StateDiff:
    """Compare two tagged states. Sets, tuples and the like change as a whole."""
    added: dict[str, JsonValue] = {}
    removed: dict[str, JsonValue] = {}
    changed: dict[str, tuple[JsonValue, JsonValue]] = {}
    pending: list[tuple[str, JsonValue, JsonValue]] = [("", before, after)]
    while pending:
        path, old, new = pending.pop()
        if _same(old, new):
            continue
        parts = _parts_of_both(old, new)
        if parts is None:
            changed[path] = (old, new)
            continue
        olds, news = parts
        added |= {_join(path, step): news[step] for step in news.keys() - olds.keys()}
        removed |= {_join(path, step): olds[step] for step in olds.keys() - news.keys()}
        pending += [
            (_join(path, step), olds[step], news[step]) for step in olds.keys() & news.keys()
        ]
    return StateDiff(
        added=dict(sorted(added.items())),
        removed=dict(sorted(removed.items())),
        changed=dict(sorted(changed.items())),
    )


def _parts_of_both(
    old: JsonValue, new: JsonValue
) -> tuple[dict[str, JsonValue], dict[str, JsonValue]] | None:
    """Return the parts of two values of one kind; None for others."""
    old_parts, new_parts = _parts(old), _parts(new)
    if old_parts is None or new_parts is None or old_parts[0] != new_parts[0]:
        return None
    return old_parts[1], new_parts[1]


def _same(old: JsonValue, new: JsonValue) -> bool:
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    # Equal bytes tell 1 from 1.0 and True inside, which `==` does not.
    return old == new and (not isinstance(old, dict | list) or canonical(old) == canonical(new))


def _parts(value: JsonValue) -> tuple[str, dict[str, JsonValue]] | None:
    """Cut a value into its kind and its parts by path step; None for what has no parts."""
    if isinstance(value, list):
        return "list", {f"[{place}]": item for place, item in enumerate(value)}
    if not isinstance(value, dict):
        return None
    name = next(iter(value), "") if len(value) == 1 else ""
    if name in _READERS:
        return _parts_of_tag(name, value[name])
    return "dict", {_step(key): item for key, item in value.items()}


def _parts_of_tag(name: str, content: JsonValue) -> tuple[str, dict[str, JsonValue]] | None:
    if name == "$dict":
        pairs = cast("list[list[JsonValue]]", content)
        return name, {f"[{canonical(key).decode()}]": item for key, item in pairs}
    if name == "$dataclass":
        class_name, fields = cast("tuple[str, dict[str, JsonValue]]", content)
        return f"{name} {class_name}", {_step(field): item for field, item in fields.items()}
    return None


def _step(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key)}]"


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path and not step.startswith("[") else path + step
