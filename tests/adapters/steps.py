"""A trainer's own command, as docs/trainers.md has it, with a model of random weights."""

import os
import re
import subprocess
import sys
from pathlib import Path

from transformers import Qwen3Config, Qwen3ForCausalLM

from envscaler.config import load_settings
from envscaler.train.sft import export_sft
from tests.adapters.example import CHECKOUT
from tests.adapters.tiny import tiny_tokenizer
from tests.train.factory import with_share, write_run
from tests.train.hard import hard_set

_OWN = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
_OWN |= {"DISABLE_VERSION_CHECK": "1", "CUDA_VISIBLE_DEVICES": "", "WANDB_DISABLED": "true"}
_OWN |= {"DO_NOT_TRACK": "1", "AXOLOTL_DO_NOT_TRACK": "1"}
LIMIT = 900
"""Seconds for a command; on a quiet machine it takes one or two minutes."""


def tiny_model(folder: Path, template: str = "") -> Path:
    """Write a model of random weights, with a tokenizer."""
    tokenizer = tiny_tokenizer(template)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=131072,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def export_hard(
    run: Path, name: str, *, parquet: bool = False, template: str | None = None
) -> Path:
    """Write the hard set as a run, and export it; return the folder of the rows."""
    write_run(run, trajectories=tuple(hard_set().values()))
    settings = with_share(load_settings(None, ()), 0)
    train = settings.train.model_copy(update={"parquet": parquet, "template": template})
    return export_sft(run, settings.model_copy(update={"train": train}), name).folder


def from_page(heading: str, language: str) -> str:
    """Return the last block in a language below a heading of docs/trainers.md."""
    page = (CHECKOUT / "docs" / "trainers.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)\n```", section, re.S)[-1]


def take_step(command: str, folder: Path) -> str:
    """Run the last line of a block in a folder, with the programs of this environment.

    Returns:
        What it printed.
    """
    line = command.replace("\\\n", " ").splitlines()[-1].partition("   # ")[0]
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env=os.environ | _OWN | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr
