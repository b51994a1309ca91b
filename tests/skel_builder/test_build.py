"""The whole of build-skel with scripted replies and the real sandbox."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from envscaler.chat import Prompt
from envscaler.config import Settings
from envscaler.errors import ConfigError, PendingError
from envscaler.jsonl import read_rows
from envscaler.pipeline.run import Run
from envscaler.pipeline.stage import StageReport
from envscaler.records import (
    Assessment,
    Candidate,
    Dropped,
    Environment,
    JsonObject,
    Skeleton,
    Topic,
)
from envscaler.skel_builder.build import build_one, build_skel
from envscaler.skel_builder.events import Event
from tests.fakes import Scripted, ScriptedModel, scripted_models
from tests.one_sandbox import in_one_sandbox
from tests.skel_builder.makers import (
    CLASS_SOURCE,
    ENTITIES,
    GET_UMBRELLA,
    OPERATIONS,
    RETURN_UMBRELLA,
    RULES,
    STATE,
    as_code,
    as_json,
)
from tests.skel_builder.test_assess import FAIL, PASS
from tests.skel_builder.test_mine import INFERENCE, STATEFUL, STATELESS
from tests.skel_builder.test_trials import LOOK

NAMES = ["collect", "mine", "select", "write", "assess", "admit"]


def write_method(prompt: Prompt) -> str:
    asked = str(prompt.messages[1].get("content"))
    return as_code(RETURN_UMBRELLA if "one: `return_umbrella`" in asked else GET_UMBRELLA)


def judge_task(prompt: Prompt) -> str:
    return STATELESS if "What is" in str(prompt.messages[-1].get("content")) else STATEFUL


def make_model(**changes: Scripted) -> ScriptedModel:
    replies: dict[str, Scripted] = {
        "judge_task": judge_task,
        "infer_environment": INFERENCE,
        "plan_state": as_json({"entities": ENTITIES, "rules": [*RULES]}),
        "write_class": as_code(CLASS_SOURCE),
        "plan_operations": as_json({"operations": OPERATIONS}),
        "write_method": write_method,
        "make_state": as_json({"initial_state": STATE}),
        "propose_call": LOOK,
        "judge_call": PASS,
    }
    named = {f"skel_builder/{name}": reply for name, reply in (replies | changes).items()}
    return ScriptedModel(by_prompt=named)


def build(
    folder: Path,
    settings: Settings,
    model: ScriptedModel,
    work: Callable[[Run], Awaitable[list[StageReport]]],
) -> list[StageReport]:
    """Run `work` with few rounds, few operations and few workers."""
    few: JsonObject = {
        "rounds_per_env": 2,
        "min_queries": 1,
        "min_changes": 1,
        "examine": False,
        "repair_rounds": 0,
    }
    changed = settings.model_copy(
        update={
            "skel_builder": settings.skel_builder.model_copy(update=few),
            "llm": settings.llm.model_copy(update={"bad_reply_tries": 2}),
        }
    )

    return in_one_sandbox(
        settings.sandbox,
        lambda sandbox: work(Run(folder, changed, scripted_models(model), sandbox)),
    )


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "given.jsonl"
    path.write_text('{"task": "Return U-2."}\n{"task": "What is rain?"}\n', encoding="utf-8")
    return path


def counts(reports: list[StageReport]) -> dict[str, tuple[int, int, int, int]]:
    return {
        report.name: (report.written, report.skipped, report.dropped, report.waiting)
        for report in reports
    }


def test_tasks_become_environments(tmp_path: Path, settings: Settings, tasks: Path) -> None:
    run = tmp_path / "run"

    reports = build(run, settings, make_model(), lambda run: build_skel(run, tasks))

    assert counts(reports) == {
        "collect": (2, 0, 0, 0),
        "mine": (2, 0, 0, 0),
        "select": (1, 0, 1, 0),
        "write": (1, 0, 0, 0),
        "assess": (1, 0, 0, 0),
        "admit": (1, 0, 0, 0),
    }
    (environment,) = read_rows(run / "envs.jsonl", Environment)
    assert [tool.name for tool in environment.tools] == ["get_umbrella", "return_umbrella"]
    assert environment.structure.queries == ("get_umbrella",)
    assert environment.structure.changes == ("return_umbrella",)
    assert environment.source_task == "Return U-2."
    assert environment.assessment
    assert environment.assessment.counts.passed == 2


def test_rows_name_their_parents_all_the_way_up(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    build(tmp_path, settings, make_model(), lambda run: build_skel(run, tasks))

    (environment,) = read_rows(tmp_path / "envs.jsonl", Environment)
    (assessment,) = read_rows(tmp_path / "assessments.jsonl", Assessment)
    (skeleton,) = read_rows(tmp_path / "skeletons.jsonl", Skeleton)
    (topic,) = read_rows(tmp_path / "topics.jsonl", Topic)
    candidates = {row.id for row in read_rows(tmp_path / "candidates.jsonl", Candidate)}
    assert environment.provenance.parents == (skeleton.id, assessment.id)
    assert assessment.provenance.parents == (skeleton.id,)
    assert skeleton.provenance.parents == (topic.id,)
    assert set(topic.provenance.parents) < candidates


def test_second_run_asks_nothing_and_writes_nothing(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    build(tmp_path, settings, make_model(), lambda run: build_skel(run, tasks))
    model = make_model()

    reports = build(tmp_path, settings, model, lambda run: build_skel(run, tasks))

    assert model.asked == []
    assert sum(report.written for report in reports) == 0


def test_weak_environment_is_dropped_with_its_failing_tools(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    model = make_model(judge_call=FAIL)

    reports = build(tmp_path, settings, model, lambda run: build_skel(run, tasks))

    assert reports[-1].reasons == {"assessment": 1}
    dropped = [
        row for row in read_rows(tmp_path / "dropped.jsonl", Dropped) if row.stage == "admit"
    ]
    assert "get_umbrella (2 of 2)" in dropped[0].reason


def test_topics_are_not_chosen_while_a_judgement_is_pending(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    model = make_model(infer_environment=PendingError("in the batch file"))

    reports = build(tmp_path, settings, model, lambda run: build_skel(run, tasks))

    assert counts(reports) == {"collect": (2, 0, 0, 0), "mine": (1, 0, 0, 1)}


def test_all_methods_are_asked_for_before_the_row_waits(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    model = make_model(write_method=PendingError("in the batch file"))

    reports = build(tmp_path, settings, model, lambda run: build_skel(run, tasks))

    assert model.prompts.count("skel_builder/write_method") == len(OPERATIONS)
    assert counts(reports)["write"] == (0, 0, 0, 1)


def test_malformed_method_is_asked_for_again_and_mended(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    def careless(prompt: Prompt) -> str:
        repaired = write_method(prompt)
        return (
            repaired if len(prompt.messages) > 2 else repaired.replace('"success": True', '"ok": 1')
        )

    model = make_model(write_method=careless)

    reports = build(tmp_path, settings, model, lambda run: build_skel(run, tasks))

    assert counts(reports)["admit"] == (1, 0, 0, 0)
    assert model.prompts.count("skel_builder/write_method") == 2 * len(OPERATIONS)


def test_kmeans_without_a_number_stops_before_anything_is_asked(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    kmeans = settings.skel_builder.model_copy(update={"select": "kmeans"})
    wrong = settings.model_copy(update={"skel_builder": kmeans})
    model = make_model()

    with pytest.raises(ConfigError, match="target_topics"):
        build(tmp_path, wrong, model, lambda run: build_skel(run, tasks))

    assert model.asked == []


def test_one_sentence_becomes_an_environment_and_every_step_is_told(
    tmp_path: Path, settings: Settings
) -> None:
    events: list[Event] = []

    build(
        tmp_path, settings, make_model(), lambda run: build_one(run, "Return U-2.", events.append)
    )

    assert [type(event).__name__ for event in events] == [
        *("Judged", "Inferred", "StatePlanned", "ClassWritten", "OperationsPlanned"),
        *("MethodWritten", "MethodWritten", "Assembled", "StateMade"),
        *("CaseJudged", "CaseJudged", "Assessed"),
    ]
    assert len(list(read_rows(tmp_path / "envs.jsonl", Environment))) == 1


def test_one_sentence_is_built_whatever_its_usefulness(tmp_path: Path, settings: Settings) -> None:
    model = make_model(infer_environment=INFERENCE.replace('"usefulness": 8', '"usefulness": 1'))

    reports = build(tmp_path, settings, model, lambda run: build_one(run, "Return U-2."))

    assert counts(reports)["admit"] == (1, 0, 0, 0)


def test_one_sentence_without_state_ends_with_the_reason(
    tmp_path: Path, settings: Settings
) -> None:
    reports = build(tmp_path, settings, make_model(), lambda run: build_one(run, "What is rain?"))

    report = next(report for report in reports if report.name == "select")
    assert report.examples == {"not_stateful": "General knowledge."}
    assert not (tmp_path / "envs.jsonl").read_text(encoding="utf-8")


def test_one_sentence_leaves_the_other_tasks_of_the_folder_alone(
    tmp_path: Path, settings: Settings, tasks: Path
) -> None:
    build(tmp_path, settings, make_model(), lambda run: build_skel(run, tasks))
    model = make_model()

    build(tmp_path, settings, model, lambda run: build_one(run, "What is snow?"))

    assert model.prompts == ["skel_builder/judge_task"]
