"""Artifacts shown to a person."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from envscaler.display.show import KINDS, show_list, show_row
from envscaler.errors import ArtifactError
from envscaler.jsonl import write_objects, write_rows
from envscaler.records import (
    Assessment,
    AssessmentSummary,
    Attribute,
    Calibration,
    Call,
    Candidate,
    Case,
    Check,
    Counts,
    Dropped,
    Entity,
    Environment,
    Inference,
    Judgement,
    Message,
    Observation,
    ObservationKind,
    Operation,
    Record,
    Reward,
    Scenario,
    Skeleton,
    Step,
    StopReason,
    Structure,
    Task,
    Tool,
    ToolCall,
    Topic,
    Trajectory,
    Verdict,
    VerdictKind,
)

INFERENCE = Inference(
    reasoning="loans", summary="Library", introduction="Lends books", usefulness=8, modelability=9
)
RENEW = Tool(
    name="renew",
    description="Renew a loan.\n\nOnce only.",
    parameters={
        "type": "object",
        "properties": {"loan_id": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["loan_id"],
    },
)
SKELETON = Skeleton(
    id="skel-1",
    summary="Library",
    introduction="Lends books",
    source_task=None,
    entities=(
        Entity(name="Loan", description="A loan", attributes=(Attribute(name="due", type="str"),)),
    ),
    rules=("A loan is renewed once.",),
    operations=(Operation(name="renew", description="Renew", kind="change"),),
    class_name="Library",
    source="class Library:\n    pass\n",
    tools=(RENEW,),
    structure=Structure(attributes={}, queries=(), changes=("renew",)),
)
CALL = ToolCall(id="c1", name="renew", arguments={"loan_id": "L1"})
SEEN = Observation(kind=ObservationKind.OK, value={"success": True})
ROWS: dict[str, Record] = {
    "tasks": Task(id="task-1", text="Renew my loan", source="test"),
    "candidates": Candidate(
        id="cand-1",
        task="Renew my loan",
        judgement=Judgement(reasoning="it changes a loan", stateful=True),
        inference=INFERENCE,
    ),
    "topics": Topic(
        id="topic-1",
        summary="Library",
        introduction="Lends books",
        usefulness=8,
        modelability=9,
        source_task="Renew my loan",
    ),
    "skeletons": SKELETON,
    "assessments": Assessment(
        id="assess-1",
        initial_state={"loans": {}},
        cases=(
            Case(
                round=1,
                call=Call(name="renew", arguments={"loan_id": "L1"}),
                case_type="positive",
                purpose="renew",
                observation=SEEN,
                changes={},
                verdict="pass",
                reason="as it should",
            ),
        ),
    ),
    "envs": Environment(
        **SKELETON.model_dump(exclude={"id"}),
        id="env-1",
        assessment=AssessmentSummary(score=0.9, counts=Counts(passed=9, failed=1), tools={}),
    ),
    "scenarios": Scenario(
        id="scen-1",
        env_id="env-1",
        kind="rl",
        index=0,
        initial_state={"loans": {"L1": {}}},
        task="Renew loan L1",
        checks=(
            Check(
                item="Has L1 been renewed?", source="def check_func(s): ...", initially_true=False
            ),
        ),
    ),
    "trajectories": Trajectory(
        id="traj-1",
        env_id="env-1",
        scenario_id="scen-1",
        attempt=0,
        dialogue="single_turn",
        tool_format="native",
        tools=(RENEW,),
        messages=(
            Message(role="user", content="Renew loan L1"),
            Message(role="assistant", content="", reasoning="one call", tool_calls=(CALL,)),
            Message(role="tool", content='{"success": true}', tool_call_id="c1"),
        ),
        steps=(Step(call=CALL, observation=SEEN),),
        stop_reason=StopReason.FINISHED,
        reward=Reward(
            score=1.0,
            verdicts=(Verdict(item="Has L1 been renewed?", kind=VerdictKind.PASSED),),
            isolation="none",
        ),
        seed=1,
    ),
    "calibration": Calibration(
        id="cal-1",
        env_id="env-1",
        scenario_id="scen-1",
        attempts=4,
        scored=4,
        passes=1,
        pass_rate=0.25,
        mean_score=0.5,
        band="hard",
    ),
    "dropped": Dropped(id="cand-2", stage="mine", kind="not_stateful", reason="only a question"),
}
ROWS["scenario_candidates"] = ROWS["scenarios"]
ROWS["rollouts"] = ROWS["trajectories"]


def make_console() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=120), out


def shown(path: Path, row: str | None = None, *, source: bool = False) -> str:
    console, out = make_console()
    if row is None:
        show_list(path, console)
    else:
        show_row(path, row, console, source=source)
    return out.getvalue()


def test_every_artifact_can_be_shown() -> None:
    assert ROWS.keys() == KINDS.keys()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("tasks", "task-1  Renew my loan"),
        ("candidates", "cand-1  Library: Renew my loan"),
        ("topics", "topic-1  Library: Lends books"),
        ("skeletons", "skel-1  Library (Library): 0 queries, 1 changes"),
        ("assessments", "assess-1  1 call: 1 pass, 0 warning, 0 fail"),
        ("envs", "env-1  Library (Library): 0 queries, 1 changes"),
        ("scenarios", "scen-1  env-1, 1 check: Renew loan L1"),
        ("calibration", "cal-1  scen-1: 1 of 4 passed, hard"),
        ("rollouts", "traj-1  scen-1, single_turn, native, 1 call, finished, score 1.00"),
        ("trajectories", "traj-1  scen-1, single_turn, native, 1 call, finished, score 1.00"),
        ("dropped", "cand-2  mine: not_stateful: only a question"),
    ],
)
def test_a_list_has_one_line_for_each_row(tmp_path: Path, name: str, line: str) -> None:
    path = tmp_path / f"{name}.jsonl"
    write_rows(path, [ROWS[name]] * 2)

    assert shown(path).splitlines() == [line, line]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("tasks", ["text: Renew my loan", "source: test"]),
        ("candidates", ["judgement: stateful", "usefulness 8/10, modelability 9/10"]),
        ("topics", ["summary: Library", "task: Renew my loan"]),
        ("skeletons", ["1 entity", "A loan is renewed once.", "shows: State, Class Library"]),
        ("assessments", ["pass    renew {\"loan_id\": \"L1\"}", "as it should"]),
        ("envs", ["renew(loan_id: string, days?: integer)  Renew a loan.", "score 0.90: 9 passed"]),
        ("scenarios", ["Has L1 been renewed? (false at the start)", "shows: Initial state, Code"]),
        ("trajectories", ["end: finished", "renew({\"loan_id\": \"L1\"})", "passed    Has L1"]),
        ("dropped", ["kind: not_stateful"]),
    ],
)  # fmt: skip
def test_a_row_is_shown(tmp_path: Path, name: str, parts: list[str]) -> None:
    path = tmp_path / f"{name}.jsonl"
    write_rows(path, [ROWS[name]])

    text = shown(path, str(getattr(ROWS[name], "id", "")))

    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("skeletons", ["  due str", "class Library:"]),
        ("envs", ["  due str", "class Library:"]),
        ("assessments", ['"loans": {}']),
        ("scenarios", ['"L1": {}', "def check_func(s): ..."]),
        ("trajectories", ["renew(loan_id: string, days?: integer)  Renew a loan."]),
    ],
)
def test_what_is_long_is_shown_when_it_is_asked_for(
    tmp_path: Path, name: str, parts: list[str]
) -> None:
    path = tmp_path / f"{name}.jsonl"
    write_rows(path, [ROWS[name]])
    row = str(getattr(ROWS[name], "id", ""))

    short, whole = shown(path, row), shown(path, row, source=True)

    assert [part for part in parts if part in short] == []
    assert [part for part in parts if part not in whole] == []


def test_the_conclusion_stands_before_what_it_is_drawn_from(tmp_path: Path) -> None:
    path = tmp_path / "envs.jsonl"
    write_rows(path, [ROWS["envs"]])

    text = shown(path, "env-1")

    assert text.index("score 0.90") < text.index("1 tool") < text.index("1 rule")


def test_a_terminal_gets_a_row_page_by_page_with_its_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "tasks.jsonl", tmp_path / "seen"
    write_rows(path, [ROWS["tasks"]])
    less = tmp_path / "less"
    less.write_text(f'#!/bin/sh\necho "$@" > {seen}\ncat >> {seen}\n', encoding="utf-8")
    less.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    show_row(path, "task-1", Console(file=io.StringIO(), force_terminal=True))

    options, _, shown_text = seen.read_text(encoding="utf-8").partition("\n")
    assert options == "-FRX"  # without R every colour is shown as its code
    assert "\x1b[" in shown_text
    assert "Renew my loan" in shown_text


def test_a_terminal_without_a_pager_gets_a_row_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tmp_path / "tasks.jsonl", io.StringIO()
    write_rows(path, [ROWS["tasks"]])
    monkeypatch.setenv("PATH", "")

    show_row(path, "task-1", Console(file=out, force_terminal=True))

    assert "Renew my loan" in out.getvalue()


def test_the_first_letters_of_an_id_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_rows(path, [ROWS["tasks"]])

    assert "Renew my loan" in shown(path, "task")


def test_other_peoples_rows_are_shown_as_json(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_objects(path, [{"task": "one"}, {"task": "two"}])

    assert shown(path).splitlines()[1] == '#2  {"task": "two"}'
    assert '"task": "two"' in shown(path, "#2")


def test_brackets_in_a_row_are_no_markup(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_rows(path, [Task(id="task-1", text="[bold]x[/red]", source="test")])

    assert "[bold]x[/red]" in shown(path)
    assert "[bold]x[/red]" in shown(path, "task-1")


def test_a_row_that_is_not_there_says_how_to_list(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_rows(path, [ROWS["tasks"]])

    with pytest.raises(ArtifactError, match=r"has no row task-2; `envscaler show .*` lists them"):
        shown(path, "task-2")


def test_a_folder_is_answered_with_its_files(tmp_path: Path) -> None:
    write_rows(tmp_path / "tasks.jsonl", [ROWS["tasks"]])
    write_rows(tmp_path / "envs.jsonl", [])

    with pytest.raises(ArtifactError, match=r"is a folder; .* envs\.jsonl, tasks\.jsonl"):
        shown(tmp_path)
