"""Rows of `export-sft --format text` in NeMo RL's own hands: its dataset, processor and loss mask.

NeMo RL is on no package index: `.ci/doors nemo_rl` checks it out, or NEMO_RL names a folder.
"""

import os
from pathlib import Path

import pytest

pytest.importorskip(
    "nemo_rl.data.processors", reason="NeMo RL is not installed; .ci/doors nemo_rl does that"
)
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

from nemo_rl.data.datasets.response_datasets.oai_format_dataset import OpenAIFormatDataset
from nemo_rl.data.interfaces import TaskDataSpec
from nemo_rl.data.llm_message_utils import add_loss_mask_to_message_log
from nemo_rl.data.processors import sft_processor

from envscaler.config import Settings
from envscaler.train.sft import export_sft
from tests.adapters.example import plain_template
from tests.adapters.tiny import masked, tiny_tokenizer, trained_texts
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set, trained_replies

pytestmark = pytest.mark.filterwarnings("ignore")
HARD = hard_set()


def test_every_reply_is_trained_to_the_letter_and_nothing_else(
    tmp_path: Path, settings: Settings
) -> None:
    write_run(tmp_path, trajectories=tuple(HARD.values()))
    report = export_sft(tmp_path, with_share(settings, 0), "text")
    data = OpenAIFormatDataset(
        str(report.folder / "train.jsonl"), tool_key=None, use_preserving_dataset=True
    )
    tokenizer = tiny_tokenizer(plain_template())

    learnt = []
    for number, row in enumerate(data.dataset):
        spec = TaskDataSpec(task_name="envscaler")
        made = sft_processor(
            row, spec, tokenizer, 131072, number, add_bos=False, add_generation_prompt=True
        )
        add_loss_mask_to_message_log([made["message_log"]], roles_to_train_on=["assistant"])
        ids = [one for part in made["message_log"] for one in part["token_ids"].tolist()]
        mask = [one for part in made["message_log"] for one in part["token_loss_mask"].tolist()]
        learnt.append(trained_texts(tokenizer, ids, masked(ids, mask)))

    assert learnt == [trained_replies(one) for one in HARD.values()]
