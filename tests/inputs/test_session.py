"""A watched call is remembered as the tool was given it."""

from envscaler.records import JsonObject
from tests.check_env.scripted import Answer, seen

SOURCE = """
class Ranking:
    def __init__(self):
        self.names = []

    def act(self, who: str, first: int = 3, other: str | None = None):
        return {"success": True}
"""


def give_back(_state: JsonObject, arguments: JsonObject) -> Answer:
    return {"success": True, "data": arguments}


def test_a_null_that_does_not_reach_the_tool_is_no_argument_of_the_call() -> None:
    record = seen(give_back, source=SOURCE, who="Ann", first=None, other=None)

    assert record.call.arguments == {"who": "Ann"}


def test_a_null_for_what_the_tool_needs_or_does_not_know_is_one() -> None:
    record = seen(give_back, source=SOURCE, who=None, colour=None, first=2)

    assert record.call.arguments == {"who": None, "colour": None, "first": 2}
