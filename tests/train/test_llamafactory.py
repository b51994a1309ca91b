"""Alpaca rows and the files that LLaMA-Factory reads beside them."""

import gzip
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envscaler.config import Settings
from envscaler.dialects.tool_calls import read_tool_calls
from envscaler.errors import RejectedError
from envscaler.records import JsonObject, Message, ToolCall
from envscaler.replies import split_reasoning
from envscaler.train.card import Tally
from envscaler.train.dialogue import read_dialogue
from envscaler.train.llamafactory import ALPACA, alpaca_rows
from tests.train.factory import (
    SWITCH,
    call,
    calls,
    every_reply,
    make_trajectory,
    prompt_mode_system,
    result,
    says,
    user,
)

COLUMNS = ["instruction", "input", "output", "system", "history"]

any_call = st.builds(
    ToolCall,
    id=st.just("call_0"),
    name=st.sampled_from(["switch", "lamps"]),
    arguments=st.dictionaries(st.text(), st.booleans() | st.text()) | st.text(),
)
any_message = st.builds(
    Message,
    role=st.sampled_from(["user", "assistant", "assistant", "tool"]),
    content=st.text(),
    reasoning=st.none() | st.text(),
    tool_calls=st.lists(any_call, max_size=2).map(tuple),
    problem=st.none() | st.none() | st.just("It is not JSON."),
)
spoken = st.lists(any_message, max_size=9)


def rows_of(*messages: Message, system: str = "You look after a house.") -> list[JsonObject]:
    return list(alpaca_rows(read_dialogue(make_trajectory(*messages, system=system))))


def history_of(row: JsonObject) -> list[list[str]]:
    return cast("list[list[str]]", row["history"])


def texts(settings: Settings, *, validation: int = 1, reasoning: bool = True) -> dict[str, str]:
    tally = Tally()
    tally.rows.update({"train": 3, "validation": validation})
    tally.note("replies", "with reasoning" if reasoning else "without reasoning")
    return dict(ALPACA.texts(tally, settings))


def training(settings: Settings, *, validation: int = 1, reasoning: bool = True) -> JsonObject:
    text = texts(settings, validation=validation, reasoning=reasoning)["train.yaml"]
    return cast("JsonObject", yaml.safe_load(text))


def test_every_well_formed_reply_is_the_output_of_one_row() -> None:
    rows = list(alpaca_rows(read_dialogue(every_reply())))

    assert [row["output"] for row in rows] == [
        "<think>\nLook first.\n</think>\n\n"
        '<tool_call>\n{"name": "lamps", "arguments": {}}\n</tool_call>\n'
        '<tool_call>\n{"name": "switch", "arguments": {"room": "hall", "on": false}}\n</tool_call>',
        "<think>\nAs JSON.\n</think>\n\nNext.\n"
        '<tool_call>\n{"name": "switch", "arguments": {"room": "loft", "on": false}}\n</tool_call>',
        "<think>\nAll done.\n</think>\n\nIt is dark now — good night.",
    ]


def test_results_are_blocks_of_one_instruction() -> None:
    rows = rows_of(
        user("Go."), calls(call(0, "lamps"), call(1, "lamps")), result(0, "a"), result(1, "b"),
        says("Done."),
    )  # fmt: skip

    assert rows[1]["instruction"] == (
        "<tool_response>\na\n</tool_response>\n<tool_response>\nb\n</tool_response>"
    )


def test_the_history_has_every_reply_before_without_its_reasoning() -> None:
    *_, last = alpaca_rows(read_dialogue(every_reply()))

    assert len(history_of(last)) == 3
    assert not any("<think>" in text for pair in history_of(last) for text in pair)


def test_a_malformed_reply_stands_in_histories() -> None:
    *_, last = alpaca_rows(read_dialogue(every_reply()))

    assert history_of(last)[1][1] == "<tool_call>loft</tool_call>"
    assert history_of(last)[2][0] == "[Automatic notice] It is not JSON."


