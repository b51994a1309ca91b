"""Rows for ms-swift: whole conversations, with thoughts and calls written in the replies.

ms-swift drops `reasoning_content` without a word and trains an empty thought in its place, so a
reply is written as the text that is trained. Its messages can be masked one by one.
"""

from collections.abc import Iterator

from envscaler.records import JsonObject, JsonValue, Message
from envscaler.resources import package_text
from envscaler.train.dialogue import Dialogue, Turn
from envscaler.train.export import NO_TRAJECTORIES, Format
from envscaler.train.messages import opening, origin_columns
from envscaler.train.text import said, thought
from envscaler.train.tools import tools_column

SWIFT = Format(
    name="ms-swift",
    remedy=NO_TRAJECTORIES,
    about=package_text("train/swift.md").rstrip(),
)


def swift_rows(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield one row with the whole conversation."""
    messages: list[JsonValue] = opening(dialogue)
    for turn in dialogue.turns:
        messages += [*map(_heard, turn.heard), _reply(turn)]
    yield {
        **origin_columns(dialogue),
        "messages": messages,
        "tools": tools_column(dialogue.trajectory.tools),
    }


def _heard(message: Message) -> JsonObject:
    return {"role": message.role, "content": message.content}


def _reply(turn: Turn) -> JsonObject:
    reply = turn.reply
    if turn.trained:
        return {"role": "assistant", "content": thought(reply) + said(reply)}
    return {"role": "assistant", "content": said(reply), "loss": False}
