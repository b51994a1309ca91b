"""Rows of `export-sft --format text` in Unsloth's own hands: `train_on_responses_only`."""

import os
import tempfile
from pathlib import Path

import pytest

# It asks for a graphics card as soon as it is imported; labels need none.
os.environ |= {"UNSLOTH_ALLOW_CPU": "1", "UNSLOTH_IS_PRESENT": "1"}
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
# It writes modules when it is imported, else where one stands.
os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", tempfile.mkdtemp())
pytest.importorskip(
    "unsloth_zoo.dataset_utils", reason="Unsloth is not installed; .ci/doors unsloth installs it"
)

from datasets import load_dataset
from unsloth_zoo.dataset_utils import train_on_responses_only

from envscaler.config import Settings
from envscaler.train.sft import export_sft
from tests.adapters.example import plain_template
from tests.adapters.tiny import tiny_tokenizer, trained_texts
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set, trained_replies

pytestmark = pytest.mark.filterwarnings("ignore")
HARD = hard_set()


def test_every_reply_is_trained_to_the_letter_and_nothing_else(
    tmp_path: Path, settings: Settings
) -> None:
    write_run(tmp_path, trajectories=tuple(HARD.values()))
    report = export_sft(tmp_path, with_share(settings, 0), "text")
    rows = load_dataset("json", data_files=str(report.folder / "train.jsonl"), split="train")
    tokenizer = tiny_tokenizer(plain_template())
    mark = train_on_responses_only(
        None,
        instruction_part="<|im_start|>user\n",
        response_part="<|im_start|>assistant\n",
        tokenizer=tokenizer,
        return_function=True,
    )

    learnt = []
    for row in rows:
        text = tokenizer.apply_chat_template(row["messages"], tokenize=False)
        ids = tokenizer(text)["input_ids"]
        (labels,) = mark({"input_ids": [ids]})["labels"]
        learnt.append(trained_texts(tokenizer, ids, list(map(int, labels))))

    assert learnt == [trained_replies(one) for one in HARD.values()]