def test_a_reply_without_reasoning_has_no_thought() -> None:
    assert rows_of(user("Go."), says("Done."))[0]["output"] == "Done."


def test_text_of_any_language_is_written_as_it_is() -> None:
    [row] = rows_of(user("Go."), calls(call(0, "switch", room="Flur für Gäste", on=True)))

    assert "Flur für Gäste" in str(row["output"])


def test_a_native_trajectory_gets_the_tools_into_its_system_text() -> None:
    [row] = rows_of(user("Go."), says("Done."))

    assert f'"name": "{SWITCH.name}"' in str(row["system"])


def test_a_system_text_with_tools_is_kept_as_the_agent_read_it() -> None:
    [row] = rows_of(user("Go."), says("Done."), system=prompt_mode_system())

    assert row["system"] == prompt_mode_system()


def test_rows_look_as_the_published_ones(shared_data: Path) -> None:
    published = json.loads(
        gzip.decompress((shared_data / "envscaler/sft_step2_alpaca_top10.json.gz").read_bytes())
    )

    rows = list(alpaca_rows(read_dialogue(every_reply())))

    assert {tuple(row) for row in published} == {tuple(COLUMNS)} == {tuple(row) for row in rows}
    for row in published:
        reasoning, said = split_reasoning(row["output"])
        rebuilt = Message(role="assistant", content="", reasoning=reasoning)
        content, made = read_tool_calls(said)
        rebuilt = rebuilt.model_copy(update={"content": content, "tool_calls": made})
        assert rows_of(user(row["instruction"]), rebuilt)[0]["output"] == row["output"]


@given(messages=spoken)
def test_every_row_is_well_formed_whatever_was_said(messages: list[Message]) -> None:
    try:
        rows = rows_of(*messages)
    except RejectedError:
        return

    assert rows
    for row in rows:
        assert list(row) == COLUMNS
        assert all(len(pair) == 2 for pair in history_of(row))
        assert row["output"]


@given(messages=spoken)
def test_the_history_of_a_row_begins_with_that_of_the_row_before(messages: list[Message]) -> None:
    for before, after in _neighbours(messages):
        assert history_of(after)[: len(history_of(before))] == history_of(before)
        assert history_of(after)[len(history_of(before))][0] == before["instruction"]


def _neighbours(messages: list[Message]) -> Iterator[tuple[JsonObject, JsonObject]]:
    try:
        rows = rows_of(*messages)
    except RejectedError:
        return
    yield from pairwise(rows)


def test_the_training_file_has_the_published_numbers(settings: Settings) -> None:
    written = training(settings)

    assert written["learning_rate"] == 1e-6
    assert written["num_train_epochs"] == 3
    assert written["cutoff_len"] == settings.train.cutoff_tokens
    assert written["mask_history"] is True


def test_the_training_file_names_the_datasets_of_the_info_file(settings: Settings) -> None:
    written = training(settings)

    info = json.loads(texts(settings)["dataset_info.json"])
    assert [written["dataset"], written["eval_dataset"]] == list(info)
    assert [entry["file_name"] for entry in info.values()] == ["train.jsonl", "validation.jsonl"]


def test_without_validation_rows_nothing_is_evaluated(settings: Settings) -> None:
    written = training(settings, validation=0)

    info = json.loads(texts(settings, validation=0)["dataset_info.json"])
    assert list(info) == ["envscaler_train"]
    assert not [name for name in written if "eval" in name]


@pytest.mark.parametrize(("reasoning", "template"), [(True, "qwen3"), (False, "qwen3_nothink")])
def test_rows_without_reasoning_are_not_given_empty_thoughts(
    settings: Settings, *, reasoning: bool, template: str
) -> None:
    assert training(settings, reasoning=reasoning)["template"] == template


def test_the_info_file_maps_every_column(settings: Settings) -> None:
    info = json.loads(texts(settings)["dataset_info.json"])

    assert sorted(info["envscaler_train"]["columns"].values()) == sorted(COLUMNS)
