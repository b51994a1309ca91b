"""What a call takes, the call that undoes it gives back, where a sentence says so.

Which call undoes which is seen, not guessed from names: the second was refused before the first,
and succeeds after it.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim, last_successes
from envscaler.check_env.detectors.inverse_operations import completed, new_keys, told_keys
from envscaler.check_env.detectors.listings import may_be_id
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.statements import Statement, statements_of
from envscaler.check_env.stated_rules.words import names, stem
from envscaler.environment.state.difference import diff
from envscaler.environment.state.relation import is_number
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingKind, JsonObject

_BACK = re.compile(
    r"\b(gives?|given|puts?|goes|go|comes?|returned|returns?|takes?|taken)\b[^.;]{0,40}\bback\b"
    r"|\brefund|\brestor|\bundo|\bundoes\b|\breturn(s|ed)? (it |them |the \w+ )?to\b|\bfree again"
    r"|\bavailable again|\bas if\b[^.;]{0,30}\bnever\b|\breleas",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(half|part|percent|%|fee|minus|less|penalty|only|no longer|not)\b")
"""It is given back under a condition, which the calls may not have met."""
_COUNTER = re.compile(r"(^|_)(next|counter|count|total|last|lifetime|version|number|no|id)(_|$)")
_TRIES = 2
"""Calls of each other tool that the opposite is tried after."""
_WAYS = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """A call, and the one that undoes it."""

    there: CallRecord
    back: CallRecord


async def give_back(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that something that was taken is not given back."""
    for tool, one in _undoing(explorer):
        if not explorer.ledger.changing.get(tool):
            continue
        for other in [name for name in explorer.stage.subject.tools if name != tool]:
            kept = explorer.ledger.changes(other)[:_TRIES]
            claim = await first_claim(_kept(explorer, seen, tool, one) for seen in kept)
            if claim is not None:
                yield claim


async def _kept(
    explorer: Explorer, seen: CallRecord, tool: str, one: Statement
) -> CandidateFinding | None:
    """Claim that a tool that undoes a call does not give back what the call took."""
    pair = await _pair(explorer, seen, tool)
    path = next(_left(pair, one), None) if pair else None
    return _claim(pair, one, path) if pair and path else None


def _undoing(explorer: Explorer) -> Iterator[tuple[str, Statement]]:
    """Yield tools of which a sentence says that they give something back."""
    subject = explorer.stage.subject
    said = [one for one in statements_of(subject) if not one.context and _BACK.search(one.text)]
    for tool in subject.tools:
        own_first = sorted(said, key=lambda one: one.tool != tool)
        yield from islice(((tool, one) for one in own_first if _is_about(one, tool)), 1)


def _is_about(one: Statement, tool: str) -> bool:
    """Say whether a sentence is a tool's own, or a general one that names it."""
    if one.tool:
        return one.tool == tool and not one.parameter
    verb, _, noun = tool.partition("_")
    return stem(verb) in one.said and (not noun or names(noun, one.said))


async def _pair(explorer: Explorer, seen: CallRecord, tool: str) -> Pair | None:
    """Make a call, then the other on what it made, which was refused before."""
    session = await explorer.stage.begin(seen.start)
    try:
        start = await session.point()
        there = await session.make(seen.call.tool, seen.call.arguments)
        after = await session.point()
        for arguments in _arguments(explorer, there, tool):
            back = await session.make(tool, arguments)
            if back.succeeded and back.changed:
                await session.back(start)
                early = await session.make(tool, arguments)
                return None if early.succeeded else Pair(there, back)
            await session.back(after)
    finally:
        await session.close()
    return None


def _arguments(explorer: Explorer, there: CallRecord, tool: str) -> Iterator[JsonObject]:
    """Yield arguments of the opposite: what was given, and one new id or one that was told."""
    own = [one for one in there.call.arguments.values() if may_be_id(one)]
    values = [*dict.fromkeys((*told_keys(there), *new_keys(there), *own))][:_WAYS]
    return completed(explorer.stage.subject.tools[tool], there, values)


def _left(pair: Pair, one: Statement) -> Iterator[str]:
    """Yield the fields that the first call changed and the second left so."""
    first = diff(pair.there.before, pair.there.after).changed
    second = diff(pair.back.before, pair.back.after)
    touched = {*second.changed, *second.removed, *second.added}
    for path, (old, new) in first.items():
        name = path.rpartition(".")[2]
        if "." not in path or _COUNTER.search(name) or _is_touched(path, touched):
            continue
        if _is_owed(name, old, new, one):
            yield path


def _is_owed(name: str, old: JsonValue, new: JsonValue, one: Statement) -> bool:
    """Say whether a number fell that a sentence gives back whole, or that it names."""
    if not is_number(old) or not is_number(new):
        return False
    taken = new < old and not _PART.search(one.text.lower())
    return taken or names(name, one.said)


def _is_touched(path: str, touched: Iterable[str]) -> bool:
    """Say whether a place is among others, or inside or around one of them."""
    return any(path.startswith(other) or other.startswith(path) for other in touched)


def _claim(pair: Pair, one: Statement, path: str) -> CandidateFinding:
    there, back = pair.there, pair.back
    old, new = diff(there.before, there.after).changed[path]
    said = (
        f"{path} was {old} before {there.call.tool}, {new} after it, and {back.call.tool} leaves "
        f"it so. Stated in {one.place}: {one.text[:160]!r}"
    )

    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = last_successes(replay, 2)
        return bool(last) and path in _left(Pair(*last), one)

    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        back.start,
        back.sequence,
        shows,
        key=f"given back {path.rpartition('.')[2]}",
        severity="possible",
    )
