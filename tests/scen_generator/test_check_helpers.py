"""What checks made by code are put together from, run where checks run."""

import pytest

from envscaler.config import load_settings
from envscaler.records import Check, Clock, Verdict, VerdictKind
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.check_helpers import with_parts
from tests.scen_generator.running import in_sandbox

TRUE = [
    "look_up({'a': {'b': 6}}, 'a', 'b') == 6",
    "look_up({'a': [{'id': 'x'}, {'id': 'y', 'n': 1}]}, 'a', ('id', 'y'), 'n') == 1",
    "look_up({'a': [{'id': 'x'}]}, 'a', ('id', 'y')) is ...",
    "look_up({'a': []}, 'a', 0) is ...",
    "look_up({'a': {}}, 'a', 'b', 'c') is ...",
    "look_up({'a': None}, 'a', 'b') is ...",
    "look_up({7: 'x'}, 7) == 'x'",
    "matches({'a': 1, 'b': 2}, {'a': 1, ...: ...})",
    "matches({'a': 'k'}, {'a': own_key}, 'k')",
    "matches('some text', str)",
    "matches('A blue scarf', {says: (2, 'scarf', 'blue')})",
    "matches('Moved the boats', {says: (1, 'boats', 'paid')})",
    "each_added([], [{'a': 1}, {'a': 1}], [{'a': 1}, {'a': 1}])",
    "each_added([], [{'a': 1, 'b': 2}, {'a': 1, 'b': 3}], [{'a': 1, 'b': ...}, {'a': 1, 'b': 2}])",
    "ids_added([], [{'id': 7, 'a': 1}], {'id': ..., 'a': 1}, 'id') == [7]",
    "matches({'a': [1, {'b': 2}]}, {'a': [1, ...]})",
    "matches(0.1 + 0.2, 0.3)",
    "matches(5, 5.0)",
    "matches('k2', {'k1', 'k2'})",
    "matches({'x'}, {'x'})",
    "matches(None, None)",
    "matches(3, ...)",
    "added({'a': 1}, {'a': 1, 'b': 2}, 2) == ['b']",
    "added([1, 1], [1, 1, 1], 1) == [1]",
    "added(..., {'a': 1}, ...) == ['a']",
    "added({'x'}, {'x', 'y'}, 'y') == ['y']",
    "same_but({'a': 1}, {'a': 1}, None)",
    "same_but({'a': 1}, {'a': 2}, {'a': True})",
    "same_but({'a': 1}, {'a': 1, 'b': 2}, {...: 1})",
    "same_but({'a': 1}, {'a': 1, 'b': 2}, {'b': True})",
    "same_but({'a': 1}, {}, {'a': True})",
    "same_but([1, 2], [2, 3], (1, 1))",
    "same_but([1, 2, 1], [2, 1, 5], (1, 1))",
    "same_but({'log': [1]}, {'log': [1, 2, 3]}, {'log': (0, True)})",
    "same_but({'a': {}}, {'a': {'x': 1, 'y': 2}}, {'a': {...: True}})",
    "same_but([{'id': 1, 'a': 1}, {'id': 2}], [{'id': 1}, {'id': 2}], {('id', 1): {'a': True}})",
    "same_but([{'id': 1}], [{'id': 1}, {'id': 5}], {('id', 1): {'a': True}, ...: 1})",
    "same_but({'r': {'a': 1, 'b': 2}}, {'r': {'a': 9, 'b': 2}}, {'r': {'a': True}})",
]
FALSE = [
    "matches({'a': 1, 'b': 2}, {'a': 1})",
    "matches({'a': 'k'}, {'a': own_key}, 'j')",
    "matches('', str)",
    "matches(5, str)",
    "matches('A red hat', {says: (2, 'scarf', 'blue')})",
    "matches('', {says: (0,)})",
    "each_added([], [{'a': 1}], [{'a': 1}, {'a': 1}])",
    "each_added({}, {'x': {'a': 1}, 'y': {'a': 2}}, [{'a': 1}, {'a': 3}])",
    "same_but([1, 2, 3], [3, 1, 2, 4], (0, 1))",
    "same_but([1, 2], [2, 1], (0, 0))",
    "same_but([{'id': 1, 'a': 1}, {'id': 2}], [{'id': 2}, {'id': 1, 'a': 2}], {('id', 1): True})",
    "same_but([{'id': 1, 'a': 1}], [{'id': 1, 'a': 2, 'b': 3}], {('id', 1): {'a': True}})",
    "same_but([{'id': 1}], [{'id': 1}, {'id': 1}], {('id', 1): True})",
    "same_but({'log': [1]}, {'log': [2, 3]}, {'log': (0, True)})",
    "matches({'a': 1}, {'a': 1, 'b': 2})",
    "matches(True, 1)",
    "matches(1, True)",
    "matches('5', 5)",
    "matches([1, 2], [1])",
    "matches('k3', {'k1', 'k2'})",
    "matches(..., None)",
    "matches(None, {'a': 1})",
    "added({'a': 1}, {'a': 2}, ...)",
    "added([1], [1], ...)",
    "added({'a': 1}, None, ...)",
    "same_but({'a': 1}, {'a': 2}, None)",
    "same_but({'a': 1}, {'a': 1, 'b': 2}, {})",
    "same_but({'a': 1}, {'a': 1, 'b': 2, 'c': 3}, {...: 1})",
    "same_but({'a': 1}, {}, {})",
    "same_but([1, 2], [2, 3, 4], (1, 1))",
    "same_but({'r': {'a': 1, 'b': 2}}, {'r': {'a': 9, 'b': 3}}, {'r': {'a': True}})",
    "same_but({'r': {'a': 1}}, {'r': None}, {'r': {'a': True}})",
]


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """Run all expressions, each as a check of its own."""
    checks = [
        Check(
            item=text, source=with_parts(f"def check_func(final_state):\n    return bool({text})\n")
        )
        for text in (*TRUE, *FALSE)
    ]

    async def run(sandbox: Sandbox) -> tuple[Verdict, ...]:
        return await sandbox.run_checks(checks, {}, {}, Clock())

    found = in_sandbox(load_settings(None, ()), run)
    return {verdict.item: verdict for verdict in found}


@pytest.mark.parametrize("text", TRUE)
def test_what_is_so_is_seen(verdicts: dict[str, Verdict], text: str) -> None:
    assert verdicts[text].kind is VerdictKind.PASSED, verdicts[text].message


@pytest.mark.parametrize("text", FALSE)
def test_what_is_not_so_is_refused(verdicts: dict[str, Verdict], text: str) -> None:
    assert verdicts[text].kind is VerdictKind.FAILED, verdicts[text].message


def test_a_check_gets_only_the_functions_it_needs() -> None:
    source = with_parts("def check_func(final_state):\n    return look_up(final_state, 'a') == 1\n")

    names = [line[4:].partition("(")[0] for line in source.splitlines() if line[:4] == "def "]
    assert names == ["items_of", "look_up", "by_id", "check_func"]


def test_a_function_comes_with_those_that_it_needs() -> None:
    source = with_parts("def check_func(final_state):\n    return says(final_state, 1, 'a')\n")

    assert [line for line in source.splitlines() if line.startswith("def ")] == [
        "def says(text, least, *words):",
        "def check_func(final_state):",
    ]
