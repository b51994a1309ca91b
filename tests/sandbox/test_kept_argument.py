"""An attribute that only keeps the argument of the constructor is no part of the state."""

import pytest

from envscaler.records import JsonObject
from tests.sandbox.conftest import Box
from tests.sandbox.guests import guest

KEEPER = """
    def __init__(self, config: dict):
        self.names = config.get("names", [])
        self.config = config

    def add(self) -> dict:
        self.names.append("b")
        return {"success": True}
"""
READER = (
    KEEPER
    + """
    def read(self) -> dict:
        return self.config
"""
)
STATE: JsonObject = {"names": ["a"]}


def test_what_is_only_kept_does_not_double_the_state(box: Box) -> None:
    environment = box.open(guest(KEEPER, "add"), STATE)

    before = box.run(environment.state())
    box.call(environment, "add")

    assert before == STATE
    assert box.run(environment.state()) == {"names": ["a", "b"]}


def test_what_a_method_reads_is_state(box: Box) -> None:
    environment = box.open(guest(READER), STATE)

    assert box.run(environment.state()) == {"names": ["a"], "config": {"names": ["a"]}}


def test_what_the_state_names_is_state(box: Box) -> None:
    given: JsonObject = {"names": ["a"], "config": {"names": []}}

    assert box.run(box.open(guest(KEEPER, "add"), given).state()) == given


@pytest.mark.parametrize("more", [{}, {"when": {"$set": ["x"]}}])
def test_it_stays_away_after_a_snapshot(box: Box, more: JsonObject) -> None:
    environment = box.open(guest(KEEPER, "add"), STATE | more)
    snapshot = box.run(environment.snapshot())
    box.call(environment, "add")

    box.run(environment.restore(snapshot))

    assert box.run(environment.state()) == STATE | more


WHOLE = """
    def __init__(self, config: dict):
        self.state = dict(config)

    def add(self) -> dict:
        self.state["names"] = [*self.state["names"], "b"]
        return {"success": True}
"""


def test_a_state_that_is_kept_whole_under_another_name_is_there_once(box: Box) -> None:
    environment = box.open(guest(WHOLE, "add"), STATE)
    snapshot = box.run(environment.snapshot())

    box.call(environment, "add")
    after = box.run(environment.state())
    box.run(environment.restore(snapshot))

    assert after == {"state": {"names": ["a", "b"]}}
    assert box.run(environment.state()) == {"state": STATE}


@pytest.mark.parametrize("read", ["self.names", "getattr(self, 'na' + 'mes')"])
def test_what_methods_read_of_it_is_there_beside_it(box: Box, read: str) -> None:
    source = WHOLE.replace('{"success": True}', f'{{"success": bool({read})}}')

    assert box.call(box.open(guest(source, "add"), STATE), "add").value == {"success": True}
