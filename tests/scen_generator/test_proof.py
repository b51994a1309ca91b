"""Scenarios with planted defects: what stands in the way of a proof is found and named."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import cast

import pytest

from envscaler.config import Settings, load_settings
from envscaler.records import (
    Call,
    Check,
    CheckRole,
    JsonObject,
    JsonValue,
    Mutant,
    MutantKind,
    Observation,
    ObservationKind,
    Proof,
    ReferenceCall,
    Scenario,
    Verdict,
    VerdictKind,
)
from envscaler.sandbox import LiveEnvironment, Sandbox
from envscaler.sandbox.journal import SkeletonLike, StartLike
from envscaler.sandbox.live import Isolation
from envscaler.scen_generator.proof.mutants import EXTRA_CALLS_PER_TOOL
from envscaler.scen_generator.proof.proof import judge, prove
from envscaler.scen_generator.proof.state_checks import GOAL_ITEM, GUARD_ITEM
from envscaler.scen_generator.proof.verdicts import Evidence, examine
from envscaler.scen_generator.solution_first.trace import Trace, succeeded, trace
from tests.one_sandbox import end_sandboxes
from tests.scen_generator.checks import (
    ALWAYS,
    ANY_CHANGE,
    BOOKED,
    CANCELLED,
    CANCELLED_TOO,
    HARMED,
    KEPT,
    MOODY,
    NEVER,
    NO_BOOLEAN,
    NOBODY_MOVED,
    NOTED,
    PAID,
    RAISES,
    SOUND,
    STAYED_CLOSED,
    TWO_WRITES,
    WRITES,
)
from tests.scen_generator.example import REFERENCE, STATE
from tests.scen_generator.running import ENVIRONMENT, in_sandbox, make_scenario

WRONG_BERTH = [*REFERENCE[:-1], REFERENCE[-1].model_copy(update={"arguments": {}})]
ONLY_QUERIES = REFERENCE[:1]


CASES: dict[str, tuple[tuple[Check, ...], Sequence[Call]]] = {
    "sound": (SOUND, REFERENCE),
    "already true": ((*SOUND, ALWAYS), REFERENCE),
    "never true": ((*SOUND, NEVER), REFERENCE),
    "raises": ((*SOUND, RAISES), REFERENCE),
    "no boolean": ((*SOUND, NO_BOOLEAN), REFERENCE),
    "writes": ((*SOUND, WRITES), REFERENCE),
    "moody": ((*SOUND, MOODY), REFERENCE),
    "any change": ((*SOUND, ANY_CHANGE), REFERENCE),
    "harmed": ((*SOUND, HARMED), REFERENCE),
    "two writes": ((*SOUND, TWO_WRITES), REFERENCE),
    "hidden guard": ((*SOUND, STAYED_CLOSED), REFERENCE),
    "unsolvable": (SOUND, WRONG_BERTH),
    "nothing to do": ((KEPT,), REFERENCE),
    "no reference": (SOUND, ()),
    "only queries": (SOUND, ONLY_QUERIES),
}


async def judged(scenario: Scenario, calls: Sequence[Call], sandbox: Sandbox) -> Proof:
    """Judge the checks of a scenario as they stand."""
    return judge(await examine(ENVIRONMENT, scenario, calls, sandbox))


@pytest.fixture(scope="module")
def proofs() -> dict[str, Proof]:
    """Prove all cases side by side, in one sandbox."""

    async def use(sandbox: Sandbox) -> dict[str, Proof]:
        found = await asyncio.gather(
            *(judged(make_scenario(*checks), calls, sandbox) for checks, calls in CASES.values())
        )
        return dict(zip(CASES, found, strict=True))

    return in_sandbox(load_settings(None, ()), use)


def told(proof: Proof) -> list[str]:
    """Return the reasons, but for wrong solutions with full marks: these checks guard little."""
    return [reason for reason in proof.reasons if not reason.startswith("Full marks")]


def test_a_goal_that_two_writes_decide_together_is_sound(proofs: dict[str, Proof]) -> None:
    proof = proofs["two writes"]

    assert told(proof) == []
    assert {mutant.kind for mutant in proof.mutants} > {MutantKind.TRUNCATE}


def test_a_sound_scenario_is_proven(proofs: dict[str, Proof]) -> None:
    proof = proofs["sound"]

    assert told(proof) == []
    assert (proof.score, proof.noop_score, proof.noop_fraction) == (1.0, 0.0, 0.2)
    assert proof.repeatable
    assert proof.failed_calls == 0


def test_goals_and_guards_are_told_apart(proofs: dict[str, Proof]) -> None:
    roles = {check.item: check.role for check in proofs["sound"].checks}

    assert roles == {
        **dict.fromkeys((each.item for each in SOUND), CheckRole.GOAL),
        KEPT.item: CheckRole.GUARD,
    }


def test_the_reference_says_which_calls_changed_the_state(proofs: dict[str, Proof]) -> None:
    calls = proofs["sound"].reference

    assert [(call.name, call.changed, call.succeeded) for call in calls] == [
        ("find_boats", False, True),
        ("cancel_booking", True, True),
        ("record_payment", True, True),
        ("book_berth", True, True),
    ]


def test_mutants_of_all_kinds_are_executed_and_caught_by_the_right_checks(
    proofs: dict[str, Proof],
) -> None:
    mutants = proofs["sound"].mutants

    assert {mutant.kind for mutant in mutants} == {"drop_call", "change_argument", "extra_call"}
    [payment] = [
        each for each in mutants if each.kind == "drop_call" and each.call.name == "record_payment"
    ]
    assert payment.caught_by == (SOUND.index(PAID),)
    [note] = [each for each in mutants if each.call.arguments.get("note") == "late arrival"]
    assert note.caught_by == (SOUND.index(NOTED),)
    assert any(SOUND.index(KEPT) in each.caught_by for each in mutants)


def test_a_value_that_the_tool_refuses_is_passed_over(proofs: dict[str, Proof]) -> None:
    payments = [
        mutant.call.arguments["amount"]
        for mutant in proofs["sound"].mutants
        if mutant.kind is MutantKind.CHANGE_ARGUMENT and mutant.call.name == "record_payment"
    ]

    assert payments == [119]


def test_an_extra_call_is_sought_where_a_guard_looks(proofs: dict[str, Proof]) -> None:
    proof = proofs["hidden guard"]

    assert told(proof) == []
    [extra] = [each for each in proof.mutants if len(SOUND) in each.caught_by]
    assert extra.call.arguments == {"berth_id": "B2", "status": "open"}


def test_a_guard_that_only_a_late_record_can_break_is_no_idle_one(settings: Settings) -> None:
    bookings = cast("JsonObject", STATE["bookings"])
    old = {**cast("JsonObject", bookings["BK-003"]), "status": "cancelled"}
    late: JsonObject = {**{f"BK-09{n}": old for n in range(6)}, **bookings}
    scenario = make_scenario(*SOUND, NOBODY_MOVED).model_copy(
        update={"initial_state": {**STATE, "bookings": late}}
    )

    async def use(sandbox: Sandbox) -> Proof:
        return await judged(scenario, REFERENCE, sandbox)

    proof = in_sandbox(settings, use)

    assert told(proof) == []
    [extra] = [each for each in proof.mutants if len(SOUND) in each.caught_by]
    assert (extra.kind, extra.call.name, extra.call.arguments["berth_id"]) == (
        "extra_call",
        "move_booking",
        "B1",
    )


def test_extra_calls_are_spread_over_tools_and_records(proofs: dict[str, Proof]) -> None:
    extras = [each for each in proofs["sound"].mutants if each.kind is MutantKind.EXTRA_CALL]

    tools = Counter(extra.call.name for extra in extras)
    assert len(tools) >= 4
    assert max(tools.values()) <= EXTRA_CALLS_PER_TOOL
    records = {
        (extra.call.name, str(next(iter(extra.call.arguments.values())))) for extra in extras
    }
    assert len(records) == len(extras)


def test_a_wrong_solution_with_full_marks_speaks_against_the_proof(
    proofs: dict[str, Proof],
) -> None:
    proof = proofs["sound"]

    assert not proof.proven
    assert len(proof.missed) > 1
    assert all(not mutant.caught_by and mutant.score == 1 for mutant in proof.missed)
    first = proof.missed[0]
    call = f"{first.call.name}({json.dumps(first.call.arguments)})"
    assert proof.reasons[0] == f"Full marks for a wrong solution: {call} is called besides"


def redone(mutant: Mutant) -> list[Call]:
    """Write down the calls of a mutant, from what a proof says about it."""
    call = mutant.call
    match mutant.kind:
        case MutantKind.DROP_CALL:
            return [*REFERENCE[: mutant.at], *REFERENCE[mutant.at + 1 :]]
        case MutantKind.TRUNCATE:
            return [*REFERENCE[: mutant.at]]
        case MutantKind.SKIP_PREFIX:
            return [*REFERENCE[mutant.at :]]
        case _:
            return [*REFERENCE[: mutant.at], call, *REFERENCE[mutant.at + 1 :]]


def test_a_mutant_can_be_executed_again_and_is_caught_again(
    settings: Settings, proofs: dict[str, Proof]
) -> None:
    scenario = make_scenario(*SOUND, TWO_WRITES)
    mutants = proofs["two writes"].mutants

    async def use(sandbox: Sandbox) -> list[tuple[int, ...]]:
        caught: list[tuple[int, ...]] = []
        for mutant in mutants:
            executed = await trace(ENVIRONMENT, scenario, redone(mutant), sandbox)
            reward = await sandbox.score(scenario, executed.state)
            kinds = [verdict.kind for verdict in reward.verdicts]
            caught.append(tuple(at for at, kind in enumerate(kinds) if kind != "passed"))
        return caught

    end_sandboxes()

    assert in_sandbox(settings, use) == [mutant.caught_by for mutant in mutants]


class Wobbly(Sandbox):
    """A sandbox in which chance takes another course every time."""

    def __init__(self, inner: Sandbox) -> None:
        self._inner = inner
        self._opened = 0
        self.run_checks_on_each = inner.run_checks_on_each

    async def open(
        self,
        skeleton: SkeletonLike,
        start: StartLike,
        *,
        seed: int | None = None,
        isolation: Isolation | None = None,
    ) -> LiveEnvironment:
        self._opened += 1
        return await self._inner.open(
            skeleton, start, seed=(seed or 0) + self._opened, isolation=isolation
        )


def test_a_reference_that_chance_decides_is_no_proof(settings: Settings) -> None:
    drawn = ENVIRONMENT.source.replace("booking_id = f", "import random\n        booking_id = f")
    drawn = drawn.replace("{len(self.bookings) + 1:03d}", "{random.randrange(10**9)}")
    environment = ENVIRONMENT.model_copy(update={"source": drawn})

    async def use(sandbox: Sandbox) -> Proof:
        return judge(await examine(environment, make_scenario(*SOUND), REFERENCE, Wobbly(sandbox)))

    assert told(in_sandbox(settings, use)) == ["Two runs of the reference solution differ"]


def test_only_writes_are_mutated(proofs: dict[str, Proof]) -> None:
    assert "find_boats" not in {mutant.call.name for mutant in proofs["sound"].mutants}


@pytest.mark.parametrize(
    ("case", "role", "problem"),
    [
        ("never true", CheckRole.UNMET, "is false even after the reference solution"),
        ("raises", CheckRole.INVALID, "error: KeyError: 'BK-009'"),
        ("no boolean", CheckRole.INVALID, "wrong type: it returned a int"),
        ("writes", CheckRole.INVALID, "error: RuntimeError: the check changes the state"),
        ("moody", CheckRole.INVALID, "the check answers differently when asked again"),
        ("any change", CheckRole.GOAL, "is true after every wrong solution"),
        ("harmed", CheckRole.BROKEN, "is true at the start and false after the reference"),
    ],
)
def test_a_planted_defect_is_found_and_nothing_else(
    proofs: dict[str, Proof], case: str, role: CheckRole, problem: str
) -> None:
    proof = proofs[case]

    assert not proof.proven
    assert proof.checks[-1].role is role
    assert problem in proof.checks[-1].problem
    assert [check.problem for check in proof.checks[:-1]] == [""] * len(SOUND)
    assert len(told(proof)) == 1


def test_a_guard_that_nothing_breaks_takes_no_reward_from_anybody(
    proofs: dict[str, Proof],
) -> None:
    guard = proofs["already true"].checks[-1]

    assert guard.role is CheckRole.GUARD
    assert guard.problem == "is true whatever is done: nothing that was tried breaks it"
    assert told(proofs["already true"]) == []


def test_an_unsolvable_task_is_not_proven(proofs: dict[str, Proof]) -> None:
    proof = proofs["unsolvable"]

    assert told(proof) == [f"{BOOKED.item!r} is false even after the reference solution"]
    assert (proof.score, proof.failed_calls) == (0.75, 1)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("nothing to do", "No check has to become true: a no-op is enough"),
        ("no reference", "There is no reference solution"),
        ("only queries", "The reference solution changes nothing"),
    ],
)
def test_a_scenario_that_asks_for_nothing_is_not_proven(
    proofs: dict[str, Proof], case: str, reason: str
) -> None:
    assert reason in proofs[case].reasons


def test_a_broken_check_leaves_no_score(proofs: dict[str, Proof]) -> None:
    assert (proofs["raises"].score, proofs["raises"].noop_score) == (None, None)


def test_a_guard_that_the_reference_breaks_leaves_it_no_score(proofs: dict[str, Proof]) -> None:
    assert proofs["harmed"].score == 0.0


def test_a_proof_is_the_same_in_another_sandbox(
    settings: Settings, proofs: dict[str, Proof]
) -> None:
    async def use(sandbox: Sandbox) -> Proof:
        return await judged(make_scenario(*SOUND), REFERENCE, sandbox)

    end_sandboxes()

    assert in_sandbox(settings, use) == proofs["sound"]


def settled(settings: Settings, *checks: Check) -> Scenario:
    async def use(sandbox: Sandbox) -> Scenario:
        return await prove(ENVIRONMENT, make_scenario(*checks), [REFERENCE], sandbox)

    return in_sandbox(settings, use)


def items(scenario: Scenario) -> list[str]:
    return [check.item for check in scenario.checks]


def test_only_what_breaks_and_what_is_the_same_code_is_taken_out(settings: Settings) -> None:
    scenario = settled(settings, *SOUND, CANCELLED_TOO, ALWAYS, RAISES)

    kept = [each.item for each in (*SOUND, ALWAYS)]
    assert items(scenario) == [*kept, GOAL_ITEM, GUARD_ITEM]
    assert scenario.proof is not None
    assert scenario.proof.proven, scenario.proof.reasons
    merged, broken = scenario.proof.removed
    assert merged == f"{CANCELLED_TOO.item!r}: its code is that of {CANCELLED.item!r}"
    assert broken.startswith(f"{RAISES.item!r}: error: KeyError: 'BK-009'")


def test_settling_keeps_a_check_that_contradicts_the_reference(settings: Settings) -> None:
    scenario = settled(settings, *SOUND, NEVER)

    assert items(scenario) == [*(each.item for each in SOUND), NEVER.item]
    assert scenario.proof is not None
    assert not scenario.proof.proven


def test_settling_writes_down_what_each_check_says_at_the_start(settings: Settings) -> None:
    scenario = settled(settings, *SOUND)

    said = [check.initially_true for check in scenario.checks]
    assert said == [False, False, False, False, True, False, True]


def evidence(*, repeatable: bool, goal_caught: bool) -> Evidence:
    """One goal, one mutant, both handmade."""
    false, true = (
        Verdict(item=PAID.item, kind=kind) for kind in (VerdictKind.FAILED, VerdictKind.PASSED)
    )
    call = ReferenceCall(
        name="record_payment",
        arguments={},
        observation=Observation(kind=ObservationKind.OK, value=None),
        succeeded=True,
        changed=True,
    )
    mutant = Mutant(kind=MutantKind.DROP_CALL, at=0, call=Call(name="record_payment"), caught_by=())
    return Evidence(
        checks=(PAID,),
        reference=Trace((call,), STATE),
        repeatable=repeatable,
        start=(false,),
        end=(true,),
        mutants=((mutant, (false if goal_caught else true,)),),
    )


def test_a_mutant_says_which_checks_caught_it() -> None:
    proof = judge(evidence(repeatable=True, goal_caught=True))

    assert proof.proven
    assert proof.mutants[0].caught_by == (0,)
    assert proof.mutants[0].score == 0


def test_a_goal_that_no_mutant_fails_is_no_proof() -> None:
    proof = judge(evidence(repeatable=True, goal_caught=False))

    assert told(proof) == [f"{PAID.item!r} is true after every wrong solution that was tried, too"]
    assert proof.reasons[-1] == (
        "Full marks for a wrong solution: call 1, record_payment({}), is left out"
    )


def test_two_runs_that_differ_are_no_proof() -> None:
    proof = judge(evidence(repeatable=False, goal_caught=True))

    assert proof.reasons == ("Two runs of the reference solution differ",)


@pytest.mark.parametrize("value", [None, [1], {"data": []}, {"success": True}])
def test_a_call_succeeds_when_it_returns_and_does_not_say_otherwise(value: JsonValue) -> None:
    assert succeeded(Observation(kind=ObservationKind.OK, value=value))


@pytest.mark.parametrize(
    ("kind", "value"),
    [(ObservationKind.OK, {"success": False}), (ObservationKind.EXCEPTION, {"success": True})],
)
def test_a_call_fails_when_it_says_so_or_does_not_return(
    kind: ObservationKind, value: JsonValue
) -> None:
    assert not succeeded(Observation(kind=kind, value=value))
