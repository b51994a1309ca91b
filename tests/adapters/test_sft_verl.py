"""Rows of `export-sft --format text` in verl's own hands: its dataset class for conversations.

STOCK_TEMPLATES names a folder with the chat templates of models as published, such as TRL's.
"""

import os
from pathlib import Path

import pytest

pytest.importorskip("verl", reason="verl is not installed; .ci/doors verl installs it")
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

import pyarrow.parquet as pq
from omegaconf import OmegaConf
from transformers import PreTrainedTokenizerFast
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

from envscaler.config import Settings
from envscaler.records import Message, Trajectory
from envscaler.train.sft import export_sft
from tests.adapters.tiny import before_training, masked, tiny_tokenizer, trained_texts
from tests.train.factory import write_run
from tests.train.hard import hard_set, trained_replies

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif("STOCK_TEMPLATES" not in os.environ, reason="STOCK_TEMPLATES is not set"),
]
HARD = hard_set()
THINKING, PLAIN = "qwen3", "qwen2_5"


def tokenizer_of(template: str) -> PreTrainedTokenizerFast:
    path = Path(os.environ["STOCK_TEMPLATES"]) / f"{template}.jinja"
    return tiny_tokenizer(path.read_text(encoding="utf-8"))


def prepared(
    folder: Path, settings: Settings, tokenizer: PreTrainedTokenizerFast, template: str | None
) -> dict[str, dict]:
    """Return the trajectory's id → what verl makes of its row."""
    write_run(folder, trajectories=tuple(HARD.values()))
    options = {"validation_share": 0.0, "parquet": True, "template": template}
    train = settings.train.model_copy(update=options)
    report = export_sft(folder, settings.model_copy(update={"train": train}), "text")
    file = report.folder / "train.parquet"
    config = OmegaConf.create(
        {"max_length": 131072, "pad_mode": "no_padding", "ignore_input_ids_mismatch": True}
    )
    rows = MultiTurnSFTDataset(str(file), tokenizer, config)
    ids = pq.read_table(file, columns=["trajectory_id"])["trajectory_id"].to_pylist()
    return {name: rows[at] for at, name in enumerate(ids)}


def labels(row: dict) -> tuple[list[int], list[int]]:
    ids = row["input_ids"].tolist()
    return ids, masked(ids, row["loss_mask"].tolist())


@pytest.mark.parametrize(
    ("model", "template", "thoughts"), [(THINKING, None, True), (PLAIN, "qwen", False)]
)
def test_every_reply_is_trained_to_the_letter_and_nothing_else(
    tmp_path: Path, settings: Settings, model: str, template: str | None, *, thoughts: bool
) -> None:
    tokenizer = tokenizer_of(model)

    rows = prepared(tmp_path, settings, tokenizer, template)

    learnt = {name: trained_texts(tokenizer, *labels(row)) for name, row in rows.items()}
    assert learnt == {
        one.id: trained_replies(one, empty_thoughts=thoughts) for one in HARD.values()
    }


def test_what_stands_before_the_first_reply_is_what_the_published_template_makes_of_it(
    tmp_path: Path, settings: Settings
) -> None:
    tokenizer = tokenizer_of(THINKING)

    rows = prepared(tmp_path, settings, tokenizer, None)

    before = {name: before_training(tokenizer, *labels(row)) for name, row in rows.items()}
    assert before == {one.id: opening(tokenizer, one) for one in HARD.values()}


def opening(tokenizer: PreTrainedTokenizerFast, trajectory: Trajectory) -> str:
    """Render what an inference server would give the model first."""
    heard = [_plain(one) for one in trajectory.messages if one.role in {"system", "user"}][:2]
    tools = [tool.as_function() for tool in trajectory.tools]
    return tokenizer.apply_chat_template(
        heard, tools=tools, add_generation_prompt=True, tokenize=False
    )


def _plain(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.content}
