"""Plain values for invented records: ids that refer to each other, words, names, dates."""

import random
import re
from collections.abc import Collection
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.environment.hints.expressions import Word
from envscaler.environment.hints.from_comments import quoted_words
from envscaler.environment.hints.hints import Hints
from envscaler.environment.state.collections import stem_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.texts import date_form, date_text, plain_values

RECORDS = 5
"""Records in each collection."""
_KEYS = re.compile(r"\{\s*\(?(\w+)")
"""Names of keys in a comment such as `{user_id: {book_id: count}}`, from the outside in."""
_LEAF = re.compile(r":\s*(\w+)\s*\}")
_PEOPLE = ("user", "employee", "member", "customer", "account", "patient", "person", "agent")
_FIRST_NAMES = ("Amara Diallo", "Jonas Berg", "Mei Tanaka", "Rosa Lima", "Omar Haddad", "Ivy Cole")
_THINGS = ("North", "Harbor", "Maple", "Summit", "Cedar", "Willow")


def is_plain_name(value: str) -> bool:
    """Say whether a text is one of the names that invented records get."""
    return value in _FIRST_NAMES or value in _THINGS


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plain value goes."""

    name: str
    type: str
    """As JSON schema names it."""
    note: str
    """The comment beside it."""
    usual: tuple[Word, ...] = ()
    """Constants that the source puts there."""


@dataclass
class Filler:
    """Invents ids and plain values, which refer to each other by their names.

    Args:
        hints: What the source says about values.
        attributes: Names of the attributes of the class.
        chance: Where it is all the same.
        records: How many are in each collection.
        busy: Share of the references that go to the first record of a collection.
    """

    hints: Hints
    attributes: Collection[str]
    chance: random.Random
    records: int = RECORDS
    busy: float = 0.0

    def __post_init__(self) -> None:
        self._targets: dict[str, str | None] = {}
        self._own_names: dict[str, frozenset[str]] = {}

    def value(self, place: Place, turn: int) -> JsonValue:
        """Return a plain value: a reference, a word, a name, a date, or any of its type."""
        target = self._target(place.name)
        if target is not None:
            other = self.chance.randrange(self.records)
            if self.busy and self.chance.random() < self.busy:
                other = 0
            return other + 1 if place.type == "integer" else self.id_of(target, other)
        words = self._words(place)
        if words:
            return self.chance.choice(words) if turn else words[0]
        text = self._date_or_name(place, turn) if place.type == "string" else None
        return text if text is not None else self._any_of_type(place, turn)

    def _date_or_name(self, place: Place, turn: int) -> str | None:
        """Return a text of the form that a field's name asks for; None where it asks for none."""
        if form := date_form(place.name, place.note):
            return date_text(place.name, form, turn)
        if "name" in place.name or "title" in place.name:
            return self._own_words(place.name, turn)
        return None

    def _any_of_type(self, place: Place, turn: int) -> JsonValue:
        values = [*plain_values(place.name, {"type": place.type}, (), self.hints.formats)]
        value = values[turn % len(values)]
        return f"{value} {turn + 1}" if isinstance(value, str) and "Fresh" in value else value

    def _words(self, place: Place) -> list[Word]:
        """Return the words for a field: those beside it, in records written out, or anywhere."""
        if date_form(place.name, place.note):
            return []
        told: list[Word] = [*quoted_words(place.note), *place.usual]
        if not told and "name" not in place.name:
            told = [*self.hints.words_for(self._leaf(place.name))]
        return [word for word in told if isinstance(word, str) == (place.type == "string")]

    def key(self, name: str, turn: int, depth: int) -> str:
        """Return a key: of a record of its own, or of some other record."""
        said = next(iter(_KEYS.findall(self.hints.notes.get(name, ""))[depth:]), "")
        words = self._words_told(said) if said else []
        if len(words) > turn and stem_of(said) is None:
            return str(words[turn])
        owner = self._target(said) if said else None
        if owner is None and depth == 0:
            owner = self._kept_about(name)
        return self.id_of(owner or name, turn)

    def _words_told(self, name: str) -> list[Word]:
        return [word for word in self.hints.words_for(name) if word]

    def _kept_about(self, name: str) -> str | None:
        """Return the collection that another is about: `user_history` has the keys of `users`."""
        starts = (one for one in self.attributes if name.startswith(f"{singular(one)}_"))
        return next((one for one in starts if one != name), None)

    def own_names(self, owner: str) -> frozenset[str]:
        """Return the names under which records of a collection hold their own ids."""
        if owner not in self._own_names:
            told = _KEYS.findall(self.hints.notes.get(owner, ""))[:1]
            self._own_names[owner] = frozenset(("id", "_id", f"{singular(owner)}_id", *told))
        return self._own_names[owner]

    @staticmethod
    def id_of(owner: str, turn: int) -> str:
        """Name the record of a collection that was made in a turn."""
        return f"{singular(owner)}-{turn + 1}"

    def _leaf(self, name: str) -> str:
        """Return what the comment calls the innermost value: `permissions` for an access list."""
        said = _LEAF.search(self.hints.notes.get(name, "")) if name in self.attributes else None
        return said[1].removesuffix("_list").removesuffix("_set") if said else name

    @staticmethod
    def _own_words(name: str, turn: int) -> str:
        people = ("name", "user", "first", "last", "full", "patient", "doctor")
        is_person = name in {"name", "full_name"} or name.split("_")[0] in people[1:]
        return (_FIRST_NAMES if is_person else _THINGS)[turn % 6]

    def _target(self, name: str) -> str | None:
        """Name the collection that a field refers to: by its name, or by the comment beside it."""
        if name not in self._targets:
            self._targets[name] = self._found_target(name)
        return self._targets[name]

    def _found_target(self, name: str) -> str | None:
        """Look for it; what an attribute itself is called says nothing of it."""
        is_own = name in self.attributes
        said = [] if is_own else re.findall(r"\w+_ids?\b", self.hints.notes.get(name, ""))
        found = filter(None, map(self._named_in, () if is_own else (name, *said)))
        return next(found, None) or self._keyed_by(name)

    def _named_in(self, name: str) -> str | None:
        """Return the collection that a name ends in, such as `users` for `assigned_user_id`."""
        stem = stem_of(name)
        words = (stem or name).split("_")
        for start in range(len(words) if stem else 1):
            wanted = singular("_".join(words[start:]))
            for other in self.attributes:
                if singular(other) == wanted:
                    return other
        return None

    def _keyed_by(self, name: str) -> str | None:
        """Return the first collection whose records have an id of that name."""
        keyed = [one for one in self.attributes if name in self.own_names(one)]
        if name.endswith("_id"):
            # `owner_id` and `author_id` are of people, whatever these are called.
            keyed += [one for one in self.attributes if singular(one) in _PEOPLE]
        return keyed[0] if keyed and name not in {"id", "_id"} else None
