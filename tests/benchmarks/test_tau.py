"""tau-bench in the real sandbox, with a checkout of our own invention."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from envscaler.benchmarks.benchmark import Choice
from envscaler.benchmarks.controls import ControlName
from envscaler.benchmarks.evaluate import evaluate
from envscaler.benchmarks.tau_bench import TauBenchmark
from envscaler.config import Settings
from envscaler.errors import ConfigError
from envscaler.pipeline.run import Run
from envscaler.records import StopReason, Trajectory, VerdictKind
from envscaler.sandbox import Sandbox
from tests.benchmarks.broken import refuse_without
from tests.benchmarks.invented_tau import checkout
from tests.fakes import Asked, Scripted, ScriptedModel, make_call, make_reply, scripted_models
from tests.one_sandbox import in_one_sandbox

LEND = make_reply(tool_calls=(make_call("lend", book="Dune", days=3),))
STOP = "###STOP###"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkout(tmp_path_factory.mktemp("tau-bench"))


def play(
    folder: Path,
    settings: Settings,
    choice: Choice,
    *replies: Scripted,
    agent: ControlName | None = None,
    user: Sequence[Scripted] = (),
    only: str = "",
) -> tuple[list[Trajectory], list[Asked]]:
    models = scripted_models(ScriptedModel(*replies))
    spoken = ScriptedModel(*user)
    models["user"] = spoken
    benchmark = TauBenchmark()
    tasks = [task for task in benchmark.load(choice) if task.id.endswith(only)]

    async def use(sandbox: Sandbox) -> list[Trajectory]:
        run = Run(folder, settings, models, sandbox)
        return await evaluate(run, benchmark, tasks, agent=agent)

    return in_one_sandbox(settings.sandbox, use), spoken.asked


def play_one(
    folder: Path,
    settings: Settings,
    data: Path,
    *replies: Scripted,
    user: Sequence[Scripted],
    strategy: str | None = None,
) -> tuple[Trajectory, list[Asked]]:
    choice = Choice(data=data, groups=("retail",), user_strategy=strategy)
    [row], asked = play(folder, settings, choice, *replies, user=user, only="_0")
    return row, asked


def score_of(row: Trajectory) -> float | None:
    assert row.reward is not None
    return row.reward.score


def failed(row: Trajectory) -> list[str]:
    assert row.reward is not None
    return [each.item for each in row.reward.verdicts if each.kind is VerdictKind.FAILED]


@pytest.mark.parametrize(
    ("control", "passed", "played"),
    [("ground-truth", 4, 4), ("skip-last-write", 0, 2), ("read-only", 2, 4), ("no-op", 2, 4)],
)
def test_controls_get_what_they_must(
    tmp_path: Path, settings: Settings, data: Path, control: ControlName, passed: int, played: int
) -> None:
    rows, _ = play(tmp_path, settings, Choice(data=data), agent=control)

    assert (sum(score_of(row) == 1 for row in rows), len(rows)) == (passed, played)


def test_the_agent_has_the_policy_and_the_user_the_published_prompt(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row, asked = play_one(
        *(tmp_path, settings, data, LEND, "It costs 1,200 EURO."), user=("Dune, please.", STOP)
    )

    assert score_of(row) == 1
    assert row.messages[0].content == "Lend one book each."
    assert row.user_messages[0].content.startswith("You are a user.\n\nInstruction: You are Ann")
    assert row.user_messages[1].content == "Hi! How can I help you today?"
    assert [one.content for one in row.messages if one.role == "user"] == ["Dune, please."]
    assert [tool.name for tool in row.tools] == ["lend", "transfer_to_human_agents"]
    assert row.tools[0].description == "Lend a book. One at a time."
    assert len(asked) == 2


def test_another_state_or_something_unsaid_fails(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    week = make_reply(tool_calls=(make_call("lend", book="Dune"),))

    row, _ = play_one(
        *(tmp_path, settings, data, week, "It costs 1200."), user=("Dune, please.", STOP)
    )

    assert failed(row) == ["the tables are those of the solution", "the agent said 'Euro'"]


def test_a_number_of_another_type_is_another_state(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    almost = make_reply(tool_calls=(make_call("lend", book="Dune", days=3.0),))

    row, _ = play_one(
        *(tmp_path, settings, data, almost, "1200 Euro"), user=("Dune, please.", STOP)
    )

    assert failed(row) == ["the tables are those of the solution"]


def test_only_the_first_call_of_a_message_is_made(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    two = make_reply(tool_calls=(*LEND.tool_calls, make_call("lend", book="Emma")))

    row, _ = play_one(*(tmp_path, settings, data, two, "1200 Euro"), user=("Dune, please.", STOP))

    assert len(row.steps) == 1
    assert score_of(row) == 1


def test_a_transfer_ends_the_conversation(tmp_path: Path, settings: Settings, data: Path) -> None:
    transfer = make_reply(tool_calls=(make_call("transfer_to_human_agents", summary="?"),))

    row, _ = play_one(*(tmp_path, settings, data, transfer), user=("Dune, please.",))

    assert row.stop_reason is StopReason.FINISHED
    assert "the tables are those of the solution" in failed(row)


def test_a_conversation_that_nobody_ends_fails(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row, _ = play_one(*(tmp_path, settings, data, LEND, *["1200 Euro"] * 29), user=["And?"] * 31)

    assert row.stop_reason is StopReason.MAX_STEPS
    assert sum(one.role == "assistant" for one in row.messages) == 30
    assert failed(row) == ["the conversation was ended"]


def test_what_tools_raise_and_unknown_names_are_told_as_officially(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    wrong = make_reply(tool_calls=(make_call("lend", book="Ulysses"),))
    fly = make_reply(tool_calls=(make_call("fly"),))

    row, _ = play_one(*(tmp_path, settings, data, wrong, fly, "Bye."), user=("Dune.", STOP))

    assert [one.content for one in row.messages if one.role == "tool"] == [
        "Error: 'Ulysses'",
        "Unknown action fly",
    ]


def test_the_thoughts_of_a_react_user_stay_unheard(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row, asked = play_one(
        *(tmp_path, settings, data, LEND, "1200 Euro"),
        user=("Dune?", "Thought:\nNow.\n\nUser Response:\nDune!", f"Thought: Done.\n{STOP}"),
        strategy="react",
    )

    assert [one.content for one in row.messages if one.role == "user"] == ["Dune!"]
    assert row.user_messages[2].content.startswith("Thought:\nNow.")
    assert "User Response" in str(asked[1].prompt.messages[-1].get("content"))
    assert score_of(row) == 1


def test_a_verified_user_speaks_anew_until_the_supervisor_is_content(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    row, asked = play_one(
        *(tmp_path, settings, data, LEND, "1200 Euro"),
        user=("I am an agent.", "false", "Dune.", "True", STOP, "true"),
        strategy="verify",
    )

    assert [one.content for one in row.messages if one.role == "user"] == ["Dune."]
    assert "Customer: Hi! How can I help" in str(asked[1].prompt.messages[0].get("content"))
    assert [one.sample for one in asked] == [0, 0, 1000, 0, 0, 0]


def test_a_reflecting_user_thinks_an_answer_over_once(
    tmp_path: Path, settings: Settings, data: Path
) -> None:
    reflected = "Reflection:\nToo much.\n\nResponse:\nSay less."

    row, asked = play_one(
        *(tmp_path, settings, data, LEND, "1200 Euro"),
        user=("All at once.", "false", reflected, "Dune.", "true", STOP, "true"),
        strategy="reflection",
    )

    assert [one.content for one in row.messages if one.role == "user"] == ["Dune."]
    assert asked[3].prompt.messages[-1].get("content") == "Say less."


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("tau_bench/envs", "is no checkout of tau-bench, it has no tau_bench/envs"),
        ("tau_bench/envs/retail/wiki.md", "wiki.md is missing"),
        ("tau_bench/envs/airline/data/books.json", "airline/data has no tables"),
        ("tau_bench/envs/retail/tools/lend.py", "lend.py is missing"),
    ],
)
def test_half_a_checkout_is_one_line(tmp_path: Path, broken: str, said: str) -> None:
    refuse_without(TauBenchmark(), checkout(tmp_path), broken, said)


def test_tasks_in_another_form_are_another_version(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    path = folder / "tau_bench/envs/retail/tasks_test.py"
    path.write_text("TASKS = [Task(user_id='ann', actions=[])]\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"is not the tau-bench .* that is meant"):
        TauBenchmark().load(Choice(data=folder))


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(), "tau-bench is no package: git clone"),
        (Choice(groups=("telecom",)), "--domain takes retail,airline"),
        (Choice(user_strategy="human"), "--user takes llm,react,verify,reflection"),
    ],
)
def test_what_cannot_be_is_refused(data: Path, choice: Choice, said: str) -> None:
    folder = None if choice == Choice() else data

    with pytest.raises(ConfigError, match=said):
        TauBenchmark().load(
            Choice(data=folder, groups=choice.groups, user_strategy=choice.user_strategy)
        )
