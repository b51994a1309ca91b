"""One real GRPO step of TRL on a CPU, with a tiny model and replies that are scripted."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the extra `trl` is not installed")
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TRL_EXPERIMENTAL_SILENCE": "1"}

import trl
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from envscaler.adapters.trl import Environments
from envscaler.config import load_settings
from envscaler.env import Env
from envscaler.errors import ConfigError, ReplyError
from envscaler.functions import export_sft
from envscaler.load import load_scenarios
from envscaler.train.rl import environment_row, rl_row
from tests.adapters.conversation import ASKED, TOLD, speaks
from tests.adapters.example import EXAMPLE, functions, proven, solution
from tests.adapters.stub import endpoint
from tests.face import LEND, write_desk
from tests.interact.fakes import make_environment, make_scenario

pytestmark = pytest.mark.filterwarnings("ignore")
MARKS = (
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with Qwen3's marks and template."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    made.train_from_iterator(
        [row.task for row in load_scenarios(EXAMPLE)],
        trainers.BpeTrainer(vocab_size=1000, initial_alphabet=alphabet, special_tokens=special),
    )
    made.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in MARKS])
    whole = PreTrainedTokenizerFast(
        tokenizer_object=made,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
    )
    templates = Path(trl.__file__).parent / "chat_templates"
    whole.chat_template = (templates / "qwen3.jinja").read_text(encoding="utf-8")
    return whole


def make_trainer(
    environments: Environments, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> GRPOTrainer:
    config = Qwen3Config(
        vocab_size=len(tokenizer) + 8,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=65536,
    )
    options = GRPOConfig(
        output_dir=str(folder),
        use_cpu=True,
        bf16=False,
        report_to=[],
        per_device_train_batch_size=2,
        num_generations=2,
        max_completion_length=32000,
        max_steps=1,
        logging_steps=1,
        save_strategy="no",
        max_tool_calling_iterations=40,
        beta=0.0,
    )
    return GRPOTrainer(
        model=Qwen3ForCausalLM(config),
        args=options,
        train_dataset=environments.dataset(),
        processing_class=tokenizer,
        environment_factory=environments,
    )


def scripted(tokenizer: PreTrainedTokenizerFast, calls: list, seen: list[str]) -> Callable:
    """Make a generator whose first sample plays calls, and whose second does nothing."""

    def generate(prompt_ids: list, *_: object, **__: object) -> tuple[list, None]:
        replies = []
        for number, ids in enumerate(prompt_ids):
            text = tokenizer.decode(ids)
            seen.append(text)
            turn = text.split("<|im_start|>user\n", 1)[1].count("<|im_start|>assistant") - 1
            body = "That is all I did."
            if number == 0 and turn < len(calls):
                body = f"<tool_call>\n{json.dumps(calls[turn])}\n</tool_call>"
            reply = f"<think>\n\n</think>\n\n{body}<|im_end|>"
            replies.append(tokenizer(reply)["input_ids"])
        return replies, None

    return generate


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
