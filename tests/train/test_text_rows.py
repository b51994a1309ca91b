"""Rows of the format text: text alone, each message a turn of its own."""

from pathlib import Path
from typing import cast

import pytest

from envscaler.config import Settings
from envscaler.errors import ConfigError
from envscaler.records import JsonObject, Trajectory
from envscaler.train.dialogue import read_dialogue
from envscaler.train.sft import export_sft
from envscaler.train.text_rows import text_rows, text_rows_without_thoughts
from tests.train.hard import hard_set, trained_replies

HARD = hard_set()


def messages_of(row: JsonObject) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", row["messages"])


@pytest.mark.parametrize("trajectory", HARD.values(), ids=HARD)
def test_every_message_has_the_same_fields_and_all_are_text(trajectory: Trajectory) -> None:
    (row,) = text_rows(read_dialogue(trajectory))

    assert {tuple(message) for message in messages_of(row)} == {
        ("role", "content", "reasoning_content")
    }
    assert {type(text) for message in messages_of(row) for text in message.values()} == {str}


@pytest.mark.parametrize("trajectory", HARD.values(), ids=HARD)
def test_user_and_agent_take_turns_after_the_system_text(trajectory: Trajectory) -> None:
    (row,) = text_rows(read_dialogue(trajectory))

    roles = [message["role"] for message in messages_of(row)]
    assert roles == ["system", *["user", "assistant"] * ((len(roles) - 1) // 2)]


@pytest.mark.parametrize("trajectory", HARD.values(), ids=HARD)
def test_a_reply_without_reasoning_has_an_empty_thought_only_for_models_that_think(
    trajectory: Trajectory,
) -> None:
    dialogue = read_dialogue(trajectory)

    for rows, empty in ((text_rows, True), (text_rows_without_thoughts, False)):
        (row,) = rows(dialogue)
        said = [one["content"] for one in messages_of(row) if one["role"] == "assistant"]
        expected = trained_replies(trajectory, empty_thoughts=empty)
        assert [f"{text}<|im_end|>" for text in said] == expected


def test_results_of_parallel_calls_are_one_message() -> None:
    (row,) = text_rows(read_dialogue(HARD["parallel"]))

    assert messages_of(row)[3]["content"].count("<tool_response>\n") == 3


def test_without_tools_the_system_text_stays_as_it_is() -> None:
    bare = HARD["parallel"].model_copy(update={"tools": ()})

    (row,) = text_rows(read_dialogue(bare))

    assert messages_of(row)[0]["content"] == bare.messages[0].content


def test_one_reply_cannot_be_masked(tmp_path: Path, settings: Settings) -> None:
    train = settings.train.model_copy(update={"without_reasoning": "mask"})

    with pytest.raises(ConfigError, match="text cannot mask one reply"):
        export_sft(tmp_path, settings.model_copy(update={"train": train}), "text")
