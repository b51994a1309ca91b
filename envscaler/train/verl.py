"""Rows for verl: whole conversations in which everything is text, one message a turn.

verl renders every message on its own with the model's chat template, the tools with the first
one, and trains what an assistant says. A template of Qwen3 then sees no user, takes each reply for
an old one and takes its reasoning away; a result of a tool becomes a turn of its own; and columns
of parquet put nulls into arguments and schemas. So tools, thoughts, calls and results are written
here, as Qwen writes them: nothing is left for the template but the marks around a turn.
"""

from collections.abc import Iterator

from envscaler.records import JsonObject, JsonValue
from envscaler.train.dialogue import Dialogue, Turn, without_malformed
from envscaler.train.export import NO_TRAJECTORIES, Format
from envscaler.train.messages import origin_columns
from envscaler.train.text import EMPTY_THOUGHT, heard_text, said, thought
from envscaler.train.tools import with_qwen_tools

VERL = Format(
    name="verl",
    remedy=NO_TRAJECTORIES,
    about="""\
One row is a whole conversation for verl: `messages` of role and content alone, in which tools,
thoughts, calls and results stand as the text that Qwen models read and write; there is no column
of tools. Malformed replies of the agent, and the notices about them, are left out. verl reads the
parquet (`export-sft --parquet`), with `data.ignore_input_ids_mismatch=True`: it compares with the
template's rendering of the whole, which adds an empty thought to the last reply. A reply without
reasoning has an empty thought, unless `train.template` is `qwen3_nothink` or `qwen`.""",
)


def verl_rows(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield one row with the whole conversation, each reply with a thought, be it empty.

    Raises:
        RejectedError: Other calls of a malformed reply ran, so it cannot be left out.
    """
    return _rows(dialogue, unreasoned=EMPTY_THOUGHT)


def verl_rows_without_thoughts(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield the same row for models that do not think: a thought stands where there is one.

    Raises:
        RejectedError: As for `verl_rows`.
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
