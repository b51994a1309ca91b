"""Write Python values as JSON with tags, by their exact type.

No method of a generated class is called: a subclass is written by what its builtin base holds.
`envscaler.environment.state.encoding` documents the tags and reads them on the host.
"""

import json
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import chain
from types import GetSetDescriptorType, NoneType
from typing import cast
from uuid import UUID

from .wire import MODULE

MAX_DEPTH = 40
"""With its tags a value takes up to four levels of JSON, and readers of rows stop before 200."""
_JSON_INT = 2**63
_MAX_DIGIT_BITS = 14_000
"""Python refuses to write longer integers in decimal."""
_FIRST_KEY, _LATER_KEY = '{"$', ',"$'
"""What stands before a key that needs a tag. A value as `$9.99` follows a colon, and needs none."""
_ATOMS = frozenset((str, int, bool, type(None), float))
_PLAIN = _ATOMS | {dict, list}
_STRING = frozenset((str,))
_FACTORIES = {kind: kind.__name__ for kind in (bool, dict, float, int, list, set, str, tuple)}

_pairs_of = cast("Callable[[object], Iterable[tuple[object, object]]]", dict.items)
_members = cast("Callable[[Iterable[object]], Iterable[object]]", chain.from_iterable)
_values = cast("Callable[[object], Iterable[object]]", dict.values)
_list_items = cast("Callable[[object], Iterable[object]]", list.__iter__)


def _encoder(*, sort_keys: bool) -> Callable[[object], str]:
    """Make an encoder for what is known to be plain, and so to hold no circle."""
    return json.JSONEncoder(
        ensure_ascii=False,
        allow_nan=False,
        check_circular=False,
        separators=(",", ":"),
        sort_keys=sort_keys,
    ).encode


_encode, _encode_sorted = _encoder(sort_keys=False), _encoder(sort_keys=True)


class ExportError(Exception):
    """The value has no place in JSON; the message says which part of it."""


Steps = tuple[object, ...]
"""From the outside in, where a value is: names of fields, keys, places in lists."""


class Above:
    """What is around a value while it is written.

    Args:
        containers: Identities of the containers around it.
        objects: Identity → place of the objects that are no records, of those written so far; None
            where such an object has no form.
        owner: Class of the environment itself, which is no part of its state.
    """

    __slots__ = ("containers", "objects", "owner")

    def __init__(
        self,
        containers: tuple[int, ...] = (),
        objects: dict[int, Steps] | None = None,
        owner: type | None = None,
    ) -> None:
        self.containers, self.objects, self.owner = containers, objects, owner

    def within(self, value: object, path: Steps) -> "Above":
        """Return what is around the parts of a value; ExportError where it is cyclic or deep."""
        if id(value) in self.containers:
            raise ExportError(f"{_told(path)} contains itself")
        if len(self.containers) >= MAX_DEPTH:
            raise ExportError(f"{_told(path)[:60]}… is nested more than {MAX_DEPTH} deep")
        return Above((*self.containers, id(value)), self.objects, self.owner)

    def members(self, value: object) -> dict[str, object] | None:
        """Return the attributes of an object by which it is written; None where it is not."""
        kind = type(value)
        if self.objects is None or kind is self.owner or not _has_only_attributes(kind):
            return None
        return cast("dict[str, object]", object.__getattribute__(value, "__dict__"))


_WITHOUT_STATE = (MODULE, "abc", "typing")
"""Modules whose classes keep nothing of an object outside its attributes."""


def _has_only_attributes(kind: type) -> bool:
    """Say whether all of an object is in its attributes: no base in C, no slots."""
    own = [vars(each) for each in kind.__mro__[:-1]]
    return (
        vars(kind).get("__module__") == MODULE
        and all(
            each.get("__module__") in _WITHOUT_STATE and not each.get("__slots__") for each in own
        )
        and not hides_attributes(kind)
    )


def hides_attributes(kind: type) -> bool:
    """Say whether a class answers for itself what its attributes are, and so may leave some out."""
    answers = [type(cast("object", vars(each).get("__dict__"))) for each in kind.__mro__]
    return any(one not in (NoneType, GetSetDescriptorType) for one in answers)


_NOTHING = Above()


