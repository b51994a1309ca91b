"""What every export has in common: a folder that changes at once, a card and a report."""

import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.jsonl import write_objects
from envscaler.pipeline.lock import only_one
from envscaler.prompts import own_prompts
from envscaler.records import JsonObject
from envscaler.train.card import Tally, dataset_card
from envscaler.train.front_matter import front_matter
from envscaler.train.parquet import require_arrow, write_parquet
from envscaler.train.split import SPLITS, Split

NO_TRAJECTORIES = "see its dropped.jsonl for what became of the rollouts, then filter less"
CARD = "README.md"
"""The name that the Hub shows first, and where `datasets` looks for the splits."""
TextsOf = Callable[[Tally, Settings], Mapping[str, str]]


def _no_texts(tally: Tally, settings: Settings) -> Mapping[str, str]:  # noqa: ARG001
    return {}


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of export."""

    name: str
    """Also the name of its folder below `exports`."""
    about: str
    """What a row is and how a trainer reads it; goes into the card."""
    remedy: str
    """What to do when a run has nothing to export."""
    texts: TextsOf = _no_texts
    """Further files: name → text."""
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Which of them hold rows, for the card: name of the configuration → file."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote."""

    format: str
    folder: Path
    files: tuple[str, ...]
    """Names of the files in `folder`."""
    rows: dict[Split, int]
    environments: dict[Split, int]
    skipped: dict[str, int]
    """Why something gave no row → how often."""
    notes: tuple[str, ...]
    """What the user should know before training, one sentence each."""


def export(
    kind: Format,
    run_folder: Path,
    settings: Settings,
    rows_of: Callable[[Split, Tally], Iterator[JsonObject]],
) -> ExportReport:
    """Write an export into `run_folder/exports`.

    Args:
        kind: What to write.
        run_folder: The run that rows are made from.
        settings: How to split, and which prompts an agent is told with; go into the card.
        rows_of: Yields the rows of a split, and counts in the tally what they are made from.

    Raises:
        ArtifactError: There is no row at all, the disk refuses, or a symbolic link would be
            written through; an earlier export stays.
        ConfigError: Another process works in the folder.
    """
    with only_one(run_folder, make=False), own_prompts(settings.prompts):
        return _export(kind, run_folder, settings, rows_of)


def _export(
    kind: Format,
    run_folder: Path,
    settings: Settings,
    rows_of: Callable[[Split, Tally], Iterator[JsonObject]],
) -> ExportReport:
    folder = run_folder / "exports" / kind.name
    tally = Tally()
    if settings.train.parquet:
        require_arrow()
    with _replaced(folder) as part:
        for split in SPLITS:
            path = part / f"{split}.jsonl"
            tally.rows[split] = write_objects(path, rows_of(split, tally))
            if not tally.rows[split]:
                path.unlink()  # trainers refuse an empty file
        if not tally.rows.total():
            why = f" ({_kinds(tally)})" if tally.skipped else ""
            raise ArtifactError(f"{run_folder} has nothing to export{why}; {kind.remedy}")
        for name, text in {
            CARD: _card(kind, tally, settings),
            **kind.texts(tally, settings),
        }.items():
            (part / name).write_text(text, encoding="utf-8")
        if settings.train.parquet:
            for name in (*_written(tally), *kind.tables.values()):
                write_parquet(part / name)
        files = tuple(sorted(file.name for file in part.iterdir()))
    return _report(folder, files, tally, settings)


def _written(tally: Tally) -> list[str]:
    return [f"{split}.jsonl" for split in SPLITS if tally.rows[split]]


def _card(kind: Format, tally: Tally, settings: Settings) -> str:
    head = front_matter(kind.name, tally.rows, kind.tables, settings)
    return f"{head}\n{dataset_card(kind.name, kind.about, tally, settings)}"


@contextmanager
def _replaced(folder: Path) -> Generator[Path]:
    """Give a folder to write into, whose files replace those of `folder` when all went well.

    A split that has no rows any more leaves no file behind. Files of others, such as a trained
    model, stay.
    """
    part = folder.with_name(f".{folder.name}.part")
    made = [each for each in (folder.parent, folder.parent.parent) if not each.exists()]
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        yield part
        folder.mkdir(exist_ok=True)
        for stale in (f"{split}.{kind}" for split in SPLITS for kind in ("jsonl", "parquet")):
            if not (part / stale).exists():
                (folder / stale).unlink(missing_ok=True)
        for file in sorted(part.iterdir()):
            file.replace(folder / file.name)
    except OSError as error:
        raise ArtifactError(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        for each in made:
            with suppress(OSError):  # there is an export in it
                each.rmdir()


def _report(folder: Path, files: tuple[str, ...], tally: Tally, settings: Settings) -> ExportReport:
    return ExportReport(
        format=folder.name,
        folder=folder,
        files=files,
        rows={split: tally.rows[split] for split in SPLITS},
        environments={split: len(tally.sources["environments"][split]) for split in SPLITS},
        skipped=dict(tally.skipped),
        notes=tuple(_notes(tally, settings)),
    )


def _notes(tally: Tally, settings: Settings) -> Iterator[str]:
    if tally.skipped:
        yield f"Left out: {_kinds(tally)}."
    over = tally.over(settings.train.cutoff_tokens)
    if over:
        cutoff = settings.train.cutoff_tokens
        yield f"{over} rows are longer than train.cutoff_tokens ({cutoff}): trainers cut them off."
    replies = tally.properties["replies"]
    if replies["with reasoning"] and replies["without reasoning"]:
        yield (
            f"{replies['without reasoning']} of {replies.total()} replies have no reasoning; "
            "templates that show reasoning train them with an empty thought. "
            "train.without_reasoning=mask or drop keeps them out."
        )
    expected = SPLITS if settings.train.validation_share else SPLITS[:1]
    for split in expected:
        if not tally.rows[split]:
            yield (
                f"No environment fell into the {split} split, so there is no {split}.jsonl; "
                "make more environments, or change train.validation_share or seed."
            )


def _kinds(tally: Tally) -> str:
    return ", ".join(f"{kind}: {count}" for kind, count in sorted(tally.skipped.items()))
