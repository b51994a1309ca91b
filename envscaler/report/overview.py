"""A run in the terminal: how far it is, what to do next, and why a row is where it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from envscaler.display.show import KINDS, headline
from envscaler.display.tables import draw
from envscaler.errors import ArtifactError
from envscaler.records import JsonObject, Row, row_id
from envscaler.report.funnel import funnel, spending
from envscaler.report.rows import RunRows

_ORDER = tuple(name for name in KINDS if name not in {"dropped", "calibration"})
"""Artifacts from the first stage to the last."""
_STEPS = (
    ("envs", "envscaler build-skel --tasks TASKS.jsonl --run {run}"),
    ("scenarios", "envscaler gen-scen --run {run}"),
    ("rollouts", "envscaler rollout --run {run}"),
    ("exports", "envscaler export-sft --run {run}"),
)
"""What a run may lack, and the command that makes it."""
_MOST_CHILDREN = 12
_WIDEST = 120


def overview(rows: RunRows) -> str:
    """Write what each stage made and refused, what it took, and what to do next."""
    stages = funnel(rows)
    head = ("stage", "made", "refused", "reasons")
    lines = [(each["stage"], each["made"], *_refused(each)) for each in stages]
    parts = [draw(head, lines, texts=(0, 3))]
    spent = spending(rows, {})
    if spent:
        cells = [
            tuple(each[name] for name in ("stage", "model", "calls", "prompt", "completion"))
            for each in spent
        ]
        parts.append(
            draw(("stage", "model", "calls", "tokens in", "tokens out"), cells, texts=(0, 1))
        )
    return "\n\n".join([*parts, _next(rows.folder)])


def _refused(stage: JsonObject) -> tuple[int, str]:
    counts = cast("dict[str, int]", stage["refused"])
    return sum(counts.values()), ", ".join(f"{count} {name}" for name, count in counts.items())


def _next(folder: Path) -> str:
    for artifact, command in _STEPS:
        path = folder / artifact
        file = folder / f"{artifact}.jsonl"
        if not path.is_dir() and not (file.is_file() and file.stat().st_size):
            return f"Next: {command.format(run=folder)}"
    return f"Next: envscaler report {folder}"


def why(rows: RunRows, wanted: str) -> Iterator[str]:
    """Tell what led to a row, and what became of it.

    Args:
        rows: The run.
        wanted: The id of a row, made or refused, or its first letters.

    Raises:
        ArtifactError: There is none, or there are several.
    """
    known = _known(rows)
    name = _only(wanted, {*known, *rows.reasons})
    for each in [*_ancestors(name, known), name, *_descendants(name, known)]:
        if each in known:
            artifact, row = known[each]
            yield f"{each}  {artifact}: {_short(headline(row))}"
        if each in rows.reasons:
            dropped = rows.reasons[each]
            what = "" if each in known else f"{each}  "
            yield f"{what}  refused by {dropped.stage}, {dropped.kind}: {dropped.reason}"
        elif each == name and _is_last(each, known):
            yield f"  kept in {rows.folder / known[each][0]}.jsonl"


def _known(rows: RunRows) -> dict[str, tuple[str, Row]]:
    """Return each row by its id, with the artifact in which it got furthest."""
    found: dict[str, tuple[str, Row]] = {}
    for artifact in _ORDER:
        for row in rows.read(artifact, KINDS[artifact]):
            if isinstance(row, Row):
                found[row.id] = (artifact, row)
    return found


def _only(wanted: str, names: set[str]) -> str:
    found = sorted(name for name in names if name.startswith(wanted))
    if wanted in names:
        return wanted
    if len(found) != 1:
        told = f"{len(found)} rows begin so, such as {', '.join(found[:3])}" if found else "no row"
        raise ArtifactError(f"{wanted}: {told}; `envscaler show RUN/FILE.jsonl` lists ids")
    return found[0]


def _ancestors(name: str, known: dict[str, tuple[str, Row]]) -> list[str]:
    parents = known[name][1].provenance.parents if name in known else _makers(name, known)
    found: list[str] = []
    for parent in parents:
        found += [each for each in (*_ancestors(parent, known), parent) if each not in found]
    return [each for each in found if each in known]


def _makers(name: str, known: dict[str, tuple[str, Row]]) -> tuple[str, ...]:
    """Return what a row would have been made of: its id is a hash of that."""
    prefix = name.partition("-")[0]
    return tuple(each for each in known if row_id(prefix, each) == name)


def _descendants(name: str, known: dict[str, tuple[str, Row]]) -> list[str]:
    direct = [each for each, (_, row) in known.items() if name in row.provenance.parents]
    return direct[:_MOST_CHILDREN]


def _is_last(name: str, known: dict[str, tuple[str, Row]]) -> bool:
    return name in known and not _descendants(name, known)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return f"{words[: _WIDEST - 1]}…" if len(words) > _WIDEST else words


def find_row(rows: RunRows, wanted: str) -> tuple[Path, str]:
    """Return the last file of a run with a row of this id, and the whole id.

    Raises:
        ArtifactError: There is none, or there are several.
    """
    found: dict[str, str] = {}
    for artifact in _ORDER:
        for row in rows.read(artifact, KINDS[artifact]):
            if isinstance(row, Row) and row.id.startswith(wanted):
                found[row.id] = artifact
    name = _only(wanted, set(found))
    return rows.folder / f"{found[name]}.jsonl", name
