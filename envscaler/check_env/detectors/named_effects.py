"""Fields that a description says a change alters, and that none of its successes ever altered.

`pieces_returned of the customer goes up` is said of a tool that counts them on a copy.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import values_held
from envscaler.environment.state.difference import diff
from envscaler.environment.state.relation import View
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject

_ENOUGH = 3
"""Successes that have to leave a field as it is, with different values of it."""
_ALTERED = (
    r"(?:goes|go) (?:up|down)|rises?|falls?|grows?|shrinks?|becomes?|increases?|decreases?|"
    r"(?:is|are) (?:set|raised|lowered|reduced|increased|decreased|counted up|moved on|replaced)"
)
_UNLESS = re.compile(
    r"\b(not|never|no|unless|if|when|only|stays?|keeps?|remains?|was|were|before|otherwise|may)\b"
)


async def named_effects(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a change leaves a field as it is which it is said to alter."""
    for name, tool in explorer.stage.subject.tools.items():
        done = [one for one in explorer.ledger.changing.get(name, ()) if one.succeeded]
        if len(done) < _ENOUGH:
            continue
        for field, words in said_to_alter(tool.description, done[0].before):
            if not any(_alters(seen, field) for seen in done):
                yield _claim(done[0], field, words)
                break


def said_to_alter(description: str, state: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield the fields that a description says are altered, with the words that say so."""
    fields = {
        name
        for view in [View(state)]
        for path in view.ids
        for _, one in view.records(path)
        for name in one
    }
    for sentence in re.split(r"(?<=[.;])\s+", " ".join(description.split())):
        if _UNLESS.search(sentence.lower()):
            continue
        for field in sorted(fields):
            found = re.search(rf"\b{re.escape(field)}`? (?:{_ALTERED})\b", sentence)
            if found:
                yield field, found[0]


def _alters(seen: CallRecord, field: str) -> bool:
    """Say whether a field is another one after a call in any record, or in a new one."""
    found, name = diff(seen.before, seen.after), re.compile(rf"\b{re.escape(field)}\b")
    paths = (*found.added, *found.removed, *found.changed)
    new: JsonObject = {**found.added}
    new[""] = [after for _, after in found.changed.values()]
    return any(map(name.search, paths)) or any(True for _ in values_held(new, field))


def _claim(seen: CallRecord, field: str, words: str) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return replay[-1].succeeded and replay[-1].changed and not _alters(replay[-1], field)

    said = f"Its description says {words!r}, and no success ever changed any {field}"
    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        seen.start,
        seen.sequence,
        shows,
        key=field,
        severity="possible",
    )
