"""Fine-tune on reference solutions: `python sft.py data models/base models/sft`."""

import argparse
import resource
import time
from pathlib import Path

from datasets import load_dataset
from model import ON_CPU, Curve, load_model, save_model
from trl import SFTConfig, SFTTrainer


def main() -> None:
    """Train, and write the model and its curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--keep", type=int, default=10, help="a checkpoint after so many")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    tokenizer, model = load_model(args.base)
    rows = args.data / "solutions/exports/messages-references/train.jsonl"
    args.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    trainer = SFTTrainer(
        model=model,
        args=_options(args),
        train_dataset=load_dataset("json", data_files=str(rows), split="train"),
        processing_class=tokenizer,
        callbacks=[Curve(args.out / "curve.jsonl")],
    )
    trainer.train()
    save_model(args.out, tokenizer, model)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.monotonic() - started:.0f} s, {memory:.1f} GB at most")


def _options(args: argparse.Namespace) -> SFTConfig:
    return SFTConfig(
        output_dir=str(args.out / "trainer"),
        max_steps=args.steps,
        per_device_train_batch_size=args.batch,
        learning_rate=args.rate,
        warmup_steps=2,
        lr_scheduler_type="constant_with_warmup",
        assistant_only_loss=True,
        max_length=1024,
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
