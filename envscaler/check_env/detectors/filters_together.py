"""Filters that are given together, which have to narrow a list, and never to widen it.

What a query lists with two filters is what it lists with the one and with the other; what it lists
with one is a part of what it lists without. A filter by several values at once takes those that
have all of them, or any of them, as the description says.
"""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import chain, combinations

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, last_successes
from envscaler.check_env.detectors.listings import (
    Question,
    field_values,
    listed_ids,
    question_of,
)
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.comparisons import texts_in
from envscaler.check_env.stated_rules.words import number_of
from envscaler.environment.state.collections import items_of
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of, required_of
from envscaler.records import FindingCall, FindingKind, Tool

_MOST_BASES = 8
_MOST_VALUES = 5
_WIDENS = re.compile(
    r"\b(limit|page\w*|offset|size|sort\w*|order\w*|descending|reverse\w*|top|first|count|skip|"
    r"include\w*|with_\w+|also\w*|all|any|also|fields?|format|tolerance|within|radius|max_\w+|days|"
    r"months|weeks|hours|minutes|n|k)\b"
)
"""Parameters that say how much is listed, or that more is."""
_MORE = re.compile(r"\b(also|in addition|as well as|include|includes|including|either|or those)\b")
_ALL = re.compile(r"\b(every|all|each|together)\b(?: one)?(?: of)?")
_ANY = re.compile(r"\b(any|at least one|one or more|either|some)\b(?: one)?(?: of)?")


