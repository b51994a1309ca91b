"""ACEBench in the real sandbox, with a checkout of our own invention."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from envscaler.benchmarks.acebench import AceBenchmark
from envscaler.benchmarks.acebench.corrections import corrected_answer
from envscaler.benchmarks.acebench.stones import read_stone, share_of
from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.controls import ControlName
from envscaler.benchmarks.evaluate import evaluate
from envscaler.config import Settings
from envscaler.errors import ConfigError
from envscaler.interact.scripted import PlainCall
from envscaler.pipeline.run import Run
from envscaler.records import JsonObject, StopReason, Trajectory
from envscaler.sandbox import Sandbox
from tests.benchmarks.broken import refuse_without
from tests.benchmarks.invented_acebench import checkout
from tests.fakes import Scripted, ScriptedModel, make_call, make_reply, scripted_models
from tests.one_sandbox import in_one_sandbox

WIFI = make_reply(tool_calls=(make_call("turn_on_wifi"), make_call("count_messages")))
WORDS = "Don't come, it's late"
SEND = make_reply(tool_calls=(make_call("send_message", to="Ann", message=WORDS),))
PARAMETERS = {"f": (), "g": ("a", "b")}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("ACEBench"))


def play(
    folder: Path,
    settings: Settings,
    choice: Choice,
    *replies: Scripted,
    agent: ControlName | None = None,
    user: Sequence[Scripted] = (),
    only: str = "",
) -> tuple[list[Trajectory], ScriptedModel]:
    models = scripted_models(ScriptedModel(*replies))
    spoken = ScriptedModel(*user)
    models["user"] = spoken
    benchmark = AceBenchmark()
    tasks = [task for task in benchmark.load(choice) if task.id.endswith(only)]

    async def use(sandbox: Sandbox) -> list[Trajectory]:
        run = Run(folder, settings, models, sandbox)
        return await evaluate(run, benchmark, tasks, agent=agent)

    return in_one_sandbox(settings.sandbox, use), spoken


def outcome(row: Trajectory) -> tuple[float | None, float | None, str]:
    assert row.reward is not None
    return row.reward.score, row.reward.fraction, row.reward.verdicts[0].message


@pytest.mark.parametrize(
    ("control", "passed"),
    [("ground-truth", 4), ("skip-last-write", 2), ("read-only", 0), ("no-op", 0)],
)
def test_controls_get_what_they_must(
    tmp_path: Path, settings: Settings, data: Path, control: ControlName, passed: int
) -> None:
    rows, _ = play(tmp_path, settings, Choice(data=data), agent=control)

    # An answer whose class is named wrongly is not checked, so two pass without their last write.
    assert (sum(outcome(row)[0] == 1 for row in rows), len(rows)) == (passed, 4)


def test_a_step_task_goes_on_until_the_agent_says_that_it_is_done(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("multi_step",))

    [row], _ = play(
        *(tmp_path, settings, choice, WIFI, "May I?", SEND, "Good: finish conversation"), only="_0"
    )

    assert outcome(row) == (1.0, 1.0, "")
    assert row.stop_reason is StopReason.FINISHED
    assert "Nobody answers" in [one.content for one in row.messages if one.role == "user"][1]
    assert "The phone" not in row.messages[0].content


def test_a_user_that_a_model_plays_has_the_published_prompt_and_ends_the_dialogue(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("multi_turn",))

    [row], spoken = play(
        *(tmp_path, settings, choice, WIFI, SEND, "Sent."),
        user=("Write to Ann.", "finish conversation"),
        only="_0",
    )

    assert outcome(row)[0] == 1
    assert [one.content for one in row.messages if one.role == "user"] == ["Write to Ann."]
    assert row.user_messages[0].content == f"You are a user.\nWrite to Ann: {WORDS}\n"
    assert [one.role for one in row.user_messages[1:]] == ["user", "assistant", "user", "assistant"]
    assert "The phone is Ann's." in row.messages[0].content
    assert len(spoken.asked) == 2


def test_what_is_missing_is_told_and_milestones_are_counted(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("multi_step",))

    [row], _ = play(tmp_path, settings, choice, WIFI, "finish conversation", only="_0")

    assert outcome(row) == (0.0, 0.5, "MessageApi.inbox has no 2")


def test_an_answer_that_matches_no_class_is_told(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("multi_step",))

    [row], _ = play(tmp_path, settings, choice, WIFI, "finish conversation", only="_1")

    assert outcome(row)[0] == 1
    assert row.reward is not None
    assert row.reward.verdicts[1].item == "MessageAPI of the answer matches no class"


def test_corrected_that_class_is_checked_too(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("multi_step",), corrected=True)

    [row], _ = play(tmp_path, settings, choice, WIFI, "finish conversation", only="_1")

    assert outcome(row) == (0.0, 0.5, "MessageApi.inbox has no 2")
    assert row.reward is not None
    assert len(row.reward.verdicts) == 1


def test_a_reminder_that_is_expected_in_the_place_of_another_is_expected_behind_it() -> None:
    new: JsonObject = {"reminder_id": 3, "title": "Today's spending", "notified": False}
    answer: list[tuple[str, JsonObject]] = [
        ("FoodPlatform", {"orders": []}),
        ("ReminderAPI", {"reminder_list": {"1": {}, "3": new}}),
    ]

    assert corrected_answer("agent_multi_step_0", answer, ["FoodPlatform", "ReminderApi"]) == (
        ("FoodPlatform", {"orders": []}),
        (
            "ReminderApi",
            {
                "reminder_list": {
                    "1": {},
                    "4": {"reminder_id": 4, "title": "Today's Spending", "notified": False},
                }
            },
        ),
    )
    [untouched] = corrected_answer("agent_multi_turn_7", answer[1:], ["ReminderApi"])
    assert untouched == ("ReminderApi", answer[1][1])


def test_who_calls_nothing_has_used_no_class(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    choice = Choice(data=data, groups=("multi_step",))

    [row], _ = play(tmp_path, settings, choice, "finish conversation", only="_1")

    assert outcome(row) == (0.0, 0.0, "0 classes were used, the answer has 2")


@pytest.mark.parametrize(
    ("stone", "calls"),
    [
        ("[f()]", [PlainCall("f", {})]),
        ("[g(a='it's, b', b=[{'x': 1}])] ", [PlainCall("g", {"a": "it's, b", "b": [{"x": 1}]})]),
        ('[g(b="6 o\'clock")]', [PlainCall("g", {"b": "6 o'clock"})]),
        ("[f(), g(a=-1)]", [PlainCall("f", {}), PlainCall("g", {"a": -1})]),
    ],
)
def test_milestones_are_read_though_they_are_no_python(stone: str, calls: list[PlainCall]) -> None:
    assert [*read_stone(stone, PARAMETERS)] == calls


def test_a_milestone_without_a_known_function_is_refused() -> None:
    with pytest.raises(ValueError, match="calls no function of the task"):
        read_stone("[fly()]", PARAMETERS)


def test_milestones_count_in_order_and_a_missing_one_uses_up_what_follows() -> None:
    f, g, h = ((PlainCall(name, {}),) for name in "fgh")

    assert share_of([f, g], [f, h, g]) == 1.0
    assert share_of([f, g], [g, f]) == 0.5
    assert share_of([h, f], [f]) == 0.0
    assert share_of([], [f]) == 1.0


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("data_all", "is no checkout of ACEBench, it has no data_all/data_en"),
        ("model_inference/multi_turn/scenariosen/travel.py", "travel.py is missing"),
        ("data_all/data_en/possible_answer/data_agent_multi_turn.json", "is not all of ACEBench"),
        ("model_inference/apimodel_inference.py", "apimodel_inference.py is missing"),
    ],
)
def test_half_a_checkout_is_one_line(tmp_path: Path, broken: str, said: str) -> None:
    refuse_without(AceBenchmark(), checkout(tmp_path), broken, said)


def test_without_a_folder_it_says_how_to_get_one() -> None:
    with pytest.raises(ConfigError, match="git clone https://github"):
        AceBenchmark().load(Choice())


def test_a_group_that_does_not_exist_is_refused(data: Path) -> None:
    with pytest.raises(ConfigError, match="--split takes multi_step,multi_turn"):
        AceBenchmark().load(Choice(data=data, groups=("normal",)))
