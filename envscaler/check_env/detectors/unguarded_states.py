"""A record in a state in which the other tools refuse it, and one tool takes it all the same.

Every call that succeeded is repeated where one word of the record that it names (or of a record
that this one refers to) is another one: archived, suspended, closed. A word that makes several
tools refuse, and that one tool never looks at, is a check that was forgotten there.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.edit import with_field
from envscaler.check_env.stated_rules.forbidding import FORBIDS, sentence_forbidding
from envscaler.check_env.stated_rules.judge import Views
from envscaler.check_env.stated_rules.reader import Reading
from envscaler.check_env.stated_rules.schema import Schema
from envscaler.check_env.stated_rules.spoken import speaks_of
from envscaler.check_env.stated_rules.statements import Statement, statements_of
from envscaler.check_env.stated_rules.tables import Row, Tables, row_addresses
from envscaler.environment.state.plurals import singular
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject

_MOST_WORDS = 5
_UNDOES = re.compile(
    r"un[a-z]|remove|delete|cancel|release|return|restore|withdraw|drop|clear|leave"
)
"""What takes something back may well do so in any state."""
_REFUSERS = 2
"""Tools that have to refuse before it is told without a sentence."""


Named = tuple[str, tuple[str, ...], Row]
"""A table, the address of a row in it, and the row."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field that says what state a record is in, and one of its words."""

    path: str
    name: str
    word: JsonValue
    within: bool = False
    """The field is a list with this word in it."""

    @property
    def said(self) -> str:
        return f"{self.path}.*.{self.name} {'has' if self.within else 'is'} {self.word!r}"


@dataclass
class Trials:
    """Which tools took a record with a word, and which refused it."""

    took: dict[str, CallRecord] = field(default_factory=dict[str, CallRecord])
    refused: set[str] = field(default_factory=set[str])

    def note(self, seen: CallRecord) -> None:
        """Take in a call that was refused, or changed something, where a record has the word."""
        if seen.refused:
            self.refused.add(seen.call.tool)
        else:
            self.took[seen.call.tool] = seen


async def unguarded_states(explorer: Explorer, reading: Reading) -> AsyncIterator[CandidateFinding]:
    """Claim that a tool takes records that its siblings, or the rules, refuse."""
    if reading.schema is None:
        return
    views = Views(reading.schema.words_of_source)
    trials: dict[Place, Trials] = {}
    for base in _bases(explorer):
        for place in _present(reading, base, views):
            trials.setdefault(place, Trials()).took.setdefault(base.call.tool, base)
        for place, state in _changed_states(reading, base, views):
            again = await explorer.stage.repeat(state, base.call)
            if again is not None and _tells(again):
                trials.setdefault(place, Trials()).note(again)
    for claim in _claims(explorer, trials):
        yield claim


def _bases(explorer: Explorer) -> Iterator[CallRecord]:
    """Yield a call of each tool that changed something as the first one in a given state."""
    for tool in explorer.stage.subject.tools:
        kept = explorer.ledger.changes(tool)
        yield from islice((seen for seen in kept if seen.start < explorer.given), 1)


def _tells(seen: CallRecord) -> bool:
    """Say whether a call was refused, or changed something."""
    return seen.refused or (seen.succeeded and seen.changed)


def _changed_states(
    reading: Reading, seen: CallRecord, views: Views
) -> Iterator[tuple[Place, JsonObject]]:
    """Yield states in which a record that a call names, or one beside it, has another word."""
    schema, before = reading.schema, views.of(seen.before)
    if schema is None:
        return
    after = views.of(seen.after)
    for named in _named(schema, reading.links.get(seen.call.tool, {}), seen, before):
        yield from _with_entries(schema, seen, after, named)
        yield from _with_other_words(schema, seen, after, named)


def _with_entries(
    schema: Schema, seen: CallRecord, after: Tables, named: Named
) -> Iterator[tuple[Place, JsonObject]]:
    """Yield states in which an empty list of a record has one of the words that others have."""
    path, address, row = named
    for name, words in _listed_words(schema, path).items():
        if row.fields.get(name) == [] and not _is_written(after, path, address, name, []):
            yield from _with_words(seen.before, (path, address, name), words, within=True)


def _with_other_words(
    schema: Schema, seen: CallRecord, after: Tables, named: Named
) -> Iterator[tuple[Place, JsonObject]]:
    """Yield states in which a status of a record is another one."""
    path, address, row = named
    for name, held in schema.words.get(path, {}).items():
        present = row.fields.get(name)
        if present is not None and not _is_written(after, path, address, name, present):
            others = [one for one in sorted(held, key=str) if one != present]
            where, some = (path, address, name), others[:_MOST_WORDS]
            yield from _with_words(seen.before, where, some, within=False)


def _listed_words(schema: Schema, path: str) -> dict[str, list[str]]:
    """Return the fields that are lists of a few words, empty in some records, with the words."""
    found: dict[str, list[str]] = {}
    for name in schema.fields.get(path, ()):
        words = _few_words([row.fields.get(name) for row in schema.rows(path)])
        if words and not schema.refers(path, name):
            found[name] = words
    return found


