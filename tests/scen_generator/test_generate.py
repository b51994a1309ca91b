"""The stage: environments in, scenarios out, and the reason for each that is not made."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from envscaler.chat import Prompt
from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.interact.rollout import rollout
from envscaler.jsonl import read_rows, write_rows
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import (
    Dropped,
    Provenance,
    Scenario,
    Trajectory,
    content_id,
    named_by_content,
)
from envscaler.scen_generator.generate import gen_scen
from tests.fakes import ScriptedModel, scripted_models
from tests.one_sandbox import end_sandboxes, in_one_sandbox
from tests.scen_generator.checks import KEPT, SOUND
from tests.scen_generator.example import REFERENCE, STATE, TASK
from tests.scen_generator.running import (
    ENVIRONMENT,
    checklist_reply,
    code_reply,
    json_reply,
    question,
    state_reply,
    task_reply,
)


def write_check(prompt: Prompt) -> str:
    text = question(prompt)
    return next(code_reply(each.source) for each in SOUND if text.endswith(f"**{each.item}**"))


def good_model(checks: Callable[[Prompt], str] = write_check) -> ScriptedModel:
    return ScriptedModel(
        by_prompt={
            "scen_generator/state": state_reply(STATE),
            "scen_generator/task": task_reply(),
            "scen_generator/checklist": checklist_reply(),
            "scen_generator/check": checks,
            "scen_generator/solve": json_reply(
                {"calls": [call.model_dump() for call in REFERENCE]}
            ),
        }
    )


def generate(
    folder: Path, settings: Settings, model: ScriptedModel, **changes: object
) -> StageReport:
    """Run the stage on the harbour, with two scenarios and what `changes` says."""
    section = settings.scen_generator.model_copy(
        update={"scenarios_per_env": 2, "max_similarity": 1.0, **changes}
    )
    runner = settings.runner.model_copy(update={"workers": 2, "ordered": True})
    settings = settings.model_copy(update={"scen_generator": section, "runner": runner})
    made, _ = in_one_sandbox(
        settings.sandbox,
        lambda sandbox: gen_scen(Run(folder, settings, scripted_models(model), sandbox)),
    )
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run that has got as far as one environment."""
    write_rows(tmp_path / "envs.jsonl", [ENVIRONMENT])
    return tmp_path


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> tuple[Path, StageReport]:
    """A run with two scenarios, and what was said of it."""
    folder = tmp_path_factory.mktemp("once")
    write_rows(folder / "envs.jsonl", [ENVIRONMENT])
    return folder, generate(folder, settings, good_model())


@pytest.fixture
def made(once: tuple[Path, StageReport], tmp_path: Path) -> Path:
    """A copy of that run."""
    return shutil.copytree(once[0], tmp_path / "made")


def test_of_sets_put_together_every_scenario_is_played_with_a_seed_of_its_own(
    made: Path, folder: Path, settings: Settings
) -> None:
    generate(folder, settings.model_copy(update={"seed": 1}), good_model())
    both = [row for each in (made, folder) for row in scenarios_in(each)]
    write_rows(folder / "scenarios.jsonl", both)

    rows = play_nothing(folder, settings)

    assert len({row.id for row in both}) == len(both) == 4
    assert [row.scenario_id for row in rows] == [row.id for row in both]
    assert len({row.id for row in rows}) == len({row.seed for row in rows}) == 4


def test_two_environments_of_one_task_keep_their_scenarios_when_put_together(
    folder: Path, tmp_path: Path, settings: Settings
) -> None:
    made = Provenance(parents=("skel-of-both",))
    answers = [
        ENVIRONMENT.model_copy(update={"source": source, "provenance": made})
        for source in (ENVIRONMENT.source, f"{ENVIRONMENT.source}\n")
    ]
    rows = [row.model_copy(update={"id": content_id(row)}) for row in answers]
    both: list[Scenario] = []
    for number, row in enumerate(rows):
        (run := tmp_path / str(number)).mkdir()
        write_rows(run / "envs.jsonl", [row])
        generate(run, settings, good_model())
        both += scenarios_in(run)
    write_rows(folder / "envs.jsonl", rows)
    write_rows(folder / "scenarios.jsonl", both)

    played = play_nothing(folder, settings)

    assert [row.env_id for row in played] == [rows[0].id] * 2 + [rows[1].id] * 2
    assert len({row.id for row in played}) == 4


def test_two_different_environments_of_one_id_stop_what_reads_them(
    made: Path, settings: Settings
) -> None:
    other = ENVIRONMENT.model_copy(update={"source": f"{ENVIRONMENT.source}\n"})
    write_rows(made / "envs.jsonl", [ENVIRONMENT, other])

    with pytest.raises(ArtifactError, match="two different rows have the id env-harbour"):
        play_nothing(made, settings)


