"""Short lists that hold fewer rows than there are, or other ones than the long list begins with.

The usual cause is a limit that is applied before the filters, or before the order.
"""

from collections.abc import AsyncIterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.detectors.listings import rows_in
from envscaler.check_env.detectors.uneven_pages import LATEST, begins_with, size_of
from envscaler.check_env.explorer import Explorer
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind

_MANY = 40
_MOST_ASKED = 8
_SIZES = (1, 2, 3)
_PAGED = frozenset(("page", "page_number", "page_no", "page_num", "offset", "skip", "start_index"))


async def short_lists(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a short list is not the beginning of the long one with the same filters."""
    for name, tool in explorer.stage.subject.tools.items():
        size = size_of(tool)
        paged = _PAGED & properties_of(tool).keys()
        if size is None or explorer.ledger.changing.get(name) or paged:
            continue
        asked = explorer.ledger.answers(name)
        told = f"{tool.description} {properties_of(tool)[size].get('description', '')}".lower()
        # Calls with most filters first: those are what a limit may come before.
        asked.sort(key=lambda one: -sum(v is not None for v in one.call.arguments.values()))
        is_end = bool(LATEST.search(told))
        claim = await first_claim(
            _compared(explorer, seen, size, is_end=is_end) for seen in asked[:_MOST_ASKED]
        )
        if claim is not None:
            yield claim


async def _compared(
    explorer: Explorer, seen: CallRecord, size: str, *, is_end: bool
) -> CandidateFinding | None:
    calls = tuple(
        FindingCall(tool=seen.call.tool, arguments={**seen.call.arguments, size: one})
        for one in (_MANY, *_SIZES)
    )
    replay = await explorer.stage.replay(seen.start, calls)
    for short, number in zip(replay[1:], _SIZES, strict=True):
        problem = problem_of(replay[0], short, number, is_end=is_end)
        if problem:

            async def shows(again: Sequence[CallRecord], number: int = number) -> bool:
                return len(again) > 1 and bool(
                    problem_of(again[-2], again[-1], number, is_end=is_end)
                )

            pair = (replay[0].call, short.call)
            kind = FindingKind.WRONG_ANSWER
            return CandidateFinding(kind, problem, seen.start, pair, shows)
    return None


def problem_of(long: CallRecord, short: CallRecord, number: int, *, is_end: bool = False) -> str:
    """Say in what a short list is no beginning of a long one; empty when it is.

    Args:
        long: The long list.
        short: The short one.
        number: Rows that were asked for.
        is_end: The description asks for the latest, which may be the end of the long list.
    """
    whole, some = _rows(long), _rows(short)
    if whole is None or some is None or len(some) > number or len(whole) < number:
        return ""
    if len(some) < number:
        return f"Asked for {number}, it lists {len(some)} rows, and there are {len(whole)}"
    if not begins_with(whole, some, number, or_ends=is_end):
        return f"The first {number} rows are not those with which the whole list begins"
    return ""


def _rows(seen: CallRecord) -> list[JsonValue] | None:
    return rows_in(seen.value) if seen.succeeded else None
