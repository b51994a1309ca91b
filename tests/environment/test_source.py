"""A module of an environment: found, and put together from its parts."""

import ast
import keyword
import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.environment.code.assemble import assemble, read_class
from envscaler.environment.code.instrument import instrument
from envscaler.environment.code.syntax import parse
from envscaler.errors import ReplyError

SHOP = dedent(
    '''
    """A shop."""
    from typing import (
        Dict,
        TypedDict,
    )


    class Order(TypedDict):
        """from typing import nothing"""

        status: str  # such as "open"


    class Shop:
        def __init__(self, init_config: dict):
            self.orders: Dict[str, Order] = {}
            # - an order is never deleted
    '''
)
GET = (
    'def get_order(self, order_id: str) -> dict:\n    return {"success": True, "data": order_id}\n'
)


def names(module: str) -> list[str]:
    return [name for name in read_class(module, "Shop").methods if name != "__init__"]


def test_the_environment_class_is_the_one_that_is_no_data_type() -> None:
    found = read_class(
        dedent(
            """
            from enum import Enum
            class Status(str, Enum):
                OPEN = "open"
            class Base(TypedDict): ...
            class Item(Base): ...
            @dataclasses.dataclass(frozen=True)
            class Point: ...
            class _Helper: ...
            class Common: ...
            class Shop(Common): ...
            """
        )
    )

    assert found.name == "Shop"
    assert set(found.classes) == {"Status", "Item", "Base", "Point", "_Helper", "Common", "Shop"}


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("class A: ...\nclass B: ...", "found A, B"),
        ("x = 1", "found none"),
        ("class A(", "line 1: '(' was never closed"),
        ("class A(B): ...\nclass B(A): ...", "line 1: A inherits from B before it is defined"),
        ("x = " + "-" * 300 + "1", "nested more than"),
        ("x = '\0'", "null bytes"),
    ],
)
def test_a_module_without_one_environment_class_is_refused(source: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=re.escape(problem)):
        read_class(source)


@pytest.mark.parametrize(
    "parameters", ["", ", config=None", ", init_config: dict", ", config, copy=True, *, deep=False"]
)
def test_a_constructor_may_take_one_argument(parameters: str) -> None:
    found = read_class(f"class A:\n    def __init__(self{parameters}): ...")

    assert "__init__" in found.methods


@pytest.mark.parametrize("value", [r"'\d'", "1 is 1", "(1)(2)", "[0]('a')"])
def test_code_that_a_compiler_warns_of_is_read(value: str) -> None:
    source = f"class Shop:\n    def look(self):\n        return {value}\n"

    assert read_class(source).name == "Shop"


def test_inherited_methods_come_first_and_may_be_overridden() -> None:
    found = read_class(
        "class Base:\n    def a(self): ...\n    def b(self): ...\n"
        "class Shop(Base):\n    def c(self): ...\n    def a(self): return 1\n"
    )

    assert list(found.methods) == ["a", "b", "c"]
    assert len(ast.unparse(found.methods["a"])) > len("def a(self):\n    ...")


def test_methods_go_behind_the_class_body_and_keep_their_text() -> None:
    method = dedent(
        '''
        @staticmethod
        def label(order_id: str) -> dict:
            """Label it.

            Returns: what it says
            """
            # ends of lines stay: they are part of the label
            text = """a
        b"""  # two lines
            return {"success": True, "data": text}
        '''
    )

    module = assemble(SHOP, [method])

    assert module.startswith('"""A shop."""\n\nfrom typing import Dict, TypedDict\n\n\nclass Order')
    assert 'from typing import nothing"""' in module
    assert 'status: str  # such as "open"' in module
    assert (
        "        # - an order is never deleted\n\n    @staticmethod\n    def label(order_id: str)"
    ) in module
    assert '        text = """a\nb"""  # two lines\n' in module
    assert "        # ends of lines stay" in module


def test_imports_are_merged_and_sorted() -> None:
    unit = dedent(
        """
        from __future__ import annotations
        import os.path
        import uuid, re as regex
        from typing import (
            Any, Dict,  # both
        )
        try:
            from zoneinfo import ZoneInfo
        except ImportError:
            ZoneInfo = None
        """
    )

    module = assemble(SHOP, [unit + GET])

    assert (
        '"""A shop."""\n\n'
        "from __future__ import annotations\n"
        "import os.path\n"
        "import re as regex\n"
        "import uuid\n"
        "from typing import Any, Dict, TypedDict\n\n"
        "try:\n    from zoneinfo import ZoneInfo\nexcept ImportError:\n    ZoneInfo = None\n\n\n"
        "class Order"
    ) in module


def test_imports_inside_a_function_stay_there() -> None:
    module = assemble(SHOP, ["def now(self) -> dict:\n    import time\n    return time.time()\n"])

    assert "    def now(self) -> dict:\n        import time\n" in module
    assert "\nimport time" not in module


