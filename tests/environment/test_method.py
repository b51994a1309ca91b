"""One method, checked before it becomes part of a class."""

import gzip
import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from envscaler.environment.code.assemble import read_class
from envscaler.environment.code.method import RESERVED_NAMES, check_method
from envscaler.environment.code.syntax import normalise
from envscaler.errors import ReplyError
from envscaler.records import Operation

GOOD = dedent(
    '''
    def cancel_order(self, order_id: str, reason: str = "none") -> dict:
        """Cancel an order.

        Args:
            order_id (str): The order.
            reason (str): Why.

        Returns:
            dict: {"success": True, "message": str} or {"success": False, "error": str}

        Constraints:
            - Only open orders can be cancelled.
        """
        order = self.orders.get(order_id)
        if order is None:
            return {"success": False, "error": "Unknown order"}
        order["status"] = reason  # kept for the customer
        return {"success": True, "message": "Cancelled"}
    '''
)
OPERATION = Operation(name="cancel_order", description="Cancel it.", kind="change")


def problems(source: str) -> list[str]:
    with pytest.raises(ReplyError) as caught:
        check_method(source, OPERATION)
    return str(caught.value).splitlines()


def with_body(*lines: str) -> str:
    """Return the good method with another body; its first line has number 14."""
    head = GOOD[: GOOD.index("    order = ")]
    return head + "".join(f"    {line}\n" for line in lines)


def test_a_good_method_comes_back_as_it_is() -> None:
    assert check_method(GOOD, OPERATION) == GOOD.lstrip("\n")


def test_an_indented_method_in_a_class_comes_back_at_the_margin() -> None:
    wrapped = "import re\nclass Shop:\n" + GOOD.replace("\n", "\n    ")

    assert check_method(wrapped, OPERATION) == "import re\n\n\n" + GOOD.lstrip("\n")


def test_what_comes_along_is_kept() -> None:
    helpers = "import re\n_LIMIT = 3\n\ndef _cut(text: str) -> str:\n    return text[:_LIMIT]\n"

    kept = check_method(helpers + GOOD, OPERATION)

    assert kept.startswith("import re\n\n\n_LIMIT = 3\n\n\ndef _cut(text: str) -> str:\n")


def test_another_name_is_refused() -> None:
    assert problems(GOOD.replace("cancel_order", "cancel")) == [
        "Expected a method named cancel_order, found cancel"
    ]


def test_source_that_does_not_parse_is_refused() -> None:
    assert problems("def cancel_order(self:") == [
        "The code does not parse: line 1: '(' was never closed"
    ]


SIGNATURES = [
    ("(self, order_id: str, ", "(order_id: str, ", "takes self as its first parameter"),
    ("order_id: str", "order_id", "the parameter order_id needs a type hint"),
    (" -> dict:", ":", "cancel_order needs a return type hint"),
    ('reason: str = "none"', "*reason: str", "*args and **kwargs"),
    ("self, order_id: str, ", "self, order_id: str, /, ", "positional-only"),
    ("order_id: str", "order_id: Set[str]", "arguments are JSON, which has no Set"),
    ("order_id: str", "order_id: datetime.date", "arguments are JSON, which has no date"),
    ("def cancel", "async def cancel", "async def"),
]


@pytest.mark.parametrize(("old", "new", "problem"), SIGNATURES)
def test_a_signature_that_no_tool_can_have_is_refused(old: str, new: str, problem: str) -> None:
    assert problem in problems(GOOD.replace(old, new))[0]


def test_a_static_method_needs_no_self() -> None:
    static = "@staticmethod\n" + with_body('return {"success": True, "data": order_id}').lstrip()

    assert check_method(static.replace("self, ", ""), OPERATION).startswith("@staticmethod\ndef")


DOCSTRINGS = [
    ("    Args:\n", "    Taking:\n", "says nothing about order_id under 'Args:'"),
    ("reason (str): Why.", "why (str): Why.", "says nothing about reason"),
    ("Returns:", "Gives back:", "no section 'Returns:'"),
    ("Constraints:", "Rules:", "no section 'Constraints:'"),
    ('"""Cancel an order.\n', '"""\n', "has to begin with what the tool does"),
]


@pytest.mark.parametrize(("old", "new", "problem"), DOCSTRINGS)
def test_a_docstring_with_a_gap_is_refused(old: str, new: str, problem: str) -> None:
    assert any(problem in line for line in problems(GOOD.replace(old, new)))


def test_a_missing_docstring_is_refused() -> None:
    bare = 'def cancel_order(self) -> dict:\n    return {"success": True, "data": 1}\n'

    assert problems(bare) == ["line 1: a docstring with Args, Returns and Constraints is missing"]


