"""A watched call is made in an environment made anew only where that can tell something."""

from collections.abc import Callable
from types import ModuleType

import pytest

from envscaler.sandbox.guest.instance import Copied, Instance, Program
from envscaler.sandbox.guest.load import Copies
from envscaler.sandbox.guest.pristine import PristineModule
from envscaler.sandbox.guest.problems import described
from envscaler.sandbox.guest.watch import watch

_CLASS = """
class World:
    def __init__(self):
        self.items = {}

    def look(self):
        return len(self.items)

    def list(self):
        return [*self.items]

    def add(self, name):
        self.items[name] = 1

    def fail(self):
        raise ValueError("no")
"""


def _program(head: str = "") -> Program:
    return Program("World", compile(head + _CLASS, "<test>", "exec"))


class _Counting(Instance):
    """Counts the environments that are made anew beside it."""

    anews = 0

    def anew(
        self,
        state: str,
        slept: float,
        take: Callable[[], ModuleType] | None = None,
        copied: Copied = Copies,
    ) -> Instance:
        self.anews += 1
        return super().anew(state, slept, take, copied)


def _anews(*calls: str, head: str = "", state: str = "{}") -> int:
    """Say how many environments are made anew while some calls are watched."""
    instance = _Counting(_program(head), 0, 0.0, 0.0)
    instance.build(state)
    for step, call in enumerate(calls, 1):
        method, _, name = call.partition(" ")
        arguments: dict[str, object] = {"name": name} if name else {}
        watch(instance).call(instance, step, method, arguments, described)
    return instance.anews


def test_each_way_in_which_a_call_ends_is_tried_anew_once() -> None:
    assert _anews("look", "look", "look") == 1
    assert _anews("look", "list", "look", "list", "fail", "fail") == 3


def test_what_changes_the_state_is_always_tried_anew() -> None:
    assert _anews("look", "add a", "add b", "look", "look") == 3


@pytest.mark.parametrize(
    "head",
    [
        "def place(thing):\n    return id(thing)\n",
        "def own():\n    import sys\n    return sys.modules\n",
        "class Item:\n    pass\n",
        "class Outer:\n    class Inner:\n        seen = []\n",
        "import itertools\nCOUNT = itertools.count()\n",
        "import random\nDRAWN = random.random()\n",
    ],
)
def test_where_something_may_hide_every_call_is_tried_anew(head: str) -> None:
    assert _anews("look", "look", "look", head=head) == 3


def test_a_state_of_more_than_json_is_tried_anew() -> None:
    assert _anews("look", "look", state='{"items":{"$set":["a"]}}') == 2


def test_a_module_that_draws_nothing_while_it_is_run_is_kept() -> None:
    draws, names = (
        PristineModule(_program(head))
        for head in ("import random\nDRAWN = random.random()\n", "import random, uuid\n")
    )

    assert names.take() is names.take()
    assert draws.take() is not draws.take()
