"""What `verify` found, as a table that explains itself."""

from collections import Counter
from collections.abc import Sequence

from envscaler.scen_generator.proof.verify import Verified

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


def table(found: Sequence[Verified]) -> str:
    """Write one line for each environment, one for all, what the columns mean, and the reasons."""
    names = list(dict.fromkeys(row.env_id for row in found))
    head = f"{'environment':24}" + "".join(f" {name:>9}" for name in _COLUMNS)
    lines = [head, *(_line(name, [row for row in found if row.env_id == name]) for name in names)]
    lines += [_line("all", found), ""]
    lines += [f"  {name:9}  {meaning}" for name, meaning in _COLUMNS.items()]
    reasons = Counter(_kind_of(reason) for row in found for reason in row.reasons)
    lines += ["", *(f"  {count} × {reason}" for reason, count in reasons.most_common(12))]
    lines += [f"{row.id}: {each}" for row in found for each in (*row.invalid, *row.disagreements)]
    return "\n".join(lines).rstrip()


def _line(name: str, rows: Sequence[Verified]) -> str:
    noop = [row.noop_score for row in rows if row.noop_score is not None]
    true = [row.noop_fraction for row in rows if row.noop_fraction is not None]
    cells = [
        str(len(rows)),
        *(str(sum(row.proven is state for row in rows)) for state in (True, False, None)),
        _mean(noop),
        str(sum(score > 0 for score in noop)),
        _mean(true),
        *(
            str(sum(len(each) for each in column))
            for column in (
                [row.missed for row in rows],
                [row.loose for row in rows],
                [row.invalid for row in rows],
                [row.copies for row in rows],
            )
        ),
        str(sum(bool(row.duplicate) for row in rows)),
    ]
    return f"{name[:24]:24}" + "".join(f" {cell:>9}" for cell in cells)


def _mean(scores: Sequence[float]) -> str:
    return f"{sum(scores) / len(scores):.3f}" if scores else "-"


def _kind_of(reason: str) -> str:
    """Leave out of a reason which check or call it is about, so that reasons can be counted."""
    head, colon, _ = reason.partition(": ")
    if colon and head == "Full marks for a wrong solution":
        return head
    return reason.rpartition("' ")[2].rpartition('" ')[2]
