"""Arguments that get past look-ups and checks, led by what calls compare."""

import pytest

from envscaler.inputs.guided import Guide, Knowledge, values_at
from envscaler.inputs.leaves import leaves_of, with_leaf
from envscaler.inputs.links import Places, Ref
from envscaler.inputs.subject import read_subject
from envscaler.inputs.trace import traced
from envscaler.records import Clock, JsonObject
from envscaler.sandbox import Sandbox
from tests.check_env.arena import in_sandbox, skeleton

YARD = '''
class Yard:
    def __init__(self):
        self.rows = {}
        self.people = {}

    def _find(self, container, key):
        return container.get(key) if isinstance(key, str) else None

    def park(self, row: str, place: str, driver: str) -> dict:
        """Park.

        Args:
            row (str): Row.
            place (str): Place.
            driver (str): Who.
        """
        there = self.rows.get(row, {}).get(place)
        if there is None or self._find(self.people, driver) is None:
            return {"success": False, "error": "no such place or driver"}
        return {"success": True, "message": "parked"}

    def pay(self, cents: dict[str, int]) -> dict:
        """Pay.

        Args:
            cents (dict[str, int]): Driver to cents.
        """
        for key, value in cents.items():
            if key not in self.people or value < 1 or value > 500:
                return {"success": False, "error": "unknown driver or amount"}
        return {"success": True, "message": "paid"}

    def swap(self, row: str, pair: list[str]) -> dict:
        """Swap.

        Args:
            row (str): Row.
            pair (list[str]): Two places.
        """
        if len(pair) != 2 or row not in self.rows:
            return {"success": False, "error": "two places of a row"}
        one, two = pair
        if one not in self.rows[row] or two not in self.rows[row] or one == two:
            return {"success": False, "error": "unknown places"}
        return {"success": True, "message": "swapped"}
'''
STATE: JsonObject = {
    "rows": {"North": {"n1": {"size": 1}, "n2": {"size": 2}}, "South": {"s9": {"size": 1}}},
    "people": {"Ada": {"age": 30}, "Bo": {"age": 40}},
}


def learnt(tool: str) -> Knowledge:
    subject = read_subject(skeleton(YARD))

    async def work(sandbox: Sandbox) -> Knowledge:
        session = await traced(subject, sandbox).open(STATE, Clock())
        known = Knowledge()
        await Guide(session, Places(STATE)).learn(subject.tools[tool], known, [])
        await session.close()
        return known

    return in_sandbox(work)


@pytest.mark.parametrize("tool", ["park", "pay", "swap"])
def test_a_tool_behind_nested_keys_helpers_maps_and_pairs_succeeds(tool: str) -> None:
    assert learnt(tool).succeeded


def test_a_nested_key_is_looked_for_in_the_container_that_another_argument_names() -> None:
    known = learnt("park")

    there = values_at(known, ("place",), STATE, {"row": "South", "place": "x", "driver": "Ada"})

    assert there == ["s9"]


def test_lines_that_were_reached_are_noted() -> None:
    assert len(learnt("pay").lines) >= 4


def test_a_container_is_recognised_by_its_keys() -> None:
    found = Places(STATE).of_keys(["n1", "n2"], {"row": "North", "place": "q"}, ("place",))

    assert found is not None
    assert found.steps == ("rows", Ref(("row",)))


def test_a_part_of_the_arguments_is_replaced_in_place() -> None:
    arguments: JsonObject = {"items": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}

    changed = with_leaf(arguments, ("items", 1, "n"), 7)

    assert dict(leaves_of(changed))["items", 1, "n"] == 7
    assert dict(leaves_of(arguments))["items", 1, "n"] == 2
