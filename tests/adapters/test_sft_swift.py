"""Rows of `export-sft --format ms-swift` in ms-swift's own hands: its loader and its template."""

import json
import os
from pathlib import Path

import pytest

pytest.importorskip("swift", reason="ms-swift is not installed; .ci/doors swift installs it")
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

from swift.dataset import load_dataset
from swift.model import get_processor
from swift.template import Template, get_template
from transformers import PreTrainedTokenizerFast

from envscaler.config import Settings
from envscaler.records import JsonObject, Trajectory
from envscaler.train.sft import export_sft
from tests.adapters.steps import export_hard, from_page, take_step, tiny_model
from tests.adapters.tiny import before_training, tiny_tokenizer, trained_texts
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set, trained_replies

pytestmark = pytest.mark.filterwarnings("ignore")
HARD = hard_set()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder = tmp_path_factory.mktemp("model")
    tiny_tokenizer().save_pretrained(folder)
    (folder / "config.json").write_text('{"model_type": "qwen3"}', encoding="utf-8")
    processor = get_processor(str(folder), model_type="qwen3", download_model=False)
    made = get_template(processor, template_type="qwen3", max_length=131072)
    made.set_mode("train")
    return made


def encoded(folder: Path, settings: Settings, template: Template) -> dict[str, JsonObject]:
    """Return the trajectory's id → what the template makes of its row."""
    write_run(folder, trajectories=tuple(HARD.values()))
    report = export_sft(folder, with_share(settings, 0), "ms-swift")
    file = report.folder / "train.jsonl"
    ids = [json.loads(line)["trajectory_id"] for line in file.open(encoding="utf-8")]
    rows, _ = load_dataset(str(file), num_proc=1, load_from_cache_file=False)
    return {name: template.encode(dict(row)) for name, row in zip(ids, rows, strict=True)}


def tokenizer_of(template: Template) -> PreTrainedTokenizerFast:
    return getattr(template, "tokenizer", template.processor)


def test_every_reply_is_trained_to_the_letter_and_nothing_else(
    tmp_path: Path, settings: Settings, template: Template
) -> None:
    rows = encoded(tmp_path, settings, template)

    tokenizer = tokenizer_of(template)
    learnt = {
        name: trained_texts(tokenizer, row["input_ids"], row["labels"])
        for name, row in rows.items()
    }
    assert learnt == {one.id: trained_replies(one) for one in HARD.values()}


def test_the_tools_are_described_once_and_exactly(
    tmp_path: Path, settings: Settings, template: Template
) -> None:
    rows = encoded(tmp_path, settings, template)

    for trajectory in HARD.values():
        row = rows[trajectory.id]
        opening = before_training(tokenizer_of(template), row["input_ids"], row["labels"])
        assert opening.count("<tools>\n") == 1
        assert all(line in opening for line in tool_lines(trajectory))


def tool_lines(trajectory: Trajectory) -> list[str]:
    return [json.dumps(tool.as_function(), ensure_ascii=False) for tool in trajectory.tools]


def test_the_command_of_the_page_takes_a_step(tmp_path: Path) -> None:
    export_hard(tmp_path / "runs/one", "ms-swift")
    model = tiny_model(tmp_path / "model")
    own = f"--model {model} --model_type qwen3 --template qwen3 --torch_dtype float32"
    small = "--max_steps 1 --gradient_accumulation_steps 1 --report_to none --output_dir trained"
    command = from_page("ms-swift", "bash").partition("   # ")[0]
    command = command.replace("--model Qwen/Qwen3-4B", own)

    take_step(f"{command} {small} --num_proc 1 --dataset_num_proc 1 --use_hf true", tmp_path)

    (file,) = (tmp_path / "trained").rglob("logging.jsonl")
    logs = [json.loads(line) for line in file.open(encoding="utf-8")]
    assert logs[0]["loss"] > 0
