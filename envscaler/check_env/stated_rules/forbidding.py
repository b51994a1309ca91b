"""Sentences that keep records in some state from a tool: `suspended members do not bid`."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from pydantic import JsonValue

from envscaler.check_env.stated_rules.spoken import speaks_of
from envscaler.check_env.stated_rules.statements import Statement
from envscaler.environment.state.collections import items_of, pairs_of
from envscaler.environment.state.plurals import singular
from envscaler.inputs.session import CallRecord

FORBIDS = re.compile(r"\b(not|no|never|nothing|neither|nor|none|cannot|nobody|refused?)\b")
_ANY = re.compile(r"\b(changed|edited|modified|altered|touched|updated|written to|used)\b")
_TAKES = re.compile(r"\b(takes?|accepts?|receives?|gets?|has|have|bears?)\b")
_CLAUSE = re.compile(r"[,;]|\band\b")


class Worded(Protocol):
    """A field that says what state a record is in, and one of its words."""

    @property
    def path(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def word(self) -> JsonValue: ...


def sentence_forbidding(
    statements: Sequence[Statement], place: Worded, tool: str, seen: CallRecord
) -> str:
    """Return a sentence by which a tool must not take a record with a word; else empty.

    It has to name the word, the kind of record, and what the tool does; or it says that such a
    record is not changed at all.
    """
    noun = singular(place.path.rpartition(".")[2])
    for one in statements:
        if one.context or one.parameter or one.tool not in {"", tool}:
            continue
        for clause in _CLAUSE.split(one.text):
            if _forbids(clause.strip(), one.text, (place, noun), (tool, seen)):
                return one.text
    return ""


def _forbids(
    clause: str, text: str, about: tuple[Worded, str], done: tuple[str, CallRecord]
) -> bool:
    (place, noun), (tool, seen) = about, done
    if not FORBIDS.search(clause.lower()) or not _names_word(text, place):
        return False
    if not _begins_with(text, place, noun):
        return False
    if _ANY.search(clause.lower()) and _touches(seen, place.path):
        return True
    if _TAKES.search(clause.lower()):
        return any(speaks_of(clause, singular(name)) for name in _grown(seen))
    return speaks_of(clause, tool.split("_")[0])


def _begins_with(text: str, place: Worded, noun: str) -> bool:
    """Say whether a sentence, or a part of it, is about just such a record: `an archived flag`."""
    word = place.name if isinstance(place.word, bool) else str(place.word)
    first = re.escape(word.lower().replace("_", " ")[:5])
    kind = re.escape(noun.lower().rpartition("_")[2])
    sign = r"(?:in|un|dis)" if place.word is False else ""
    start = r"(?:^|[,;.:]\s*|\band\s+)(?:-\s*|an?\s+|the\s+|any\s+)?"
    return bool(re.search(rf"{start}{sign}{first}\w*\s+(?:\w+\s+)?{kind}(?:e?s)?\b", text.lower()))


def _names_word(text: str, place: Worded) -> bool:
    if place.word is False:
        return any(speaks_of(text, f"{sign}{place.name}") for sign in _negations(place.name))
    word = place.name if isinstance(place.word, bool) else str(place.word)
    if not speaks_of(text, word):
        return False
    return not re.search(rf"\b(in|un|not |non-?){re.escape(word[:5])}", text.lower())


def _negations(_name: str) -> Iterable[str]:
    return ("in", "un", "dis")


def _grown(seen: CallRecord) -> Iterable[str]:
    """Yield the attributes that have more in them after a call."""
    for name, value in seen.after.items():
        before = seen.before.get(name)
        if before is not None and _size(value) > _size(before):
            yield name


def _size(value: JsonValue) -> int:
    pairs, items = pairs_of(value), items_of(value)
    return len(pairs or items or ())


def _touches(seen: CallRecord, path: str) -> bool:
    root = path.split(".")[0]
    return seen.before.get(root) != seen.after.get(root)
