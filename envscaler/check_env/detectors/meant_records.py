"""Which records of a collection a description speaks of: `sold tickets`, `orders that are open`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import JsonValue

from envscaler.check_env.detectors.listings import records_of
from envscaler.environment.state.collections import field_names
from envscaler.environment.state.plurals import singular
from envscaler.environment.state.shared_parts import ByIdentity
from envscaler.records import JsonObject

_MOST_WORDS = 8
_WORD = re.compile(r"^[a-z][a-z_ -]{1,20}$", re.IGNORECASE)
_BROAD = re.compile(
    r"\b(percent\w*|share|ratio|rate|proportion|fraction|whether|both|status(es)? of|includ\w+|"
    r"compared?|versus|respectively|rank|position)\b"
)
_LEFT_OUT = (
    r"(?:without|except(?: for)?|excluding|leaving out|but not|ignoring|other than)(?: the| any)?"
)
_NO_COUNT = r"(?:do|does|are|is|will) (?:not|never) (?:count|counted|included|listed|considered)"


@dataclass(frozen=True, slots=True)
class Meant:
    """Records that a description speaks of."""

    path: str
    field: str
    words: frozenset[str]
    """What the field of those records holds; or of the others, when `left_out`."""
    phrase: str
    left_out: bool = False
    since: str = ""
    """The first day that counts, where `field` holds a day; no words then."""

    def includes(self, record: JsonObject) -> bool:
        """Say whether a record is one of those."""
        if self.since:
            return str(record.get(self.field) or self.since)[: len(self.since)] >= self.since
        return (plain_word(record.get(self.field)) in self.words) != self.left_out


def meant_records(description: str, states: Sequence[JsonObject]) -> Iterator[Meant]:
    """Yield what a description says of the records that count, collection by collection."""
    whole = " ".join(description.lower().replace("'", "").replace('"', "").split())
    first = re.split(r"(?<=[a-z)])[.;](?:\s|$)", whole)[0]
    if _BROAD.search(first):
        return
    for path, fields in _vocabulary(states).items():
        noun = _noun(path)
        if re.search(rf"\b(?:all|any|every|total|each)(?: \w+)? {noun}\b", whole):
            continue
        for field, words in fields.items():
            if _is_grouped(whole, field):
                continue
            found = _told(whole, first, noun, words)
            if found is not None and found[0] < words:
                said, phrase, out = found
                yield Meant(path, field, said, phrase, out)


def _is_grouped(text: str, field: str) -> bool:
    """Say whether a description asks for each value of a field: `orders by status`."""
    grouped = rf"\b(?:per|by|each|every|any|of a|of one|given|this) {re.escape(field)}\b"
    return bool(re.search(grouped, text))


def _vocabulary(states: Sequence[JsonObject]) -> Mapping[str, dict[str, frozenset[str]]]:
    """Return, for each collection, the fields that hold few words, with those words."""
    found: _Words = {}
    for state in states:
        for path, fields in _known.of(state, partial(_words_in, state)).items():
            for name, words in fields.items():
                found.setdefault(path, {}).setdefault(name, set()).update(words)
    return {
        path: {
            name: frozenset(words)
            for name, words in fields.items()
            if 2 <= len(words) <= _MOST_WORDS and all(map(_WORD.match, words))
        }
        for path, fields in found.items()
        if "." not in path
    }


_MOST_STATES = 64
_Words = dict[str, dict[str, set[str]]]
_known = ByIdentity[_Words](_MOST_STATES)


def _words_in(state: JsonObject) -> _Words:
    """Return the words that the fields of each collection hold, with a mark for other values."""
    found: _Words = {}
    for path, records in records_of(state).items():
        for record in records.values():
            for name, value in record.items():
                held = found.setdefault(path, {}).setdefault(name, set())
                held.add(plain_word(value) if isinstance(value, str) else "\0")
    return found


def plain_word(value: JsonValue) -> str:
    """Return a word as descriptions have it: `in progress` for `In_Progress`."""
    return str(value).lower().replace("_", " ")


def _noun(path: str) -> str:
    """Return a pattern for what the records of a collection are called."""
    last = singular(path).replace("_", " ").split()[-1]
    ending = last[:-1] + "(?:y|ies)" if last.endswith("y") else last + "(?:e?s)?"
    return ending if len(last) > 2 else re.escape(path)


def _choice(words: frozenset[str]) -> str:
    one = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return rf"((?:{one})s?(?:(?:, | or | and |, or |, and )(?:{one})s?)*)"


def _told(
    whole: str, first: str, noun: str, words: frozenset[str]
) -> tuple[frozenset[str], str, bool] | None:
    """Return the words that count, or do not, with what says so, by the first form that does."""
    found = _left_out(whole, noun, words) or _counted(first, noun, words)
    return found or _counts(whole, noun, words)


def _counted(
    text: str, noun: str, words: frozenset[str]
) -> tuple[frozenset[str], str, bool] | None:
    some = _choice(words)
    are = r"(?:that|which|who) (?:are|is|were|have been|has been)(?: still| currently)?"
    for pattern in (
        rf"(?<!not )(?<!non-)(?<!un)\b{some} {noun}\b",
        rf"\b{noun} {are} {some}(?![\w-])",
    ):
        found = re.search(pattern, text)
        if found:
            return _said(found[1], words), found[0], False
    found = re.search(rf"\b{noun} {are} not {some}(?![\w-])", text)
    return (_said(found[1], words), found[0], True) if found else None


def _counts(text: str, noun: str, words: frozenset[str]) -> tuple[frozenset[str], str, bool] | None:
    """Read a sentence that says which records count: `Planned and done courses count`."""
    found = re.search(rf"[.;:] (?:only )?{_choice(words)} {noun} (?:count|are counted)\b", text)
    return (_said(found[1], words), found[0].lstrip(".;: "), False) if found else None


def _left_out(
    text: str, noun: str, words: frozenset[str]
) -> tuple[frozenset[str], str, bool] | None:
    some = _choice(words)
    for pattern in (
        rf"\b{some}(?: ones| {noun})? {_NO_COUNT}",
        rf"\b{_LEFT_OUT} {some} (?:ones|{noun})\b",
    ):
        found = re.search(pattern, text)
        if found:
            return _said(found[1], words), found[0], True
    return None


def _said(text: str, words: frozenset[str]) -> frozenset[str]:
    return frozenset(one for one in words if re.search(rf"(?<!\w){re.escape(one)}s?(?!\w)", text))


_UNEXPIRED = re.compile(r"\b(?:not|never|no) (?:yet )?expired\b|\bunexpired\b|\bstill valid\b")
_EXPIRES = re.compile(r"expir|valid_(?:until|to|through)|best_before|use_by")


_DAY = re.compile(r"^\d{4}-\d\d-\d\d")
_TODAY = ("today", "current_date", "now", "date")


def unexpired(description: str, state: JsonObject) -> Iterator[Meant]:
    """Yield the records that have not expired, where a description says that only those count."""
    said = _UNEXPIRED.search(" ".join(description.lower().split()))
    today = _today(state)
    if said is None or not today:
        return
    for path, records in records_of(state).items():
        for name in filter(_EXPIRES.search, field_names(records.values())):
            if all(_DAY.match(str(one.get(name))) for one in records.values()):
                yield Meant(path, name, frozenset(), said[0], since=today)


def _today(state: JsonObject) -> str:
    """Return the day that a state says it is; empty where it says none."""
    held = (state.get(name) for name in _TODAY)
    return next((one[:10] for one in held if isinstance(one, str) and _DAY.match(one)), "")
