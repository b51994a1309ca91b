"""Answers that contradict the state, other answers, or what their description says.

No model: the same thing is asked in two ways. A relation counts where it holds in most cases and
breaks in few, or where the description states it.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, Reproduces, first_claim
from envscaler.check_env.detectors.own_limits import beside
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.words import stem
from envscaler.environment.state.collections import items_of, pairs_of, record_of, walk_values
from envscaler.environment.state.plurals import singular
from envscaler.environment.state.relation import View
from envscaler.inputs.links import ValueSource
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind

_ORDERED = re.compile(
    r"\b(first|order(ed)?|sort(ed)?|ascending|descending|ranked)\b", re.IGNORECASE
)
_AT_LEAST = re.compile(r"\b(at least|or more|minimum|no less than|not less than)\b", re.IGNORECASE)
_AT_MOST = re.compile(r"\b(at most|or less|maximum|up to|no more than|last day)\b", re.IGNORECASE)
_NEAR = 4
"""Words between an order and what it goes by, at most."""
_MOST_ASKED = 12
_MOST_RECORDS = 8
_ENOUGH = 3
_RARE = 3
"""A filter that does not hold in more than one call of three is none."""


async def wrong_answers(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that queries answer wrongly: order, limits, filters."""
    for tool in explorer.stage.subject.tools:
        asked = explorer.ledger.answers(tool)
        claims = [
            *_misordered(explorer, asked),
            *_unfiltered(asked),
        ]
        limit = None if claims else await _misses_limit(explorer, tool, asked)
        if claims or limit is not None:
            yield claims[0] if claims else limit or claims[0]


def _claim(seen: CallRecord, said: str, shows: Reproduces) -> CandidateFinding:
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, seen.sequence, shows)


def answer_of(seen: CallRecord) -> JsonValue:
    """Return what a result tells, without its envelope."""
    value = seen.value
    return value["data"] if isinstance(value, dict) and "data" in value else value


def _misordered(explorer: Explorer, asked: Sequence[CallRecord]) -> Iterator[CandidateFinding]:
    """Claim that numbers are in the order of their digits, where an order is promised."""
    for seen in asked[:_MOST_ASKED]:
        described = explorer.stage.subject.tools[seen.call.tool].description
        column = as_texts(answer_of(seen)) if _ORDERED.search(described) else ""
        if column and names_order(described, column):
            said = f"The rows are in the order of {column} as text, not as a number"

            async def shows(replay: Sequence[CallRecord]) -> bool:
                return bool(as_texts(answer_of(replay[-1])))

            yield _claim(seen, said, shows)
            return


def names_order(description: str, column: str) -> bool:
    """Say whether a description orders by a word of a column; a place in a row has none."""
    parts = {stem(part) for part in re.findall(r"[a-z]+", column.lower())}
    words = re.findall(r"[a-z]+", description.lower())
    near = (
        words[max(at - _NEAR, 0) : at + _NEAR + 1]
        for at, word in enumerate(words)
        if _ORDERED.fullmatch(word)
    )
    return not parts or any(not parts.isdisjoint(map(stem, each)) for each in near)


def as_texts(answer: JsonValue) -> str:
    """Name the column by whose digits a list of rows is ordered; empty when there is none."""
    lists = [answer, *(answer.values() if isinstance(answer, dict) else ())]
    for rows in lists:
        items = items_of(rows) or []
        if len(items) < _ENOUGH:
            continue
        for name, column in _columns(items):
            if _is_sorted([*map(str, column)]) and not _is_sorted(column):
                return name
    return ""


def _is_sorted(values: Sequence[str] | Sequence[float]) -> bool:
    """Say whether values rise throughout, or fall."""
    return [*values] in (sorted(values), sorted(values, reverse=True))


def _columns(rows: Sequence[JsonValue]) -> Iterator[tuple[str, list[float]]]:
    """Yield the columns of rows that are numbers throughout."""
    for name in _keys(rows[0]):
        column = [_cell(row, name) for row in rows]
        numbers = [one for one in column if isinstance(one, int | float)]
        if len(numbers) == len(rows) and not any(isinstance(one, bool) for one in column):
            yield str(name), [*numbers]


def _keys(row: JsonValue) -> list[str | int]:
    record, items = record_of(row), items_of(row)
    return [*record] if record is not None else [*range(len(items or ()))]


def _cell(row: JsonValue, name: str | int) -> JsonValue:
    if isinstance(name, str):
        return (record_of(row) or {}).get(name)
    items = items_of(row) or []
    return items[name] if name < len(items) else None


def _unfiltered(asked: Sequence[CallRecord]) -> Iterator[CandidateFinding]:
    """Claim that records are listed which have another value than the filter of that name."""
    for path, name in _filters(asked):
        told = _agreements(asked, path, name)
        right = sum(sum(agreeing) for _, agreeing in told)
        wrong = [seen for seen, agreeing in told if not all(agreeing)]
        if wrong and right >= _ENOUGH and _RARE * len(wrong) <= len(told):
            said = f"Records of {path} are listed whose {name} is not the one that was asked for"

            async def shows(
                replay: Sequence[CallRecord], path: str = path, name: str = name
            ) -> bool:
                return not all(_agreeing(replay[-1], path, name))

            yield _claim(wrong[0], said, shows)
            return


