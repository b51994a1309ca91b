"""What checks made by code are put together from, run where checks run."""

import pytest

from envscaler.config import load_settings
from envscaler.records import Check, Clock, Verdict, VerdictKind
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.solution_first.check_helpers import with_parts
from tests.scen_generator.running import in_sandbox

TRUE = [
    "look_up({'a': {'b': [5, 6]}}, 'a', 'b', 1) == 6",
    "look_up({'a': {}}, 'a', 'b', 'c') is ...",
    "look_up({'a': None}, 'a', 'b') is ...",
    "look_up({'a': [5]}, 'a', 1) is ...",
    "look_up({7: 'x'}, 7) == 'x'",
    "matches({'a': 1, 'b': 2}, {'a': 1})",
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
    "same_but({'r': {'a': 1, 'b': 2}}, {'r': {'a': 9, 'b': 2}}, {'r': {'a': True}})",
]
FALSE = [
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

    assert source.count("def ") == 2


def test_a_function_comes_with_those_that_it_needs() -> None:
    source = with_parts(
        "def check_func(final_state):\n    return added({}, final_state, 1) == []\n"
    )

    assert [line[4:11] for line in source.splitlines() if line.startswith("def ")] == [
        "matches",
        "added(b",
        "check_f",
    ]