def test_an_indented_reply_and_one_inside_a_class_are_taken_out() -> None:
    indented = "    " + GET.replace("\n", "\n    ")
    wrapped = "class Shop:\n    " + GET.replace("get_order", "find").replace("\n", "\n    ")

    module = assemble(SHOP, [indented, wrapped])

    assert names(module) == ["get_order", "find"]
    assert module.count("class Shop") == 1


def test_helpers_go_where_they_belong() -> None:
    unit = (
        "_LIMIT = 5  # at most\n\ndef _shorten(text: str) -> str:\n    return text[:_LIMIT]\n\n"
        "def _label(self) -> str:\n    return _shorten('x')\n\n" + GET
    )

    module = assemble(SHOP, [unit])

    assert names(module) == ["_label", "get_order"]
    assert module.index("_LIMIT = 5  # at most") < module.index("class Shop")
    assert module.index("def _shorten") < module.index("class Shop")


def test_the_same_helper_of_two_replies_is_kept_once() -> None:
    helper = "def _check(self) -> bool:\n    return True\n\ndef _plain() -> int:\n    return 1\n\n"

    module = assemble(SHOP, [helper + GET, helper + GET.replace("get_order", "find")])

    assert names(module) == ["_check", "get_order", "find"]
    assert module.count("def _plain") == 1


def test_a_private_method_that_means_another_thing_gets_another_name() -> None:
    one = "def _check(self) -> bool:\n    return True\n\n" + GET
    other = (
        "def _check(self) -> bool:\n    return False\n\n"
        "def find(self, text: str) -> dict:\n"
        "    # _check is private\n"
        '    return {"success": self._check(), "data": f"{self._check()}", "error": text}\n'
    )

    module = assemble(SHOP, [one, other])

    assert names(module) == ["_check", "get_order", "_check_find", "find"]
    assert '"success": self._check_find(), "data": f' in module
    assert "{self._check_find()}" in module


def test_a_function_that_means_another_thing_gets_another_name() -> None:
    one = "_LIMIT = 1\n\ndef _cut(text: str) -> str:\n    return text[:_LIMIT]\n\n" + GET
    other = one.replace("= 1", "= 2").replace("get_order", "find").replace("order_id}", "_LIMIT}")

    module = assemble(SHOP, [one, other])

    assert "_LIMIT_find = 2" in module
    assert "def _cut_find(text: str) -> str:\n    return text[:_LIMIT_find]" in module
    assert '"data": _LIMIT_find}' in module


def test_an_import_that_shadows_another_gets_an_alias() -> None:
    one = "from datetime import datetime\n" + GET.replace("data", "data", 1)
    other = (
        "import datetime\n\ndef now(self) -> dict:\n"
        "    at = datetime.datetime.now()  # local\n"
        '    return {"success": True, "data": str(at)}\n'
    )

    module = assemble(SHOP, [one, other])

    assert "import datetime as datetime_module\nfrom datetime import datetime\n" in module
    assert "        at = datetime_module.datetime.now()  # local\n" in module


def test_an_import_gives_way_to_what_the_module_defines() -> None:
    unit = "from orders import Order\n\ndef find(self) -> dict:\n    return Order()\n"

    module = assemble(SHOP, [unit])

    assert "from orders import Order as orders_Order\n" in module
    assert "        return orders_Order()\n" in module


def test_a_helper_gives_way_to_an_import() -> None:
    unit = "def dumps(x):\n    return x\n\ndef find(self) -> dict:\n    return dumps(1)\n"

    module = assemble(SHOP, ["from json import dumps\n" + GET, unit])

    assert "def dumps_find(x):" in module
    assert "        return dumps_find(1)\n" in module


def test_a_helper_in_several_statements_is_kept_whole_and_once() -> None:
    table = "_TABLE = {}\n_TABLE['a'] = 1\n_TABLE = dict(_TABLE)\n\n"

    module = assemble(SHOP, [table + GET, table + GET.replace("get_order", "find")])

    assert "_TABLE = {}\n_TABLE['a'] = 1\n_TABLE = dict(_TABLE)\n" in module
    assert module.count("['a'] = 1") == 1


@pytest.mark.parametrize(
    ("one", "other", "problem"),
    [
        (GET, GET.replace("True", "False"), "method get_order is defined twice"),
        ("class A(dict):\n    x = 1\n" + GET, "class A(dict):\n    x = 2\n", "A is a class here"),
        (
            "_n = 1\n" + GET,
            "_n = 2\n\ndef find(self, _n: int) -> dict:\n    return _n\n",
            "also a local name",
        ),
        (
            "def _a(self):\n    return 1\n" + GET,
            "def _a(self):\n    return 2\n\ndef find(self):\n    return getattr(self, '_a')()\n",
            "give it another name",
        ),
        (
            "import time\n" + GET,
            "from datetime import time\n\ndef find(self, time: str) -> dict:\n    return time\n",
            "also a local name",
        ),
    ],
)
def test_a_clash_that_cannot_be_resolved_with_certainty_is_refused(
    one: str, other: str, problem: str
) -> None:
    with pytest.raises(ReplyError, match=problem):
        assemble(SHOP, [one, other])


