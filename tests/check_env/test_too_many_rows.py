"""A limit that lists one row too many, and its versions without a fault."""

import asyncio

import pytest

from envscaler.check_env.detectors.too_many_rows import exceeds
from envscaler.records import FindingKind, JsonObject, JsonValue
from tests.check_env.arena import examined, found
from tests.check_env.scripted import call, make_stage, watched

CLIENTS = '''
class Clients:
    def __init__(self):
        self.clients = {}

    def list_top(self, count: int) -> dict:
        """List the clients with the most orders.

        Args:
            count (int): How many to list.
        """
        ranked = sorted(self.clients, key=lambda one: -self.clients[one]["orders"])
        return {"success": True, "data": ranked[:count + 1]}
'''
STATE: JsonObject = {"clients": {f"c{n}": {"name": f"Client {n}", "orders": n} for n in range(5)}}


@pytest.mark.parametrize(
    ("lengths", "wrong"),
    [((2, 3), True), ((1, 2), False), ((5, 5), False), ((2, 2), False), ((0, 1), False)],
)
def test_only_answers_that_follow_their_limit_exceed_it(
    lengths: tuple[int, int],
    *,
    wrong: bool,
) -> None:
    def top(_state: JsonObject, arguments: JsonObject) -> JsonObject:
        rows: list[JsonValue] = ["row"] * lengths[arguments["count"] == 2]
        return {"success": True, "data": rows}

    seen = asyncio.run(
        watched(make_stage({"top": top}), call("top", count=1), call("top", count=2))
    )

    assert exceeds(seen) is wrong


def test_one_row_too_many_is_found() -> None:
    assert (FindingKind.WRONG_ANSWER, "list_top") in found(examined(CLIENTS, STATE))


def test_as_many_rows_as_asked_for_are_none() -> None:
    right = CLIENTS.replace("count + 1", "count")

    assert (FindingKind.WRONG_ANSWER, "list_top") not in found(examined(right, STATE))
