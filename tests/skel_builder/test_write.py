"""Reading classes and methods out of replies."""

import pytest

from envscaler.environment.code.assemble import read_class
from envscaler.errors import ReplyError
from envscaler.records import Operation
from envscaler.skel_builder.write import read_class_reply, read_method_reply
from tests.skel_builder.makers import (
    CLASS_SOURCE,
    GET_UMBRELLA,
    OPERATIONS,
    RETURN_UMBRELLA,
    as_code,
)

BASE = read_class(CLASS_SOURCE)
GET, RETURN = (Operation.model_validate(one) for one in OPERATIONS)


def read_method(source: str, operation: Operation = RETURN) -> str:
    return read_method_reply(as_code(source), base=BASE, operation=operation)


def test_class_is_read_with_its_name_and_text() -> None:
    found = read_class_reply(as_code(CLASS_SOURCE))

    assert found.name == "UmbrellaRental"
    assert found.source == CLASS_SOURCE


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("class A:\n    def __init__(self):\n        self.x = ", "line 3|syntax|parse"),
        (f"{CLASS_SOURCE}\n    def lend(self):\n        return 1", "methods beside __init__: lend"),
        ("class A:\n    def __init__(self, a, b): ...", "A.__init__ takes nothing, or one dict"),
        ("class A:\n    def __init__(self) -> None:\n        pass", "sets no attributes"),
        (CLASS_SOURCE.replace("TypedDict\n\n", "Any\n\n"), "Not defined or imported: TypedDict"),
        (f"import os\n{CLASS_SOURCE}", "os cannot be imported"),
        (f"{CLASS_SOURCE}\nprint('hello')", "print"),
    ],
)
def test_class_that_is_more_or_less_than_data_is_refused(source: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_class_reply(as_code(source))


@pytest.mark.parametrize(("source", "operation"), [(RETURN_UMBRELLA, RETURN), (GET_UMBRELLA, GET)])
def test_good_method_is_read_as_it_is(source: str, operation: Operation) -> None:
    assert "\n".join(read_method(source, operation).split()) == "\n".join(source.split())


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("def return_umbrella", "def give_back", "return_umbrella"),
        ("umbrella_id: str", "umbrella_id", "umbrella_id"),
        ("    Constraints:", "    Notes:", "(?i)constraints"),
        ('{"success": True, "message": f"Umbrella {umbrella_id} is free"}', '"done"', "success"),
        ('umbrella["status"] = "free"', 'umbrella["since"] = datetime.now()', "datetime"),
        ('umbrella["status"] = "free"', "umbrella[", "line"),
    ],
)
def test_method_in_another_shape_is_refused(old: str, new: str, problem: str) -> None:
    source = RETURN_UMBRELLA.replace(old, new, 1)

    assert source != RETURN_UMBRELLA
    with pytest.raises(ReplyError, match=problem):
        read_method(source)


def test_method_without_a_code_block_is_refused() -> None:
    with pytest.raises(ReplyError, match="```python"):
        read_method_reply(RETURN_UMBRELLA, base=BASE, operation=RETURN)