def test_a_class_in_one_line_gets_its_methods_too() -> None:
    assert names(assemble("class Shop: pass", [GET])) == ["get_order"]


def test_a_class_keeps_its_own_indentation() -> None:
    tabbed = "class Shop:\n\tdef __init__(self):\n\t\tself.orders = {}\n"

    assert names(assemble(tabbed, [GET])) == ["get_order"]


def test_what_stands_behind_the_class_stays_there() -> None:
    module = assemble("class Shop:\n    x = 1\n\nALIAS = Shop\n", [GET])

    assert module.index("def get_order") < module.index("ALIAS = Shop")


_WORDS = st.from_regex(r"[a-z]{1,6}", fullmatch=True).filter(lambda w: not keyword.iskeyword(w))
_STATEMENTS = st.sampled_from(
    [
        'text = """a\n  b\n"""',
        "items = [\n    1,\n    2,\n]",
        "if True:\n    pass  # nothing\nelse:\n    value = f'{1}'",
        "# a remark",
        "import json",
        "_one = 3; _two = 4",
        "value = 'a' \\\n    'b'",
    ]
)


@st.composite
def _units(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a method with what may come along, and its name."""
    name = draw(_WORDS)
    body = [*draw(st.lists(_STATEMENTS, max_size=3)), f"return {draw(st.integers())}"]
    docstring = draw(st.sampled_from(["", '"""Do it."""', '"""Do it.\n\nReturns:\n    x\n"""']))
    lines = "\n".join([docstring, *body]).strip("\n").split("\n")
    decorated = draw(st.sampled_from(["", "@staticmethod\n"]))
    method = f"{decorated}def {name}({'' if decorated else 'self'}):\n" + _indented(lines)
    above = draw(
        st.lists(
            st.sampled_from(
                [
                    "from typing import Any, Dict as D",
                    "import datetime",
                    "from datetime import datetime",
                    "_LIMIT = 1",
                    "_LIMIT = 2",
                    "def _cut(text):\n    return text[:_LIMIT]",
                    "def _cut(text):\n    return datetime, text",
                    "def _own(self):\n    return self._own",
                    "@staticmethod\ndef _own(x):\n    return x",
                ]
            ),
            max_size=3,
            unique=True,
        )
    )
    return name, "\n".join([*above, method])


def _indented(lines: list[str]) -> str:
    """Indent a body; strings of several lines move along, as they would in an editor."""
    return "\n".join(f"    {line}" if line else line for line in lines) + "\n"


@given(st.lists(_units(), max_size=4, unique_by=lambda unit: unit[0]))
def test_any_plan_becomes_a_module_with_every_method(units: list[tuple[str, str]]) -> None:
    module = assemble(SHOP, [source for _, source in units])

    assert [name for name in names(module) if not name.startswith("_")] == [n for n, _ in units]
    assert assemble(SHOP, [source for _, source in units]) == module


@given(st.lists(_units(), max_size=3, unique_by=lambda unit: unit[0]))
def test_assembling_changes_no_method(units: list[tuple[str, str]]) -> None:
    plain = [(name, source[source.index(_first_line(name, source)) :]) for name, source in units]

    found = read_class(assemble(SHOP, [source for _, source in plain]), "Shop").methods

    for name, source in plain:
        (own,) = ast.parse(source).body
        assert _without_docstring(found[name]) == _without_docstring(own)


def _first_line(name: str, source: str) -> str:
    decorated = f"@staticmethod\ndef {name}("
    return decorated if decorated in source else f"def {name}("


def _without_docstring(node: ast.stmt) -> str:
    assert isinstance(node, ast.FunctionDef)
    skipped = 1 if ast.get_docstring(node) is not None else 0
    return "\n".join(ast.dump(statement) for statement in node.body[skipped:])


def test_a_tree_that_many_read_is_as_it_was_after_the_class_was_instrumented() -> None:
    source = read_class(SHOP).source
    before = ast.dump(parse(source), include_attributes=True)

    once, again = (instrument(source, "Shop", "LOG = []\n") for _ in range(2))

    assert parse(source) is parse(source)
    assert ast.dump(parse(source), include_attributes=True) == before
    assert once == again


def test_a_data_class_with_tools_may_be_the_environment_where_no_other_class_is() -> None:
    source = """
@dataclass
class Row:
    name: str

@dataclass
class Mill:
    rows: list

    def add(self): pass
    def drop(self): pass
    def show(self): pass
"""

    assert read_class(source).name == "Mill"


def test_a_class_that_another_makes_objects_of_is_a_part_of_it() -> None:
    source = """
class Bath:
    def fill(self): return Darkroom.full

class Darkroom:
    def __init__(self):
        self.baths = [Bath()]

    def fill(self): pass
"""

    assert read_class(source).name == "Darkroom"
