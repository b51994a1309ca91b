"""Rows of `export-sft --format messages` in prime-rl's own hands: its dataset and its renderer.

prime-rl is on no package index: `.ci/doors prime_rl` checks it out, or PRIME_RL names a folder.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip(
    "prime_rl.trainer.sft.data", reason="prime-rl is not installed; .ci/doors prime_rl does that"
)
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

from datasets import load_dataset
from prime_rl.trainer.sft.data import SFTDataset
from renderers.base import create_renderer
from renderers.configs import Qwen3RendererConfig

from envscaler.config import Settings
from envscaler.records import Trajectory
from envscaler.train.sft import export_sft
from tests.adapters.tiny import masked, tiny_tokenizer, trained_texts
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set, trained_replies, well_formed

pytestmark = pytest.mark.filterwarnings("ignore")
HARD = hard_set()


def learnt_from(folder: Path, settings: Settings) -> dict[str, list[str]]:
    """Return the trajectory's id → the texts that the trainer is to learn."""
    write_run(folder, trajectories=tuple(HARD.values()))
    report = export_sft(folder, with_share(settings, 0), "messages")
    rows = load_dataset("json", data_files=str(report.folder / "train.jsonl"), split="train")
    tokenizer = tiny_tokenizer()
    renderer = create_renderer(tokenizer, Qwen3RendererConfig())
    made = SFTDataset(rows, renderer, shuffle=False, seq_len=131072, max_epochs=1)
    learnt = {}
    for row, one in zip(rows, made, strict=True):
        # Mask and targets are of the next token.
        marks = masked(one["target_ids"], one["loss_mask"])
        learnt[row["trajectory_id"]] = trained_texts(tokenizer, one["target_ids"], marks)
    return learnt


def test_every_reply_is_trained_as_the_published_template_shows_it_and_nothing_else(
    tmp_path: Path, settings: Settings
) -> None:
    assert learnt_from(tmp_path, settings) == {one.id: [*shown(one)] for one in HARD.values()}


def test_a_conversation_with_one_user_and_a_thought_in_each_reply_is_trained_to_the_letter(
    tmp_path: Path, settings: Settings
) -> None:
    learnt = learnt_from(tmp_path, settings)

    easy = [one for one in HARD.values() if {*shown(one)} == {*trained_replies(one)}]
    assert len(easy) == len(HARD) - 3
    assert [learnt[one.id] for one in easy] == [trained_replies(one) for one in easy]


def shown(trajectory: Trajectory) -> Iterator[str]:
    """Write each reply as Qwen3's template has it: thoughts after the last user alone.

    There, a reply without reasoning has an empty thought only where it is the last.
    """
    users = [at for at, one in enumerate(trajectory.messages) if one.role == "user"]
    replies = [*well_formed(trajectory)]
    for reply, whole in zip(replies, trained_replies(trajectory), strict=True):
        late = trajectory.messages.index(reply) > users[-1]
        if late and (reply.reasoning or reply is replies[-1]):
            yield whole
        else:
            yield whole.split("</think>\n\n", 1)[1]
