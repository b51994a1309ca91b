"""What `verify` found, and what policies get that solve nothing: tables that explain themselves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from envscaler.display.tables import draw, mean
from envscaler.scen_generator.leaks import Nearest
from envscaler.scen_generator.proof.floor import CALLS, POLICIES, RUNS, TRIES, Floor
from envscaler.scen_generator.proof.verify import Verified

_LISTED = 1000
"""Lines about what is wrong with single scenarios."""
_WRONG = ("missed", "loose", "invalid", "copies")
_PAIRS, _SHOWN = 10, 60
"""Pairs that are printed, and characters of each text."""
_COLUMNS = {
    "scenarios": "how many there are",
    "proven": "its reference solution scores 1, a no-op 0, and no wrong solution 1",
    "unproven": "there is a reference solution, and it proves nothing; the reasons are below",
    "no proof": "there is no reference solution: `envscaler import --solutions FILE` takes some",
    "no-op": "mean score of the no-op baseline under the reward in use",
    "no-op>0": "scenarios that reward a no-op",
    "true": "mean share of checks that are true before anything happened",
    "missed": "wrong solutions with full marks",
    "loose": "guards that nothing broke that was tried",
    "invalid": "checks that raise, change the state, or answer no boolean",
    "copies": "checks with the code of another one",
    "alike": "scenarios whose task is too close to that of another one",
}


@dataclass
class _Mean:
    """The mean of what was seen so far."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float | None) -> None:
        """See a value; None says nothing."""
        if value is not None:
            self.total += value
            self.count += 1

    def __str__(self) -> str:
        return f"{self.total / self.count:.3f}" if self.count else "-"


@dataclass
class _Counts:
    """What was found in the scenarios of one environment, or in all."""

    rows: int = 0
    proven: Counter[bool | None] = field(default_factory=Counter[bool | None])
    noop: _Mean = field(default_factory=_Mean)
    rewards_noop: int = 0
    true: _Mean = field(default_factory=_Mean)
    wrong: Counter[str] = field(default_factory=Counter[str])

    def add(self, row: Verified) -> None:
        """Count a scenario."""
        self.rows += 1
        self.proven[row.proven] += 1
        self.noop.add(row.noop_score)
        self.rewards_noop += row.noop_score is not None and row.noop_score > 0
        self.true.add(row.noop_fraction)
        for name in _WRONG:
            self.wrong[name] += len(getattr(row, name))
        self.wrong["duplicate"] += bool(row.duplicate)

    def cells(self, name: str) -> tuple[object, ...]:
        """Write a line."""
        proven = (self.proven[state] for state in (True, False, None))
        wrong = (self.wrong[each] for each in (*_WRONG, "duplicate"))
        return (name, self.rows, *proven, self.noop, self.rewards_noop, self.true, *wrong)


def verified_table(found: Iterable[Verified]) -> str:
    """Write one line for each environment, one for all, what the columns mean, and the reasons."""
    whole, reasons = _Counts(), Counter[str]()
    counts: defaultdict[str, _Counts] = defaultdict(_Counts)
    wrong: list[str] = []
    unsaid = 0
    for row in found:
        whole.add(row)
        counts[row.env_id].add(row)
        reasons.update(map(_kind_of, row.reasons))
        for each in (*row.invalid, *row.disagreements):
            if len(wrong) < _LISTED:
                wrong.append(f"{row.id}: {each}")
            else:
                unsaid += 1
    rows = [*(each.cells(name) for name, each in counts.items()), whole.cells("all")]
    meanings = ((f"  {name}", meaning) for name, meaning in _COLUMNS.items())
    return "\n".join(
        [
            *(draw(("environment", *_COLUMNS), rows), "", draw((), meanings, texts=(0, 1)), ""),
            *(f"  {count} × {reason}" for reason, count in reasons.most_common(12)),
            *wrong,
            *([f"and {unsaid} more, in verified.jsonl"] if unsaid else []),
        ]
    ).rstrip()


def floor_table(measured: Iterable[Floor]) -> str:
    """Write a line for each scenario, and the mean over all."""
    found = [*measured]
    rows = [_floor(row.id, [row]) for row in found]
    rows.append(_floor(f"mean of {len(found)}", found))
    highest = max((row.floor for row in found), default=0.0)
    lines = [
        draw(("scenario", *POLICIES, "reference", "margin"), rows),
        "",
        f"highest score of a policy that solves nothing: {highest:.3f}",
        f"random: best of {RUNS} runs of {CALLS} calls; greedy: {TRIES} calls, of which those stay"
        " that raised the score;",
        "canaries: answers typed into free texts; grader: arguments that want to reach it;",
        "shortened: the reference without its last write; margin: the reference above all others",
    ]
    return "\n".join(lines)


def leaks_table(found: Sequence[Nearest], limit: float) -> str:
    """Write the closest pairs of a task and a text, and how many are too close."""
    near = sum(each.similarity > limit for each in found)
    rows = [
        (
            each.scenario_id,
            each.similarity,
            each.text.source,
            _short(each.task),
            _short(each.text.text),
        )
        for each in found[:_PAIRS]
        if each.text is not None
    ]
    head = ("scenario", "similarity", "nearest text", "task", "text")
    return "\n".join(
        [
            draw(head, rows, texts=(0, 2, 3, 4)),
            "",
            f"{near} of {len(found)} tasks are closer than {limit:g} to a text "
            "(scen_generator.max_avoid_similarity)",
        ]
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def _floor(name: str, rows: Sequence[Floor]) -> tuple[object, ...]:
    margins = [row.reference - row.floor for row in rows if row.reference is not None]
    best = (mean(row.best[policy] for row in rows) for policy in POLICIES)
    return name, *best, mean(row.reference for row in rows), mean(margins)


def _kind_of(reason: str) -> str:
    """Leave out of a reason which check or call it is about, so that reasons can be counted."""
    head, colon, _ = reason.partition(": ")
    if colon and head == "Full marks for a wrong solution":
        return head
    return reason.rpartition("' ")[2].rpartition('" ')[2]
