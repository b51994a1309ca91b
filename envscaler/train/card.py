"""`README.md` of an export: what it holds and where it comes from, in a page."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import fmean

from envscaler.config import Settings
from envscaler.pipeline.made import Ids
from envscaler.train.split import SPLITS, Split


@dataclass(slots=True)
class Tally:
    """Counts of an export, kept while its rows are written."""

    rows: Counter[Split] = field(default_factory=Counter)
    sources: dict[str, dict[Split, Ids]] = field(default_factory=dict)
    """What rows were made from, such as `environments` → split → ids."""
    properties: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Property → value → how often it was seen, such as `model`."""
    scores: "array[float]" = field(default_factory=lambda: array("d"))
    """Of what has a score."""
    unscored: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    """Tokens of a row → how many rows have as many; empty where nobody counted."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Why something gave no row → how often."""

    def place(self, split: Split, **ids: str) -> None:
        """Count the sources of a row, each once however often it comes."""
        for source, source_id in ids.items():
            if source not in self.sources:
                self.sources[source] = {each: Ids(()) for each in SPLITS}
            self.sources[source][split].add(source_id)

    def over(self, cutoff: int) -> int:
        """Count the rows that are longer than a number of tokens."""
        return sum(count for length, count in self.lengths.items() if length > cutoff)

    def score(self, score: float | None) -> None:
        """Count a reward; None where there is none."""
        if score is None:
            self.unscored += 1
        else:
            self.scores.append(score)

    def note(self, name: str, value: str) -> None:
        """Count a value of a property."""
        self.properties[name][value] += 1


def dataset_card(title: str, about: str, tally: Tally, settings: Settings) -> str:
    """Write the card.

    Args:
        title: Name of the format.
        about: What a row is and how a trainer reads it.
        tally: What was counted.
        settings: Tells how rows were split.
    """
    sections = [
        f"# EnvScaler rows: {title}",
        "Tool environments, tasks and, where there are any, checks were written by models; "
        "what the tools answered was computed by running the environments.",
        about,
        "\n".join(_split_table(tally)),
        f"An environment is in one split only: validation is {settings.train.validation_share:.0%} "
        f"of environments, by a hash of their ids with seed {settings.seed}.",
        "\n".join(["## Where the rows come from", "", *_property_lines(tally.properties)]),
    ]
    if tally.lengths:
        lines = _length_lines(tally, settings.train.cutoff_tokens)
        sections.append("\n".join([f"## Lengths by {settings.train.tokenizer}", "", *lines]))
    if tally.scores or tally.unscored:
        sections.append("\n".join(["## Rewards", "", *_reward_table(tally)]))
    if tally.skipped:
        sections.append("\n".join(["## Left out", "", *_count_lines(tally.skipped)]))
    return "\n\n".join(sections) + "\n"


def _split_table(tally: Tally) -> Iterator[str]:
    yield "| split | rows | " + " | ".join(tally.sources) + " |"
    yield "|---" * (2 + len(tally.sources)) + "|"
    for split in SPLITS:
        counts = [tally.rows[split], *(len(ids[split]) for ids in tally.sources.values())]
        yield f"| {split} | " + " | ".join(map(str, counts)) + " |"


def _property_lines(properties: Mapping[str, Counter[str]]) -> Iterator[str]:
    for name, values in properties.items():
        counted = ", ".join(f"{value} ({count})" for value, count in _most_first(values))
        yield f"- {name}: {counted}"


def _count_lines(counts: Counter[str]) -> Iterator[str]:
    for kind, count in _most_first(counts):
        yield f"- {kind}: {count}"


def _length_lines(tally: Tally, cutoff: int) -> Iterator[str]:
    tokens = sum(length * count for length, count in tally.lengths.items())
    yield f"- longest row: {max(tally.lengths)} tokens"
    yield f"- mean: {tokens / tally.lengths.total():.0f} tokens"
    yield f"- rows longer than {cutoff} tokens (train.cutoff_tokens): {tally.over(cutoff)}"


def _reward_table(tally: Tally) -> Iterator[str]:
    bands = Counter(map(_band, tally.scores))
    bands["none"] = tally.unscored
    yield "| score | trajectories |"
    yield "|---|---|"
    for band in _BANDS:
        yield f"| {band} | {bands[band]} |"
    if tally.scores:
        mean = fmean(tally.scores)
        yield ""
        yield f"Mean of the {len(tally.scores)} that have a score: {mean:.4f}."


_BANDS = ("1", "0.5 to below 1", "above 0 to below 0.5", "0", "none")


def _band(score: float) -> str:
    if score in {0, 1}:
        return str(int(score))
    return "0.5 to below 1" if score >= 0.5 else "above 0 to below 0.5"


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
