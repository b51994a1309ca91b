"""Which tasks are too close to another one, or to a text that must not come back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from envscaler.errors import ArtifactError, RejectedError
from envscaler.jsonl import read_json, read_objects
from envscaler.records import JsonObject, Scenario
from envscaler.similarity import Vectors

_FIELDS = ("task", "instruction", "question", "prompt", "query", "problem", "text")
"""Where a row of a benchmark keeps its task; without any of these all its texts count."""
_SHOWN = 80
_WINDOW = 8_000
"""Tasks that are compared with each other; they take some 20 KB each."""


@dataclass(frozen=True, slots=True)
class Avoided:
    """A text that no task may come close to."""

    source: str
    """Such as `benchmark.jsonl:12`."""
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a scenario asks for, without all else that it holds."""

    id: str
    task: str


@dataclass(frozen=True, slots=True)
class SimilarityLimits:
    """How alike two texts may be: cosines of the letters they are written with."""

    tasks: float
    avoided: float


def read_avoided(path: Path) -> tuple[Avoided, ...]:
    """Read texts to avoid: JSONL or JSON of objects or strings, or one text per line.

    Raises:
        ArtifactError: The file cannot be read, or holds no text.
    """
    lines = ((None, line) for line in _lines(path)) if ".txt" in path.suffixes else _entries(path)
    found = tuple(
        Avoided(source or f"{path.name}:{number}", text)
        for number, (source, text) in enumerate(lines, start=1)
        if text.strip()
    )
    if not found:
        raise ArtifactError(f"{path} holds no text to avoid")
    return found


def too_close(
    scenarios: Iterable[Scenario | Asked],
    avoided: Sequence[Avoided],
    limits: SimilarityLimits,
    kept: frozenset[str] = frozenset(),
) -> dict[str, RejectedError]:
    """Find the scenarios whose tasks are too close to one that is kept, or to a text.

    Of more than 8,000 tasks each is compared with the 4,000 to 8,000 before it, so that memory
    does not grow with their number; the tasks of an environment stand side by side.

    Args:
        scenarios: The earlier ones are kept rather than the later ones; none is looked at where
            no text can be too close.
        avoided: Texts that no task may come close to.
        limits: What is too close.
        kept: Ids that stay in any case.

    Returns:
        Id → the reason, which names what it is too close to.
    """
    if _lowest(limits, avoided) >= 1:
        return {}
    ordered = sorted(scenarios, key=lambda each: each.id not in kept) if kept else scenarios
    found: dict[str, RejectedError] = {}
    for later, earlier, cosine in _close_pairs(ordered, avoided, limits):
        if later.id in kept or later.id in found:
            continue
        if isinstance(earlier, Avoided):
            found[later.id] = _avoid(earlier, cosine)
        elif earlier.id not in found:
            found[later.id] = _duplicate(earlier, cosine)
    return found


def _lowest(limits: SimilarityLimits, avoided: Sequence[Avoided]) -> float:
    """Return from where on anything is too close."""
    return min(limits.tasks, limits.avoided) if avoided else limits.tasks


def _close_pairs(
    scenarios: Iterable[Scenario | Asked], avoided: Sequence[Avoided], limits: SimilarityLimits
) -> Iterator[tuple[Asked, Avoided | Asked, float]]:
    """Yield a task, an earlier task or a text that it is too close to, and how close it is."""
    for known, window in _windows(Asked(each.id, each.task) for each in scenarios):
        yield from _close_pairs_in(window, known, avoided, limits)


def _close_pairs_in(
    window: Sequence[Asked], known: int, avoided: Sequence[Avoided], limits: SimilarityLimits
) -> Iterator[tuple[Asked, Avoided | Asked, float]]:
    """Yield the close pairs of a window.

    Args:
        window: Tasks that are compared with each other.
        known: How many of them were compared before.
        avoided: Texts that each of the others is compared with as well.
        limits: What is too close.
    """
    compared = [*avoided, *window]
    texts = [*(each.text for each in avoided), *(each.task for each in window)]
    found = Vectors.of_spelling(texts).close_pairs(_lowest(limits, avoided), len(avoided) + known)
    for later, earlier, cosine in found:
        other = compared[earlier]
        if cosine > (limits.avoided if isinstance(other, Avoided) else limits.tasks):
            yield window[later - len(avoided)], other, cosine


def _windows(tasks: Iterable[Asked]) -> Iterator[tuple[int, list[Asked]]]:
    """Yield tasks that are compared with each other, and how many of them were in one before."""
    known = 0
    window: list[Asked] = []
    for task in tasks:
        if len(window) == _WINDOW:
            yield known, window
            window = window[_WINDOW // 2 :]
            known = len(window)
        window.append(task)
    yield known, window


def _avoid(text: Avoided, cosine: float) -> RejectedError:
    return RejectedError("avoid", f"{cosine:.2f} like {text.source}: {text.text[:_SHOWN]!r}")


def _duplicate(scenario: Asked, cosine: float) -> RejectedError:
    return RejectedError("duplicate", f"{cosine:.2f} like {scenario.id}")


def _lines(path: Path) -> Iterator[str]:
    try:
        yield from path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{path} cannot be read: {error}") from error


def _entries(path: Path) -> Iterator[tuple[str | None, str]]:
    """Yield source and text of each entry of a JSON or JSONL file; not all say their source."""
    try:
        rows: Sequence[JsonValue] = [*read_objects(path)]
    except ArtifactError:
        whole = read_json(path)
        rows = cast("list[JsonValue]", whole) if isinstance(whole, list) else [whole]
    for row in rows:
        if isinstance(row, dict):
            source = row.get("source")
            yield source if isinstance(source, str) else None, _text_of(row)
        else:
            yield None, "\n".join(_strings(row))


def _text_of(row: JsonObject) -> str:
    named = [value for name in _FIELDS if isinstance(value := row.get(name), str)]
    return named[0] if named else "\n".join(_strings(row))


def _strings(value: JsonValue) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _strings(item)
        case dict():
            for item in cast("Mapping[str, JsonValue]", value).values():
                yield from _strings(item)
        case _:
            pass
