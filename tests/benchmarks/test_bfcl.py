"""BFCL in the real sandbox, with a package of our own invention in its layout."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.bfcl import BfclBenchmark
from envscaler.benchmarks.bfcl.install import CATEGORIES
from envscaler.benchmarks.controls import CONTROLS, ControlName
from envscaler.benchmarks.evaluate import evaluate
from envscaler.config import Settings
from envscaler.jsonl import read_rows
from envscaler.pipeline.run import Run
from envscaler.records import Dropped, StopReason, ToolCall, Trajectory
from envscaler.sandbox import Sandbox
from tests.benchmarks.invented_bfcl import NEW, install
from tests.fakes import Scripted, ScriptedModel, make_call, make_reply, scripted_models
from tests.one_sandbox import in_one_sandbox

SEND = make_call("send", to="Ada", words="come")
TAG = make_call("tag", names=["b", "a"])
COUNT = make_call("count")
HALF = make_call("half", number=2)


def calls(*made: ToolCall) -> Scripted:
    return make_reply(tool_calls=made)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("installed"))


def play(
    folder: Path,
    settings: Settings,
    choice: Choice,
    *replies: Scripted,
    agent: ControlName | None = None,
    only: Sequence[str] = (),
    **interact: object,
) -> tuple[list[Trajectory], ScriptedModel]:
    """Play tasks whose ids end as in `only`, or all."""
    model = ScriptedModel(*replies)
    chosen = settings.model_copy(update={"interact": settings.interact.model_copy(update=interact)})
    benchmark = BfclBenchmark()
    tasks = [task for task in benchmark.load(choice) if not only or task.id.endswith(tuple(only))]

    async def use(sandbox: Sandbox) -> list[Trajectory]:
        run = Run(folder, chosen, scripted_models(model), sandbox)
        return await evaluate(run, benchmark, tasks, agent=agent)

    return in_one_sandbox(chosen.sandbox, use), model


def play_one(
    folder: Path, settings: Settings, data: Path, *replies: Scripted, category: str = "base"
) -> Trajectory:
    choice = Choice(data=data, groups=(category,))
    [row], _ = play(folder, settings, choice, *replies, only=("_0",))
    return row


def score_of(row: Trajectory) -> float | None:
    assert row.reward is not None
    return row.reward.score


def why(row: Trajectory) -> str:
    assert row.reward is not None
    return row.reward.verdicts[0].message


@pytest.mark.parametrize(
    ("control", "passed", "played"),
    [("ground-truth", 8, 8), ("skip-last-write", 0, 4), ("read-only", 4, 8), ("no-op", 0, 8)],
)
def test_controls_get_what_they_must(
    tmp_path: Path, settings: Settings, data: Path, control: ControlName, passed: int, played: int
) -> None:
    rows, _ = play(tmp_path, settings, Choice(data=data), agent=control)

    assert (sum(score_of(row) == 1 for row in rows), len(rows)) == (passed, played)


def test_a_task_without_a_write_is_dropped_for_the_control_that_skips_one(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    play(tmp_path, settings, Choice(data=data, groups=("base",)), agent="skip-last-write")

    [dropped] = read_rows(tmp_path / "dropped.jsonl", Dropped)
    assert (dropped.kind, dropped.reason) == (
        "nothing_to_leave_out",
        "No call of multi_turn_base_1 is a write",
    )


def test_a_model_that_does_all_of_it_passes_and_its_row_is_a_trajectory(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row = play_one(
        tmp_path, settings, data, calls(SEND, TAG), "Sent.", calls(COUNT, HALF), "Two, half is one."
    )

    assert score_of(row) == 1
    assert row.scenario_id == "bfcl/base/multi_turn_base_0"
    assert row.stop_reason is StopReason.FINISHED
    assert [message.role for message in row.messages] == [
        *("user", "assistant", "tool", "tool", "assistant"),
        *("user", "assistant", "tool", "tool", "assistant"),
    ]
    assert row.messages[2].content == '{"number": 2}'
    assert {tool.name for tool in row.tools} == {"send", "tag", "count", "half"}


def test_calls_beside_those_of_the_ground_truth_and_results_of_earlier_turns_are_fine(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    early = calls(SEND, TAG, COUNT, HALF)

    row = play_one(tmp_path, settings, data, early, "Done.", calls(HALF), "Still one.")

    assert score_of(row) == 1


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ((calls(TAG), "Done."), "instance_state_mismatch in turn 0: MessageAPI.letters"),
        (("No.",), "empty_turn_model_response in turn 0"),
        (
            (calls(SEND, TAG), "Sent.", calls(COUNT), "Two."),
            'execution_response_mismatch in turn 1: no call came to {"result": 1.0}',
        ),
    ],
)
def test_the_first_thing_that_is_wrong_is_told_as_the_official_checker_names_it(
    tmp_path: Path, settings: Settings, data: Path, replies: tuple[Scripted, ...], error: str
) -> None:
    row = play_one(tmp_path, settings, data, *replies, lambda _: "Nothing to do.")

    assert score_of(row) == 0
    assert why(row).startswith(f"multi_turn:{error}")


def test_private_attributes_do_not_count(tmp_path: Path, settings: Settings, data: Path) -> None:
    looks_first = calls(COUNT, COUNT, SEND, TAG)

    row = play_one(tmp_path, settings, data, looks_first, "Sent.", calls(COUNT, HALF), "Two.")

    assert score_of(row) == 1


def test_a_withheld_function_is_offered_from_its_turn_on(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("miss_func",))

    [row], model = play(
        *(tmp_path, settings, choice),
        *(calls(SEND, TAG), "Sent.", "I cannot halve.", calls(HALF), "One."),
        only=("_0",),
    )

    offered = [{tool.name for tool in asked.tools} for asked in model.asked]
    assert [("half" in names) for names in offered] == [False, False, False, True, True]
    assert [one.content for one in row.messages if one.role == "user"][2] == NEW
    assert score_of(row) == 1


def test_as_text_the_user_tells_the_functions_that_come(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("miss_func",))
    send = (
        '<tool_call>\n{"name": "send", "arguments": {"to": "Ada", "words": "come"}}\n</tool_call>'
    )
    tag = '<tool_call>\n{"name": "tag", "arguments": {"names": ["a", "b"]}}\n</tool_call>'
    half = '<tool_call>\n{"name": "half", "arguments": {"number": 2}}\n</tool_call>'

    [row], model = play(
        *(tmp_path, settings, choice, send + tag, "Sent.", "I cannot.", half, "One."),
        only=("_0",),
        tool_format=("text",),
    )

    said = [one.content for one in row.messages if one.role == "user"][2]
    assert '"name": "half"' in said
    assert said.endswith(NEW)
    assert '"half"' not in row.messages[0].content
    assert '"send"' in row.messages[0].content
    assert all(asked.tools == () for asked in model.asked)
    assert score_of(row) == 1


def test_a_call_in_a_turn_without_ground_truth_is_told_and_does_not_count(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row = play_one(
        *(tmp_path, settings, data),
        *(calls(SEND, TAG), "Sent.", calls(HALF), "One.", calls(HALF), "Still one."),
        category="miss_func",
    )

    assert score_of(row) == 1
    assert row.reward is not None
    assert row.reward.verdicts[1].message == "calls in turn 1"


def test_an_unreadable_call_ends_the_turn_unmade(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    broken = ToolCall(id="x", name="send", arguments='{"to": ')

    row = play_one(tmp_path, settings, data, calls(broken), lambda _: "Well.")

    assert row.steps == ()
    assert [message.role for message in row.messages[:4]] == ["user", "assistant", "tool", "user"]
    assert why(row).startswith("multi_turn:empty_turn_model_response")


def test_a_name_that_does_not_exist_is_answered_as_the_official_executor_does(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row = play_one(tmp_path, settings, data, calls(make_call("fly")), lambda _: "Well.")

    assert row.messages[2].content == "Error during execution: name 'fly' is not defined"


def test_a_turn_is_stopped_after_the_twenty_first_message_with_calls(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row = play_one(tmp_path, settings, data, *[calls(COUNT)] * 21)

    assert row.stop_reason is StopReason.MAX_STEPS
    assert why(row).startswith("multi_turn:force_terminated")


def test_what_was_played_is_not_played_again(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("base",))
    first, _ = play(tmp_path, settings, choice, lambda _: "No.", only=("_1",))

    again, model = play(tmp_path, settings, choice, only=("_1",))

    assert again == first
    assert model.asked == []


def test_every_category_is_read_and_long_context_fills_the_instances(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    rows, _ = play(tmp_path, settings, Choice(data=data), agent="ground-truth", only=("_1",))

    counts = {row.scenario_id.split("/")[1]: row.steps[0].observation.value for row in rows}
    assert set(counts) == set(CATEGORIES)
    assert (counts["base"], counts["long_context"]) == ('{"count": 1}', '{"count": 2}')


def test_no_control_is_left_out_of_the_test() -> None:
    assert set(CONTROLS) == {"ground-truth", "skip-last-write", "read-only", "no-op"}
