"""States whose equal parts are one object, and what was worked out of such a part.

States of one environment differ in little: what was read from a part that did not change need not
be read again. A state is never changed after it was read.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import orjson
from pydantic import JsonValue

from envscaler.records import JsonObject

Found = TypeVar("Found")
_MOST_BYTES = 16 << 20
"""Of JSON that parts may take together; beyond it the oldest are forgotten."""


class ByIdentity(Generic[Found]):
    """Remembers what was worked out of an object, for the last ones that were asked for.

    Args:
        most: Objects that are remembered.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[tuple[int, str], tuple[object, Found]] = OrderedDict()

    def of(self, thing: object, find: Callable[[], Found], name: str = "") -> Found:
        """Return what is known of an object under a name, or find it out.

        The object is kept, so that no other gets its identity.
        """
        key = (id(thing), name)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (thing, find())
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return known[1]

    def known(self, thing: object, name: str = "") -> Found | None:
        """Return what is known of an object under a name; None where that is nothing."""
        known = self._known.get((id(thing), name))
        return None if known is None else known[1]


class _Parts:
    def __init__(self) -> None:
        self._known: OrderedDict[bytes, JsonValue] = OrderedDict()
        self._size = 0

    def one(self, part: JsonValue) -> JsonValue:
        """Return the object that stands for all parts alike: with it 1, 1.0 and true differ."""
        if not isinstance(part, dict | list):
            return part
        try:
            text = orjson.dumps(part)
        except TypeError:  # an integer beyond 64 bits, or half a surrogate pair
            return part
        if text not in self._known:
            self._known[text] = part
            self._size += len(text)
            while self._size > _MOST_BYTES:
                oldest, _ = self._known.popitem(last=False)
                self._size -= len(oldest)
        return self._known.get(text, part)


_parts = _Parts()


def with_shared_parts(state: JsonObject) -> JsonObject:
    """Return a state in which each attribute is one object with all its equals."""
    return {name: _parts.one(value) for name, value in state.items()}


_TAG = b'{"$'


def has_tags(value: JsonValue) -> bool:
    """Say whether there may be a tag anywhere in a value; False where there is none."""
    try:
        return _TAG in orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, or half a surrogate pair
        return True


def changed_parts(one: JsonObject, other: JsonObject) -> JsonObject:
    """Return the attributes of a state that another one has not, as far as identity tells."""
    return {name: value for name, value in one.items() if value is not other.get(name, one)}
