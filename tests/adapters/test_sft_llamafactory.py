"""Rows of `export-sft --format llamafactory` in LLaMA-Factory's own hands.

STOCK_TEMPLATES names a folder with the chat templates of models as published, such as TRL's.
"""

import json
import os
from pathlib import Path

import pytest

pytest.importorskip(
    "llamafactory", reason="LLaMA-Factory is not installed; .ci/doors llamafactory installs it"
)
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "DISABLE_VERSION_CHECK": "1"}

from datasets import Dataset
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import DataArguments, ModelArguments
from transformers import PreTrainedTokenizerFast, Seq2SeqTrainingArguments

from envscaler.config import Settings
from envscaler.train.sft import export_sft
from tests.adapters.steps import export_hard, from_page, take_step, tiny_model
from tests.adapters.tiny import before_training, tiny_tokenizer, trained_texts
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set, trained_replies

pytestmark = pytest.mark.filterwarnings("ignore")
HARD = hard_set()


def prepared(
    folder: Path, settings: Settings, template: str, written: str | None = None
) -> tuple[PreTrainedTokenizerFast, Dataset]:
    """Return the tokenizer, and what LLaMA-Factory makes of the rows."""
    write_run(folder, trajectories=tuple(HARD.values()))
    chosen = with_share(settings, 0)
    train = chosen.train.model_copy(update={"template": written})
    report = export_sft(folder, chosen.model_copy(update={"train": train}), "llamafactory")
    tokenizer = tiny_tokenizer()
    data = DataArguments(
        template=template,
        dataset="envscaler_train",
        dataset_dir=str(report.folder),
        cutoff_len=131072,
        mask_history=True,
        overwrite_cache=True,
    )
    training = Seq2SeqTrainingArguments(
        output_dir=str(folder / "trained"), use_cpu=True, report_to=[]
    )
    made = get_template_and_fix_tokenizer(tokenizer, data)
    model = ModelArguments(model_name_or_path=str(folder))
    rows = get_dataset(made, model, data, training, stage="sft", tokenizer=tokenizer)
    return tokenizer, rows["train_dataset"]


@pytest.mark.parametrize("written", [None, "qwen3"])
@pytest.mark.parametrize(("template", "thoughts"), [("qwen3", True), ("qwen3_nothink", False)])
def test_every_reply_is_trained_to_the_letter_and_nothing_else(
    tmp_path: Path, settings: Settings, template: str, written: str | None, *, thoughts: bool
) -> None:
    tokenizer, rows = prepared(tmp_path, settings, template, written)

    learnt = [trained_texts(tokenizer, row["input_ids"], row["labels"]) for row in rows]
    assert learnt == [
        [reply] for one in HARD.values() for reply in trained_replies(one, empty_thoughts=thoughts)
    ]


def test_the_tools_are_described_once(tmp_path: Path, settings: Settings) -> None:
    tokenizer, rows = prepared(tmp_path, settings, "qwen3")

    assert {tokenizer.decode(row["input_ids"]).count("<tools>\n") for row in rows} == {1}


@pytest.mark.skipif("STOCK_TEMPLATES" not in os.environ, reason="STOCK_TEMPLATES names no folder")
def test_with_a_template_the_prompt_is_that_of_the_published_chat_template(
    tmp_path: Path, settings: Settings
) -> None:
    tokenizer, rows = prepared(tmp_path, settings, "qwen3", "qwen3")
    stock = Path(os.environ["STOCK_TEMPLATES"]) / "qwen3.jinja"
    report = export_sft(tmp_path, with_share(settings, 0), "messages-per-turn")
    turns = [json.loads(line) for line in (report.folder / "train.jsonl").open(encoding="utf-8")]

    tokenizer.chat_template = stock.read_text(encoding="utf-8")
    expected = [
        tokenizer.apply_chat_template(
            turn["prompt"],
            tools=json.loads(turn["tools"]),
            add_generation_prompt=True,
            tokenize=False,
        )
        for turn in turns
    ]

    assert [before_training(tokenizer, row["input_ids"], row["labels"]) for row in rows] == expected


def test_the_command_of_the_page_takes_a_step(tmp_path: Path) -> None:
    rows = export_hard(tmp_path / "runs/one", "llamafactory", template="qwen3")
    model = tiny_model(tmp_path / "model")
    small = "max_steps=1 gradient_accumulation_steps=1 bf16=false use_cpu=true report_to=none"
    command = from_page("LLaMA-Factory", "bash").partition("   # ")[0]

    take_step(f"{command} model_name_or_path={model} {small} cutoff_len=4096", tmp_path)

    (log,) = (json.loads(line) for line in (rows / "trained/trainer_log.jsonl").open())
    found = json.loads((rows / "trained/train_results.json").read_text(encoding="utf-8"))
    assert found["train_loss"] > 0
    assert log["current_steps"] == 1
