"""How many tokens a row has, by the tokenizer and chat template of the model to be trained."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from envscaler.errors import ConfigError
from envscaler.records import JsonObject, JsonValue

ChatOf = Callable[[JsonObject], list[JsonValue]]
"""Writes a row of a format as the chat messages that a template is given."""


class Tokenizer(Protocol):
    """All that is used of a tokenizer of `transformers`."""

    def apply_chat_template(
        self,
        conversation: list[JsonValue],
        *,
        tools: JsonValue,
        tokenize: bool,
        return_dict: bool,
    ) -> list[int]:
        """Write a conversation as tokens."""
        ...


def load_tokenizer(name: str) -> Tokenizer:
    """Load a tokenizer that has a chat template.

    Args:
        name: Of a model on a hub, or a folder.

    Raises:
        ConfigError: `transformers` is not installed, there is no such tokenizer, or it has no
            chat template.
    """
    try:
        library = import_module("transformers")
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"train.tokenizer: the package {error.name} is missing; "
            "pip install 'envscaler[tokenizer]'"
        ) from error
    try:
        tokenizer = library.AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"train.tokenizer: {name} cannot be loaded: {reason}") from error
    if not tokenizer.chat_template:
        raise ConfigError(f"train.tokenizer: {name} has no chat template to write a row with")
    return cast("Tokenizer", tokenizer)


def row_length(row: JsonObject, chat_of: ChatOf, tokenizer: Tokenizer) -> int:
    """Count the tokens of a row."""
    tools = row.get("tools")
    return len(
        tokenizer.apply_chat_template(
            chat_of(row),
            tools=json.loads(tools) if isinstance(tools, str) and tools else None,
            tokenize=True,
            return_dict=False,
        )
    )
