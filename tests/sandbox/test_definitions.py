"""Which modules do nothing but define, and so may be run before there is a scenario."""

import ast

import pytest

from envscaler.sandbox.guest.definitions import only_defines
from tests.sandbox.guests import SHARED, published_guests

DEFINING = (
    "class A:\n    'What it is.'\n    LIMIT: int = -3\n    names = ['a', ('b', {'c': {1}})]",
    "from typing import TypedDict\nclass Item(TypedDict, total=False):\n    name: str\n",
    "import datetime\nclass A:\n    def at(self, when: datetime.datetime = None) -> 'A': ...",
    "from typing import Dict\nState = Dict[str, int]\nclass A:\n    def f(self, s: State): ...",
    "class A:\n    @staticmethod\n    def f(x: int | None = None, *rest: str, k=1, **more): ...",
    "class A:\n    def __init__(self):\n        import os\n        os.abort()",
    "async def f() -> list[dict[str, int]]: ...",
)
DOING = (
    "print(1)",
    "import os",
    "import os.path as path",
    "from os import *",
    "from random import random as property",
    "from .other import thing",
    "class A:\n    made = f()",
    "class A:\n    made = [f() for _ in 'a']",
    "class A:\n    made = 9 ** 9",
    "class A:\n    made = {**B}",
    "class A(f()): ...",
    "class A(B): ...",
    "class A(metaclass=B): ...",
    "class A:\n    def __init_subclass__(cls): ...",
    "class A:\n    def __class_getitem__(cls, item): ...",
    "class A:\n    def __set_name__(self, owner, name): ...",
    "class A:\n    def __new__(cls): ...",
    "class A:\n    __slots__ = ('a',)",
    "@f\nclass A: ...",
    "class A:\n    @f\n    def g(self): ...",
    "property = 1",
    "def staticmethod(f): ...",
    "class TypedDict: ...",
    "from enum import Enum as TypedDict",
    "def f(x=g()): ...",
    "def f(*, x=g()): ...",
    "def f(x: g()): ...",
    "def f() -> g(): ...",
    "def f(x: a.b.c): ...",
    "def f(x: a.__class__): ...",
    "x: int = f()",
    "x: f() = 1",
    "a = b = 1",
    "a[0] = 1",
    "a.b = 1",
    "__builtins__ = 1",
    "if True:\n    pass",
    "try:\n    pass\nexcept ImportError:\n    pass",
    "assert x",
    "lambda: 1",
    "x = lambda: 1",
    "x = f'{y}'",
    "x = y @ z",
    "x = (y := 1)",
    "import datetime as object",
    "del x",
)


@pytest.mark.parametrize("source", DEFINING)
def test_definitions_may_be_run_early(source: str) -> None:
    assert only_defines(ast.parse(source))


@pytest.mark.parametrize("source", DOING)
def test_everything_else_is_run_for_each_scenario(source: str) -> None:
    assert not only_defines(ast.parse(source))


@pytest.mark.parametrize("place", ["{}", "class B:\n    {}"])
def test_a_call_is_found_wherever_it_is_evaluated(place: str) -> None:
    spots = ("a = (1, f())", "a: dict[str, f()]", "def g(x=[f()]): ...", "a = {f(): 1}")

    assert not any(only_defines(ast.parse(place.format(spot))) for spot in spots)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published data are not at hand")
def test_most_published_classes_only_define() -> None:
    sources = [guest.source for guest in published_guests().values()]

    assert sum(only_defines(ast.parse(source)) for source in sources) == 25