async def filters_together(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a filter widens what is listed, or that several values of one are mixed up."""
    for name, tool in explorer.stage.subject.tools.items():
        question = question_of(explorer, name)
        if question is None:
            continue
        claim = await _narrowed(explorer, question, tool) or await _several(
            explorer, question, tool
        )
        if claim is not None:
            yield claim


def _optional(tool: Tool) -> list[str]:
    """Name the filters that may be left out, and do nothing then."""
    return [
        name
        for name, shape in properties_of(tool).items()
        if name not in required_of(tool)
        and not _WIDENS.search(name)
        and shape.get("default") in (None, "", False, [])
        and (shape.get("type") != "boolean" or _is_narrowing(name, tool.description))
    ]


def _is_narrowing(name: str, description: str) -> bool:
    """Say whether a switch is said to leave something out: `active_only`, `with safe only …`."""
    spoken = rf"{re.escape(name)}[^.;]{{0,25}}\bonly\b|\bonly\b[^.;]{{0,25}}{re.escape(name)}"
    return "only" in name.split("_") or bool(re.search(spoken, description.lower()))


async def _narrowed(explorer: Explorer, question: Question, tool: Tool) -> CandidateFinding | None:
    filters = _optional(tool)
    if _MORE.search(tool.description.lower()):
        return None
    bases = [
        one for one in question.asked if _given(one, filters) and listed_ids(one, question.path)
    ]
    for seen in bases[:_MOST_BASES]:
        for name in _given(seen, filters):
            without = {key: value for key, value in seen.call.arguments.items() if key != name}
            calls = (FindingCall(tool=question.tool, arguments=without), seen.call)
            replay = await explorer.stage.replay(seen.start, calls)
            added = _added(replay, question.path)
            cut = _is_cut(replay, question.path, _limits(tool, without))
            # What lists none of the rows without it names a place, such as a folder.
            if added and not cut and _both(replay, question.path):
                return _claim(question.path, seen.start, calls, name, added)
    return None


def _given(seen: CallRecord, filters: Sequence[str]) -> list[str]:
    return [name for name in filters if seen.call.arguments.get(name) not in (None, "", False, [])]


def _limits(tool: Tool, arguments: Mapping[str, JsonValue]) -> set[int]:
    """Return the numbers, given, by default or described, that may say how many are listed."""
    shapes = properties_of(tool).items()
    values = [arguments.get(name, shape.get("default")) for name, shape in shapes]
    values += [number_of(word) for word in re.findall(r"\w+", tool.description.lower())]
    return {value for value in values if type(value) is int}


def _is_cut(replay: Sequence[CallRecord], path: str, limits: set[int]) -> bool:
    """Say whether what is listed without a filter may be only the first rows of it."""
    return len(listed_ids(replay[-2], path) or ()) in limits


def _both(replay: Sequence[CallRecord], path: str) -> bool:
    """Say whether something is listed with a filter and without it."""
    wide, narrow = (set(listed_ids(one, path) or ()) for one in replay[-2:])
    return bool(wide & narrow)


def _added(replay: Sequence[CallRecord], path: str) -> list[str]:
    """Return what is listed with a filter and not without it."""
    lists = [listed_ids(one, path) for one in last_successes(replay, 2)]
    wide, narrow = lists or (None, None)
    if wide is None:
        return []
    return sorted({*(narrow or ())} - {*wide})


def _claim(
    path: str, start: int, calls: tuple[FindingCall, ...], name: str, added: Sequence[str]
) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return bool(_added(replay, path))

    said = f"With {name} given, it lists {path}[{added[0]!r}], which it does not list without"
    return CandidateFinding(FindingKind.WRONG_ANSWER, said, start, calls, shows)


async def _several(explorer: Explorer, question: Question, tool: Tool) -> CandidateFinding | None:
    text = tool.description.lower()
    every, some = bool(_ALL.search(text)), bool(_ANY.search(text))
    for name, shape in properties_of(tool).items():
        own = str(shape.get("description", "")).lower()
        every, some = every or bool(_ALL.search(own)), some or bool(_ANY.search(own))
        if shape.get("type") != "array" or every == some:
            continue
        for seen in question.asked[:_MOST_BASES]:
            for pair in combinations(_values(question, name, seen), 2):
                claim = await _joined(explorer, question, seen, name, (pair, every))
                if claim is not None:
                    return claim
    return None


def _values(question: Question, name: str, seen: CallRecord) -> list[str]:
    """Return entries of the field that a filter is about: the one that has what was given."""
    given = seen.call.arguments.get(name)
    asked = {*map(str, given)} if isinstance(given, list) else set[str]()
    for field, held in field_values(seen.before, question.path):
        known = _entries(held.values())
        if known and (field == name or not asked.isdisjoint(known)):
            return known[:_MOST_VALUES]
    return []


def _entries(held: Iterable[JsonValue]) -> list[str]:
    """Return the texts of lists, each once, in order."""
    lists = (texts_in(value) for value in held if items_of(value) is not None)
    return [*dict.fromkeys(chain.from_iterable(lists))]


Values = tuple[str, str]


async def _joined(
    explorer: Explorer,
    question: Question,
    seen: CallRecord,
    name: str,
    asked_for: tuple[Values, bool],
) -> CandidateFinding | None:
    values, every = asked_for
    asked = ([values[0]], [values[1]], [*values])
    calls = tuple(
        FindingCall(tool=question.tool, arguments={**seen.call.arguments, name: [*one]})
        for one in asked
    )
    path = question.path
    wrong = _mixed(await explorer.stage.replay(seen.start, calls), path, every=every)
    if not wrong:
        return None

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return bool(_mixed(replay, path, every=every))

    has = "both" if every else "either"
    said = f"With {name}={[*values]!r}, the answer is not what has {has}: wrong for {wrong[0]!r}"
    kind = FindingKind.WRONG_ANSWER
    return CandidateFinding(kind, said, seen.start, calls, shows, severity="possible")


def _mixed(replay: Sequence[CallRecord], path: str, *, every: bool) -> list[str]:
    """Return what is listed for two values against what is listed for each."""
    lists = [listed_ids(one, path) for one in last_successes(replay, 3)]
    known = [{*ids} for ids in lists if ids is not None]
    if len(known) < 3:
        return []
    one, two, both = known
    return sorted(both ^ (one & two if every else one | two))
