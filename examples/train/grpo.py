"""Reinforce with the reward of the scenarios: `python grpo.py data models/sft models/grpo`."""

import argparse
import json
import resource
import time
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from random import Random

from model import ON_CPU, Curve, load_model, save_model
from trainers import Shuffled, Trainer
from trl import GRPOConfig

import envscaler
from envscaler.adapters.trl import Environments


def main() -> None:
    """Train, and write the model and its curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--keep", type=int, default=10, help="a checkpoint after so many")
    parser.add_argument("--tasks", type=int, default=2, help="scenarios in a step")
    parser.add_argument("--samples", type=int, default=8, help="episodes of each")
    parser.add_argument("--parts", type=int, default=4, help="of a step, for want of memory")
    parser.add_argument("--rate", type=float, default=1e-5)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--reward", choices=["goal", "fraction"], default="goal")
    parser.add_argument("--shuffle", type=Path, metavar="CURVE", help="the control")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    tokenizer, model = load_model(args.base)
    tiers = _tiers(args.data / "rewards/scenarios.jsonl")
    rows = {
        row["scenario_id"]: row for row in envscaler.load_export(args.data / "rewards/exports/rl")
    }
    turns = _turns(tiers, args.seed)
    environments = Environments([{**rows[one], "reward": args.reward} for one in turns])
    args.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    trainer = (Shuffled if args.shuffle else Trainer)(
        model=model,
        args=_options(args),
        train_dataset=environments.dataset(),
        processing_class=tokenizer,
        environment_factory=environments,
        callbacks=[Curve(args.out / "curve.jsonl")],
    )
    trainer.tiers = tiers
    if isinstance(trainer, Shuffled):
        logged = map(json.loads, args.shuffle.read_text(encoding="utf-8").splitlines())
        trainer.means = [row["reward"] for row in logged if "reward" in row]
    environments.use_exact_schemas(trainer)
    trainer.train()
    save_model(args.out, tokenizer, model)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.monotonic() - started:.0f} s, {memory:.1f} GB at most")


def _tiers(path: Path) -> dict[str, int]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["id"]: row["shape"]["tier"] for row in rows}


def _turns(tiers: Mapping[str, int], seed: int) -> list[str]:
    """Draw an order in which tiers take turns, so that the rewards of steps can be compared."""
    by_tier: dict[int, list[str]] = {}
    for scenario, tier in sorted(tiers.items()):
        by_tier.setdefault(tier, []).append(scenario)
    random = Random(seed)
    drawn = [random.sample(each, len(each)) for _, each in sorted(by_tier.items())]
    return [*chain.from_iterable(zip(*drawn, strict=True))]


def _options(args: argparse.Namespace) -> GRPOConfig:
    return GRPOConfig(
        output_dir=str(args.out / "trainer"),
        max_steps=args.steps,
        per_device_train_batch_size=args.tasks * args.samples // args.parts,
        gradient_accumulation_steps=args.parts,
        shuffle_dataset=False,
        num_generations=args.samples,
        learning_rate=args.rate,
        warmup_steps=0,
        lr_scheduler_type="constant",
        beta=0.0,
        temperature=args.temperature,
        max_completion_length=384,
        max_tool_calling_iterations=4,
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
