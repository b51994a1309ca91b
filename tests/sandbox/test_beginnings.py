"""Environments that begin alike are made of what one of them began with."""

import json
from collections.abc import Callable
from types import ModuleType

import pytest

from envscaler.sandbox.guest.beginnings import Beginnings
from envscaler.sandbox.guest.instance import Copied, Instance, Program
from envscaler.sandbox.guest.load import Copies

_CLASS = """
ALL = []
DEFAULTS = {}

class World:
    def __init__(self, config):
        self.names = config.get("names", [])
        %s

    def add(self, name):
        self.names.append(name)

    def told(self):
        return [len(ALL), len(DEFAULTS), getattr(self, "seen", None) is DEFAULTS]
"""


class _Counting(Instance):
    """Counts how often an object is constructed."""

    constructed = 0

    def build(
        self,
        state: str,
        take: Callable[[], ModuleType] | None = None,
        copied: Copied = Copies,
        *,
        was_seen: bool = False,
    ) -> None:
        self.constructed += 1
        super().build(state, take, copied, was_seen=was_seen)


def _opened(
    inside: str = "pass", states: tuple[str, ...] = ('{"names":["a"]}',) * 4, start: float = 0.0
) -> list[_Counting]:
    """Open an environment in each state, and change it before the next is opened."""
    beginnings = Beginnings(Program("World", compile(_CLASS % inside, "<test>", "exec")))
    made: list[_Counting] = []
    for state in states:
        made.append(_Counting(beginnings.program, 0, start, 1.0))
        beginnings.build(made[-1], state)
        assert json.loads(made[-1].state())["names"] == json.loads(state)["names"]
        made[-1].call(1, "add", {"name": "b"})
    return made


def test_from_the_third_on_none_is_constructed() -> None:
    assert [one.constructed for one in _opened()] == [1, 1, 0, 0]


def test_another_state_is_constructed() -> None:
    opened = _opened(states=('{"names":[]}', '{"names":[]}', '{"names":["c"]}'))

    assert [one.constructed for one in opened] == [1, 1, 1]


@pytest.mark.parametrize(
    "inside",
    [
        "ALL.append(1)",
        "self.seen = DEFAULTS",
        "self.seen = {1, 2}",
        "World.tell = World.told",
        "World.size = len",
        "World.__seen__ = []",
        "World.tell = lambda self: 1",
        "World.add.seen = 1",
    ],
)
def test_what_is_more_than_plain_data_of_its_own_is_constructed(inside: str) -> None:
    opened = _opened(inside)
    told = [one.call(2, "told", {}) for one in opened]

    assert [one.constructed for one in opened] == [1, 1, 1, 1]
    assert told == told[:1] * 4


def test_a_refused_state_is_refused_each_time() -> None:
    beginnings = Beginnings(Program("World", compile(_CLASS % "1 / 0", "<test>", "exec")))
    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            beginnings.build(Instance(beginnings.program, 0, 0.0, 0.0), '{"names":[]}')
