"""Harder variants of scenarios of the harbour: each is proven by running it, or refused."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.config import HardeningName, load_settings
from envscaler.errors import RejectedError
from envscaler.jsonl import read_rows, write_rows
from envscaler.records import Call, Environment, JsonObject, MutantKind, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.hardening import busy, described, distractors, infeasible, tempting
from envscaler.scen_generator.hardening.again import Bench, proven_again, score_of
from envscaler.scen_generator.hardening.classes import Method, with_methods, without_tool
from envscaler.scen_generator.hardening.harden import OPERATORS, Task, hardened
from tests.scen_generator.example import STATE
from tests.scen_generator.intentions.making import make, settings_with
from tests.scen_generator.running import ENVIRONMENT, in_sandbox

NEED_AN_ID = ("described", "missing-record")
Use = Callable[[Bench], Awaitable[Scenario]]


@lru_cache
def _scenarios() -> tuple[Scenario, ...]:
    found = make((1, 0), (1, 1), (2, 0), (2, 1))
    return tuple(row for row in found.values() if isinstance(row, Scenario))


def _run(use: Use) -> Scenario:
    async def main(sandbox: Sandbox) -> Scenario:
        return await use(Bench(sandbox, settings_with()))

    return in_sandbox(load_settings(None, ()), main)


@lru_cache
def _hard(name: HardeningName) -> tuple[tuple[Scenario, Scenario | RejectedError], ...]:
    """Harden every scenario in one way."""
    scenarios = _scenarios()

    async def main(sandbox: Sandbox) -> list[tuple[Scenario, Scenario | RejectedError]]:
        found: list[tuple[Scenario, Scenario | RejectedError]] = []
        for row in scenarios:
            try:
                task = Task(ENVIRONMENT, row, name)
                found.append((row, await hardened(Bench(sandbox, settings_with()), task)))
            except RejectedError as error:
                found.append((row, error))
        return found

    return tuple(in_sandbox(load_settings(None, ()), main))


def _made(name: HardeningName) -> list[tuple[Scenario, Scenario]]:
    pairs = [(old, new) for old, new in _hard(name) if isinstance(new, Scenario)]
    assert pairs, [str(error) for _, error in _hard(name)]
    return pairs


@pytest.mark.parametrize("name", [each for each in OPERATORS if each not in NEED_AN_ID])
def test_each_way_gives_scenarios_that_are_proven_and_have_a_name_of_their_own(
    name: HardeningName,
) -> None:
    for old, new in _made(name):
        assert new.proof is not None
        assert new.proof.proven
        assert new.proof.noop_score == 0
        assert new.id != old.id
        assert new.env_id == OPERATORS[name].place(ENVIRONMENT).id or name == "missing-tool"
        assert new.provenance.models == (f"hardened:{name}",)
        assert new.provenance.parents[-1] == old.id


def test_busy_calls_are_made_again_in_the_reference() -> None:
    for old, new in _made("busy"):
        assert old.proof is not None
        assert new.proof is not None
        refused = [call for call in new.proof.reference if not call.succeeded]
        assert refused
        assert len(new.proof.reference) == len(old.proof.reference) + len(refused)


def test_an_environment_that_is_never_busy_is_refused() -> None:
    scenario = _scenarios()[0]

    with pytest.raises(RejectedError, match="No call of the solution is refused"):
        _run(lambda bench: busy.harden(bench, ENVIRONMENT, scenario))


def test_tools_that_distract_change_nothing_and_stand_behind_the_others() -> None:
    place = distractors.distracting(ENVIRONMENT)

    added = [tool.name for tool in place.tools[len(ENVIRONMENT.tools) :]]

    assert place.tools[: len(ENVIRONMENT.tools)] == ENVIRONMENT.tools
    assert {"preview_cancel_booking", "ask_to_cancel_booking"} <= {*added}
    assert {*place.structure.changes} == {*ENVIRONMENT.structure.changes}


def test_a_distractor_that_does_the_work_is_refused() -> None:
    scenario = _scenarios()[0]
    assert scenario.proof is not None
    [write] = [call for call in scenario.proof.reference if call.changed][:1]
    names = ", ".join(f"{name}=None" for name in write.arguments)
    given = ", ".join(f"{name}={name}" for name in write.arguments)
    planted = Method(
        f"preview_{write.name}",
        f"self, {names}",
        "Nothing is changed.",
        (f"return self.{write.name}({given})",),
    )
    place = with_methods(ENVIRONMENT, [planted])

    with pytest.raises(RejectedError, match="does as well as"):
        _run(lambda bench: distractors.harden(bench, place, scenario))


def test_a_temptation_is_spoken_of_and_costs_all_marks() -> None:
    old, new = _made("tempting")[0]
    assert new.proof is not None
    assert old.proof is not None
    assert len(new.task) > len(old.task)
    extra = [each.call for each in old.proof.mutants if each.kind is MutantKind.EXTRA_CALL]
    calls = [each.call for each in new.proof.reference]

    async def scores(sandbox: Sandbox) -> list[float | None]:
        bench = Bench(sandbox, settings_with())
        return [await score_of(bench, ENVIRONMENT, new, [*calls, call]) for call in extra]

    assert 1 not in in_sandbox(load_settings(None, ()), scores)


def test_without_anything_that_was_caught_there_is_no_temptation() -> None:
    scenario = _scenarios()[0]
    assert scenario.proof is not None
    bare = scenario.model_copy(update={"proof": scenario.proof.model_copy(update={"mutants": ()})})

    with pytest.raises(RejectedError, match="can be put into words"):
        _run(lambda bench: tempting.harden(bench, ENVIRONMENT, bare))


def test_an_infeasible_variant_is_declined_and_its_partner_is_not() -> None:
    for old, new in _made("missing-tool"):
        assert new.task == old.task
        assert new.proof is not None
        assert _changing(new) == [infeasible.DECLINE]
    for _, new in _made("reportable"):
        assert new.proof is not None
        assert infeasible.DECLINE not in [call.name for call in new.proof.reference]


def test_a_task_that_another_tool_does_as_well_has_no_infeasible_variant() -> None:
    scenario = _single()
    write = _write(scenario)
    names = ", ".join(write.arguments)
    variant = Method(
        f"also_{write.name}",
        f"self, {names}",
        "Do the same.",
        (f"return self.{write.name}({_handed_on(write)})",),
    )
    place = infeasible.reportable(with_methods(ENVIRONMENT, [variant]))

    with pytest.raises(RejectedError, match="It can be done all the same: also_"):
        _run(lambda bench: infeasible.without_its_tool(bench, place, scenario))


def test_two_calls_that_do_together_what_is_missing_are_found() -> None:
    scenario = _single()
    write = _write(scenario)
    names = ", ".join(write.arguments)
    first = Method("unlock_it", "self", "Unlock.", ("self.unlocked = True", "return True"))
    body = (
        "if not self.unlocked:",
        '    return {"success": False, "error": "locked"}',
        "self.unlocked = False",
        f"return self.{write.name}({_handed_on(write)})",
    )
    second = Method(f"also_{write.name}", f"self, {names}", "Do the same.", body)
    place = with_methods(ENVIRONMENT, [first, second], ["self.unlocked = False"])

    with pytest.raises(RejectedError, match=r"unlock_it.*then also_"):
        _run(
            lambda bench: infeasible.without_its_tool(bench, infeasible.reportable(place), scenario)
        )


def _single() -> Scenario:
    return next(row for row in _scenarios() if row.shape and row.shape.writes == 1)


def _write(scenario: Scenario) -> Call:
    assert scenario.proof is not None
    return next(call.call for call in scenario.proof.reference if call.changed)


def _handed_on(write: Call) -> str:
    """Hand the arguments on by name: they are in no order."""
    return ", ".join(f"{name}={name}" for name in write.arguments)


def _changing(scenario: Scenario) -> list[str]:
    assert scenario.proof is not None
    return [call.name for call in scenario.proof.reference if call.changed]


async def _told(bench: Bench, task: str, *calls: Call) -> Scenario:
    """Return a scenario whose task names records by their ids."""
    scenario = Scenario(
        id="told", env_id=ENVIRONMENT.id, kind="rl", index=0, initial_state=STATE, task=task
    )
    return await proven_again(bench, ENVIRONMENT, scenario, calls)


PAY = Call(name="record_payment", arguments={"invoice_id": "IN-001", "amount": 20})
CANCEL = Call(name="cancel_booking", arguments={"booking_id": "BK-003"})


def test_a_record_that_is_missing_makes_a_task_infeasible() -> None:
    place = infeasible.reportable(ENVIRONMENT)

    async def use(bench: Bench) -> Scenario:
        scenario = await _told(bench, "Please put 20 down as paid on invoice IN-001.", PAY)
        return await infeasible.without_its_record(bench, place, scenario)

    found = _run(use)

    assert found.initial_state["invoices"] == {}
    assert _changing(found) == [infeasible.DECLINE]


def test_what_is_gone_already_is_no_infeasible_task() -> None:
    body = ("self.bookings.pop(booking_id, None)", 'return {"success": True}')
    remove = Method("delete_booking", "self, booking_id: str", "Delete a booking.", body)
    base = with_methods(ENVIRONMENT, [remove])
    call = Call(name="delete_booking", arguments={"booking_id": "BK-003"})

    async def use(bench: Bench) -> Scenario:
        scenario = Scenario(
            id="told",
            env_id=base.id,
            kind="rl",
            index=0,
            initial_state=STATE,
            task="Delete BK-003.",
        )
        proven = await proven_again(bench, base, scenario, [call])
        return await infeasible.without_its_record(bench, infeasible.reportable(base), proven)

    with pytest.raises(RejectedError, match="it is so already"):
        _run(use)


def test_an_id_is_told_by_a_description_that_has_to_be_looked_up() -> None:
    async def use(bench: Bench) -> Scenario:
        scenario = await _told(bench, "Please cancel booking BK-003.", CANCEL)
        return await described.harden(bench, ENVIRONMENT, scenario)

    found = _run(use)

    assert "BK-003" not in found.task
    assert found.proof is not None
    assert found.proof.reference[-1].call.arguments["booking_id"] == "BK-003"
    assert len(found.proof.reference) > 1


def test_a_task_that_the_grammar_does_not_read_is_left_alone() -> None:
    async def use(bench: Bench) -> Scenario:
        scenario = await _told(bench, "BK-003: off with it!", CANCEL)
        return await described.harden(bench, ENVIRONMENT, scenario)

    with pytest.raises(RejectedError, match=r"not worded by the grammar|does not come to"):
        _run(use)


def test_a_record_goes_with_all_that_refers_to_it() -> None:
    fewer = infeasible.without_record(STATE, "BT-003")

    assert fewer is not None
    left = {name: [*held] for name, held in fewer.items() if isinstance(held, dict)}
    assert left == {
        "boats": ["BT-001", "BT-002", "BT-004"],
        "berths": ["A1", "A2", "B1", "B2"],
        "bookings": ["BK-001", "BK-003"],
        "invoices": [],
    }
    noted: JsonObject = {"note": {"last": {"of": ["BT-003"]}}, **STATE}
    assert infeasible.without_record(noted, "BT-003") is None


def test_a_tool_that_is_taken_away_is_offered_to_nobody() -> None:
    fewer = without_tool(ENVIRONMENT, "cancel_booking")

    assert "cancel_booking" not in {tool.name for tool in fewer.tools}
    assert "cancel_booking" not in fewer.structure.changes
    assert fewer.id != ENVIRONMENT.id


def test_only_what_is_proven_is_hardened() -> None:
    bare = _scenarios()[0].model_copy(update={"proof": None})

    with pytest.raises(RejectedError, match="Only a proven scenario"):
        _run(lambda bench: tempting.harden(bench, ENVIRONMENT, bare))


def test_the_command_writes_scenarios_and_the_environments_they_play_in(tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "hard"
    source.mkdir()
    write_rows(source / "envs.jsonl", [ENVIRONMENT])
    write_rows(source / "scenarios.jsonl", _scenarios()[:2])
    words = ["harden", "--from", str(source), "--run", str(folder), "--how", "busy, tempting"]

    first = CliRunner().invoke(app, words)
    rows = [*read_rows(folder / "scenarios.jsonl", Scenario)]
    again = CliRunner().invoke(app, words)

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    environments = {row.id for row in read_rows(folder / "envs.jsonl", Environment)}
    assert {row.env_id for row in rows} == environments
    assert [*read_rows(folder / "scenarios.jsonl", Scenario)] == rows
    assert CliRunner().invoke(app, [*words[:-1], "nonsense"]).exit_code != 0


def test_a_scenario_of_another_run_is_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "envs.jsonl", [without_tool(ENVIRONMENT, "cancel_booking")])
    write_rows(tmp_path / "scenarios.jsonl", _scenarios()[:1])
    words = ["harden", "--from", str(tmp_path), "--run", str(tmp_path / "hard")]

    result = CliRunner().invoke(app, words)

    assert result.exit_code != 0
    assert "which is not in" in f"{result.output}{result.exception}"
