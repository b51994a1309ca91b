"""Whatever a model writes, it is read or refused: nothing else is raised, and soon."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.environment.code.assemble import assemble
from envscaler.environment.code.classes import read_class
from envscaler.environment.code.docstring import read_docstring
from envscaler.environment.code.lint import lint_check, lint_class
from envscaler.environment.code.method import check_method
from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.errors import ReplyError
from envscaler.records import Operation

OPERATION = Operation(name="act", description="", kind="query")
SHOP = "class Shop:\n    def __init__(self):\n        self.orders = {}\n"
PIECES = [
    *("def act(self, a: int) -> dict:", "class A(B, x=1):", "@staticmethod", "import a.b as c"),
    *("    return {'success': True}", "    ", "\t", "    self.orders[1] = a", "lambda: (yield)"),
    *('"""', "'''", "f'{x!r:{y}}'", "#", "\\", "(", ")", ";", ":", "=", "*", "\r\n", "\f"),
    *("from x import *", "async", "await x", "match a:", "    case [b, *c]: pass", "type X = 1"),
    *("try:", "    pass", "except* E:", "global a", "del a[b], c.d", "a: b = c", "x = y = z"),
    *("Args:", "a (int): x", "\0", "é", "\ud800", "with a as b, c: pass", "a[b:c, ...]"),
]
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=12).map("\n".join)
READERS: dict[str, Callable[[str], object]] = {
    "read_class": read_class,
    "lint_class": lint_class,
    "lint_check": lint_check,
    "check_method": lambda text: check_method(text, OPERATION),
    "assemble": lambda text: assemble(SHOP, [text]),
    "tools_of": lambda text: tools_of(SHOP + text, "Shop"),
    "structure_of": lambda text: structure_of(SHOP + text, "Shop"),
    "read_docstring": lambda text: read_docstring(text, ["a", "b"]),
}


@pytest.mark.parametrize("reader", READERS)
@given(text=TEXTS)
def test_any_text_is_read_or_refused(reader: str, text: str) -> None:
    try:
        READERS[reader](text)
    except ReplyError:
        return


def _act(*lines: str) -> str:
    return SHOP + "    def act(self):\n" + "".join(f"        {line}\n" for line in lines)


def _typed_dicts(count: int) -> str:
    """Write classes of which each holds the next one twice."""
    return "".join(
        f"class T{n}(TypedDict):\n    a: 'T{n + 1}'\n    b: 'T{n + 1}'\n" for n in range(count)
    )


BOMBS = {
    "loops": _act(*(f"{' ' * n}for x{n} in self.orders:" for n in range(18)), " " * 18 + "pass"),
    "calls": _act("self.orders" + ".pop(1)" * 60),
    "walrus": _act("(a := " * 50 + "self.orders" + ")" * 50),
    "sum": _act("x = " + "1 + " * 9000 + "1"),
    "lists": _act("x = " + "[" * 190 + "]" * 190),
    "names": _act("'''Args:", f"    {'a, ' * 20000}'''"),
    "brackets": _act("'''Args:", f"    a {'(' * 20000}'''"),
    "types": _typed_dicts(60) + SHOP + "    def act(self, x: T0): ...\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_nothing_takes_long(bomb: str) -> None:
    began = time.process_time()

    for read in (tools_of, structure_of):
        try:
            read(BOMBS[bomb], "Shop")
        except ReplyError:
            continue

    assert time.process_time() - began < 10