BAD_RETURNS = [
    (["return True"], "line 14: returns True; return {"),
    (["return [1]"], "line 14: returns [1]"),
    (["return str(order_id)"], "line 14: returns str(order_id)"),
    (["return"], "line 14: return without a value"),
    (["self.x = 1"], "line 1: cancel_order can end without a return"),
    (["if reason:", "    return {'success': True, 'data': 1}"], "can end without a return"),
    (["for o in self.orders:", "    return {'success': True, 'data': o}"], "end without a return"),
    (["try:", "    return {'success': True, 'data': 1}", "except KeyError:", "    pass"],
     "can end without a return"),
    (["return {'data': 1}"], "line 14: returns a dict without 'success'"),
    (["return dict(data=1)"], "line 14: returns a dict without 'success'"),
    (["return {'success': True}"], "line 14: success without 'data' or 'message'"),
    (["return {'success': False, 'message': 'no'}"], "line 14: failure without 'error'"),
    (["return {'success': 'yes', 'data': 1}"], "has to be True or False, not 'yes'"),
    (["return {'success': True, 'data': 1} if reason else None"], "line 14: returns None"),
    (["return self.orders[order_id]"], "returns self.orders[order_id] itself"),
    (["found = []", "return found"], "line 15: returns found, which is []"),
    (["found = {'data': 1}", "return found"], "line 14: returns a dict without 'success'"),
    (["yield {'success': True, 'data': 1}"], "yield: a tool returns one result"),
    (["raise ValueError(reason)"], "line 14: raise: return"),
    (["try:", "    x = 1", "except KeyError:", "    raise", "return {'success': True, 'data': 1}"],
     "line 17: raise"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "problem"), BAD_RETURNS)
def test_a_return_against_the_shape_is_refused(lines: list[str], problem: str) -> None:
    assert any(problem in line for line in problems(with_body(*lines)))


GOOD_RETURNS = [
    ["found = {}", "found['success'] = True", "found['data'] = 1", "return found"],
    ["found = dict(self.orders)", "return found"],
    ["return self._answer(order_id)"],
    ["ok = bool(reason)", "return {'success': ok, 'error': 'x'}"],
    ["return {'success': True, **self.orders}"],
    ["while True:", "    return {'success': True, 'data': 1}"],
    ["with self.lock:", "    return {'success': True, 'data': 1}"],
    ["match reason:", "    case 'a':", "        return {'success': True, 'data': 1}",
     "    case _:", "        return {'success': False, 'error': 'x'}"],
    ["try:", "    raise ValueError(reason)", "except ValueError as error:",
     "    return {'success': False, 'error': str(error)}"],
    ["try:", "    x = 1", "finally:", "    return {'success': True, 'data': 1}"],
    ["def inner():", "    return 5", "return {'success': True, 'data': inner()}"],
]  # fmt: skip


@pytest.mark.parametrize("lines", GOOD_RETURNS)
def test_what_may_keep_the_shape_passes(lines: list[str]) -> None:
    assert check_method(with_body(*lines), OPERATION)


def test_a_helper_whose_result_is_returned_has_to_keep_the_shape() -> None:
    helper = "def _answer(self, order_id: str) -> dict:\n    return {'data': order_id}\n"

    found = problems(helper + with_body("return self._answer(order_id)"))

    assert found[0].startswith("line 2: returns a dict without 'success'")


def test_a_public_helper_is_refused() -> None:
    found = problems(GOOD + "\ndef count(self) -> int:\n    return 1\n")

    assert "count would become a tool; a helper's name begins with _" in found[0]


def test_a_whole_class_is_refused() -> None:
    whole = "class Shop:\n    def __init__(self):\n        pass\n" + GOOD.replace("\n", "\n    ")

    assert any("without the class around it" in line for line in problems(whole))


def test_findings_of_the_lint_are_told_too() -> None:
    assert problems("import os\n" + GOOD) == [
        "line 1: os cannot be imported; do without it, in plain Python"
    ]


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_name_that_trainers_use_is_refused(name: str) -> None:
    reserved = Operation(name=name, description="", kind="query")

    with pytest.raises(ReplyError, match="belongs to trainers"):
        check_method(GOOD.replace("cancel_order", name), reserved)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = problems("import os\ndef cancel_order(self, a):\n    return 1\n")

    assert [int(line.split()[1].rstrip(":")) for line in found] == [1, 2, 2, 2, 3]


def test_published_methods_pass_but_for_missing_sections(shared_data: Path) -> None:
    with gzip.open(shared_data / "envscaler/env_metadata_dev.json.gz") as file:
        environments: dict[str, dict[str, str]] = json.load(file)
    refused: list[str] = []
    for row in environments.values():
        found = read_class(row["env_class_code"], row["env_class_name"])
        for name, node in found.methods.items():
            lines = found.source.splitlines()[node.lineno - 1 : node.end_lineno]
            try:
                if name != "__init__":
                    operation = Operation(name=name, description="", kind="query")
                    check_method(normalise("\n".join(lines)), operation)
            except ReplyError as error:
                refused += re.sub(r"line \d+: ", "", str(error)).splitlines()

    assert refused == ["the docstring has no section 'Constraints:'"] * 13