def to_json(value: object) -> bytes:
    """Encode a value.

    Raises:
        ExportError: It is cyclic, too deep, or of a type that has no tag.
    """
    return _to_json(value, _NOTHING)


def state_to_json(value: object, owner: type | None = None) -> bytes:
    """Encode attributes, in which objects of the module's own classes are records as well.

    Of an object that is met again only its place is: `{"$ref": ["root", "contents", "home"]}`.

    Args:
        value: Attributes, or one of them.
        owner: Class of the environment, whose objects are no records.

    Raises:
        ExportError: As of `to_json`.
    """
    return _to_json(value, Above(objects={}, owner=owner))


def _to_json(value: object, above: Above) -> bytes:
    # Only what is plain may meet the encoder first: it calls methods of subclasses.
    text = encode_plain(value) if _is_plain(value) else None
    if text is None:
        text = _encode(_tag(value, above, ()))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ExportError(f"a string holds {error.object[error.start]!a}, half a pair") from None


def encode_plain(value: object) -> str | None:
    """Encode plain data; None where a key or a number in it needs a tag."""
    try:
        text = _encode(value)
    except ValueError:  # not a number, or infinite
        return None
    return None if _FIRST_KEY in text or _LATER_KEY in text else text


def _is_plain(value: object) -> bool:
    """Say whether nothing but exact JSON types and 64-bit integers is inside, and not too deep."""
    level = [value]
    for _ in range(MAX_DEPTH):
        kinds = set(map(type, level))
        if not kinds <= _PLAIN or (int in kinds and not _fit(level)):
            return False
        if kinds <= _ATOMS:
            return True
        dicts = _of(dict, level)
        if not _STRING.issuperset(map(type, _members(dicts))):
            return False
        inner = _members(map(_values, dicts))
        level = [*inner, *_members(_of(list, level))] if list in kinds else list(inner)
    return False


def _of(kind: type[Iterable[object]], values: list[object]) -> list[Iterable[object]]:
    return [value for value in values if type(value) is kind]


def _fit(values: list[object]) -> bool:
    """Say whether every integer among some values has at most 64 bits."""
    return not [n for n in values if type(n) is int and not -_JSON_INT <= n < _JSON_INT]


def _tag(value: object, above: Above, path: Steps) -> object:
    """Turn a value into plain JSON data.

    Args:
        value: Anything.
        above: What is around it.
        path: Where it is.
    """
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if above.objects and id(value) in above.objects:
        return _tag_reference(above.objects[id(value)], path)
    inside = above.within(value, path)
    for base, writer in _WRITERS.items():
        if issubclass(kind, base):
            return writer(value, inside, path)
    return _tag_object(value, inside, path)


def _tag_reference(target: Steps, path: Steps) -> object:
    """Write an object again, by the place where it was written first."""
    return {"$ref": [_tag(step, _NOTHING, path) for step in target]}


def _tag_object(value: object, inside: Above, path: Steps) -> object:
    """Write an object by its fields, or by its attributes where it is one of the state."""
    kind = type(value)
    if (names := field_names(kind)) is not None:
        return _tag_fields(value, names, inside, path)
    if (members := inside.members(value)) is not None and inside.objects is not None:
        inside.objects[id(value)] = path
        return _tag_fields(value, list(members), inside, path)
    slots = " (it has __slots__; attributes without them can be held)" if _has_slots(kind) else ""
    raise ExportError(f"{_told(path)} is a {kind.__name__}, which JSON cannot hold{slots}")


def _has_slots(kind: type) -> bool:
    own = vars(kind)
    return own.get("__module__") == MODULE and bool(own.get("__slots__"))


def _told(path: Steps) -> str:
    """Write a place as a person does: `orders.O1.lines[2]`."""
    steps = [f".{each}" if type(each) is str else f"[{_name(each)}]" for each in path]
    return "".join(steps).removeprefix(".") or "the value"


def _tag_items(items: Iterable[object], above: Above, path: Steps) -> list[object]:
    return [_tag(item, above, (*path, n)) for n, item in enumerate(items)]


def _tag_pairs(members: object, above: Above, path: Steps) -> list[object]:
    return [
        [_tag(key, above, path), _tag(item, above, (*path, key))]
        for key, item in _pairs_of(members)
    ]


