"""Reinforce with the reward of the scenarios: `python grpo.py data models/sft models/grpo`."""

import argparse
import json
import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")

import torch
from model import ON_CPU, Curve, load_model, save_model
from trl import GRPOConfig, GRPOTrainer

import envscaler
from envscaler.adapters.trl import Environments


class Shuffled(GRPOTrainer):
    """A control: episodes get the rewards that those of another run got in the same step, by lot.

    Rewards of its own step would not do: the lot may give an episode its own reward, and who earns
    nothing would be given nothing. What the episodes have earned is logged as `own_reward`.
    """

    means: Sequence[float] = ()
    """Mean rewards of the other run, one for each step."""

    def _calculate_rewards(self, *args: object, **named: object) -> torch.Tensor:
        own = super()._calculate_rewards(*args, **named)
        self._log_metric("own_reward", own.nansum(dim=1).mean().item())
        lucky = torch.randperm(len(own))[: round(self.means[self.state.global_step] * len(own))]
        given = torch.zeros_like(own)
        given[lucky, 0] = 1
        return given


def main() -> None:
    """Train, and write the model and its curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--keep", type=int, default=10, help="a checkpoint after so many")
    parser.add_argument("--tasks", type=int, default=2, help="scenarios in a step")
    parser.add_argument("--samples", type=int, default=8, help="episodes of each")
    parser.add_argument("--rate", type=float, default=1e-5)
    parser.add_argument("--reward", choices=["goal", "fraction"], default="goal")
    parser.add_argument("--shuffle", type=Path, metavar="CURVE", help="the control")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    tokenizer, model = load_model(args.base)
    rows = envscaler.load_export(args.data / "rewards/exports/rl")
    environments = Environments([{**row, "reward": args.reward} for row in rows])
    args.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    trainer = (Shuffled if args.shuffle else GRPOTrainer)(
        model=model,
        args=_options(args),
        train_dataset=environments.dataset(),
        processing_class=tokenizer,
        environment_factory=environments,
        callbacks=[Curve(args.out / "curve.jsonl")],
    )
    if isinstance(trainer, Shuffled):
        logged = map(json.loads, args.shuffle.read_text(encoding="utf-8").splitlines())
        trainer.means = [row["reward"] for row in logged if "reward" in row]
    environments.use_exact_schemas(trainer)
    trainer.train()
    save_model(args.out, tokenizer, model)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.monotonic() - started:.0f} s, {memory:.1f} GB at most")


def _options(args: argparse.Namespace) -> GRPOConfig:
    return GRPOConfig(
        output_dir=str(args.out / "trainer"),
        max_steps=args.steps,
        per_device_train_batch_size=args.tasks * args.samples,
        num_generations=args.samples,
        learning_rate=args.rate,
        warmup_steps=0,
        lr_scheduler_type="constant",
        beta=0.0,
        temperature=1.0,
        max_completion_length=224,
        max_tool_calling_iterations=3,
        bf16=True,
        use_cpu=ON_CPU,
        gradient_checkpointing=False,
        dataloader_pin_memory=not ON_CPU,
        logging_steps=1,
        save_steps=args.keep,
        save_only_model=True,
        report_to=[],
        seed=args.seed,
    )


if __name__ == "__main__":
    main()
