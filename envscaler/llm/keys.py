"""Keys of requests: a hash of what is asked, carried on from one turn of a dialogue to the next.

A dialogue grows at its end, and what is before the end is most of it. So the state of the hash
after the messages that were there already is kept, and only the new ones are hashed.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from operator import is_
from typing import NamedTuple, Protocol, Self, cast

import orjson

MESSAGES = "messages"
_FURTHEST = 8
"""Messages by which a dialogue may have grown since it was last asked about."""


class _Hash(Protocol):
    """What `hashlib.sha256` makes."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...
    def copy(self) -> Self: ...


def key_of(body: object, *, sample: int, seed: int) -> str:
    """Name a request: equal for equal bodies, whatever the order of their keys."""
    return _named(hashlib.sha256(_canonical(body)), sample, seed)


def _named(digest: _Hash, sample: int, seed: int) -> str:
    digest.update(b"\n%d\n%d" % (sample, seed))
    return digest.hexdigest()


def _canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


class _Asked(NamedTuple):
    """A dialogue up to some message; a tuple, since two are made in every call."""

    head: bytes
    """What stands before the messages in the canonical body."""
    messages: Sequence[object]
    """Kept, so that their identity is nobody else's."""
    digest: _Hash

    def begins(self, head: bytes, messages: Sequence[object]) -> bool:
        """Say whether a dialogue begins with this one: the very same objects."""
        return self.head == head and all(map(is_, self.messages, messages))


class Dialogues:
    """Keys of dialogues, each hashed from where it was last asked about.

    Args:
        most: Dialogues that are remembered.
    """

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._asked: OrderedDict[int, _Asked] = OrderedDict()

    def key_of(self, body: Mapping[str, object], *, sample: int, seed: int) -> str:
        """Name a request as the function does.

        Args:
            body: Its messages are a tuple, and nobody changes one of them later.
            sample: As for the function.
            seed: As for the function.
        """
        messages = body[MESSAGES]
        if not isinstance(messages, tuple) or not messages:
            return key_of(body, sample=sample, seed=seed)
        before = {name: value for name, value in body.items() if name < MESSAGES}
        behind = {name: value for name, value in body.items() if name > MESSAGES}
        head = _canonical(before)[:-1] + (b',"messages":[' if before else b'"messages":[')
        digest = self._hash(head, cast("tuple[object, ...]", messages))
        digest.update(b"]," + _canonical(behind)[1:] if behind else b"]}")
        return _named(digest, sample, seed)

    def _hash(self, head: bytes, messages: Sequence[object]) -> _Hash:
        """Hash the head and the messages, most of them by what is remembered."""
        start, digest = self._remembered(head, messages)
        last = len(messages) - 1
        for place in range(start, len(messages)):
            if place == last and start < place:
                # Other samples and answers of this dialogue differ in the last message alone.
                self._remember(_Asked(head, messages[:place], digest.copy()))
            digest.update((b"," if place else b"") + _canonical(messages[place]))
        self._remember(_Asked(head, messages, digest.copy()))
        return digest

    def _remembered(self, head: bytes, messages: Sequence[object]) -> tuple[int, _Hash]:
        for size in range(len(messages), max(0, len(messages) - _FURTHEST), -1):
            known = self._asked.get(id(messages[size - 1]))
            if known is not None and len(known.messages) == size and known.begins(head, messages):
                self._asked.move_to_end(id(messages[size - 1]))
                return size, known.digest.copy()
        return 0, hashlib.sha256(head)

    def _remember(self, asked: _Asked) -> None:
        last = id(asked.messages[-1])
        self._asked[last] = asked
        self._asked.move_to_end(last)
        if len(self._asked) > self._most:
            self._asked.popitem(last=False)
