"""Calls about what a call has just changed: asked about, and changed again in other ways.

A fault may show for one record only, and only once another tool has been there: what was withdrawn
before it was ever tested is described, what was just added changes places with another. So each
change is made about one thing after the other, and behind it come the calls of all tools that take
a thing of this kind.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.relation import View
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord, Point, Session
from envscaler.records import JsonObject

_MOST_THINGS = 6
"""Things about which each change is made."""
_CHANGED_AGAIN = 2
"""Of these, those that are changed again by the other tools."""
_STARTS = 2
_WAYS = 2
"""Calls of another tool that are made about a thing."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A record by its id, and the collections that have such an id."""

    key: JsonValue
    homes: frozenset[str]


async def call_about_what_changed(explorer: Explorer) -> None:
    """Make each change about several things, and other calls about these; what shows is noted."""
    for tool in explorer.stage.subject.tools:
        for base in _bases(explorer, tool):
            with suppress(GuestError):
                await _about_each(explorer, base)


def _bases(explorer: Explorer, tool: str) -> list[CallRecord]:
    """Return a change of a tool from each of the given states, made as the first call."""
    found: dict[int, CallRecord] = {}
    for seen in explorer.ledger.changing.get(tool, ()):
        if not seen.history and seen.start < explorer.given:
            found.setdefault(seen.start, seen)
    return [*found.values()][:_STARTS]


async def _about_each(explorer: Explorer, base: CallRecord) -> None:
    session = await explorer.stage.begin(base.start)
    try:
        await _in_turn(explorer, session, base)
    finally:
        await session.close()


async def _in_turn(explorer: Explorer, session: Session, base: CallRecord) -> None:
    """Make a call about one thing after the other, and what follows each, going back between."""
    point, view = await session.point(), View(session.state)
    followed = 0
    for arguments in _about_others(explorer, base, view):
        made = await explorer.make(session, base.call.tool, arguments, counted=False)
        if made.changed and made.succeeded:
            there = await session.point()
            kinds = ("query", "unknown", "change") if followed < _CHANGED_AGAIN else ("query",)
            await _behind(explorer, session, (there, made), kinds)
            followed += 1
        if made.changed:
            await session.back(point)


def _about_others(explorer: Explorer, base: CallRecord, view: View) -> Iterator[JsonObject]:
    """Yield the arguments of a call, as they are and with another thing in the place of one."""
    yield base.call.arguments
    pools = explorer.caller.pools(explorer.stage.subject.tools[base.call.tool], base.before)
    for name, value in base.call.arguments.items():
        homes = _homes(view, value)
        if homes and name in pools:
            others = [one for one in pools[name].existing if homes & _homes(view, one)]
            for other in others[:_MOST_THINGS]:
                if other != value:
                    yield {**base.call.arguments, name: other}


def _homes(view: View, value: JsonValue) -> frozenset[str]:
    """Return the collections that have an id, or all ids of a list."""
    keys = value if isinstance(value, list) else [value]
    if not keys or not all(
        isinstance(one, str | int) and not isinstance(one, bool) for one in keys
    ):
        return frozenset()
    return frozenset(path for path, ids in view.ids.items() if {*map(str, keys)} <= ids)


@dataclass(frozen=True, slots=True)
class Homes:
    """Finds the homes of ids in one state, of each only once."""

    view: View
    known: dict[str | int, frozenset[str]] = field(
        default_factory=dict[str | int, frozenset[str]], init=False
    )

    def of(self, value: JsonValue) -> frozenset[str]:
        """Return the collections that have an id, or all ids of a list."""
        if not isinstance(value, str | int) or isinstance(value, bool):
            return _homes(self.view, value)
        found = self.known.get(value)
        if found is None:
            found = self.known[value] = _homes(self.view, value)
        return found


def things_of(made: CallRecord) -> list[Thing]:
    """Return what a change was about, and what it made; the new things first."""
    before, after = View(made.before), View(made.after)
    new = [
        Thing(key, frozenset((path,)))
        for path, ids in after.ids.items()
        for key in sorted(ids - before.ids.get(path, set[str]()))[:1]
    ]
    named = [
        Thing(key, homes)
        for value in made.call.arguments.values()
        for key in (value[:1] if isinstance(value, list) else [value])
        if (homes := _homes(before, key))
    ]
    return [*new, *named]


async def _behind(
    explorer: Explorer, session: Session, there: tuple[Point, CallRecord], kinds: Sequence[str]
) -> None:
    """Make the calls of all tools of some kinds that take a thing which was just changed."""
    point, made = there
    homes, things = Homes(View(made.before)), things_of(made)
    calls = [
        (name, arguments)
        for name, kind in explorer.stage.subject.kinds.items()
        if kind in kinds
        for arguments in _calls_about(explorer, name, (made, homes), things)
    ]
    await explorer.make_each(session, calls, back=point, counted=False)


def _calls_about(
    explorer: Explorer, tool: str, there: tuple[CallRecord, Homes], things: Sequence[Thing]
) -> list[JsonObject]:
    """Return calls of a tool that were made before, with a thing where they name one like it."""
    made, homes = there
    known = [*explorer.ledger.successes(tool), *explorer.ledger.refused.get(tool, ())]
    bases = [one for one in known if not one.history and one.start == made.start]
    found = dict[str, JsonObject]()
    for base in bases:
        for thing in things:
            for arguments in _with_thing(base.call.arguments, thing, homes):
                found.setdefault(repr(arguments), arguments)
        if len(found) >= _WAYS * len(things):
            break
    return [*found.values()][: _WAYS * max(len(things), 1)]


def _with_thing(arguments: JsonObject, thing: Thing, homes: Homes) -> Iterator[JsonObject]:
    """Yield arguments with a thing in the place of each one of its kind."""
    for name, value in arguments.items():
        if thing.homes & homes.of(value):
            several = isinstance(value, list)
            yield {**arguments, name: [thing.key, *value[1:]] if several else thing.key}