def _agreements(
    asked: Sequence[CallRecord], path: str, name: str
) -> list[tuple[CallRecord, list[bool]]]:
    """Return the calls with a filter that list something, each with which records agree."""
    # Null and an empty text ask for no filter.
    given = (one for one in asked if one.call.arguments.get(name) not in (None, ""))
    told = ((seen, _agreeing(seen, path, name)) for seen in given)
    return [(seen, agreeing) for seen, agreeing in told if agreeing]


def _agreeing(seen: CallRecord, path: str, name: str) -> list[bool]:
    """Say of each record that is listed whether it has what was asked for."""
    return [_agrees(seen, name, one) for one in listed(seen, path, name)]


def _agrees(seen: CallRecord, name: str, held: JsonValue) -> bool:
    """Say whether a value is what was asked for, or has it inside as a text."""
    value = seen.call.arguments.get(name)
    inside = isinstance(held, str) and str(value).strip().lower() in held.lower()
    return held == value or inside or isinstance(held, dict | list)


def _filters(asked: Sequence[CallRecord]) -> Iterator[tuple[str, str]]:
    """Yield the collections that have a field of the name of a parameter."""
    names = dict.fromkeys(name for seen in asked for name in seen.call.arguments)
    view = View(asked[0].before if asked else {})
    for path in view.collections:
        fields = {name for _, record in view.records(path) for name in record}
        yield from ((path, name) for name in names if name in fields)


def listed(seen: CallRecord, path: str, name: str) -> list[JsonValue]:
    """Return a field of the records of a collection whose ids stand in an answer as items."""
    answer = answer_of(seen)
    rows = items_of(answer) or next(
        (
            items_of(one)
            for one in (answer.values() if isinstance(answer, dict) else ())
            if items_of(one)
        ),
        None,
    )
    known = View(seen.before).by_id.get(path, {})
    found: list[JsonValue] = []
    for row in rows or ():
        found += [known[str(one)].get(name) for one in _ids_in(row, path) if str(one) in known]
    return found


def _ids_in(row: JsonValue, path: str) -> list[JsonValue]:
    """Return what may be the id of a record in a row; a number only where its name says so."""
    if isinstance(row, str | int):
        return [row] if isinstance(row, str) and not row.isdecimal() else []
    keys = _keys(row)[:1]
    noun = singular(path.rpartition(".")[2])
    return [
        cell
        for key in keys
        for cell in [_cell(row, key)]
        if (isinstance(cell, str) and not cell.isdecimal())
        or key in {"id", f"{noun}_id", f"{noun}_no", f"{noun}_number", noun, 0}
    ]


async def _misses_limit(
    explorer: Explorer, tool: str, asked: Sequence[CallRecord]
) -> CandidateFinding | None:
    """Ask with a limit that a record has exactly, where the description counts it in."""
    schema = explorer.stage.subject.tools[tool]
    for parameter, shape in properties_of(schema).items():
        step = _step_beyond(str(shape.get("description", "")))
        sources = explorer.known[tool].compared.get((parameter,), {})
        given = [one for one in asked if parameter in one.call.arguments]
        if not step or not sources or not given:
            continue
        base = given[0]
        limits = _limits(base, sources, step)
        claim = await first_claim(_at_limit(explorer, base, parameter, one) for one in limits)
        if claim is not None:
            return claim
    return None


def _step_beyond(text: str) -> int:
    """Return the step from what a limit counts in to what it does not; 0 where nothing is said."""
    if _AT_LEAST.search(text):
        return -1
    return 1 if _AT_MOST.search(text) else 0


def _limits(
    base: CallRecord, sources: Iterable[ValueSource], step: int
) -> Iterator[tuple[JsonValue, int, str]]:
    """Yield what records have in the fields that a limit is compared with."""
    for source in sources:
        values = [*dict.fromkeys(source.values(base.before, {}))]
        yield from ((value, step, str(source.steps[-1])) for value in values[:_MOST_RECORDS])


async def _at_limit(
    explorer: Explorer, base: CallRecord, parameter: str, limit: tuple[JsonValue, int, str]
) -> CandidateFinding | None:
    value, step, field = limit
    near = beside(value, step)
    if near == value:
        return None
    calls = [
        FindingCall(tool=base.call.tool, arguments={**base.call.arguments, parameter: one})
        for one in (near, value)
    ]
    replay = await explorer.stage.replay(base.start, calls)
    if not all(one.succeeded for one in replay) or not lost(replay[0], replay[1], field, value):
        return None
    word = "at least" if step < 0 else "at most"
    said = f"{parameter} is described as {word!r}, and what has exactly {value!r} is left out"

    async def shows(again: Sequence[CallRecord]) -> bool:
        return len(again) > 1 and lost(again[-2], again[-1], field, value)

    found = FindingKind.WRONG_ANSWER
    return CandidateFinding(found, said, base.start, tuple(calls), shows, severity="possible")


def lost(wide: CallRecord, narrow: CallRecord, field: str, value: JsonValue) -> bool:
    """Say whether a record that has a value is in one answer and not in the other."""
    before, after = set(_texts(wide)), set(_texts(narrow))
    return any(
        record.get(field) == value and key in before and key not in after
        for path in View(wide.before).collections
        for key, record in View(wide.before).records(path)
    )


def _texts(seen: CallRecord) -> Iterator[str]:
    """Yield the plain values of an answer as text."""
    answer = answer_of(seen)
    if pairs_of(answer) is not None or items_of(answer) is not None:
        yield from (str(one) for one in walk_values(answer))
