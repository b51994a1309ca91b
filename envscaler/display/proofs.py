"""What `verify` found, and what policies get that solve nothing: tables that explain themselves."""

from collections import Counter
from collections.abc import Sequence

from envscaler.display.tables import draw, mean
from envscaler.scen_generator.leaks import Nearest
from envscaler.scen_generator.proof.floor import CALLS, POLICIES, RUNS, TRIES, Floor
from envscaler.scen_generator.proof.verify import Verified

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


def verified_table(found: Sequence[Verified]) -> str:
    """Write one line for each environment, one for all, what the columns mean, and the reasons."""
    names = list(dict.fromkeys(row.env_id for row in found))
    rows = [_verified(name, [row for row in found if row.env_id == name]) for name in names]
    lines = [draw(("environment", *_COLUMNS), [*rows, _verified("all", found)]), ""]
    lines += [
        draw((), ((f"  {name}", meaning) for name, meaning in _COLUMNS.items()), texts=(0, 1))
    ]
    reasons = Counter(_kind_of(reason) for row in found for reason in row.reasons)
    lines += ["", *(f"  {count} × {reason}" for reason, count in reasons.most_common(12))]
    lines += [f"{row.id}: {each}" for row in found for each in (*row.invalid, *row.disagreements)]
    return "\n".join(lines).rstrip()


def floor_table(found: Sequence[Floor]) -> str:
    """Write a line for each scenario, and the mean over all."""
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


def _verified(name: str, rows: Sequence[Verified]) -> tuple[object, ...]:
    noop = [row.noop_score for row in rows if row.noop_score is not None]
    return (
        *(name, len(rows)),
        *(sum(row.proven is state for row in rows) for state in (True, False, None)),
        *(mean(noop), sum(score > 0 for score in noop)),
        mean(row.noop_fraction for row in rows),
        sum(len(row.missed) for row in rows),
        sum(len(row.loose) for row in rows),
        sum(len(row.invalid) for row in rows),
        sum(len(row.copies) for row in rows),
        sum(bool(row.duplicate) for row in rows),
    )


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
