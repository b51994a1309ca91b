"""A tokenizer for every text, with Qwen3's marks; and what a trainer trains, as text."""

from collections.abc import Iterator, Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MARKS = (
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)
UNTRAINED = -100


def tiny_tokenizer(template: str = "") -> PreTrainedTokenizerFast:
    """Make one of bytes and marks, with a chat template."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {word: number for number, word in enumerate((*SPECIAL, *alphabet))}
    made = Tokenizer(models.BPE(vocab=words, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(list(SPECIAL))
    made.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in MARKS])
    whole = PreTrainedTokenizerFast(
        tokenizer_object=made,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
    )
    if template:
        whole.chat_template = template
    return whole


def trained_texts(
    tokenizer: PreTrainedTokenizerFast, ids: Sequence[int], labels: Sequence[int]
) -> list[str]:
    """Decode each stretch of trained positions, without the line break behind an end mark."""
    return [tokenizer.decode(part).removesuffix("\n") for part in _stretches(ids, labels)]


def masked(ids: Sequence[int], mask: Sequence[int]) -> list[int]:
    """Write labels from a mask."""
    return [one if kept else UNTRAINED for one, kept in zip(ids, mask, strict=True)]


def before_training(
    tokenizer: PreTrainedTokenizerFast, ids: Sequence[int], labels: Sequence[int]
) -> str:
    """Decode what stands before the first trained position."""
    first = next(at for at, label in enumerate(labels) if label != UNTRAINED)
    return tokenizer.decode(ids[:first])


def _stretches(ids: Sequence[int], labels: Sequence[int]) -> Iterator[list[int]]:
    part: list[int] = []
    for one, label in zip(ids, labels, strict=True):
        if label != UNTRAINED:
            part.append(one)
        elif part:
            yield part
            part = []
    if part:
        yield part
