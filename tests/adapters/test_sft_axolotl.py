"""Rows of `export-sft --format text` in Axolotl's own hands: its chat template strategy."""

import os
from pathlib import Path

import pytest

pytest.importorskip(
    "axolotl.prompt_strategies.chat_template",
    reason="Axolotl is not installed; .ci/doors axolotl installs it",
)
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

import yaml
from axolotl.prompt_strategies.chat_template import load
from axolotl.utils.dict import DictDefault
from datasets import load_dataset

from envscaler.config import Settings
from envscaler.train.sft import export_sft
from tests.adapters.steps import export_hard, from_page, take_step, tiny_model
from tests.adapters.tiny import tiny_tokenizer, trained_texts
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set, trained_replies

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif("STOCK_TEMPLATES" not in os.environ, reason="STOCK_TEMPLATES is not set"),
]
HARD = hard_set()


def test_every_reply_is_trained_to_the_letter_and_nothing_else(
    tmp_path: Path, settings: Settings
) -> None:
    write_run(tmp_path, trajectories=tuple(HARD.values()))
    report = export_sft(tmp_path, with_share(settings, 0), "text")
    rows = load_dataset("json", data_files=str(report.folder / "train.jsonl"), split="train")
    template = Path(os.environ["STOCK_TEMPLATES"]) / "qwen3.jinja"
    tokenizer = tiny_tokenizer(template.read_text(encoding="utf-8"))
    # As docs/trainers.md has it.
    config = DictDefault(sequence_len=131072, train_on_inputs=False)
    own = {"type": "chat_template", "chat_template": "tokenizer_default"}
    strategy = load(tokenizer, config, own)

    made = [strategy.tokenize_prompt(row) for row in rows]

    learnt = [trained_texts(tokenizer, one["input_ids"], one["labels"]) for one in made]
    assert learnt == [trained_replies(one) for one in HARD.values()]


def test_the_configuration_of_the_page_takes_a_step(tmp_path: Path) -> None:
    template = Path(os.environ["STOCK_TEMPLATES"]) / "qwen3.jinja"
    model = tiny_model(tmp_path / "model", template.read_text(encoding="utf-8"))
    export_hard(tmp_path / "runs/one", "text")
    config = yaml.safe_load(from_page("Axolotl", "yaml"))
    small = {"base_model": str(model), "max_steps": 1, "bf16": False, "sequence_len": 4096}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config | small), encoding="utf-8")

    told = take_step(from_page("Axolotl", "bash"), tmp_path)

    assert "'loss':" in told
    assert list((tmp_path / "trained").glob("*.safetensors"))
