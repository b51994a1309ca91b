"""`envscaler export-sft`: trajectories become rows for supervised fine-tuning."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from envscaler.config import Settings
from envscaler.errors import ConfigError, RejectedError
from envscaler.jsonl import read_rows
from envscaler.records import JsonObject, Trajectory
from envscaler.train import llamafactory, messages
from envscaler.train.card import Tally
from envscaler.train.dialogue import Dialogue, read_dialogue
from envscaler.train.export import ExportReport, Format, export
from envscaler.train.split import Split, split_of

Keep = Callable[[Trajectory], object]
"""Raises a `RejectedError` for a trajectory that is not good enough to learn from."""


@dataclass(frozen=True, slots=True)
class SftFormat:
    """A format for supervised fine-tuning."""

    kind: Format
    rows: Callable[[Dialogue], Iterator[JsonObject]]
    """The rows of one trajectory; a `RejectedError` leaves it out."""


FORMATS: Mapping[str, SftFormat] = {
    known.kind.name: known
    for known in (
        SftFormat(messages.CONVERSATIONS, messages.conversation_rows),
        SftFormat(messages.TURNS, messages.turn_rows),
        SftFormat(llamafactory.ALPACA, llamafactory.alpaca_rows),
    )
}
"""Format name → format. A further trainer is a module with its rows, and a line here."""


def export_sft(
    run_folder: Path, settings: Settings, format_name: str, keep: Keep | None = None
) -> ExportReport:
    """Write the trajectories of a run as rows for a trainer.

    Args:
        run_folder: Holds `trajectories.jsonl`, or `rollouts.jsonl` alone, such as imported ones.
        settings: Seed, share of the validation split, cutoff.
        format_name: A key of `FORMATS`.
        keep: Filters rollouts that nobody has filtered yet, where there are no trajectories.

    Raises:
        ConfigError: There is no such format.
        ArtifactError: The trajectories are missing, unreadable or not one is usable.
    """
    chosen = FORMATS.get(format_name)
    if chosen is None:
        known = ", ".join(FORMATS)
        raise ConfigError(f"There is no SFT format {format_name!r}; the formats are: {known}")

    file = run_folder / "trajectories.jsonl"
    unfiltered = None
    if keep is not None and not file.exists() and file.with_name("rollouts.jsonl").exists():
        file, unfiltered = file.with_name("rollouts.jsonl"), keep

    def rows_of(split: Split, tally: Tally) -> Iterator[JsonObject]:
        for trajectory in read_rows(file, Trajectory):
            if split_of(trajectory.env_id, settings) == split:
                yield from _counted_rows(trajectory, chosen, split, tally, unfiltered)

    return export(chosen.kind, run_folder, settings, rows_of)


def _counted_rows(
    trajectory: Trajectory, chosen: SftFormat, split: Split, tally: Tally, keep: Keep | None
) -> Iterator[JsonObject]:
    try:
        if keep is not None:
            keep(trajectory)
        dialogue = read_dialogue(trajectory)
        rows = list(chosen.rows(dialogue))
    except RejectedError as error:
        tally.skipped[error.kind] += 1
        return
    tally.place(
        split,
        trajectories=trajectory.id,
        scenarios=trajectory.scenario_id,
        environments=trajectory.env_id,
    )
    _describe(dialogue, tally)
    yield from rows


def _describe(dialogue: Dialogue, tally: Tally) -> None:
    trajectory = dialogue.trajectory
    tally.note("dialogue", trajectory.dialogue)
    tally.note("tool format", trajectory.tool_format)
    tally.note("ending", trajectory.stop_reason)
    tally.note("replies", "with reasoning" if dialogue.has_reasoning else "without reasoning")
    for model in trajectory.provenance.models:
        tally.note("model", model)
    for prompt, sha in trajectory.provenance.prompts.items():
        tally.note("prompt", f"{prompt} {sha}")
    reward = trajectory.reward
    tally.note("sandbox that scored it", reward.isolation if reward else "none")
    tally.scores.append(reward.score if reward else None)
