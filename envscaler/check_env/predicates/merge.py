"""What a rule and a tool's own function both say of the same calls, told once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from envscaler.check_env.confirm import CandidateFinding
from envscaler.inputs.session import CallRecord


def merged(claims: Iterable[CandidateFinding]) -> list[CandidateFinding]:
    """Put claims together that are of one kind and shown by the very same calls."""
    groups: dict[tuple[str, str, int, str], list[CandidateFinding]] = {}
    for one in claims:
        alike = (one.kind, one.severity, one.start, str(one.calls))
        groups.setdefault(alike, []).append(one)
    return [_as_one(group) for group in groups.values()]


def _as_one(claims: Sequence[CandidateFinding]) -> CandidateFinding:
    """Return a claim that says all that several say, and shows where all of them do."""
    first, *others = claims

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return all([await one.shows(replay) for one in claims])

    said = " Also: ".join(one.message for one in claims)
    return replace(first, message=said, shows=shows) if others else first
