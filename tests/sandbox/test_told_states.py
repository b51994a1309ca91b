"""A state is told as it is, though what was told is told again while nothing happens."""

import json

from envscaler.sandbox.guest.instance import Instance, Program

_CLASS = """
class World:
    everyone = []

    def __init__(self):
        self.names = self.everyone
        self.names.append("one")

    def add(self, name):
        self.names.append(name)
"""


def _opened() -> Instance:
    instance = Instance(Program("World", compile(_CLASS, "<test>", "exec")), 0, 0.0, 0.0)
    instance.build("{}")
    return instance


def _names(instance: Instance) -> object:
    return json.loads(instance.state())["names"]


def test_a_call_and_the_way_back_are_seen() -> None:
    instance = _opened()
    copy = instance.snapshot()

    told: list[object] = []
    for turn in ("a", "b", "c"):
        instance.call(1, "add", {"name": turn})
        told.append(_names(instance))
        instance.restore(copy)
        told.append(_names(instance))

    assert told == [["one", "a"], ["one"], ["one", "b"], ["one"], ["one", "c"], ["one"]]


def test_each_snapshot_is_told_for_itself() -> None:
    instance = _opened()
    first = instance.snapshot()
    instance.call(1, "add", {"name": "a"})
    second = instance.snapshot()

    told: list[object] = []
    for copy in (first, second, first, second):
        instance.restore(copy)
        told.append(_names(instance))

    assert told == [["one"], ["one", "a"]] * 2


def test_what_another_one_does_to_it_is_seen() -> None:
    instance = _opened()
    before = _names(instance)

    instance.another()

    assert (before, _names(instance)) == (["one"], ["one", "one"])
