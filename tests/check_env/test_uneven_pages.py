"""Pages that skip rows, and shorter lists that are no beginning of longer ones."""

import asyncio

import pytest

from envscaler.check_env.detectors.uneven_pages import problem_of
from envscaler.records import FindingKind, JsonObject, JsonValue
from tests.check_env.arena import examined
from tests.check_env.scripted import call, make_stage, watched

ENTRIES = '''
class Entries:
    def __init__(self):
        self.entries = {}

    def list_entries(self, page: int = 1, page_size: int = 2) -> dict:
        """One page of the entries, from page 1.

        Args:
            page (int): Which.
            page_size (int): How many on a page.
        """
        if page < 1 or page_size < 1:
            return {"success": False, "error": "from 1"}
        first = (page - 1) * page_size
        return {"success": True, "data": sorted(self.entries)[first:first + page_size]}
'''
STATE: JsonObject = {"entries": {f"e{n}": {"text": f"Entry {n}"} for n in range(5)}}


def wrong(source: str) -> set[str]:
    found = examined(source, STATE).findings
    return {one.tool for one in found if one.kind is FindingKind.WRONG_ANSWER}


def test_pages_that_make_up_the_whole_are_fine() -> None:
    assert wrong(ENTRIES) == set()


@pytest.mark.parametrize("first", ["page * page_size", "(page - 1) * (page_size + 1)"])
def test_pages_that_skip_rows_are_found(first: str) -> None:
    assert wrong(ENTRIES.replace("(page - 1) * page_size", first)) == {"list_entries"}


ANSWERS: tuple[tuple[tuple[list[JsonValue], ...], str], ...] = (
    ((["a"], ["a", "b"], ["b"]), ""),
    ((["a"], ["b", "a"]), "The first row is another one when two rows are asked for"),
    ((["a"], ["a", "b"], ["c"]), "Two pages of one row are not the same as one page of two"),
    ((["a", "b"], ["c", "d"]), ""),
    (([], []), ""),
)


@pytest.mark.parametrize(("answers", "problem"), ANSWERS)
def test_pages_are_compared_where_sizes_are_numbers_of_rows(
    answers: tuple[list[JsonValue], ...], problem: str
) -> None:
    def ask(_state: JsonObject, arguments: JsonObject) -> JsonObject:
        return {"success": True, "data": answers[int(str(arguments["turn"]))]}

    calls = [call("ask", turn=turn) for turn in range(len(answers))]

    assert problem_of(asyncio.run(watched(make_stage({"ask": ask}), *calls))) == problem
