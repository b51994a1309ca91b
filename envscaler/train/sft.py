"""`envscaler export-sft`: trajectories, or reference solutions, become rows for fine-tuning."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from envscaler.config import Settings
from envscaler.errors import ConfigError, RejectedError
from envscaler.jsonl import read_rows
from envscaler.records import JsonObject, Trajectory
from envscaler.train import llamafactory, messages, references, swift, text_rows
from envscaler.train.card import Tally
from envscaler.train.dialogue import (
    Dialogue,
    WithoutReasoning,
    read_dialogue,
    treat_unreasoned,
)
from envscaler.train.export import ExportReport, Format, export
from envscaler.train.lengths import ChatOf, Tokenizer, load_tokenizer, row_length
from envscaler.train.split import Split, split_of

Keep = Callable[[Trajectory], object]
"""Raises a `RejectedError` for a trajectory that is not good enough to learn from."""
Origin = Literal["trajectories", "references"]
"""What rows are made from."""


@dataclass(frozen=True, slots=True)
class SftFormat:
    """A format for supervised fine-tuning."""

    kind: Format
    rows: Callable[[Dialogue], Iterator[JsonObject]]
    """The rows of one trajectory; a `RejectedError` leaves it out."""
    chat: ChatOf
    masks: bool = True
    """Whether a reply can be context without being trained."""


FORMATS: Mapping[str, SftFormat] = {
    known.kind.name: known
    for known in (
        SftFormat(
            messages.CONVERSATIONS,
            messages.conversation_rows,
            messages.conversation_chat,
            masks=False,
        ),
        SftFormat(messages.TURNS, messages.turn_rows, messages.turn_chat),
        SftFormat(llamafactory.ALPACA, llamafactory.alpaca_rows, llamafactory.alpaca_chat),
        SftFormat(swift.SWIFT, swift.swift_rows, messages.conversation_chat),
        SftFormat(text_rows.TEXT, text_rows.text_rows, messages.conversation_chat, masks=False),
    )
}
"""Format name → format. A further trainer is a module with its rows, and a line here."""


def export_sft(
    run_folder: Path,
    settings: Settings,
    format_name: str,
    keep: Keep | None = None,
    *,
    origin: Origin = "trajectories",
) -> ExportReport:
    """Write the trajectories of a run, or its reference solutions, as rows for a trainer.

    Args:
        run_folder: Holds `trajectories.jsonl`, or `rollouts.jsonl` alone, such as imported ones;
            for references `envs.jsonl` and `scenarios.jsonl`.
        settings: Seed, share of the validation split, cutoff, what becomes of some replies.
        format_name: A key of `FORMATS`.
        keep: Filters rollouts that nobody has filtered yet, where there are no trajectories.
        origin: What rows are made from; those of references go to a folder of their own.

    Raises:
        ConfigError: There is no such format or tokenizer, or the format cannot mask replies.
        ArtifactError: The trajectories are missing, unreadable or not one is usable.
    """
    chosen = _chosen(format_name, settings)
    if origin == "references":
        return _export_references(run_folder, settings, chosen)
    file = run_folder / "trajectories.jsonl"
    unfiltered = None
    if keep is not None and not file.exists() and file.with_name("rollouts.jsonl").exists():
        file, unfiltered = file.with_name("rollouts.jsonl"), keep
    writer = _Writer(chosen, settings)

    def rows_of(split: Split, tally: Tally) -> Iterator[JsonObject]:
        for trajectory in read_rows(file, Trajectory):
            if split_of(trajectory.env_id, settings) == split:
                yield from writer.rows(partial(_rollout, trajectory, unfiltered), split, tally)

    return export(chosen.kind, run_folder, settings, rows_of)


def _chosen(format_name: str, settings: Settings) -> SftFormat:
    chosen = FORMATS.get(format_name)
    if chosen is None:
        known = ", ".join(FORMATS)
        raise ConfigError(f"There is no SFT format {format_name!r}; the formats are: {known}")
    if settings.train.without_reasoning == "mask" and not chosen.masks:
        able = ", ".join(name for name, known in FORMATS.items() if known.masks)
        raise ConfigError(
            f"train.without_reasoning=mask: {format_name} cannot mask one reply of a conversation; "
            f"use drop, or a format that can: {able}"
        )
    return _templated(chosen, settings)


def _templated(chosen: SftFormat, settings: Settings) -> SftFormat:
    template = settings.train.template
    if template is None:
        return chosen
    if chosen.kind is llamafactory.ALPACA:
        return replace(chosen, rows=llamafactory.templated_rows)
    if chosen.kind is text_rows.TEXT:
        thinks = template == "qwen3"
        return chosen if thinks else replace(chosen, rows=text_rows.text_rows_without_thoughts)
    raise ConfigError(
        f"train.template is for llamafactory and text; with {chosen.kind.name} the trainer's own "
        "chat template writes the tools in any case"
    )


def _export_references(run_folder: Path, settings: Settings, chosen: SftFormat) -> ExportReport:
    writer = _Writer(chosen, settings)
    kind = replace(
        chosen.kind,
        name=f"{chosen.kind.name}-references",
        about=f"{chosen.kind.about}\n\n{references.ABOUT}",
        remedy=references.REMEDY,
    )

    def rows_of(split: Split, tally: Tally) -> Iterator[JsonObject]:
        for env_id, solution in references.solutions(run_folder, settings):
            if split_of(env_id, settings) == split:
                yield from writer.rows(partial(_reference, solution), split, tally)

    return export(kind, run_folder, settings, rows_of)


def _rollout(trajectory: Trajectory, keep: Keep | None) -> Dialogue:
    if keep is not None:
        keep(trajectory)
    return read_dialogue(trajectory)


def _reference(solution: references.Solution) -> Dialogue:
    return replace(read_dialogue(solution()), source="reference")


class _Writer:
    """Writes rows, and counts what they are made from.

    Args:
        chosen: The format.
        settings: What becomes of replies without reasoning, and who counts tokens.
    """

    def __init__(self, chosen: SftFormat, settings: Settings) -> None:
        self._format = chosen
        self._without_reasoning: WithoutReasoning = settings.train.without_reasoning
        name = settings.train.tokenizer
        self._tokenizer: Tokenizer | None = load_tokenizer(name) if name else None

    def rows(
        self, read: Callable[[], Dialogue], split: Split, tally: Tally
    ) -> Iterator[JsonObject]:
        """Yield the rows of one dialogue, or count why there are none."""
        try:
            dialogue = treat_unreasoned(read(), self._without_reasoning)
            rows = list(self._format.rows(dialogue))
        except RejectedError as error:
            tally.skipped[error.kind] += 1
            return
        _place(dialogue, split, tally)
        _describe(dialogue, tally)
        for row in rows:
            if self._tokenizer is not None:
                tally.lengths[row_length(row, self._format.chat, self._tokenizer)] += 1
            yield row


def _place(dialogue: Dialogue, split: Split, tally: Tally) -> None:
    trajectory = dialogue.trajectory
    name = "references" if dialogue.source == "reference" else "trajectories"
    tally.place(
        split,
        **{name: trajectory.id},
        scenarios=trajectory.scenario_id,
        environments=trajectory.env_id,
    )


def _describe(dialogue: Dialogue, tally: Tally) -> None:
    trajectory = dialogue.trajectory
    tally.note("source", dialogue.source)
    tally.note("dialogue", trajectory.dialogue)
    tally.note("tool format", trajectory.tool_format)
    tally.note("ending", trajectory.stop_reason)
    for reply in dialogue.learnt:
        tally.note("replies", "with reasoning" if reply.reasoning else "without reasoning")
    for model in trajectory.provenance.models:
        tally.note("model", model)
    for prompt, sha in trajectory.provenance.prompts.items():
        tally.note("prompt", f"{prompt} {sha}")
    reward = trajectory.reward
    tally.note("sandbox that scored it", reward.isolation if reward else "none")
    tally.score(reward.score if reward else None)
