"""Calls that the examination invents: what is chosen, and what differs from call to call."""

import random

from envscaler.inputs.arguments import Caller
from envscaler.inputs.subject import read_subject
from envscaler.records import JsonObject
from tests.check_env.arena import skeleton

SHELF = '''
class Shelf:
    def __init__(self):
        self.books = {}

    def lend(self, book_id: str, days: int, note: str = "") -> dict:
        """Lend a book.

        Args:
            book_id (str): The book.
            days (int): For how long.
            note (str): Why.
        """
        if book_id not in self.books or days < 1:
            return {"success": False, "error": "no"}
        self.books[book_id]["days"] = days
        return {"success": True, "message": note}
'''
STATE: JsonObject = {"books": {f"B{n}": {"title": f"Title {n}", "days": n} for n in range(1, 5)}}
BASE: JsonObject = {"book_id": "B1", "days": 7}
SUBJECT = read_subject(skeleton(SHELF))
LEND = SUBJECT.tools["lend"]


def caller(seed: int = 0) -> Caller:
    return Caller(SUBJECT, random.Random(seed))


def test_a_varied_call_differs_in_one_argument_at_most() -> None:
    one = caller()

    varied = [one.vary(LEND, STATE, BASE) for _ in range(40)]

    assert all(call.keys() == BASE.keys() for call in varied)
    assert all(sum(call[name] != BASE[name] for name in BASE) <= 1 for call in varied)


def test_variations_go_through_the_values_of_every_argument() -> None:
    one = caller()

    varied = [one.vary(LEND, STATE, BASE) for _ in range(80)]

    assert {str(call["book_id"]) for call in varied} >= {"B1", "B2", "B3", "B4"}
    assert len({str(call["days"]) for call in varied}) > 3


def test_an_odd_call_has_one_thing_odd() -> None:
    odd = [*caller().odd(LEND, STATE, BASE)]

    assert len(odd) > 20
    assert all(
        sum(call.get(name) != BASE.get(name) for name in {*call, *BASE}) <= 1 for call in odd
    )


def test_sensible_calls_are_all_different_and_name_what_is_there() -> None:
    calls = caller().sensible(LEND, STATE, 8)

    assert len({repr(call) for call in calls}) == len(calls) == 8
    assert {"B1", "B2", "B3", "B4"} & {str(call["book_id"]) for call in calls}


def test_the_same_seed_invents_the_same_calls() -> None:
    assert caller(3).sensible(LEND, STATE, 8) == caller(3).sensible(LEND, STATE, 8)
    assert caller(3).sensible(LEND, STATE, 8) != caller(4).sensible(LEND, STATE, 8)