def _name(key: object) -> str:
    return repr(key) if type(key) in _ATOMS else type(key).__name__


def _tag_enum(value: object, above: Above, path: Steps) -> object:
    member = cast("Enum", value).__dict__
    content = _tag(member["_value_"], above, path)
    return {"$enum": [type(value).__name__, member["_name_"], content]}


def _tag_int(value: object, _above: Above, path: Steps) -> object:
    number = int.__int__(cast("int", value))
    if -_JSON_INT <= number < _JSON_INT:
        return number
    if number.bit_length() > _MAX_DIGIT_BITS:
        raise ExportError(f"{_told(path)} is an integer of {number.bit_length()} bits")
    return {"$int": str(number)}


def _tag_float(value: object, _above: Above, _path: Steps) -> object:
    number = float.__float__(cast("float", value))
    if number - number == 0:
        return number
    return {"$float": float.__repr__(number)}


def _tag_dict(value: object, above: Above, path: Steps) -> object:
    pairs = list(_pairs_of(value))
    if all(isinstance(key, str) and type(key) is str and key[:1] != "$" for key, _ in pairs):
        return {cast("str", key): _tag(item, above, (*path, key)) for key, item in pairs}
    return {"$dict": _tag_pairs(value, above, path)}


def _tag_defaultdict(value: object, above: Above, path: Steps) -> object:
    members = cast("defaultdict[object, object]", value)
    factory = members.default_factory
    name = _FACTORIES.get(factory) if isinstance(factory, type) else None
    return {"$defaultdict": [name, _tag_pairs(members, above, path)]}


def field_names(kind: type) -> list[str] | None:
    """Return the fields of a dataclass or a pydantic model; None for any other class."""
    if is_dataclass(kind):
        return [field.name for field in fields(kind)]
    found = cast("object", vars(cast("type", kind)).get("__pydantic_fields__"))
    return [*map(str, cast("dict[object, object]", found))] if type(found) is dict else None


def _tag_fields(value: object, names: list[str], above: Above, path: Steps) -> dict[str, object]:
    members = {
        name: _tag(object.__getattribute__(value, name), above, (*path, name)) for name in names
    }
    return {"$dataclass": [type(value).__name__, members]}


Writer = Callable[[object, Above, Steps], object]


def _items_named(name: str, kind: type) -> Writer:
    items = cast("Callable[[object], Iterable[object]]", vars(kind)["__iter__"])
    return lambda value, above, path: {name: _tag_items(items(value), above, path)}


def _sorted_named(name: str, kind: type) -> Writer:
    items = cast("Callable[[object], Iterable[object]]", vars(kind)["__iter__"])
    return lambda value, above, path: {
        name: sorted(_tag_items(items(value), above, path), key=_encode_sorted)
    }


def _pairs_named(name: str) -> Writer:
    return lambda value, above, path: {name: _tag_pairs(value, above, path)}


def _text_named(name: str, text: Callable[..., object]) -> Writer:
    def write(value: object, _above: Above, _path: Steps) -> object:
        return {name: text(value)}

    return write


# A subclass comes before its base: the first that fits is taken.
_WRITERS: dict[type, Writer] = {
    Enum: _tag_enum,
    str: lambda value, _above, _path: str.__str__(cast("str", value)),
    bool: lambda value, _above, _path: value,
    int: _tag_int,
    float: _tag_float,
    defaultdict: _tag_defaultdict,
    OrderedDict: _pairs_named("$ordereddict"),
    Counter: _pairs_named("$counter"),
    dict: _tag_dict,
    list: lambda value, above, path: _tag_items(_list_items(value), above, path),
    tuple: _items_named("$tuple", tuple),
    set: _sorted_named("$set", set),
    frozenset: _sorted_named("$frozenset", frozenset),
    deque: _items_named("$deque", deque),
    datetime: _text_named("$datetime", datetime.isoformat),
    date: _text_named("$date", date.isoformat),
    time: _text_named("$time", time.isoformat),
    timedelta: _text_named("$timedelta", timedelta.total_seconds),
    Decimal: _text_named("$decimal", Decimal.__str__),
    bytes: _text_named("$bytes", bytes.hex),
    UUID: _text_named("$uuid", UUID.__str__),
}
