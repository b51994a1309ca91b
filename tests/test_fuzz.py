"""Replies made up at random: whatever comes becomes a message, a request and a row."""

import json
import random
from contextlib import suppress

import pytest

from envscaler.chat import Reply
from envscaler.errors import ReplyError
from envscaler.interact.agent import message_problem
from envscaler.interact.tool_format import TOOL_FORMATS, ToolFormat
from envscaler.interact.user import read_turn
from envscaler.llm.keys import key_of
from envscaler.llm.responses import normalise, read_reply
from envscaler.model_json import check_levels
from envscaler.records import Message
from envscaler.replies import read_code
from tests.fuzz import TOOLS, make_response


def check(raw: bytes) -> None:
    """Take one response through all that a run does with it."""
    stored = normalise(raw)
    assert normalise(stored) == stored
    reply = read_reply(stored, "m")
    for tool_format in TOOL_FORMATS.values():
        _check_format(reply, tool_format)
    with suppress(ReplyError):
        read_turn(reply)
    with suppress(ReplyError):
        read_code(reply.content)


def _check_format(reply: Reply, tool_format: ToolFormat) -> None:
    message = tool_format.read(reply, {"c"}, TOOLS)
    problem = message_problem(message, reply, TOOLS)
    row = message.model_copy(update={"problem": problem})
    assert Message.model_validate_json(row.model_dump_json()) == row
    key_of(tool_format.write([row]), sample=0, seed=0)
    json.dumps(problem).encode()
    assert message.content.strip() or message.tool_calls or problem
    for call in message.tool_calls:
        if isinstance(call.arguments, dict):
            check_levels(call.arguments)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_becomes_a_message_a_request_and_a_row(seed: int) -> None:
    chance = random.Random(seed)

    for _ in range(500):
        check(make_response(chance))
