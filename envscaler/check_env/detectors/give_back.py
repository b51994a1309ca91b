"""What a call takes, the call that undoes it gives back, where a sentence says so.

Which call undoes which is seen, not guessed from names: the second was refused before the first,
and succeeds after it.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.statements import Statement, statements_of
from envscaler.check_env.stated_rules.words import names, stem
from envscaler.environment.state.collections import walk_values
from envscaler.environment.state.difference import diff
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import required_of
from envscaler.records import FindingKind, JsonObject

_BACK = re.compile(
    r"\b(gives?|given|puts?|goes|go|comes?|returned|returns?|takes?|taken)\b[^.;]{0,40}\bback\b"
    r"|\brefund|\brestor|\bundo|\bundoes\b|\breturn(s|ed)? (it |them |the \w+ )?to\b|\bfree again"
    r"|\bavailable again|\bas if\b[^.;]{0,30}\bnever\b|\breleas",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(half|part|percent|%|fee|minus|less|penalty|only|no longer|not)\b")
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
        for other in explorer.stage.subject.tools:
            if other == tool:
                continue
            kept = explorer.ledger.changes(other)
            for seen in kept[:_TRIES]:
                pair = await _pair(explorer, seen, tool)
                path = next(iter(_left(pair, one)), None) if pair else None
                if pair and path:
                    yield _claim(pair, one, path)
                    break


def _undoing(explorer: Explorer) -> Iterator[tuple[str, Statement]]:
    """Yield tools of which a sentence says that they give something back."""
    subject = explorer.stage.subject
    said = [one for one in statements_of(subject) if not one.context and _BACK.search(one.text)]
    for tool in subject.tools:
        verb, _, noun = tool.partition("_")
        for one in sorted(said, key=lambda one: one.tool != tool):
            general = (
                not one.tool and stem(verb) in one.said and (not noun or names(noun, one.said))
            )
            if (one.tool == tool and not one.parameter) or general:
                yield tool, one
                break


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
    given = there.call.arguments
    needed = required_of(explorer.stage.subject.tools[tool])
    missing = [name for name in needed if name not in given]
    known = {name: given[name] for name in needed if name in given}
    if not missing:
        yield known
    elif len(missing) == 1:
        new = [path.rpartition(".")[2] for path in diff(there.before, there.after).added]
        told = [one for one in walk_values(there.value) if isinstance(one, str | int)]
        own = [one for one in given.values() if isinstance(one, str | int)]
        usable = [one for one in (*told, *new, *own) if not isinstance(one, bool)]
        for value in [*dict.fromkeys(usable)][:_WAYS]:
            yield {**known, missing[0]: value}


def _left(pair: Pair, one: Statement) -> Iterator[str]:
    """Yield the fields that the first call changed and the second left so."""
    first = diff(pair.there.before, pair.there.after).changed
    second = diff(pair.back.before, pair.back.after)
    touched = {*second.changed, *second.removed, *second.added}
    for path, (old, new) in first.items():
        name = path.rpartition(".")[2]
        gone = any(path.startswith(other) or other.startswith(path) for other in touched)
        if "." not in path or gone or _COUNTER.search(name):
            continue
        if _is_number(old) and _is_number(new):
            taken = new < old and not _PART.search(one.text.lower())  # type: ignore[operator]
            if taken or names(name, one.said):
                yield path


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _claim(pair: Pair, one: Statement, path: str) -> CandidateFinding:
    there, back = pair.there, pair.back
    old, new = diff(there.before, there.after).changed[path]
    said = (
        f"{path} was {old} before {there.call.tool}, {new} after it, and {back.call.tool} leaves "
        f"it so. Stated in {one.place}: {one.text[:160]!r}"
    )

    async def shows(replay: Sequence[CallRecord]) -> bool:
        if len(replay) < 2 or not all(seen.succeeded for seen in replay[-2:]):
            return False
        return path in _left(Pair(replay[-2], replay[-1]), one)

    return CandidateFinding(
        FindingKind.BROKEN_INVARIANT,
        said,
        back.start,
        back.sequence,
        shows,
        key=f"given back {path.rpartition('.')[2]}",
        severity="serious",
    )
