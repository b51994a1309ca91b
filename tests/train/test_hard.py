"""The hard set in the formats that write replies as text: each is what will be trained."""

import json

import pytest

from envscaler.records import JsonObject, Trajectory
from envscaler.train.dialogue import read_dialogue, treat_unreasoned
from envscaler.train.lengths import row_length
from envscaler.train.llamafactory import alpaca_chat, alpaca_rows
from envscaler.train.messages import conversation_chat, turn_chat, turn_rows
from envscaler.train.swift import swift_rows
from tests.train.hard import hard_set, trained_replies

HARD = hard_set()
END = "<|im_end|>"


def swift_messages(trajectory: Trajectory) -> list[JsonObject]:
    [row] = swift_rows(read_dialogue(trajectory))
    return json.loads(json.dumps(row["messages"]))


@pytest.mark.parametrize("name", HARD)
def test_the_output_of_an_alpaca_row_is_the_reply(name: str) -> None:
    rows = alpaca_rows(read_dialogue(HARD[name]))

    expected = trained_replies(HARD[name], empty_thoughts=False)
    assert [f"{row['output']}{END}" for row in rows] == expected


@pytest.mark.parametrize("name", HARD)
def test_what_ms_swift_trains_is_the_replies(name: str) -> None:
    said = swift_messages(HARD[name])

    trained = [one for one in said if one["role"] == "assistant" and "loss" not in one]
    expected = trained_replies(HARD[name], empty_thoughts=False)
    assert [f"{one['content']}{END}" for one in trained] == expected


def test_ms_swift_keeps_malformed_and_masked_replies_as_context() -> None:
    malformed = swift_messages(HARD["malformed"])
    dialogue = treat_unreasoned(read_dialogue(HARD["without-reasoning"]), "mask")
    [masked] = swift_rows(dialogue)

    assert [one.get("loss") for one in malformed if one["role"] == "assistant"] == [
        False, None, None,
    ]  # fmt: skip
    said: list[JsonObject] = json.loads(json.dumps(masked["messages"]))
    assert [one.get("loss") for one in said if one["role"] == "assistant"] == [
        False, None, False,
    ]  # fmt: skip


class Words:
    """A tokenizer of words that knows no template."""

    def apply_chat_template(
        self, conversation: object, *, tools: object, tokenize: bool, return_dict: bool
    ) -> list[int]:
        assert tokenize
        assert not return_dict
        assert isinstance(conversation, list)
        assert isinstance(tools, list | None)
        return [0] * len(json.dumps([conversation, tools]).split())


def test_every_format_is_counted_with_all_that_it_holds() -> None:
    dialogue = read_dialogue(HARD["two-users"])
    pairs = (
        (list(turn_rows(dialogue))[-1], turn_chat),
        (list(alpaca_rows(dialogue))[-1], alpaca_chat),
        (list(swift_rows(dialogue))[-1], conversation_chat),
    )

    for row, chat_of in pairs:
        held = json.dumps(chat_of(row))
        assert row_length(row, chat_of, Words()) >= len(held.split())
        assert all(part in held for part in ("house", "Look, please", "Shall I note", "Done."))