def test_a_set_put_together_with_itself_is_kept_once(made: Path, settings: Settings) -> None:
    candidates = made / "scenario_candidates.jsonl"
    write_rows(candidates, [*read_rows(candidates, Scenario)] * 2)
    (made / "scenarios.jsonl").unlink()

    generate(made, settings, ScriptedModel(), max_similarity=0.99)

    assert len(scenarios_in(made)) == 1
    assert len([*read_rows(made / "dropped.jsonl", Dropped)]) == 1


def test_an_id_is_of_the_content_and_finished_scenarios_are_not_made_again(
    made: Path, settings: Settings
) -> None:
    rows = scenarios_in(made)

    again = generate(made, settings, ScriptedModel())

    assert (again.written, again.skipped) == (0, 2)
    assert [named_by_content(row) for row in rows] == rows
    changes: tuple[dict[str, object], ...] = (
        {"task": "Other."},
        {"seed": 8},
        {"checks": ()},
        {"initial_state": {}},
    )
    for change in changes:
        assert named_by_content(rows[0].model_copy(update=change)).id != rows[0].id
    assert named_by_content(rows[0].model_copy(update={"index": 9})).id == rows[0].id


def play_nothing(folder: Path, settings: Settings) -> list[Trajectory]:
    """Roll out an agent that makes no call."""
    interact = settings.interact.model_copy(update={"agent": "noop"})
    runner = settings.runner.model_copy(update={"ordered": True})
    chosen = settings.model_copy(update={"interact": interact, "runner": runner})
    in_one_sandbox(chosen.sandbox, lambda sandbox: rollout(Run(folder, chosen, {}, sandbox)))
    return [*read_rows(folder / "rollouts.jsonl", Trajectory)]


def scenarios_in(folder: Path) -> list[Scenario]:
    return list(read_rows(folder / "scenarios.jsonl", Scenario))


def test_each_environment_gets_its_scenarios(once: tuple[Path, StageReport]) -> None:
    folder, report = once

    assert (report.written, report.dropped) == (2, 0)
    one, two = scenarios_in(folder)
    assert (one.index, two.index, one.env_id) == (0, 1, ENVIRONMENT.id)
    assert (one.task, one.initial_state) == (TASK, STATE)
    authors, made = one.checks[: len(SOUND)], one.checks[len(SOUND) :]
    assert [check.role for check in authors] == [*["goal"] * 4, "guard"]
    assert [(check.role, check.by_code) for check in made] == [("goal", True), ("guard", True)]
    assert one.id != two.id
    assert one.seed != two.seed


def test_a_row_says_where_it_comes_from(made: Path) -> None:
    provenance = scenarios_in(made)[0].provenance
    assert provenance.parents == (ENVIRONMENT.id,)
    assert sorted(provenance.prompts) == [
        f"scen_generator/{name}" for name in ("check", "checklist", "solve", "state", "task")
    ]
    assert provenance.usage.calls == 4 + len(SOUND)


def test_the_same_run_gives_the_same_bytes_in_another_sandbox(
    made: Path, folder: Path, settings: Settings
) -> None:
    end_sandboxes()

    generate(folder, settings, good_model())

    written = [(each / "scenarios.jsonl").read_bytes() for each in (made, folder)]
    assert written[0] == written[1]


def test_scenarios_are_proven_when_the_settings_say_so(folder: Path, settings: Settings) -> None:
    model = good_model()

    generate(folder, settings, model, prove=True)

    assert [row.proof.proven for row in scenarios_in(folder) if row.proof] == [True, True]
    assert "scen_generator/solve" in scenarios_in(folder)[0].provenance.prompts


def test_scenarios_of_kind_sft_have_no_checks(folder: Path, settings: Settings) -> None:
    model = good_model()

    generate(folder, settings, model, kind="sft")

    assert {row.checks for row in scenarios_in(folder)} == {()}
    assert set(model.prompts) == {"scen_generator/state", "scen_generator/task"}


def test_a_check_that_cannot_be_made_drops_its_scenario(folder: Path, settings: Settings) -> None:
    def refuse_one(prompt: Prompt) -> str:
        text = question(prompt)
        return "No." if text.endswith(f"**{KEPT.item}**") else write_check(prompt)

    report = generate(folder, settings, good_model(refuse_one))

    assert (report.written, report.dropped, report.reasons) == (0, 2, {"check": 2})
    drop = next(iter(read_rows(folder / "dropped.jsonl", Dropped)))
    assert KEPT.item in drop.reason


def test_a_run_without_environments_says_what_to_do(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ArtifactError, match=r"envs\.jsonl does not exist"):
        generate(tmp_path, settings, good_model())
