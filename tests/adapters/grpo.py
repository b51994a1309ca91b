"""TRL's `GRPOTrainer` with a tiny model on a CPU, and replies that are scripted."""

import json
import os
from collections.abc import Callable
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TRL_EXPERIMENTAL_SILENCE": "1"}

import trl
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from envscaler.adapters.trl import Environments
from envscaler.load import load_scenarios
from tests.adapters.example import EXAMPLE

MARKS = (
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Make a byte-level tokenizer with Qwen3's marks and template."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    made.train_from_iterator(
        [row.task for row in load_scenarios(EXAMPLE)],
        trainers.BpeTrainer(vocab_size=1000, initial_alphabet=alphabet, special_tokens=special),
    )
    made.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in MARKS])
    whole = PreTrainedTokenizerFast(
        tokenizer_object=made,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
    )
    templates = Path(trl.__file__).parent / "chat_templates"
    whole.chat_template = (templates / "qwen3.jinja").read_text(encoding="utf-8")
    return whole


def make_trainer(
    environments: Environments, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> GRPOTrainer:
    """Make a trainer that takes one step with two samples."""
    config = Qwen3Config(
        vocab_size=len(tokenizer) + 8,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=65536,
    )
    options = GRPOConfig(
        output_dir=str(folder),
        use_cpu=True,
        bf16=False,
        report_to=[],
        per_device_train_batch_size=2,
        num_generations=2,
        max_completion_length=32000,
        max_steps=1,
        logging_steps=1,
        save_strategy="no",
        max_tool_calling_iterations=40,
        beta=0.0,
    )
    return GRPOTrainer(
        model=Qwen3ForCausalLM(config),
        args=options,
        train_dataset=environments.dataset(),
        processing_class=tokenizer,
        environment_factory=environments,
    )


def scripted(
    tokenizer: PreTrainedTokenizerFast, calls: list, seen: list[str], second: list | None = None
) -> Callable:
    """Make a generator whose first sample plays calls; the second, as many others or none."""
    plays = (calls, second or [])

    def generate(prompt_ids: list, *_: object, **__: object) -> tuple[list, None]:
        replies = []
        for number, ids in enumerate(prompt_ids):
            text = tokenizer.decode(ids)
            seen.append(text)
            turn = text.split("<|im_start|>user\n", 1)[1].count("<|im_start|>assistant") - 1
            body = "That is all I did."
            made = plays[number]
            if turn < len(made):
                body = f"<tool_call>\n{json.dumps(made[turn])}\n</tool_call>"
            reply = f"<think>\n\n</think>\n\n{body}<|im_end|>"
            replies.append(tokenizer(reply)["input_ids"])
        return replies, None

    return generate
