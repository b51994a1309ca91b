"""Pages and short lists that are no part of the whole: rows skipped, repeated or out of place."""

import re
from collections.abc import AsyncIterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.detectors.listings import rows_in
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.encoding import canonical
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind, JsonObject, Tool

_SIZES = re.compile(r"^(limit|page_size|per_page|page_limit|top|top_n|top_k|max_results)$")
_PAGES = re.compile(r"^(page|page_number|page_no|page_num)$")
_OFFSETS = re.compile(r"^(offset|skip|start_index)$")
LATEST = re.compile(r"\b(latest|newest|last|most recent|recent)\b")
"""Words by which a limit may take the end of a list."""
_MOST_ASKED = 6


async def uneven_pages(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a longer list, or the pages together, do not begin as the shorter one does."""
    for name, tool in explorer.stage.subject.tools.items():
        size = _named(tool, _SIZES)
        asked = explorer.ledger.answers(name)
        if size is None or explorer.ledger.changing.get(name):
            continue
        for base in [one for one in asked if one.succeeded][:_MOST_ASKED]:
            claim = await _pages_of(explorer, tool, base, size)
            if claim is not None:
                yield claim
                break


def size_of(tool: Tool) -> str | None:
    """Return the parameter that says how many rows are listed."""
    return _named(tool, _SIZES)


def _named(tool: Tool, names: re.Pattern[str]) -> str | None:
    """Return the whole number among the parameters that has such a name."""
    return next(
        (
            name
            for name, shape in properties_of(tool).items()
            if names.match(name) and shape.get("type") == "integer"
        ),
        None,
    )


async def _pages_of(
    explorer: Explorer, tool: Tool, base: CallRecord, size: str
) -> CandidateFinding | None:
    """Ask for the first one, the first two, and the second one."""
    page, offset = _named(tool, _PAGES), _named(tool, _OFFSETS)
    place = page or offset
    rest = {name: value for name, value in base.call.arguments.items() if name != place}
    first: JsonObject = {page: 1} if page else {offset: 0} if offset else {}
    next_one: JsonObject = {page: 2} if page else {offset: 1} if offset else {}
    asked: list[JsonObject] = [{**rest, **first, size: 1}, {**rest, **first, size: 2}]
    if place is not None:
        asked.append({**rest, **next_one, size: 1})
    calls = tuple(FindingCall(tool=tool.name, arguments=one) for one in asked)
    replay = await explorer.stage.replay(base.start, calls)
    told = f"{tool.description} {properties_of(tool)[size].get('description', '')}".lower()
    is_end = bool(LATEST.search(told))
    problem = problem_of(replay, is_end=is_end)
    if not problem:
        return None

    async def shows(again: Sequence[CallRecord]) -> bool:
        return bool(problem_of(again[-len(calls) :], is_end=is_end)) and len(again) >= len(calls)

    return CandidateFinding(FindingKind.WRONG_ANSWER, problem, base.start, calls, shows)


def problem_of(replay: Sequence[CallRecord], *, is_end: bool = False) -> str:
    """Say what is wrong with the first row, the first two, and, with pages, the second one.

    Nothing is said when the query gives something else for a size than so many rows, nor when the
    latest are asked for (`is_end`) and are the end of the longer list.
    """
    if len(replay) < 2 or not all(map(_is_answer, replay)):
        return ""
    first, both = (_at_most(size, one) for size, one in zip((1, 2), replay, strict=False))
    if first is None or both is None:
        return ""
    ends = (both[:1], both[-1:]) if is_end else (both[:1],)
    if both and all(_differ(first, end) for end in ends):
        return "The first row is another one when two rows are asked for"
    second = _at_most(1, replay[2]) if len(replay) > 2 else None
    if second is not None and _differ([*first, *second], both):
        return "Two pages of one row are not the same as one page of two"
    return ""


def _is_answer(seen: CallRecord) -> bool:
    return seen.succeeded and not seen.changed


def _at_most(size: int, seen: CallRecord) -> list[JsonValue] | None:
    """Return the rows of an answer; None where these are more, or there are none to read."""
    rows = rows_in(seen.value)
    return None if rows is None or len(rows) > size else rows


def _differ(some: Sequence[JsonValue], others: Sequence[JsonValue]) -> bool:
    return [canonical(row) for row in some] != [canonical(row) for row in others]
