"""Rules as code: what is asked for, and what is read."""

import asyncio

import pytest

from envscaler.errors import ReplyError
from envscaler.skel_builder.invariants import read_invariants, write_invariants
from tests.fakes import ScriptedModel
from tests.skel_builder.live import make_skeleton
from tests.skel_builder.makers import as_code, make_calls

RULES = ("A free umbrella has no member.", "A lost umbrella stays lost.")
STATE_RULE = "def rule_1(state):\n    return True\n"
STEP_RULE = "def rule_2(before, call, after):\n    return True\n"


def test_functions_become_invariants_of_their_rules() -> None:
    found = read_invariants(as_code(f"{STATE_RULE}\n\n{STEP_RULE}"), RULES)

    assert [(one.rule, one.kind) for one in found] == [(RULES[0], "state"), (RULES[1], "step")]
    assert found[0].source.startswith("def invariant(state):")
    assert found[1].source.startswith("def step_invariant(before, call, after):")


def test_rules_may_be_left_out() -> None:
    assert [one.rule for one in read_invariants(as_code(STEP_RULE), RULES)] == [RULES[1]]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def rule_3(state):\n    return True", "name it rule_N, with N from 1 to 2"),
        ("def check(state):\n    return True", "check: name it rule_N"),
        ("def rule_1(final):\n    return True", "takes either"),
        ("LIMIT = 3", "only functions"),
        ("import os\ndef rule_1(state):\n    return True", "line 1"),
        ("def rule_1(state:", "does not parse"),
    ],
)
def test_other_code_is_refused(code: str, told: str) -> None:
    with pytest.raises(ReplyError, match=told):
        read_invariants(as_code(code), RULES)


def test_the_model_sees_numbered_rules_and_the_class_without_methods() -> None:
    model = ScriptedModel(as_code("def rule_1(state):\n    return True"))

    asyncio.run(write_invariants(make_skeleton(), make_calls(model)))

    sent = str(model.asked[0].prompt.messages[-1].get("content"))
    assert "1. An Umbrella with status free has no member." in sent
    assert "class UmbrellaRental:" in sent
    assert "def return_umbrella" not in sent
