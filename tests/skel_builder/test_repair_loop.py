"""Testing by code and repairing: what is found, what stays on record, when it ends."""

from envscaler.config import Settings
from envscaler.records import FindingKind, QualityReport
from envscaler.sandbox import Sandbox
from envscaler.skel_builder.invariants import write_invariants
from envscaler.skel_builder.repair_loop import CodeTests, RepairLoop, UnderTest
from tests.fakes import ScriptedModel
from tests.skel_builder.live import in_sandbox, make_skeleton
from tests.skel_builder.makers import (
    GET_UMBRELLA,
    RETURN_UMBRELLA,
    RULES,
    STATE,
    as_code,
    make_calls,
)

EAGER = RETURN_UMBRELLA.replace(
    '    if umbrella["status"] != "lent":\n',
    '    self.max_per_member += 1\n    if umbrella["status"] != "lent":\n',
)
INVARIANTS = as_code(
    "def rule_1(state):\n"
    "    umbrellas = state.get('umbrellas', {}).values()\n"
    "    return all(u.get('member') is None for u in umbrellas if u.get('status') == 'free')\n"
)


def repair(settings: Settings, *methods: str, repaired: str = RETURN_UMBRELLA) -> UnderTest:
    model = ScriptedModel(
        by_prompt={
            "skel_builder/write_invariants": INVARIANTS,
            "skel_builder/repair_method": as_code(repaired),
        }
    )
    skeleton = make_skeleton(*methods)

    async def use(sandbox: Sandbox) -> UnderTest:
        calls = make_calls(model)
        invariants = await write_invariants(skeleton, calls)
        quality = QualityReport(initial_states=(STATE,), invariants=invariants)
        tests = CodeTests(STATE, sandbox)
        return await RepairLoop(calls, sandbox, 1).run(UnderTest(skeleton, quality), tests.run)

    return in_sandbox(settings, use)


def test_a_sound_environment_needs_no_repair(settings: Settings) -> None:
    under_test = repair(settings)

    assert under_test.quality.findings == ()
    assert under_test.quality.repairs == ()
    assert [one.rule for one in under_test.quality.invariants] == RULES
    assert under_test.quality.initial_states == (STATE,)


def test_a_fault_is_found_repaired_and_kept_as_a_regression(settings: Settings) -> None:
    under_test = repair(settings, GET_UMBRELLA, EAGER)

    assert under_test.quality.findings == ()
    assert [one.kind for one in under_test.quality.regressions] == [
        FindingKind.REFUSED_CALL_CHANGED_STATE
    ]
    assert [one.tool for one in under_test.quality.repairs] == ["return_umbrella"]
    assert "max_per_member += 1" not in under_test.skeleton.source


def test_a_fault_that_no_repair_removes_stays_open(settings: Settings) -> None:
    under_test = repair(settings, GET_UMBRELLA, EAGER, repaired=EAGER)

    assert [one.tool for one in under_test.quality.serious] == ["return_umbrella"]
    assert under_test.quality.regressions == ()


def test_a_rule_that_a_tool_breaks_is_a_finding(settings: Settings) -> None:
    forgetful = RETURN_UMBRELLA.replace('    umbrella["member"] = None\n', "")

    under_test = repair(settings, GET_UMBRELLA, forgetful, repaired=forgetful)

    assert [one.kind for one in under_test.quality.serious] == [FindingKind.BROKEN_INVARIANT]
