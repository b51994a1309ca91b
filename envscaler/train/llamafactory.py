"""Rows and settings for LLaMA-Factory: alpaca with history, one row per reply of the agent.

Every row is trained on its `output` alone (`mask_history`). Reasoning stands in the output and
never in the history, as the chat template of a reasoning model shows it when the model is used.

Tools stand in the system text in our words, which fit every template, or, with `train.template`,
in a column of their own: then the trainer writes them as that template does.
"""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from envscaler.config import Settings
from envscaler.records import JsonObject, JsonValue
from envscaler.resources import package_text
from envscaler.train.card import Tally
from envscaler.train.dialogue import Dialogue
from envscaler.train.export import NO_TRAJECTORIES, Format
from envscaler.train.split import SPLITS, Split
from envscaler.train.text import heard_text, said, thought
from envscaler.train.tools import tools_column, with_tools, without_tools

_COLUMNS: JsonObject = {
    "prompt": "instruction",
    "query": "input",
    "response": "output",
    "system": "system",
    "history": "history",
}


def alpaca_rows(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield a row for each well-formed reply; malformed ones stand in the history only."""
    return _rows(dialogue, {"system": with_tools(dialogue.system, dialogue.trajectory.tools)})


def templated_rows(dialogue: Dialogue) -> Iterator[JsonObject]:
    """Yield the same rows with the tools in a column, for the trainer's template to write."""
    tools = dialogue.trajectory.tools
    column = tools_column(tools) if tools else ""
    return _rows(dialogue, {"system": without_tools(dialogue.system), "tools": column})


def _rows(dialogue: Dialogue, told: JsonObject) -> Iterator[JsonObject]:
    history: list[JsonValue] = []
    for turn in dialogue.turns:
        instruction = "\n".join(map(heard_text, turn.heard))
        if turn.trained:
            yield {
                "instruction": instruction,
                "input": "",
                "output": thought(turn.reply) + said(turn.reply),
                **told,
                "history": list(history),
            }
        history.append([instruction, said(turn.reply)])


def alpaca_chat(row: JsonObject) -> list[JsonValue]:
    """Write a row as the messages that a trainer makes of it."""
    chat: list[JsonValue] = []
    if row["system"]:
        chat.append({"role": "system", "content": row["system"]})
    history = cast("list[list[JsonValue]]", row["history"])
    for heard, reply in [*history, [row["instruction"], row["output"]]]:
        chat.append({"role": "user", "content": heard})
        chat.append({"role": "assistant", "content": reply})
    return chat


def _texts(tally: Tally, settings: Settings) -> Mapping[str, str]:
    return {
        "dataset_info.json": _dataset_info(tally.rows, has_tools=bool(settings.train.template)),
        "train.yaml": _training_settings(tally, settings),
    }


ALPACA = Format(
    name="llamafactory",
    remedy=NO_TRAJECTORIES,
    about=package_text("train/llamafactory.md").rstrip(),
    texts=_texts,
)


def _dataset_info(rows: Mapping[Split, int], *, has_tools: bool) -> str:
    columns = {**_COLUMNS, "tools": "tools"} if has_tools else _COLUMNS
    entries = {
        f"envscaler_{split}": {"file_name": f"{split}.jsonl", "columns": columns}
        for split in SPLITS
        if rows[split]
    }
    return json.dumps(entries, indent=2) + "\n"


def _training_settings(tally: Tally, settings: Settings) -> str:
    # A reasoning template puts an empty thought before every output that has none.
    reasoning = tally.properties["replies"]["with reasoning"] > 0
    return _TRAINING.format(
        template=settings.train.template or ("qwen3" if reasoning else "qwen3_nothink"),
        cutoff=settings.train.cutoff_tokens,
        evaluation=_EVALUATION if tally.rows["validation"] else "",
    )


_TRAINING = package_text("train/llamafactory.yaml")

_EVALUATION = package_text("train/llamafactory_evaluation.yaml")
