"""Calls behind one another, so that predicates see each tool in states that other tools have left.

Every change that succeeded is made again after each other one, about the same things as far as
both have a parameter of one name: who has borrowed a tool borrows a kit. Queries are asked after
each change.
"""

import re
from collections.abc import Iterator

from envscaler.check_env.explorer import Explorer
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord, Session
from envscaler.records import JsonObject, JsonValue

_QUOTED = re.compile(r"[\"'`]([^\"'`\s]{2,60})[\"'`]")
_MOST_TEXTS = 40
_BASES = 2
"""Calls of each tool that are made again."""
_WAYS = 3
"""Calls of another tool that are made before, where both have a parameter of one name."""
_VALUES = 5
_SMALL = (1, 2, 3)


async def exercise(explorer: Explorer) -> None:
    """Make each call that succeeded behind calls of the other tools; watchers see them all.

    Raises:
        SandboxError: The machinery failed.
    """
    for tool in explorer.stage.subject.tools:
        await _by_examples(explorer, tool)
        for base in _bases(explorer, tool):
            try:
                session = await explorer.stage.begin(base.start)
            except GuestError:
                continue
            try:
                await _behind_others(explorer, session, base)
            except GuestError:
                continue
            finally:
                await session.close()


async def _by_examples(explorer: Explorer, tool: str) -> None:
    """Call a tool of one parameter with texts of the state that are like one in its description."""
    known = explorer.stage.subject.tools[tool]
    quoted = _QUOTED.findall(known.description)
    if len(known.properties) != 1 or not quoted or explorer.ledger.successes(tool):
        return
    [name] = known.properties
    session = await explorer.stage.begin(0)
    try:
        texts = [text for text in _texts_in(session.state) if text[-1:] == quoted[0][-1:]]
        for value in [*quoted, *dict.fromkeys(texts)][:_MOST_TEXTS]:
            await session.make(tool, {name: value})
    finally:
        await session.close()


def _texts_in(value: JsonValue) -> Iterator[str]:
    """Yield the texts of a state, not its keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(item)


def _bases(explorer: Explorer, tool: str) -> list[CallRecord]:
    """Return calls that succeeded as the first ones, with arguments that differ most."""
    found = [
        one
        for one in explorer.ledger.successes(tool)
        if not one.history and one.start < explorer.given
    ]
    return [found[0], found[-1]][: min(len(found), _BASES)] if found else []


async def _behind_others(explorer: Explorer, session: Session, base: CallRecord) -> None:
    """Make a call in other ways, and behind each other change, going back in between."""
    point = await session.point()
    for arguments in _varied(explorer, base):
        made = await session.make(base.call.tool, arguments)
        if made.changed:
            await session.back(point)
    for other in explorer.ledger.changing:
        for arguments in _about_the_same(explorer, other, base):
            made = await session.make(other, arguments)
            if made.changed:
                await session.make(base.call.tool, base.call.arguments)
                await session.back(point)


def _varied(explorer: Explorer, base: CallRecord) -> Iterator[JsonObject]:
    """Yield a call with one argument another one: small numbers, and what fits its parameter."""
    tool = explorer.stage.subject.tools[base.call.tool]
    for name, pool in explorer.caller.pools(tool, base.before).items():
        kind = str(tool.properties.get(name, {}).get("type"))
        numbers = _SMALL if "integer" in kind or "number" in kind else ()
        quoted = _QUOTED.findall(tool.description) if "string" in kind else ()
        for value in (*numbers, *quoted, *pool.sensible[:_VALUES]):
            if base.call.arguments.get(name) != value:
                yield {**base.call.arguments, name: value}


def _about_the_same(explorer: Explorer, tool: str, base: CallRecord) -> Iterator[JsonObject]:
    """Yield calls of a tool that succeeded, with what a call names in their place, or as made."""
    same = base.call.arguments if tool != base.call.tool else {}
    distinct: dict[str, JsonObject] = {}
    linked = False
    for one in explorer.ledger.changing[tool]:
        if not one.history and one.start == base.start:
            shared = {name: same[name] for name in one.call.arguments.keys() & same.keys()}
            linked |= bool(shared)
            arguments = {**one.call.arguments, **shared}
            distinct.setdefault(repr(arguments), arguments)
    yield from [*distinct.values()][: _WAYS if linked else 1]
