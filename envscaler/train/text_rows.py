"""Rows in which everything is text, for trainers that take a chat template apart.

verl renders every message on its own, NeMo RL every beginning of a conversation, and Axolotl looks
for a reply by what changes without it. A template of Qwen3 then takes reasoning away, or adds an
empty thought in the wrong place; results of parallel calls become turns of their own; and columns
of parquet put nulls into arguments and schemas. So tools, thoughts, calls and results are written
here, as Qwen writes them: nothing is left for the template but the marks around a turn.
"""

from collections.abc import Iterator

from envscaler.records import JsonObject, JsonValue
from envscaler.resources import package_text
from envscaler.train.dialogue import Dialogue, Turn, without_malformed
from envscaler.train.export import NO_TRAJECTORIES, Format
from envscaler.train.messages import origin_columns
from envscaler.train.text import EMPTY_THOUGHT, heard_text, said, thought
from envscaler.train.tools import with_qwen_tools

TEXT = Format(
    name="text",
    remedy=NO_TRAJECTORIES,
    about=package_text("train/text_rows.md").rstrip(),
)


def text_rows(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield one row with the whole conversation, each reply with a thought, be it empty.

    Raises:
        RejectedError: Other calls of a malformed reply ran, so it cannot be left out.
    """
    return _rows(dialogue, unreasoned=EMPTY_THOUGHT)


def text_rows_without_thoughts(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield the same row for models that do not think: a thought stands where there is one.

    Raises:
        RejectedError: As for `text_rows`.
    """
    return _rows(dialogue, unreasoned="")


def _rows(dialogue: Dialogue, *, unreasoned: str) -> Iterator[JsonObject]:
    system = with_qwen_tools(dialogue.system, dialogue.trajectory.tools)
    messages: list[JsonValue] = [_message("system", system)] if system else []
    for turn in without_malformed(dialogue):
        messages += _turn(turn, unreasoned)
    yield {**origin_columns(dialogue), "messages": messages}


def _turn(turn: Turn, unreasoned: str) -> Iterator[JsonObject]:
    yield _message("user", "\n".join(map(heard_text, turn.heard)))
    yield _message("assistant", (thought(turn.reply) or unreasoned) + said(turn.reply))


def _message(role: str, content: str) -> JsonObject:
    # A template of Qwen3 looks for a thought in the content only where this is no text.
    return {"role": role, "content": content, "reasoning_content": ""}
