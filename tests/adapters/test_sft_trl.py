"""SFT rows in TRL's own hands: what its trainer trains of the hard set."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the extra `trl` is not installed")
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

import trl
from datasets import Dataset, load_dataset
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM
from trl import SFTConfig, SFTTrainer

from envscaler.config import Settings, load_settings
from envscaler.records import Trajectory
from envscaler.train.sft import export_sft
from tests.adapters.steps import export_hard, from_page, tiny_model
from tests.adapters.tiny import masked, tiny_tokenizer, trained_texts
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set, trained_replies

pytestmark = pytest.mark.filterwarnings("ignore")
CHECKOUT = Path(__file__).parents[2]
HARD = hard_set()
TEMPLATE = Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja"


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return tiny_tokenizer(TEMPLATE.read_text(encoding="utf-8"))


def prepared(
    folder: Path, settings: Settings, tokenizer: PreTrainedTokenizerFast, name: str
) -> tuple[list[str], Dataset]:
    """Return the trajectory of each row, and what the trainer makes of the rows."""
    write_run(folder, trajectories=tuple(HARD.values()))
    report = export_sft(folder, with_share(settings, 0), name)
    rows = load_dataset("json", data_files=str(report.folder / "train.jsonl"), split="train")
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "head_dim": 8}
    config = Qwen3Config(
        vocab_size=len(tokenizer), num_attention_heads=2, num_key_value_heads=1, **sizes
    )
    options = SFTConfig(
        output_dir=str(folder / "trained"),
        assistant_only_loss=name == "messages",
        max_length=None,
        report_to=[],
        use_cpu=True,
        bf16=False,
    )
    trainer = SFTTrainer(
        model=Qwen3ForCausalLM(config),
        args=options,
        train_dataset=rows,
        processing_class=tokenizer,
    )
    return [row["trajectory_id"] for row in rows], trainer.train_dataset


def trained(tokenizer: PreTrainedTokenizerFast, row: dict) -> list[str]:
    mask = row.get("assistant_masks") or row.get("completion_mask")
    labels = row.get("labels") or masked(row["input_ids"], mask)
    return trained_texts(tokenizer, row["input_ids"], labels)


def test_a_row_for_each_reply_trains_that_reply_to_the_letter(
    tmp_path: Path, settings: Settings, tokenizer: PreTrainedTokenizerFast
) -> None:
    ids, rows = prepared(tmp_path, settings, tokenizer, "messages-per-turn")

    learnt: dict[str, list[str]] = {}
    for name, row in zip(ids, rows, strict=True):
        learnt.setdefault(name, []).extend(trained(tokenizer, row))

    assert learnt == {one.id: trained_replies(one) for one in HARD.values()}


def test_a_row_for_each_conversation_trains_every_reply_after_the_last_user_to_the_letter(
    tmp_path: Path, settings: Settings, tokenizer: PreTrainedTokenizerFast
) -> None:
    ids, rows = prepared(tmp_path, settings, tokenizer, "messages")

    learnt = {name: trained(tokenizer, row) for name, row in zip(ids, rows, strict=True)}

    assert learnt == {one.id: as_stock_template_has_it(one) for one in HARD.values()}


def as_stock_template_has_it(trajectory: Trajectory) -> list[str]:
    return trained_replies(trajectory)


def test_the_step_of_the_tutorial_is_a_step(
    tmp_path: Path, tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 16}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8}
    model = Qwen3ForCausalLM(Qwen3Config(num_hidden_layers=1, **small, **heads))
    model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    shutil.copytree(CHECKOUT / "data/example", tmp_path / "runs/bikes")
    export_sft(tmp_path / "runs/bikes", load_settings(None, ()), "messages")
    monkeypatch.chdir(tmp_path)
    page = (CHECKOUT / "docs/tutorial.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}

    exec(code.replace("Qwen/Qwen3-0.6B", "model"), names)  # noqa: S102 (our own page)

    assert names["trainer"].state.global_step == 1


@pytest.mark.parametrize("name", ["messages", "text"])
def test_rows_longer_than_the_cutoff_are_counted_by_the_tokenizer_that_is_named(
    tmp_path: Path, settings: Settings, tokenizer: PreTrainedTokenizerFast, name: str
) -> None:
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    write_run(tmp_path, trajectories=tuple(HARD.values()))
    plain = export_sft(tmp_path, with_share(settings, 0), name)
    rows = load_dataset("json", data_files=str(plain.folder / "train.jsonl"), split="train")
    lengths = sorted(length_of(tokenizer, row) for row in rows)
    cutoff = lengths[len(lengths) // 2]
    wanted = {"tokenizer": str(tmp_path / "tokenizer"), "cutoff_tokens": cutoff}
    train = settings.train.model_copy(update=wanted)

    report = export_sft(tmp_path, with_share(settings.model_copy(update={"train": train}), 0), name)

    over = sum(length > cutoff for length in lengths)
    card = (report.folder / "README.md").read_text(encoding="utf-8")
    assert 0 < over < len(lengths)
    assert f"rows longer than {cutoff} tokens (train.cutoff_tokens): {over}\n" in card
    assert any(note.startswith(f"{over} rows are longer") for note in report.notes)


def length_of(tokenizer: PreTrainedTokenizerFast, row: dict) -> int:
    tools = json.loads(row["tools"]) if row.get("tools") else None
    return len(tokenizer.apply_chat_template(row["messages"], tools=tools)["input_ids"])


def test_the_lines_of_the_page_take_a_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tiny_model(tmp_path / "model", TEMPLATE.read_text(encoding="utf-8"))
    export_hard(tmp_path / "runs/one", "messages")
    monkeypatch.chdir(tmp_path)
    small = "max_steps=1, per_device_train_batch_size=1, report_to=[], use_cpu=True, bf16=False"
    lines = from_page("TRL", "python").replace("Qwen/Qwen3-0.6B", str(model))

    exec(lines.replace("max_length=32768", f"max_length=32768, {small}"), {})  # noqa: S102 (our own page)

    assert "'train_loss'" in capsys.readouterr().out
    assert list(tmp_path.rglob("checkpoint-1/*.safetensors"))
