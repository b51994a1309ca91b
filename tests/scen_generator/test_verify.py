"""Scenarios proven again from disk: what agrees, what does not, and what cannot be proven."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from envscaler.config import Settings, load_settings
from envscaler.display.proofs import verified_table
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows, write_rows
from envscaler.records import Check, Clock, Environment, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.verify import Verified, verify
from envscaler.scen_generator.solution_first.make import SolutionFirst
from envscaler.scen_generator.spec import spec_for
from envscaler.scen_generator.task_first.state import InitialState
from tests.fakes import ScriptedModel
from tests.measuring import measuring
from tests.scen_generator.checks import ALWAYS, CANCELLED, KEPT, NO_BOOLEAN, RAISES, WRITES
from tests.scen_generator.example import STATE
from tests.scen_generator.running import ENVIRONMENT, calls_to, in_sandbox, make_scenario

Change = Callable[[Scenario], Scenario]


@pytest.fixture(scope="module")
def proven() -> Scenario:
    """A scenario with a proof."""
    section = load_settings(None, ()).scen_generator.model_copy(update={"phrasing": "template"})

    async def use(sandbox: Sandbox) -> Scenario:
        spec = spec_for(ENVIRONMENT, 0, Clock(), 0)
        strategy = SolutionFirst(sandbox, section)
        return await strategy.make(spec, InitialState(STATE, STATE), calls_to(ScriptedModel()))

    return in_sandbox(load_settings(None, ()), use)


def verified(
    folder: Path, settings: Settings, *scenarios: Scenario, environment: Environment = ENVIRONMENT
) -> list[Verified]:
    write_rows(folder / "envs.jsonl", [environment])
    write_rows(folder / "scenarios.jsonl", scenarios)
    return list(asyncio.run(measuring(folder, settings, verify)))


def test_a_proof_holds_in_other_workers(
    tmp_path: Path, settings: Settings, proven: Scenario
) -> None:
    [found] = verified(tmp_path, settings, proven)

    assert (found.proven, found.reasons, found.disagreements) == (True, (), ())
    assert found.goals + found.guards == len(proven.checks)
    assert found.noop_score == 0.0
    assert found.noop_fraction == round(found.guards / len(proven.checks), 4)
    assert found.is_sound


def test_what_was_found_is_written_down(
    tmp_path: Path, settings: Settings, proven: Scenario
) -> None:
    found = verified(tmp_path, settings, proven)

    assert list(read_rows(tmp_path / "verified.jsonl", Verified)) == found


def with_proof(**changes: object) -> Change:
    def change(scenario: Scenario) -> Scenario:
        assert scenario.proof is not None
        proof = scenario.proof.model_copy(update=changes)
        return scenario.model_copy(update={"proof": proof})

    return change


def without_last_call(scenario: Scenario) -> Scenario:
    assert scenario.proof is not None
    return with_proof(reference=scenario.proof.reference[:-1])(scenario)


def with_other_answer(scenario: Scenario) -> Scenario:
    assert scenario.proof is not None
    first, *rest = scenario.proof.reference
    answer = first.observation.model_copy(update={"value": "no"})
    other = first.model_copy(update={"observation": answer})
    return with_proof(reference=(other, *rest))(scenario)


def with_check(check: Check) -> Change:
    return lambda scenario: scenario.model_copy(update={"checks": (check, *scenario.checks[1:])})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (with_proof(score=0.5), "score is stored as 0.5, and is 1.0"),
        (with_proof(proven=False), "proven is stored as False, and is True"),
        (with_proof(noop_score=0.5), "noop_score is stored as 0.5"),
        (with_proof(checks=()), "0 checks were proven"),
        (without_last_call, "proven is stored as True, and is False"),
        (with_other_answer, "Call 1 of the reference"),
        (with_check(ALWAYS.model_copy(update={"initially_true": False})), "is stored as False"),
        (with_check(ALWAYS), "is stored as goal, and is guard"),
    ],
)
def test_a_row_that_says_something_else_is_told(
    tmp_path: Path, settings: Settings, proven: Scenario, change: Change, told: str
) -> None:
    [found] = verified(tmp_path, settings, change(proven))

    assert any(told in each for each in found.disagreements), found.disagreements


def test_an_initial_state_that_does_not_load_is_told(
    tmp_path: Path, settings: Settings, proven: Scenario
) -> None:
    source = ENVIRONMENT.source.replace("self.boats: dict[str, Boat] = {}", "self.boats = 1 / 0")
    broken = ENVIRONMENT.model_copy(update={"source": source})

    [found] = verified(tmp_path, settings, proven, environment=broken)

    assert found.proven is False
    assert "ZeroDivisionError" in found.disagreements[0]


def test_a_scenario_without_a_reference_is_looked_over(tmp_path: Path, settings: Settings) -> None:
    checks = (CANCELLED, KEPT, ALWAYS, RAISES, NO_BOOLEAN, WRITES, CANCELLED)

    [found] = verified(tmp_path, settings, make_scenario(*checks))

    assert found.proven is None
    assert (found.goals, found.guards) == (2, 2)
    assert found.loose == (ALWAYS.item,)
    assert [each.partition("?")[0] for each in found.invalid] == [
        check.item.partition("?")[0] for check in (RAISES, NO_BOOLEAN, WRITES)
    ]
    assert found.copies == (CANCELLED.item,)
    assert found.noop_score is None
    assert found.disagreements == ()


def test_tasks_that_are_alike_are_told(
    tmp_path: Path, settings: Settings, proven: Scenario
) -> None:
    again = proven.model_copy(update={"id": "scen-again"})

    one, two = verified(tmp_path, settings, proven, again)

    assert (one.duplicate, two.duplicate) == ("", f"1.00 like {proven.id}")


def test_a_scenario_without_its_environment_stops(
    tmp_path: Path, settings: Settings, proven: Scenario
) -> None:
    lost = proven.model_copy(update={"env_id": "env-gone"})

    with pytest.raises(ArtifactError, match="has no environment env-gone"):
        verified(tmp_path, settings, lost)


def without_guard(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"checks": scenario.checks[:-1], "proof": scenario.proof})


def test_without_its_guard_a_scenario_is_not_proven(
    tmp_path: Path, settings: Settings, proven: Scenario
) -> None:
    assert proven.checks[-1].role == "guard"

    [found] = verified(tmp_path, settings, without_guard(proven))

    assert found.proven is False
    assert found.missed
    assert found.reasons[0].startswith("Full marks for a wrong solution: ")
    assert not found.is_sound


def test_a_check_that_cannot_be_run_is_not_sound(tmp_path: Path, settings: Settings) -> None:
    whole, broken = verified(
        tmp_path,
        settings,
        make_scenario(CANCELLED),
        make_scenario(CANCELLED, RAISES).model_copy(update={"id": "scen-2"}),
    )

    assert (whole.is_sound, broken.is_sound) == (True, False)


def test_the_table_has_a_line_for_each_environment_and_says_what_it_shows() -> None:
    rows = [
        Verified(
            id="s1", env_id="e1", proven=True, noop_score=0.0, noop_fraction=0.5, goals=1, guards=1
        ),
        Verified(
            id="s2",
            env_id="e2",
            proven=False,
            reasons=(
                "'Has A?' is false even after the reference solution",
                "'Has B?' is false even after the reference solution",
                "Full marks for a wrong solution: cancel({}) is called besides",
            ),
            noop_score=0.5,
            noop_fraction=0.0,
            goals=2,
            missed=("cancel({}) is called besides",),
            disagreements=("score is stored as 1.0, and is 0.5",),
        ),
    ]

    text = verified_table(rows).splitlines()

    assert text[0].split()[:3] == ["environment", "scenarios", "proven"]
    assert " ".join(text[1].split()) == "e1 1 1 0 0 0.000 0 0.500 0 0 0 0 0"
    assert " ".join(text[3].split()) == "all 2 1 1 0 0.250 1 0.250 1 0 0 0 0"
    assert "  missed     wrong solutions with full marks" in text
    assert text[-3:] == [
        "  2 × is false even after the reference solution",
        "  1 × Full marks for a wrong solution",
        "s2: score is stored as 1.0, and is 0.5",
    ]
