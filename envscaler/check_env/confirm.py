"""Something that may be wrong, how to see it, and the fewest calls that show it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from envscaler.check_env.anomalies import MINOR, Anomaly, anomalies, evidence_of, is_told
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord, Stage
from envscaler.inputs.subject import Subject
from envscaler.records import Clock, Finding, FindingCall, FindingKind

Reproduces = Callable[[Sequence[CallRecord]], Awaitable[bool]]
"""Looks at a replay and says whether it shows the finding."""


Severity = Literal["serious", "minor", "possible"]
_OF_TYPES = ("TypeError", "AttributeError")


@dataclass(frozen=True, slots=True)
class CandidateFinding:
    """A finding that has to be confirmed by its calls."""

    kind: FindingKind
    message: str
    start: int
    calls: tuple[FindingCall, ...]
    shows: Reproduces
    clock: Clock | None = None
    """Instead of the stage's."""
    key: str = ""
    """Tells two of one kind and tool apart, such as the rule that is broken."""
    severity: Severity | Literal[""] = ""
    """Instead of the one that its kind has."""
    settled: bool = False
    """Somebody has ruled on it, or it breaks what was given as code: it is no matter of reading."""


def claim_of(anomaly: Anomaly, subject: Subject) -> CandidateFinding:
    """Turn what one call shows by itself into a claim."""
    kind, free = subject.kinds[anomaly.tool], subject.open_parameters[anomaly.tool]

    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = replay[-1]
        shown = anomalies(last, kind, subject.convention, free, told=is_told(last, subject))
        return any(one.name == anomaly.name for one in shown)

    seen = anomaly.seen
    # Where no type is asked for, another one may be nobody's business.
    loose = anomaly.key in _OF_TYPES and not free.isdisjoint(seen.call.arguments)
    severity = "possible" if loose and anomaly.kind is FindingKind.UNCAUGHT_EXCEPTION else ""
    return CandidateFinding(
        anomaly.kind, anomaly.message, seen.start, seen.sequence, shows, severity=severity
    )


def last_successes(replay: Sequence[CallRecord], number: int) -> Sequence[CallRecord]:
    """Return the last so many calls; none where there are fewer, or one did not succeed."""
    last = replay[-number:]
    return last if len(last) == number and all(one.succeeded for one in last) else ()


async def first_claim(
    tries: Iterable[Awaitable[CandidateFinding | None]],
) -> CandidateFinding | None:
    """Return the first claim that is made; what comes after it is not tried."""
    for one in tries:
        claim = await one
        if claim is not None:
            return claim
    return None


async def confirm(stage: Stage, claim: CandidateFinding) -> Finding | None:
    """Make the calls of a claim anew, leave out those that are not needed, and report.

    Returns:
        None when the calls do not show it again.

    Raises:
        SandboxError: The machinery failed.
    """
    calls = list(claim.calls)
    replay = await _replay(stage, claim, calls)
    if replay is None:
        return None
    size = len(calls) - 1
    while size:
        for place in range(len(calls) - 1 - size, -size, -size):
            fewer = [*calls[: max(place, 0)], *calls[place + size :]]
            again = await _replay(stage, claim, fewer)
            if again is not None:
                calls, replay = fewer, again
        size = min(size // 2, len(calls) - 1)
    return Finding(
        kind=claim.kind,
        tool=calls[-1].tool,
        severity=claim.severity or ("minor" if claim.kind in MINOR else "serious"),
        message=claim.message,
        start=claim.start,
        calls=tuple(calls),
        evidence=evidence_of(replay[-1]),
    )


async def _replay(
    stage: Stage, claim: CandidateFinding, calls: Sequence[FindingCall]
) -> list[CallRecord] | None:
    """Make the calls; None when they do not show it."""
    try:
        replay = await stage.replay(claim.start, calls, claim.clock, look="closely")
    except GuestError:
        return None
    return replay if await claim.shows(replay) else None
