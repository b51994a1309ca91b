"""Turn an invented state into one that could be real: the same records, with values that fit.

Ids, references and the words that the source compares and writes stay as they are. Names, contacts,
texts, times and numbers get values by the names of their fields, times in order; what is of one's
own kind, such as a parent, points to an earlier record.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import cast

from pydantic import JsonValue

from envscaler.environment.hints.hints import Hints, mine
from envscaler.environment.state.collections import items_of, pairs_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.agreement.agree import agreed
from envscaler.inputs.agreement.complaints import with_fewer_complaints
from envscaler.inputs.agreement.shape import with_more_lines
from envscaler.inputs.amounts import amount
from envscaler.inputs.consistent import consistent, fits
from envscaler.inputs.fields import is_plain_name
from envscaler.inputs.given_ids import with_given_ids
from envscaler.inputs.references import References, is_record
from envscaler.inputs.states import invent
from envscaler.inputs.texts import is_plain_text
from envscaler.inputs.times import is_time, put_in_order
from envscaler.inputs.vocabulary import LONG, Vocabulary
from envscaler.inputs.word_lists import PEOPLE
from envscaler.records import JsonObject, Skeleton

RECORDS = 8
"""Records in each collection: enough for people of one name and several open orders."""
_MANY_RECORDS = 16
_BUSY = 0.35
"""Share of the references that go to one record of a kind, in a state in which much is going on."""
_PARENT = re.compile(r"^(parent|reply_to|in_reply_to|manager|supervisor|reports_to|previous)\w*")
_OF_OWN_KIND = frozenset(("parent_id", "reply_to_id", "in_reply_to_id", "previous_id"))
_OPEN_FIELDS = frozenset(("category", "genre", "topic", "brand", "type", "by", "role"))
"""What has more values than the one that a class gives as an example."""
_DEFAULTS = frozenset(("<unknown>", "redacted", "unknown", "none", "n/a", "no", "yes"))
_MADE_UP_ID = re.compile(r"[a-z_]+-\d+")
_NUMBER = re.compile(r"_(number|code|reference)$")
_PAST = re.compile(r"^last_(used|login|seen|visit|activity|updated|modified|refresh\w*|check\w*)$")
_BY = re.compile(r"(_by|^(author|creator|assignee)|_(provider|author|owner|to))$")


def realistic_state(
    skeleton: Skeleton,
    seed: int = 0,
    now: datetime = datetime(2025, 1, 1, tzinfo=UTC),
    *,
    is_busy: bool = False,
) -> JsonObject:
    """Make a state as `invent_state` does, with values that could be real.

    Args:
        skeleton: The environment.
        seed: Another seed gives other values.
        now: When it begins; what is created lies before.
        is_busy: There are more records, and many of them belong to one of each kind.

    Raises:
        ReplyError: The source cannot be read.
    """
    size, busy = (_MANY_RECORDS, _BUSY) if is_busy else (RECORDS, 0.0)
    invented = invent(skeleton, seed, records=size, busy=busy).state
    state = {name: _only_words(value) for name, value in invented.items()}
    hints = mine(skeleton.source, skeleton.rules)
    state = with_more_lines(with_fewer_complaints(state), hints)
    chance = Random(f"realistic {skeleton.class_name} {seed}")
    vocabulary = Vocabulary(chance, (skeleton.class_name, *state))
    mended = _Refiller(state, hints, vocabulary, now).mended()
    named = with_given_ids(mended, skeleton.source, vocabulary)
    return agreed(named, hints, vocabulary, now)


class _Refiller:
    def __init__(
        self, state: JsonObject, hints: Hints, vocabulary: Vocabulary, now: datetime
    ) -> None:
        self._state = state
        self._hints = hints
        self._words = vocabulary
        self._now = now
        self._others = References(state)
        self._renamed: dict[tuple[str, str], str] = {}

    def mended(self) -> JsonObject:
        """Return the state, every record of it mended."""
        return {name: self._collection(name, value) for name, value in self._state.items()}

    def _collection(self, name: str, value: JsonValue) -> JsonValue:
        """Mend the records of an attribute; anything else is a value of its own."""
        kind, pairs = singular(name), pairs_of(value)
        match value:
            case list() if _are_records(value):
                return [
                    self._record(cast("JsonObject", item), kind, name, turn, None)
                    for turn, item in enumerate(value)
                ]
            case dict() if pairs and _are_records([item for _, item in pairs]):
                return self._records_by_key(value, pairs, name, kind)
            case dict() if pairs and not _is_tagged(value):
                return self._values_by_key(value, name, kind)
            case _:
                return self._inner(value, name, kind, "")

    def _records_by_key(
        self, value: JsonObject, pairs: list[tuple[JsonValue, JsonValue]], name: str, kind: str
    ) -> JsonObject:
        records = [
            self._record(cast("JsonObject", item), kind, name, turn, key)
            for turn, (key, item) in enumerate(pairs)
        ]
        made = zip((key for key, _ in pairs), records, strict=True)
        if "$dict" in value:
            return {"$dict": [[self._own_key(key, kind, item), item] for key, item in made]}
        return {cast("str", key): record for key, record in made}

    def _values_by_key(self, value: JsonObject, name: str, kind: str) -> JsonObject:
        owners = {key: self._kind_of(key) for key in value}
        return {
            key: self._inner(_belonging(item, owners[key], key), name, kind, "")
            for key, item in value.items()
        }

    def _own_key(self, key: JsonValue, kind: str, record: JsonObject) -> JsonValue:
        """Return a key that is made of the first fields of its record, where it is a tuple."""
        parts = items_of(key) if isinstance(key, dict) else None
        texts = [value for value in record.values() if isinstance(value, str)]
        if parts and 1 < len(parts) <= len(texts):
            return {"$tuple": [*texts[: len(parts)]]}
        return self._inner(key, kind, kind, "")

    def _kind_of(self, key: str) -> str:
        """Return the kind of record that a key is of; empty for any other key."""
        return next(
            (kind for kind, home in self._others.by_kind.items() if key in self._others.keys[home]),
            "",
        )

    def _record(
        self, record: JsonObject, kind: str, home: str, turn: int, key: JsonValue
    ) -> JsonObject:
        called = self._called(kind, record)
        found: JsonObject = {}
        for place, (field, value) in enumerate(record.items()):
            if place == 0 and self._is_own_id(field, value, record, key):
                found[field] = key
            elif place and self._is_number_of_another(field, value):
                found[field] = self._words.text(field, kind)
            elif _PARENT.match(field) and self._is_own_kind(field, value, home):
                found[field] = self._earlier(home, turn)
            else:
                found[field] = self._inner(value, field, kind, called)
        return consistent(found)

    def _called(self, kind: str, record: JsonObject) -> str:
        """Return the name of a person; empty for any other record."""
        return " ".join(self._words.person()) if _is_person(kind, record) else ""

    def _is_number_of_another(self, field: str, value: JsonValue) -> bool:
        """Say whether a field should number its record, and has the id of another one."""
        return bool(_NUMBER.search(field)) and self._others.has(value)

    def _is_own_id(self, field: str, value: JsonValue, record: JsonObject, key: JsonValue) -> bool:
        """Say whether a record's first field should be its key, and is not."""
        if not (isinstance(key, str) and isinstance(value, str)):
            return False
        if not field.endswith("_id"):
            is_word = value in self._hints.words_for(field) or _MADE_UP_ID.fullmatch(value)
            return bool(is_word) and _MADE_UP_ID.fullmatch(key) is None
        home = self._others.by_kind.get(field.removesuffix("_id"))
        return key not in record.values() and (home is None or key in self._others.keys[home])

    def _is_own_kind(self, field: str, value: JsonValue, home: str) -> bool:
        """Say whether a field is of a record of the same collection: nothing else has its id."""
        if field in _OF_OWN_KIND and field.removesuffix("_id") not in self._others.by_kind:
            return True
        return value in self._others.keys.get(home, ())

    def _earlier(self, home: str, turn: int) -> JsonValue:
        """Return the id of an earlier record of the same collection; None for the first."""
        keys = self._others.keys[home]
        return self._words.chance.choice(keys[:turn]) if turn else None

    def _inner(self, value: JsonValue, field: str, kind: str, called: str) -> JsonValue:
        """Return what is to stand in a field."""
        found: JsonValue = value
        match value:
            case dict() if items := items_of(value):
                found = self._tagged(value, items, field, kind)
            case list():
                found = self._several(value, field, kind)
            case dict() if value and not _is_tagged(value):
                found = self._nested(value, field, kind, called)
            case str():
                found = self._text(value, field, kind, called)
            case int() | float() if not isinstance(value, bool):
                found = self._number(value, field)
            case _:
                pass
        return found

    def _tagged(
        self, value: JsonObject, items: list[JsonValue], field: str, kind: str
    ) -> JsonObject:
        """Return a tuple, which keeps its places, or a set of other items."""
        [tag] = value
        several = self._each if tag == "$tuple" else self._several
        return {tag: several(items, field, kind)}

    def _nested(self, value: JsonObject, field: str, kind: str, called: str) -> JsonObject:
        """Return a record in a record, or values by the ids of records."""
        known = self._others.known
        found = {
            name: self._inner(item, field if name in known else name, kind, called)
            for name, item in value.items()
        }
        return put_in_order(found, self._now, self._words.chance)

    def _several(self, items: list[JsonValue], field: str, kind: str) -> list[JsonValue]:
        """Return the items of a list: ids where it is called like a collection."""
        home = self._others.by_kind.get(singular(field.removesuffix("_list")))
        texts = [item for item in items if isinstance(item, str)]
        if home and texts == items and not set(texts) <= self._others.known:
            keys = self._others.keys[home]
            return [*self._words.chance.sample(keys, min(len(items), len(keys)))]
        return [*{repr(item): item for item in self._each(items, field, kind)}.values()]

    def _each(self, items: list[JsonValue], field: str, kind: str) -> list[JsonValue]:
        inner = singular(field.removesuffix("_list"))
        return [self._inner(item, inner, kind, "") for item in items]

    def _text(self, value: str, field: str, kind: str, called: str) -> str:
        """Return a text: what is told stays, what was made up gets another."""
        told = self._told(value, field, kind)
        if told is not None:
            return told
        if _MADE_UP_ID.fullmatch(value) and not field.endswith(("id", "ids")):
            return self._renamed.setdefault((field, value), self._words.text(field, kind))
        if not self._is_made_up(value, field):
            return value
        if _BY.search(field) and (people := self._others.people()):
            return str(self._words.chance.choice(people))
        return self._words.text(field, kind, called)

    def _is_made_up(self, value: str, field: str) -> bool:
        """Say whether a text only fills its place, and may give way to a better one."""
        is_plain = is_plain_text(value) or is_plain_name(value) or is_time(value)
        is_word = value in self._hints.words_for(field)
        return is_plain or is_word or self._is_default(value, field)

    def _told(self, value: str, field: str, kind: str) -> str | None:
        """Return a reference, a word of the class or a time; None for any other text."""
        if value in self._others.known:
            return self._others.somebody(value, field, self._words)
        if home := self._others.home_of(value):
            return str(self._words.chance.choice(self._others.keys[home]))
        if self._is_word(value, field):
            return self._fitting(value, field, kind)
        if is_time(value):
            return None if "period" in field else value
        return self._other_word(value, field, kind) or (
            self._lately() if _PAST.search(field) else None
        )

    def _other_word(self, value: str, field: str, kind: str) -> str | None:
        """Return a word of a field instead of one that only stands for none."""
        told = [word for word in self._hints.words_for(field) if isinstance(word, str)]
        others = [word for word in told if self._is_word(word, field)]
        if value not in told or not others:
            return None
        return self._fitting(self._words.chance.choice(others), field, kind)

    def _lately(self) -> str:
        return f"{self._now - timedelta(days=self._words.chance.randrange(2, 60)):%Y-%m-%d}"

    def _fitting(self, word: str, field: str, kind: str) -> str:
        """Return a word of a field that records of this kind may have: no payment is discharged."""
        told = [each for each in self._hints.words_for(field) if isinstance(each, str)]
        fit = [each for each in told if fits(each, kind) and not self._is_default(each, field)]
        return word if fits(word, kind) or not fit else self._words.chance.choice(fit)

    def _is_word(self, value: str, field: str) -> bool:
        """Say whether the source tells that the field holds this word, which is no default."""
        told = [word for word in self._hints.words_for(field) if isinstance(word, str)]
        words = [word for word in told if not self._is_default(word, field)]
        is_example = len(words) == 1 and field.rpartition("_")[2] in _OPEN_FIELDS
        return value in words and not is_example

    @staticmethod
    def _is_default(value: str, field: str) -> bool:
        """Say whether a word only stands for none: `<unknown>`, or the field's own name."""
        words = field.split("_")
        is_text = bool(LONG & {*words}) and words[-1] != "type"
        is_name = len(value) > 2 and field.startswith(value) and value not in words
        return is_text or is_name or value.lower() in _DEFAULTS or not re.search(r"\w", value)

    def _number(self, value: float, field: str) -> JsonValue:
        found = (
            None
            if value in self._others.known
            else amount(field, self._words.chance, self._words.field)
        )
        if found is None:
            return value
        return round(found) if isinstance(value, int) else round(found, 2)


def _belonging(value: JsonValue, kind: str, key: str) -> JsonValue:
    """Return a list of records that lie under the key of another one, all of them naming it."""
    field = f"{kind}_id"
    if not kind or not isinstance(value, list):
        return value
    return [
        {**item, field: key} if isinstance(item, dict) and field in item else item for item in value
    ]


def _are_records(values: Sequence[JsonValue]) -> bool:
    """Say whether there are records, and nothing else."""
    return bool(values) and all(map(is_record, values))


def _is_tagged(value: JsonObject) -> bool:
    """Say whether a dict stands for a value that JSON has no form for."""
    return any(key.startswith("$") for key in value)


def _only_words(value: JsonValue) -> JsonValue:
    """Return a collection without made-up keys, where others of its keys are words."""
    if not isinstance(value, dict) or _is_tagged(value):
        return value
    words = {key: item for key, item in value.items() if not _MADE_UP_ID.fullmatch(key)}
    return words or value


def _is_person(kind: str, record: Mapping[str, JsonValue]) -> bool:
    return kind.rpartition("_")[2] in PEOPLE or "first_name" in record
