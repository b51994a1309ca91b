"""One real GRPO step of TRL on a CPU, with a tiny model and replies that are scripted."""

import json
import math
import shutil
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the extra `trl` is not installed")

from transformers import PreTrainedTokenizerFast

from envscaler.adapters.trl import Environments
from envscaler.config import load_settings
from envscaler.env import Env
from envscaler.errors import ConfigError, ReplyError
from envscaler.functions import export_sft
from envscaler.load import load_scenarios
from envscaler.train.rl import environment_row, rl_row
from tests.adapters.conversation import ASKED, TOLD, speaks
from tests.adapters.example import EXAMPLE, functions, proven, solution
from tests.adapters.grpo import make_tokenizer, make_trainer, scripted
from tests.adapters.stub import endpoint
from tests.face import LEND, write_desk
from tests.interact.fakes import make_environment, make_scenario

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with Qwen3's marks and template."""
    return make_tokenizer()


def test_a_step_calls_the_tools_scores_as_the_run_does_and_has_a_gradient(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    scenario = proven()[0]
    environments = Environments([scenario])
    trainer = make_trainer(environments, tokenizer, tmp_path)
    environments.use_exact_schemas(trainer)
    calls = [{"name": one.name, "arguments": one.arguments} for one in solution(scenario)]
    seen: list[str] = []
    trainer._generate_single_turn = scripted(tokenizer, calls, seen)

    trainer.train()

    (log,) = [entry for entry in trainer.state.log_history if "reward" in entry]
    with Env(scenario) as env:
        nothing = env.score().reward
    assert log["reward"] == pytest.approx((1.0 + nothing) / 2)
    assert log["tools/call_frequency"] == len(calls) / 2
    assert log["tools/failure_frequency"] == 0
    assert log["grad_norm"] > 0
    assert seen[0] == sft_prompt(tmp_path, scenario.id, tokenizer)


def step(
    folder: Path, tokenizer: PreTrainedTokenizerFast, run: Path, calls: list, second: list
) -> tuple[dict, list[str]]:
    """Take a step in which two samples play calls; return what TRL logs, and the texts."""
    environments, seen = Environments(load_scenarios(run)), []
    trainer = make_trainer(environments, tokenizer, folder)
    environments.use_exact_schemas(trainer)
    trainer._generate_single_turn = scripted(tokenizer, calls, seen, second)
    trainer.train()
    (log,) = [entry for entry in trainer.state.log_history if "reward" in entry]
    return log, seen


def test_calls_that_cannot_be_made_are_answered_in_trls_words(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    calls = [
        {"name": "burn", "arguments": {}},
        {"name": "lend", "arguments": [1]},
        {"name": "lend", "arguments": {"book_id": "B2"}},
        {"name": "lend", "arguments": LEND},
    ]

    log, seen = step(tmp_path, tokenizer, write_desk(tmp_path / "run"), calls, [])

    assert "Tool burn not found." in seen[-1]
    assert "must be a mapping, not list" in seen[-1]
    assert "needs the argument 'reader'" in seen[-1]
    assert log["tools/call_frequency"] == len(calls) / 2
    assert log["tools/failure_frequency"] == 2 / len(calls)
    assert log["reward"] == pytest.approx(0.5)


def test_a_step_takes_no_environment_that_broke_for_a_score(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    forget, lend = {"name": "forget", "arguments": {}}, {"name": "lend", "arguments": LEND}

    log, _ = step(tmp_path, tokenizer, write_desk(tmp_path / "run"), [forget], [lend])

    assert log["reward"] == 1.0
    assert log["grad_norm"] == 0


def test_a_step_of_a_class_that_does_not_open_has_no_reward(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    bad = make_environment().model_copy(update={"source": "class LendingDesk:\n    0 / 0\n"})
    lend = {"name": "lend", "arguments": LEND}

    log, seen = step(tmp_path, tokenizer, write_desk(tmp_path / "run", bad), [lend], [lend])

    assert "The environment did not open" in seen[-1]
    assert log["reward"] is None or math.isnan(log["reward"])
    assert log["grad_norm"] == 0


def sft_prompt(folder: Path, scenario_id: str, tokenizer: PreTrainedTokenizerFast) -> str:
    """Render the opening of an SFT row of the same scenario with the stock template."""
    shutil.copytree(EXAMPLE, folder / "run")
    report = export_sft(folder / "run", settings=("train.validation_share=0",))
    task = next(row.task for row in load_scenarios(EXAMPLE) if row.id == scenario_id)
    for line in (report.folder / "train.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["messages"][1]["content"] == task:
            return tokenizer.apply_chat_template(
                row["messages"][:2],
                tools=json.loads(row["tools"]),
                add_generation_prompt=True,
                tokenize=False,
            )
    raise AssertionError("no row of export-sft has this task")


def test_schemas_are_exact_only_when_they_are_put_back(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    scenario = proven()[0]
    environments = Environments([scenario])
    trainer = make_trainer(environments, tokenizer, tmp_path)

    environments.use_exact_schemas(trainer)

    (tools,) = trainer._env_tools.values()
    assert {
        tool["function"]["name"]: {
            "description": tool["function"]["description"],
            "parameters": tool["function"]["parameters"],
        }
        for tool in tools
    } == functions(scenario)


def test_scenarios_of_several_environments_go_into_one_data_set() -> None:
    scenarios = list(load_scenarios(EXAMPLE))
    environments = Environments(scenarios)

    rows = environments.dataset()

    assert len(rows) == len(scenarios)
    assert {*rows["environment"]} == {*environments} == {row.env_id for row in scenarios}
    for row in rows:
        player = environments[row["environment"]]()
        player.reset(**row)
        assert player.get_reward() < 1
        player._env.close()


def test_an_environment_that_broke_or_does_not_open_has_no_reward() -> None:
    desk = make_environment()
    bad = desk.model_copy(update={"id": "env-2", "source": "class LendingDesk:\n    0 / 0\n"})
    rows = [_row(make_scenario(), desk), _row(_moved(), bad)]
    environments = Environments(rows)

    broken, unopened = environments["env-1"](), environments["env-2"]()
    broken.reset("scen-1")
    broken.forget()
    unopened.reset("scen-2")

    assert "LendingDesk" in unopened.list_loans()
    assert (broken.get_reward(), unopened.get_reward()) == (None, None)


def test_a_tool_whose_name_trl_needs_is_one_clear_error() -> None:
    desk = make_environment()
    tools = (desk.tools[0].model_copy(update={"name": "reset"}),)

    with pytest.raises(ConfigError, match="TRL cannot offer the tool 'reset'"):
        Environments([_row(make_scenario(), desk.model_copy(update={"tools": tools}))])


def _moved() -> object:
    return make_scenario().model_copy(update={"id": "scen-2", "env_id": "env-2"})


def _row(scenario: object, environment: object) -> dict:
    return environment_row(environment) | rl_row(scenario, environment, load_settings(None, ()))


def make_talk(
    folder: Path, monkeypatch: pytest.MonkeyPatch, user: str
) -> tuple[Environments, object]:
    """Make the desk with a user at an endpoint, and one player of it."""
    monkeypatch.setenv("USER_OPENAI_BASE_URL", user)
    monkeypatch.setenv("USER_OPENAI_API_KEY", "y")
    environments = Environments(load_scenarios(write_desk(folder / "run")), user="person")
    return environments, environments["env-1"]()


def test_a_step_with_a_simulated_user_hears_and_answers_it(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [
        {"name": "tell_user", "arguments": {"message": ASKED[0]}},
        {"name": "lend", "arguments": LEND},
        {"name": "tell_user", "arguments": {"message": ASKED[1]}},
    ]
    seen: list[str] = []
    with endpoint(speaks) as (user, heard):
        environments, _ = make_talk(tmp_path, monkeypatch, user)
        trainer = make_trainer(environments, tokenizer, tmp_path / "out")
        environments.use_exact_schemas(trainer)
        trainer._generate_single_turn = scripted(tokenizer, calls, seen)
        trainer.train()

    (log,) = [entry for entry in trainer.state.log_history if "reward" in entry]
    assert log["reward"] == pytest.approx(0.5)
    assert (log["tools/call_frequency"], log["tools/failure_frequency"]) == (1.5, 0)
    whole = next(text for text in seen if TOLD[1] in text)
    assert f"<|im_start|>user\n{TOLD[0]}<|im_end|>" in whole
    assert make_scenario().task not in whole
    assert any("The user has ended the conversation" in text for text in seen)
    assert {body["model"] for body in heard} == {"person"}


def test_a_user_who_does_not_answer_leaves_no_reward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once(messages: list[dict]) -> dict:
        return speaks(messages) if len(messages) == 2 else {"content": "no"}

    with endpoint(once) as (user, _):
        _, player = make_talk(tmp_path, monkeypatch, user)
        assert player.reset("scen-1") == TOLD[0]
        with pytest.raises(ReplyError, match="Write one <message>"):
            player.tell_user(message=ASKED[0])

    assert player.get_reward() is None


def test_rows_of_an_export_cannot_be_talked_about() -> None:
    with pytest.raises(ConfigError, match="needs a scenario of a run folder"):
        Environments([_row(make_scenario(), make_environment())], user="person")
