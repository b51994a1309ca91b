"""Calls that succeeded, made again with one argument changed, before and after they were made.

A check that comes after the change, or a look-up that the change itself makes fail, shows only
where all but one argument is right.
"""

from collections.abc import Iterator

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord, Session
from envscaler.inputs.subject import properties_of, required_of
from envscaler.records import JsonObject

_MOST_BASES = 2
_MOST_OTHERS = 2
_BESIDE = 1
_FAR = 1000


async def vary_successes(explorer: Explorer) -> None:
    """Change one argument of calls that succeeded; what that shows is noted."""
    for tool in explorer.stage.subject.tools:
        bases: dict[tuple[str, ...], CallRecord] = {}
        for seen in explorer.ledger.changing.get(tool, ()):
            if not seen.history and seen.start < explorer.given:
                words = tuple(str(one) for one in seen.call.arguments.values())
                bases.setdefault(words, seen)
        for seen in _spread([*bases.values()]):
            await _around(explorer, seen)


def _spread(seen: list[CallRecord]) -> list[CallRecord]:
    """Return a few calls that differ most: the first and the last."""
    places = {0, len(seen) - 1} if seen else set[int]()
    return [seen[place] for place in sorted(places)][:_MOST_BASES]


async def _around(explorer: Explorer, seen: CallRecord) -> None:
    variations = [*_variations(explorer, seen)]
    try:
        session = await explorer.stage.begin(seen.start)
    except GuestError:
        return
    try:
        point = await session.point()
        for arguments in variations:
            made = await explorer.make(session, seen.call.tool, arguments)
            if made.changed:
                await session.back(point)
        await _afterwards(explorer, session, seen, variations)
    except GuestError:
        return
    finally:
        await session.close()


async def _afterwards(
    explorer: Explorer, session: Session, seen: CallRecord, variations: list[JsonObject]
) -> None:
    given = (seen.call.arguments, seen.call.arguments, *variations)
    await explorer.make_each(session, [(seen.call.tool, one) for one in given])


def _variations(explorer: Explorer, seen: CallRecord) -> Iterator[JsonObject]:
    """Yield the arguments of a call with one of them changed."""
    tool = explorer.stage.subject.tools[seen.call.tool]
    given, required = seen.call.arguments, required_of(tool)
    for name in properties_of(tool):
        if name in given and name not in required:
            yield {key: value for key, value in given.items() if key != name}
        for value in _others(explorer, seen, name):
            yield {**given, name: value}


def _others(explorer: Explorer, seen: CallRecord, name: str) -> Iterator[JsonValue]:
    """Yield other values of an argument: one too small, one too large, some that worked."""
    value = seen.call.arguments.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        yield from (-_BESIDE, _FAR + 100 * abs(value))
    if isinstance(value, str):
        yield ""
    worked: dict[str, JsonValue] = {}
    for one in explorer.ledger.successes(seen.call.tool):
        other = one.call.arguments.get(name)
        if other != value and name in one.call.arguments:
            worked.setdefault(repr(other), other)
    yield from [*worked.values()][:_MOST_OTHERS]
