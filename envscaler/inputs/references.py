"""The records of an invented state by kind, and whom a field may point to."""

import re
from collections.abc import Collection

from pydantic import JsonValue

from envscaler.environment.state.collections import pairs_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.inputs.word_lists import CLIENTS, PEOPLE, STAFF
from envscaler.records import JsonObject

_STAFF_FIELD = re.compile(
    r"(^|_)(author|recorded_by|provider|sender|agent|staff|clinician|doctor|physician|nurse"
    r"|manager|technician|reviewer|handled_by|approved_by)(_id)?$"
)
_MADE_UP_ID = re.compile(r"([a-z_]+)-\d+")


class References:
    """Knows the ids of a state.

    Args:
        state: As it was invented.
    """

    def __init__(self, state: JsonObject) -> None:
        self.keys = {name: _keys_of(value) for name, value in state.items()}
        """Attribute → ids of its records."""
        self.by_kind = {singular(name): name for name, keys in self.keys.items() if keys}
        """Kind of record → attribute."""
        self.known = frozenset(key for keys in self.keys.values() for key in keys)

    def has(self, value: JsonValue) -> bool:
        """Say whether a value is an id."""
        return isinstance(value, str | int) and value in self.known

    def home_of(self, value: str) -> str:
        """Return the attribute that a made-up id names, though it is not there; or nothing."""
        found = _MADE_UP_ID.fullmatch(value)
        return self.by_kind.get(found[1], "") if found else ""

    def people(self) -> list[JsonValue]:
        """Return the ids of people: of those who do the work, if there are any."""
        kinds = [kind for kind in self.by_kind if kind.rpartition("_")[2] in PEOPLE]
        first = sorted(kinds, key=lambda kind: kind.rpartition("_")[2] in CLIENTS)
        return self.keys[self.by_kind[first[0]]] if first else []

    def somebody(self, key: str, field: str, words: Vocabulary) -> str:
        """Return a reference; to one of the staff, where the field is about them."""
        if not _STAFF_FIELD.search(field) or not self._is_of(key, CLIENTS):
            return key
        homes = [home for kind, home in self.by_kind.items() if set(kind.split("_")) & STAFF]
        if homes:
            return str(words.chance.choice(self.keys[homes[0]]))
        return words.text(field) if "agent" in field or "staff" in field else key

    def _is_of(self, key: str, kinds: Collection[str]) -> bool:
        return any(
            key in self.keys[home] and kind.rpartition("_")[2] in kinds
            for kind, home in self.by_kind.items()
        )


def _keys_of(value: JsonValue) -> list[JsonValue]:
    """Return the keys of an attribute that holds records."""
    pairs = pairs_of(value) if isinstance(value, dict) else None
    if not pairs or not all(is_record(item) for _, item in pairs):
        return []
    return [key for key, _ in pairs if isinstance(key, str | int)]


def is_record(value: JsonValue) -> bool:
    """Say whether a value is a dict of fields."""
    return isinstance(value, dict) and not any(name.startswith("$") for name in value)
