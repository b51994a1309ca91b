"""Totals that count what was cancelled, voided or refunded, though nothing says that they do.

Amounts of what never came about seldom belong to a total. Where taking such records out of the
state changes a total whose description does not speak of them, that is told as possible.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence, Set

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.irrelevant_records import without_records
from envscaler.check_env.detectors.listings import records_of
from envscaler.check_env.detectors.meant_records import Meant, plain_word
from envscaler.check_env.detectors.per_record import numbers_in
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import field_names
from envscaler.environment.state.relation import tells_status
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingKind, JsonObject, Tool

_VOID = re.compile(
    r"cancel|void|refund|withdraw|reject|declin|revok|deleted|discard|no.?show|revers|failed|lapsed"
)
_TOTAL = re.compile(
    r"total|sum|revenue|turnover|income|earn|spen[dt]|minutes|hours|how (many|much)|cost|worth"
    r"|sales|amount|average|mean|statement|usage|used|load|occup|exposure|number of|count|balance"
    r"|owe"
)
_ALL = re.compile(
    r"\b(share|ratio|rate|percent\w*|fraction|proportion|status(es)?|all|ever)\b"
    r"|\b(whatever|any) (their |the )?state"
)
_MOST_ASKED = 6
_LONGEST, _MOST_WORDS = 20, 8
"""Characters of a word, and words of a field, that tell what state a record is in."""
_BEGINNING = 5
"""Characters by which a word is known again: `cancelled`, `cancellation`."""


async def void_records(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a total counts records that sound as if they had never come about."""
    for name, tool in explorer.stage.subject.tools.items():
        asked = [one for one in explorer.ledger.answers(name) if numbers_in(one.value)]
        if not asked or explorer.ledger.changing.get(name) or not is_open(tool):
            continue
        said = f"{name.replace('_', ' ')} {tool.description}".lower()
        claim = await _counted(explorer, asked, said)
        if claim is not None:
            yield claim


def is_open(tool: Tool) -> bool:
    """Say whether a tool gives a total and leaves open which records count."""
    said = f"{tool.name.replace('_', ' ')} {tool.description}".lower()
    asks = any(_VOID.search(name) or "status" in name for name in properties_of(tool))
    return bool(_TOTAL.search(said)) and not (_ALL.search(said) or asks)


async def _counted(
    explorer: Explorer, asked: Sequence[CallRecord], said: str
) -> CandidateFinding | None:
    for seen in asked[:_MOST_ASKED]:
        for meant in void_in(seen.before, said):
            without = await without_records(explorer, seen.start, seen.call, meant)
            if without is not None and numbers_in(without.value) != numbers_in(seen.value):
                return _claim(explorer, seen, meant)
    return None


def void_in(state: JsonObject, said: str) -> Iterator[Meant]:
    """Yield the records of a state that sound void, but for those that a description names."""
    for path, records in records_of(state).items():
        if "." in path:
            continue
        for name in filter(tells_status, field_names(records.values())):
            words = _void_words({plain_word(record.get(name)) for record in records.values()})
            if words and not _is_told(said, name, words):
                yield Meant(path, name, words, ", ".join(sorted(words)), left_out=True)


def _void_words(held: Set[str]) -> frozenset[str]:
    """Return the words that sound void, where a field has a few words and others among them."""
    words = frozenset(word for word in held if len(word) < _LONGEST and _VOID.search(word))
    return words if words < held and len(held) <= _MOST_WORDS else frozenset()


def _is_told(said: str, name: str, words: Set[str]) -> bool:
    """Say whether a description speaks of a field, or of one of some words of it."""
    return name.replace("_", " ") in said or any(word[:_BEGINNING] in said for word in words)


def _claim(explorer: Explorer, seen: CallRecord, meant: Meant) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = replay[-1]
        again = await without_records(explorer, last.start, last.call, meant)
        return (
            last.succeeded
            and again is not None
            and numbers_in(again.value) != numbers_in(last.value)
        )

    said = (
        f"The answer counts records of {meant.path} whose {meant.field} is {meant.phrase}; "
        "its description does not speak of them"
    )
    kind = FindingKind.WRONG_ANSWER
    calls = (seen.call,)
    return CandidateFinding(kind, said, seen.start, calls, shows, severity="possible")
