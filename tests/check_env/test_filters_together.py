"""Filters narrow what is listed; several values of one are all asked for, or any, as is said."""

import pytest

from envscaler.check_env.detectors.filters_together import filters_together
from envscaler.records import JsonObject
from tests.check_env.listening import claimed
from tests.check_env.scripted import Tool, call

SOURCE = '''
class Brigade:
    def __init__(self):
        self.members = {}

    def find_members(self, skills: list[str], rank: str = "") -> dict:
        """{said}"""
        return {"success": True, "data": []}
'''
STATE: JsonObject = {
    "members": {
        "m1": {"member_id": "m1", "skills": ["driver", "diver"], "rank": "chief"},
        "m2": {"member_id": "m2", "skills": ["driver"], "rank": "chief"},
        "m3": {"member_id": "m3", "skills": ["diver"], "rank": "hand"},
    }
}


def members(state: JsonObject) -> dict[str, JsonObject]:
    held = state["members"]
    assert isinstance(held, dict)
    return {key: one for key, one in held.items() if isinstance(one, dict)}


def with_skills(state: JsonObject, arguments: JsonObject, *, every: bool) -> list[str]:
    asked = arguments["skills"]
    assert isinstance(asked, list)
    judge = all if every else any
    return [
        key
        for key, one in members(state).items()
        if not asked or judge(skill in str(one["skills"]) for skill in map(str, asked))
    ]


def every_skill(state: JsonObject, arguments: JsonObject) -> JsonObject:
    found = with_skills(state, arguments, every=True)
    rank = arguments.get("rank")
    some = [key for key in found if not rank or members(state)[key]["rank"] == rank]
    return {"success": True, "data": [*some]}


def any_skill(state: JsonObject, arguments: JsonObject) -> JsonObject:
    return {"success": True, "data": [*with_skills(state, arguments, every=False)]}


def rank_or_skill(state: JsonObject, arguments: JsonObject) -> JsonObject:
    found = with_skills(state, arguments, every=True)
    others = [k for k, one in members(state).items() if one["rank"] == arguments.get("rank")]
    return {"success": True, "data": [*sorted({*found, *others})]}


ALL = "Members who hold every one of the skills, on request only those of a rank."
ANY = "Members who hold at least one of the skills."


@pytest.mark.parametrize(
    ("said", "answer", "claims"),
    [
        (ALL, every_skill, 0),
        (ALL, any_skill, 1),
        (ANY, any_skill, 0),
        (ANY, every_skill, 1),
        (ALL, rank_or_skill, 1),
    ],
)
def test_all_values_and_any_of_them_are_told_apart_and_no_filter_widens(
    said: str, answer: Tool, claims: int
) -> None:
    found = claimed(
        filters_together,
        {"find_members": answer},
        STATE,
        call("find_members", skills=["driver"]),
        call("find_members", skills=["diver"], rank="chief"),
        source=SOURCE.replace("{said}", said),
    )

    assert len(found) == claims


def newest(state: JsonObject, arguments: JsonObject) -> JsonObject:
    rank = arguments.get("rank")
    found = [key for key, one in members(state).items() if not rank or one["rank"] == rank]
    return {"success": True, "data": [*found[::-1][: int(str(arguments.get("last", 2)))]]}


@pytest.mark.parametrize(("most", "claims"), [(2, 0), (5, 1)])
def test_what_is_cut_after_so_many_rows_may_list_others_with_a_filter(
    most: int, claims: int
) -> None:
    source = f'''
class Brigade:
    def __init__(self):
        self.members = {{}}

    def find_members(self, rank: str = "", last: int = {most}) -> dict:
        """The members, the newest first."""
        return {{"success": True, "data": []}}
'''

    found = claimed(
        filters_together,
        {"find_members": newest},
        STATE,
        call("find_members", rank="chief"),
        source=source,
    )

    assert len(found) == claims
