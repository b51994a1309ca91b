"""Pages and short lists that are no part of the whole: rows skipped, repeated or out of place."""

import re
from collections.abc import AsyncIterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim
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
Rows = Sequence[JsonValue]


async def uneven_pages(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a longer list, or the pages together, do not begin as the shorter one does."""
    for name, tool in explorer.stage.subject.tools.items():
        size = _named(tool, _SIZES)
        if size is None or explorer.ledger.changing.get(name):
            continue
        asked = explorer.ledger.answers(name)[:_MOST_ASKED]
        claim = await first_claim(_pages_of(explorer, tool, base, size) for base in asked)
        if claim is not None:
            yield claim


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
    first, following = _first_pages(tool)
    rest = {name: value for name, value in base.call.arguments.items() if name not in first}
    asked: list[JsonObject] = [{**rest, **first, size: 1}, {**rest, **first, size: 2}]
    if following:
        asked.append({**rest, **following, size: 1})
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


def _first_pages(tool: Tool) -> tuple[JsonObject, JsonObject]:
    """Return the arguments for the first row and for the one after it; empty without pages."""
    page, offset = _named(tool, _PAGES), _named(tool, _OFFSETS)
    if page is not None:
        return {page: 1}, {page: 2}
    return ({}, {}) if offset is None else ({offset: 0}, {offset: 1})


def problem_of(replay: Sequence[CallRecord], *, is_end: bool = False) -> str:
    """Say what is wrong with the first row, the first two, and, with pages, the second one.

    Nothing is said when the query gives something else for a size than so many rows, nor when the
    latest are asked for (`is_end`) and are the end of the longer list.
    """
    if len(replay) < 2 or not all(map(_is_answer, replay)):
        return ""
    asked = zip((1, 2, 1), replay, strict=False)
    first, both, *pages = (_at_most(size, one) for size, one in asked)
    if first is None or both is None:
        return ""
    if both and not begins_with(both, first, 1, or_ends=is_end):
        return "The first row is another one when two rows are asked for"
    return _problem_of_pages(first, both, pages)


def _problem_of_pages(first: Rows, both: Rows, following: Sequence[Rows | None]) -> str:
    """Say that the first row and the following one are not the first two, where that is so."""
    if any(_differ([*first, *second], both) for second in following if second is not None):
        return "Two pages of one row are not the same as one page of two"
    return ""


def begins_with(whole: Rows, some: Rows, number: int, *, or_ends: bool) -> bool:
    """Say whether some rows are the first so many of a list; or the last, where `or_ends`."""
    ends = (whole[:number], whole[-number:]) if or_ends else (whole[:number],)
    return not all(_differ(some, end) for end in ends)


def _is_answer(seen: CallRecord) -> bool:
    return seen.succeeded and not seen.changed


def _at_most(size: int, seen: CallRecord) -> list[JsonValue] | None:
    """Return the rows of an answer; None where these are more, or there are none to read."""
    rows = rows_in(seen.value)
    return None if rows is None or len(rows) > size else rows


def _differ(some: Rows, others: Rows) -> bool:
    return [canonical(row) for row in some] != [canonical(row) for row in others]