def _few_words(values: Sequence[JsonValue]) -> list[str]:
    """Return the words of lists, where some are empty and the others have few; else nothing."""
    lists = [one for one in values if isinstance(one, list)]
    if len(lists) < len(values) or [] not in lists:
        return []
    held = [*chain.from_iterable(lists)]
    words = {one for one in held if isinstance(one, str)}
    are_words = all(isinstance(one, str) for one in held)
    return sorted(words) if are_words and len(words) <= _MOST_WORDS else []


def _with_words(
    state: JsonObject,
    where: tuple[str, tuple[str, ...], str],
    words: Sequence[JsonValue],
    *,
    within: bool,
) -> Iterator[tuple[Place, JsonObject]]:
    """Yield states in which a field of a record is one of some words, or a list with it in it."""
    path, address, name = where
    for word in words:
        made = with_field(state, path, address, name, [word] if within else word)
        if made is not None:
            yield Place(path, name, word, within=within), made


def _present(reading: Reading, seen: CallRecord, views: Views) -> Iterator[Place]:
    """Yield the words of the records that a call named as it succeeded."""
    schema, before, after = reading.schema, views.of(seen.before), views.of(seen.after)
    if schema is None:
        return
    for path, address, row in _named(schema, reading.links.get(seen.call.tool, {}), seen, before):
        for name in schema.words.get(path, {}):
            word = row.fields.get(name)
            if word is not None and not _is_written(after, path, address, name, word):
                yield Place(path, name, word)


def _is_written(
    after: Tables, path: str, address: tuple[str, ...], name: str, present: JsonValue
) -> bool:
    """Say whether a call writes a field itself; then any word of it may be right."""
    rows = dict(row_addresses(after, path))
    return address not in rows or rows[address].fields.get(name) != present


def _named(
    schema: Schema, links: Mapping[str, str], seen: CallRecord, before: Tables
) -> Iterator[Named]:
    """Yield the records that a call names, and those that these refer to."""
    found: dict[tuple[str, tuple[str, ...]], Row] = {}
    for parameter, path in links.items():
        for address, row in _with_key(before, path, str(seen.call.arguments.get(parameter))):
            found[path, address] = row
    for (path, _), row in [*found.items()]:
        for target, key in _referred(schema, links, path, row):
            for address, other in _with_key(before, target, key):
                found.setdefault((target, address), other)
    yield from ((path, address, row) for (path, address), row in found.items())


def _referred(
    schema: Schema, links: Mapping[str, str], path: str, row: Row
) -> Iterator[tuple[str, str]]:
    """Yield the tables that no argument names, with the one key that a record refers to there."""
    for link in schema.references:
        if link.path == path and link.target not in links.values():
            values = row.values(link.name)
            if len(values) == 1:
                yield link.target, values[0]


def _with_key(tables: Tables, path: str, key: str) -> Iterator[tuple[tuple[str, ...], Row]]:
    for address, row in row_addresses(tables, path):
        if row.key == key:
            yield address, row


def _claims(explorer: Explorer, trials: Mapping[Place, Trials]) -> Iterator[CandidateFinding]:
    statements = [one for one in statements_of(explorer.stage.subject) if not one.of_answer]
    told: set[str] = set()
    for place, found in trials.items():
        for tool, seen in found.took.items():
            if tool in told or _refuses_some(trials, tool, place):
                continue
            forbidden = sentence_forbidding(statements, place, tool, seen)
            forbidden = forbidden or _forbidding_any(statements, place, found)
            if _forgets(tool, found, forbidden):
                told.add(tool)
                yield _claim(explorer, place, (seen, found), forbidden)


def _forgets(tool: str, found: Trials, forbidden: str) -> bool:
    """Say whether a tool takes what some refuse: alone, or against a sentence."""
    alone = len(found.took) == 1 and len(found.refused) >= _REFUSERS
    return (alone and not _UNDOES.match(tool)) or bool(forbidden and found.refused)


def _refuses_some(trials: Mapping[Place, Trials], tool: str, place: Place) -> bool:
    """Say whether a tool looks at a field: some other word of it makes the tool refuse."""
    return not place.within and any(
        tool in other.refused
        for each, other in trials.items()
        if (each.path, each.name) == (place.path, place.name)
    )


def _forbidding_any(statements: Sequence[Statement], place: Place, found: Trials) -> str:
    """Return a sentence by which a record with anything in a list is kept; else empty."""
    if not place.within or not found.refused:
        return ""
    nouns = (singular(place.name), singular(place.path.rpartition(".")[2]))
    return next(
        (
            one.text
            for one in statements
            if not one.tool and FORBIDS.search(one.text.lower())
            and all(speaks_of(one.text, noun) for noun in nouns)
        ),
        "",
    )  # fmt: skip


def _claim(
    explorer: Explorer, place: Place, trial: tuple[CallRecord, Trials], sentence: str
) -> CandidateFinding:
    seen, found = trial
    starts = explorer.stage.initial_states
    if seen.before not in starts:
        starts.append(seen.before)
    start = starts.index(seen.before)

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return replay[-1].succeeded and replay[-1].changed

    said = f"It takes a record of which {place.said}; {', '.join(sorted(found.refused))} refuse it"
    said += f". Stated: {sentence[:160]!r}" if sentence else ". It is stated nowhere"
    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        start,
        (seen.call,),
        shows,
        key=place.said,
        severity="possible",
    )
