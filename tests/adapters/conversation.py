"""A conversation about the lending desk: an agent that has to ask, and a user who answers."""

import json

from tests.face import LEND
from tests.interact.fakes import words

TOLD = ("Lend me book B2, please.", "To Ada, of course.")
"""What the user says; then the conversation is over."""
ASKED = ("To whom?", "It is lent to Ada.")
"""What the agent says, before and after its call."""


def user_turn(turn: int) -> str:
    """Write the user's turn, counted from 0."""
    return words(TOLD[turn]) if turn < len(TOLD) else "<done/>"


def speaks(messages: list[dict]) -> dict:
    """Answer as the user at an endpoint."""
    turn = sum(one["role"] == "assistant" for one in messages)
    return {"role": "assistant", "content": user_turn(turn)}


def acts(messages: list[dict]) -> dict:
    """Answer as an agent at an endpoint, who lends the book when it knows to whom."""
    turn = sum(one["role"] == "assistant" for one in messages)
    if turn == 1 and messages[-1]["content"] == TOLD[1]:
        function = {"name": "lend", "arguments": json.dumps(LEND)}
        call = {"id": "call_1", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": ASKED[0] if turn == 0 else ASKED[1]}
