"""Calls at the limits of what they are about: arguments just beside them, and one more until full.

A limit that one tool forgets is passed only by the call that reaches it: a day before the permit
begins, one more in a vault that is full.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.relation import View
from envscaler.errors import GuestError
from envscaler.inputs.near import near_values
from envscaler.inputs.session import CallRecord, Point, Session
from envscaler.records import JsonObject

_BASES = 4
_FAR = 10**7
"""More days than a calendar has."""
_MOST_MORE = 10
"""Times that a change is made again before it has to be full."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """An environment in one of the states, and where all calls at limits begin."""

    session: Session
    point: Point
    view: View


async def call_at_limits(explorer: Explorer) -> None:
    """Make changes with arguments beside limits, and again and again; what shows is noted."""
    begun: dict[int, _Begun] = {}
    try:
        for tool in explorer.stage.subject.tools:
            for base in _bases(explorer, tool):
                with suppress(GuestError):
                    await _at(explorer, base, begun)
    finally:
        for one in begun.values():
            await one.session.close()


async def _at(explorer: Explorer, base: CallRecord, begun: dict[int, _Begun]) -> None:
    there = begun.get(base.start)
    if there is None:
        session = await explorer.stage.begin(base.start)
        there = _Begun(session, await session.point(), View(session.state))
        begun[base.start] = there
    else:
        await there.session.back(there.point)
    await _beside(explorer, there, base)
    await _until_full(explorer, there.session, base)


def _bases(explorer: Explorer, tool: str) -> list[CallRecord]:
    """Return first calls that changed something, about different things, and the refused last."""
    changing = explorer.ledger.changing.get(tool, ())
    refused = [] if changing else explorer.ledger.refused.get(tool, ())
    distinct: dict[tuple[int, str], CallRecord] = {}
    for seen in (*changing, *refused):
        if not seen.history and seen.start < explorer.given:
            ids = [one for one in seen.call.arguments.values() if isinstance(one, str)]
            distinct.setdefault((seen.start, ids[0] if ids else ""), seen)
    return [*distinct.values()][:_BASES]


async def _beside(explorer: Explorer, there: _Begun, base: CallRecord) -> None:
    """Make a call with each argument at limits; where that is refused, with other flags too."""
    session, point, view = there.session, there.point, there.view
    tool, given = explorer.stage.subject.tools[base.call.tool], base.call.arguments
    pools = explorer.caller.pools(tool, point.state)
    for name in given:
        far = (_FAR,) if _is_whole(given[name]) else ()
        null = pools[name].null if name in pools else ()
        reasons: set[str] = set()
        for value in (*near_values(view, point.state, given, name), *far, *null):
            arguments: JsonObject = {**given, name: value}
            seen = await explorer.make(session, tool.name, arguments, back=point, counted=False)
            reason = explorer.ledger.reason_of(seen) if seen.refused else ""
            if reason and reason not in reasons:
                reasons.add(reason)
                for other in _with_other_flags(arguments, name):
                    await explorer.make(session, tool.name, other, back=point, counted=False)


def _is_whole(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _with_other_flags(arguments: JsonObject, name: str) -> Iterator[JsonObject]:
    """Yield a call with its other flags turned, and its other numbers 0 as well."""
    turned: JsonObject = {
        key: not value
        for key, value in arguments.items()
        if key != name and isinstance(value, bool)
    }
    zeros: JsonObject = {key: 0 for key, one in arguments.items() if key != name and _is_whole(one)}
    if turned:
        yield {**arguments, **turned}
        if zeros:
            yield {**arguments, **zeros}
            yield {**arguments, **zeros, **turned}


async def _until_full(explorer: Explorer, session: Session, base: CallRecord) -> None:
    """Make a change again until it is refused, or changes nothing."""
    for _ in range(_MOST_MORE):
        seen = await explorer.make(session, base.call.tool, base.call.arguments, counted=False)
        if not (seen.changed and seen.succeeded):
            return
