"""Totals that count what was cancelled are possible, unless their description speaks of it."""

import pytest

from envscaler.check_env.detectors.void_records import is_open, void_in, void_records
from envscaler.inputs.subject import read_subject
from envscaler.records import JsonObject
from tests.check_env.arena import skeleton
from tests.check_env.listening import claimed
from tests.check_env.scripted import call

COURSES = '''
class School:
    def __init__(self):
        self.courses = {}

    def teaching_minutes(self) -> dict:
        """Minutes of the courses that are taught."""
        return {"success": True, "data": 0}
'''
STATE: JsonObject = {
    "courses": {
        "a": {"minutes": 60, "status": "planned"},
        "b": {"minutes": 45, "status": "cancelled"},
        "c": {"minutes": 30, "status": "done"},
    }
}


def minutes(left_out: str) -> object:
    def answer(state: JsonObject, _arguments: JsonObject) -> JsonObject:
        courses = state["courses"]
        assert isinstance(courses, dict)
        held = [one for one in courses.values() if isinstance(one, dict)]
        counted = [int(str(one["minutes"])) for one in held if one["status"] != left_out]
        return {"success": True, "data": sum(counted)}

    return answer


@pytest.mark.parametrize(("left_out", "severities"), [("cancelled", []), ("", ["possible"])])
def test_a_total_that_counts_what_was_cancelled_is_possible(
    left_out: str, severities: list[str]
) -> None:
    found = claimed(
        void_records,
        {"teaching_minutes": minutes(left_out)},  # type: ignore[dict-item]  # of the test
        STATE,
        call("teaching_minutes"),
        source=COURSES,
    )

    assert [one.severity for one in found] == severities


def test_words_that_the_description_has_are_left_alone() -> None:
    assert [one.words for one in void_in(STATE, "minutes")] == [frozenset(("cancelled",))]
    assert [*void_in(STATE, "minutes, with those of cancelled courses")] == []


def test_a_total_over_all_records_leaves_nothing_open() -> None:
    [tool] = read_subject(skeleton(COURSES)).tools.values()

    assert is_open(tool)
    assert not is_open(tool.model_copy(update={"description": "Minutes of all courses."}))
