"""Is the id of a record that is gone given to a new one, where a sentence forbids that?

One call shows no such thing: the record was removed by an earlier one of its sequence.
"""

import re
from collections.abc import Iterator, Sequence

from envscaler.check_env.confirm import CandidateFinding
from envscaler.environment.state.collections import Key, collections_of, walk_values
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, stated_rules
from envscaler.records import FindingKind, JsonObject

_FORBIDDEN = re.compile(
    r"\b(ids?|numbers?|codes?|keys?)\b[^.;]*\b(never|not|no|nor)\b[^.;]*\b(twice|again|re-?used?)\b"
    r"|\b(never|no)\b[^.;]*\b(ids?|numbers?|codes?|keys?)\b[^.;]*\b(twice|again|re-?used?)\b",
    re.IGNORECASE,
)
_BRINGS_BACK = re.compile(r"undo|redo|restor|reopen|revert|rename|recover|undelete|import")


def given_again(
    subject: Subject, runs: Sequence[Sequence[CallRecord]]
) -> Iterator[CandidateFinding]:
    """Claim, once for each tool, that an id was given again in one of some sequences.

    Args:
        subject: The environment, whose rules have to forbid it.
        runs: Sequences of calls, each from its start on.
    """
    sentence = next((one for one in stated_rules(subject.skeleton) if _FORBIDDEN.search(one)), "")
    told: set[str] = set()
    for run in runs if sentence else ():
        for place, seen in enumerate(run):
            said = _said(run[: place + 1]) if seen.call.tool not in told else ""
            if said:
                told.add(seen.call.tool)
                yield _claim(seen, f"{said}. Stated: {sentence!r}")


def _claim(seen: CallRecord, said: str) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return bool(_said(replay))

    return CandidateFinding(FindingKind.DUPLICATE_ID, said, seen.start, seen.sequence, shows)


def _said(run: Sequence[CallRecord]) -> str:
    """Say which id the last call of a sequence has given again; empty when none."""
    *earlier, last = run
    if not last.succeeded or _BRINGS_BACK.search(last.call.tool):
        return ""
    given = {str(value) for value in walk_values(last.call.arguments)}
    before = _ids(last.before)
    for path, ids in _ids(last.after).items() if earlier else ():
        new = {key for key in ids - before.get(path, set()) if str(key) not in given}
        if again := _known(earlier, path, new):
            number = min(map(str, again))
            return f"{path} has a new record with the id {number!r}, which another one had"
    return ""


def _known(calls: Sequence[CallRecord], path: str, keys: set[Key]) -> set[Key]:
    """Return which of some ids a record of a collection had when some calls were made."""
    if not keys or "*" in path:
        return set()
    return {key for seen in calls for key in keys & _ids(seen.before).get(path, set())}


def _ids(state: JsonObject) -> dict[str, set[Key]]:
    return {one.path: {*one.ids} for one in collections_of(state)}
