"""The whole stage in the real sandbox, with scripted models."""

import asyncio
from pathlib import Path

import pytest

from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.interact.filters import FILTERS
from envscaler.interact.rollout import rollout
from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import (
    Dropped,
    JsonObject,
    Observation,
    ObservationKind,
    Scenario,
    StopReason,
    ToolCall,
    Trajectory,
    VerdictKind,
)
from envscaler.sandbox import Sandbox
from tests.fakes import Scripted, ScriptedModel, make_call, make_reply, scripted_models
from tests.interact.fakes import make_environment, make_scenario
from tests.one_sandbox import in_one_sandbox

LEND = make_call("lend", book_id="B2", reader="Ada")


def _calling(*calls: ToolCall) -> Scripted:
    return make_reply(tool_calls=calls)


def _write(folder: Path, scenario: Scenario | None = None) -> None:
    write_rows(folder / "envs.jsonl", [make_environment()])
    write_rows(folder / "scenarios.jsonl", [scenario or make_scenario()])


def _rollout(
    folder: Path, settings: Settings, *replies: Scripted, **changes: object
) -> tuple[list[StageReport], list[Trajectory], ScriptedModel]:
    model = ScriptedModel(*replies)
    interact = settings.interact.model_copy(update=changes)
    chosen = settings.model_copy(update={"interact": interact})

    reports = in_one_sandbox(
        chosen.sandbox,
        lambda sandbox: rollout(Run(folder, chosen, scripted_models(model), sandbox)),
    )
    return reports, list(read_rows(folder / "rollouts.jsonl", Trajectory)), model


def test_a_solved_scenario_becomes_a_scored_trajectory(tmp_path: Path, settings: Settings) -> None:
    _write(tmp_path)

    reports, [row], _ = _rollout(tmp_path, settings, _calling(LEND), "B2 is lent to Ada.")

    assert row.reward is not None
    assert row.reward.score == 1.0
    assert [verdict.kind for verdict in row.reward.verdicts] == [VerdictKind.PASSED]
    assert row.messages[3].content == '{"success": true, "message": "B2 is lent to Ada"}'
    assert [(report.name, report.written) for report in reports] == [("rollout", 1), ("filter", 1)]
    assert list(read_rows(tmp_path / "trajectories.jsonl", Trajectory)) == [row]


def test_tools_that_raise_and_arguments_that_do_not_fit_are_observations(
    tmp_path: Path, settings: Settings
) -> None:
    _write(tmp_path)

    calls = (make_call("audit"), make_call("lend", book_id="B2"), LEND)
    _, [row], _ = _rollout(tmp_path, settings, _calling(*calls), "Done.")

    assert [step.observation.kind for step in row.steps] == [
        ObservationKind.EXCEPTION,
        ObservationKind.REFUSED,
        ObservationKind.OK,
    ]
    assert row.reward is not None
    assert row.reward.score == 1.0


def test_a_state_that_cannot_be_read_leaves_no_score(tmp_path: Path, settings: Settings) -> None:
    _write(tmp_path)

    _, [row], _ = _rollout(tmp_path, settings, _calling(make_call("forget")), "Done.")

    assert row.stop_reason is StopReason.ENVIRONMENT_BROKE
    assert row.reward is not None
    assert row.reward.score is None


def test_a_check_that_breaks_leaves_no_score(tmp_path: Path, settings: Settings) -> None:
    [check] = make_scenario().checks
    broken = check.model_copy(update={"source": "def check_func(final_state):\n    return 1 / 0\n"})
    _write(tmp_path, make_scenario().model_copy(update={"checks": (check, broken)}))

    _, [row], _ = _rollout(tmp_path, settings, _calling(LEND), "Done.")

    assert row.stop_reason is StopReason.FINISHED
    assert row.reward is not None
    assert row.reward.score is None


def test_a_scenario_that_does_not_start_is_dropped(tmp_path: Path, settings: Settings) -> None:
    _write(tmp_path)
    broken = make_environment().model_copy(update={"source": "class LendingDesk:\n    x = 1 / 0\n"})
    write_rows(tmp_path / "envs.jsonl", [broken])

    [played, _], rows, model = _rollout(tmp_path, settings)

    assert rows == []
    assert played.reasons == {"guest": 1}
    assert model.asked == []


def test_what_a_filter_refuses_is_dropped_under_its_name(
    tmp_path: Path, settings: Settings
) -> None:
    _write(tmp_path)

    _, rows, _ = _rollout(
        tmp_path, settings, _calling(make_call("list_loans")), "No.", filters=tuple(FILTERS)
    )

    [dropped] = read_rows(tmp_path / "dropped.jsonl", Dropped)
    assert (dropped.id, dropped.stage, dropped.kind) == (rows[0].id, "filter", "score")
    assert list(read_rows(tmp_path / "trajectories.jsonl", Trajectory)) == []


def test_every_attempt_has_a_seed_of_its_own(tmp_path: Path, settings: Settings) -> None:
    other = make_scenario().model_copy(update={"id": "scen-2"})
    _write(tmp_path)
    write_rows(tmp_path / "scenarios.jsonl", [make_scenario(), other])

    _, rows, model = _rollout(tmp_path, settings, lambda _: "Done.", attempts=3)

    assert len({row.id for row in rows}) == 6
    assert len({row.seed for row in rows}) == 6
    assert {asked.seed for asked in model.asked} == {row.seed for row in rows}


def test_a_finished_stage_asks_nothing_again(tmp_path: Path, settings: Settings) -> None:
    _write(tmp_path)
    _rollout(tmp_path, settings, _calling(LEND), "Done.")
    before = (tmp_path / "rollouts.jsonl").read_bytes()

    reports, _, model = _rollout(tmp_path, settings)

    assert model.asked == []
    assert [report.skipped for report in reports] == [1, 1]
    assert (tmp_path / "rollouts.jsonl").read_bytes() == before


def test_steps_rebuild_the_environment(tmp_path: Path, settings: Settings) -> None:
    _write(tmp_path)
    _, [row], _ = _rollout(tmp_path, settings, _calling(LEND, make_call("list_loans")), "Done.")

    async def replay() -> list[Observation]:
        async with Sandbox.start(settings.sandbox) as sandbox:
            session = await sandbox.open(make_environment(), make_scenario())
            try:
                return [await session.call(s.call.name, _arguments(s.call)) for s in row.steps]
            finally:
                await session.close()

    assert asyncio.run(replay()) == [step.observation for step in row.steps]


def test_a_run_without_scenarios_says_what_is_missing(tmp_path: Path, settings: Settings) -> None:
    write_rows(tmp_path / "envs.jsonl", [make_environment()])

    with pytest.raises(ArtifactError, match=r"scenarios\.jsonl"):
        _rollout(tmp_path, settings)


def _arguments(call: ToolCall) -> JsonObject:
    assert isinstance(call.arguments, dict)
    return call.arguments
