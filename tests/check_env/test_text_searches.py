"""Searches that miss the text itself, its other cases, or find parts of it."""

import pytest

from envscaler.check_env.detectors.text_searches import Found, problem_of, text_searches
from envscaler.records import FindingCall, FindingKind, JsonObject, JsonValue
from tests.check_env.arena import examined
from tests.check_env.listening import claimed

BOATS = '''
class Boats:
    def __init__(self):
        self.boats = []

    def find_boats(self, name: str) -> dict:
        """Find boats by a part of their name; upper and lower case are the same."""
        found = [dict(b) for b in self.boats if name.lower() in b["name"].lower()]
        return {"success": True, "data": found}

    def with_gear(self, gear: str) -> dict:
        """Numbers of the boats that have exactly this gear among theirs."""
        return {"success": True, "data": [b["reg_no"] for b in self.boats if gear in b["gear"]]}
'''
STATE: JsonObject = {
    "boats": [
        {"reg_no": 17, "name": "Albatros", "gear": ["anchor"]},
        {"reg_no": 18, "name": "Kestrel", "gear": ["radar", "anchor"]},
    ]
}


def wrong(source: str) -> dict[str, str]:
    found = examined(source, STATE).findings
    return {one.tool: one.message for one in found if one.kind is FindingKind.WRONG_ANSWER}


def test_searches_that_find_what_they_promise_are_fine() -> None:
    assert wrong(BOATS) == {}


def test_a_search_that_misses_the_text_itself_is_found() -> None:
    found = wrong(BOATS.replace("if name.lower() in", "if name in"))

    assert "not found by that very text, but by 'albatros'" in found["find_boats"]


def test_a_search_that_finds_parts_where_it_should_not_is_found() -> None:
    found = wrong(BOATS.replace('if gear in b["gear"]', 'if gear in " ".join(b["gear"])'))

    assert "'anch' finds it" in found["with_gear"]


@pytest.mark.parametrize(
    ("found", "said", "wrong"),
    [
        (Found(whole=True, small=False, large=False, part=False), "find by name", False),
        (Found(whole=True, small=False, large=False, part=False), "by name, in any case", True),
        (Found(whole=False, small=False, large=False, part=False), "in any case", False),
        (Found(whole=True, small=True, large=True, part=True), "exactly this name", True),
        (Found(whole=True, small=True, large=True, part=True), "find by name", False),
    ],
)
def test_what_is_found_is_held_against_what_is_said(
    found: Found, said: str, *, wrong: bool
) -> None:
    assert (problem_of(found, said, "Albatros") is not None) is wrong


@pytest.mark.parametrize(
    ("said", "forms"),
    [
        ("Find boats by name.", ["Albatros"]),
        ("Find boats by name, in any case.", ["Albatros", "albatros", "ALBATROS"]),
        ("Find the boat with exactly this name.", ["Albatros", "Albatr"]),
    ],
)
def test_a_search_is_asked_by_the_forms_that_its_description_promises_something_of(
    said: str, forms: list[str]
) -> None:
    source = BOATS.replace(
        "Find boats by a part of their name; upper and lower case are the same.", said
    )
    asked: list[object] = []

    def find(state: JsonObject, arguments: JsonObject) -> JsonObject:
        asked.append(arguments["name"])
        boats = state["boats"]
        assert isinstance(boats, list)
        name = str(arguments["name"]).lower()
        known = [one for one in boats if isinstance(one, dict)]
        found: list[JsonValue] = [one for one in known if name == str(one["name"]).lower()]
        return {"success": True, "data": found}

    one: JsonObject = {"boats": [{"boat_id": "B1", "name": "Albatros"}]}
    claimed(
        text_searches,
        {"find_boats": find},
        one,
        FindingCall(tool="find_boats", arguments={"name": "Albatros"}),
        source=source,
    )

    assert asked[-len(forms) :] == forms
