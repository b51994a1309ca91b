"""Calls on several things at once: good ones beside bad ones, which have to be all or nothing."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer
from envscaler.inputs.correspondence import KEYS
from envscaler.inputs.guided import values_at
from envscaler.inputs.leaves import leaves_of, with_leaf
from envscaler.inputs.session import CallRecord, Point, Session
from envscaler.records import JsonObject, Tool

_BASES = 2
_MOST_ITEMS = 9
"""Items that are tried alone."""
_MOST_BAD = 4
"""Refused items, each for another reason, that are put beside good ones."""


async def try_batches(explorer: Explorer) -> None:
    """Call each tool that takes several things with mixtures; what they leave behind is noted."""
    for name, tool in explorer.stage.subject.tools.items():
        seen = [one for one in explorer.ledger.successes(name) if not one.history]
        for base in seen[:_BASES]:
            for parameter in _several(explorer, tool, base):
                await _mix(explorer, tool, base, parameter)


def _several(explorer: Explorer, tool: Tool, base: CallRecord) -> Iterator[str]:
    """Name the parameters that hold things of one kind, any number of them."""
    fixed = explorer.known[tool.name].lengths
    for name, value in base.call.arguments.items():
        keyed = isinstance(value, dict) and (
            explorer.known[tool.name].links.get((name, KEYS)) or _is_map(tool, name)
        )
        if value and (keyed or (isinstance(value, list) and (name,) not in fixed)):
            yield name


def _is_map(tool: Tool, name: str) -> bool:
    properties = tool.parameters.get("properties")
    schema = properties.get(name) if isinstance(properties, dict) else None
    return isinstance(schema, dict) and "additionalProperties" in schema


async def _mix(explorer: Explorer, tool: Tool, base: CallRecord, parameter: str) -> None:
    """Find out which items succeed alone, then put refused ones beside them."""
    session = await explorer.stage.begin(base.start)
    point = await session.point()
    try:
        value = base.call.arguments[parameter]
        good: list[JsonValue] = []
        bad: dict[str, JsonValue] = {}
        for item in _items(explorer, tool, base, parameter)[:_MOST_ITEMS]:
            seen = await _call(explorer, session, point, base, {parameter: _joined([item], value)})
            if seen.succeeded:
                good.append(item)
            elif seen.refused:
                bad.setdefault(explorer.ledger.reason_of(seen), item)
        for mixture in _mixtures(good, [*bad.values()][:_MOST_BAD]):
            await _call(explorer, session, point, base, {parameter: _joined(mixture, value)})
    finally:
        await session.close()


async def _call(
    explorer: Explorer, session: Session, point: Point, base: CallRecord, changed: JsonObject
) -> CallRecord:
    arguments = {**base.call.arguments, **changed}
    return await explorer.make(session, base.call.tool, arguments, back=point)


def _joined(items: Sequence[JsonValue], like: JsonValue) -> JsonValue:
    if isinstance(like, dict):
        return {str(pair[0]): pair[1] for pair in items if isinstance(pair, list)}
    return [*items]


def _items(explorer: Explorer, tool: Tool, base: CallRecord, parameter: str) -> list[JsonValue]:
    """List items of a batch: those that succeeded, others that exist, and ones that do not."""
    known, value = explorer.known[tool.name], base.call.arguments[parameter]
    arguments = base.call.arguments
    found: list[JsonValue] = []
    if isinstance(value, dict):
        first = next(iter(value.values()))
        keys = [*value, *values_at(known, (parameter, KEYS), base.before, arguments)[:3]]
        found += [[str(key), first] for key in [*dict.fromkeys(map(str, keys))][:3]]
        found.append(["no-such-key", first])
        found += [[next(iter(value)), other] for other in _odd(first)]
    elif isinstance(value, list):
        others = values_at(known, (parameter, 0), base.before, arguments)
        found += [*value[:2], *(one for one in others if one not in value)][:4]
        found += _odd(value[0])
        found += [one for one in others if one not in found][:3]
    return found


def _odd(item: JsonValue) -> list[JsonValue]:
    """Return an item that is most likely refused: one part of it is no value of its kind."""
    if not isinstance(item, dict | list):
        return [_odd_leaf(item)]
    owner: JsonObject = {"item": item}
    return [
        with_leaf(owner, path, _odd_leaf(value))["item"]
        for path, value in leaves_of(owner)
        if not isinstance(value, dict | list)
    ]


def _odd_leaf(value: JsonValue) -> JsonValue:
    if isinstance(value, bool) or value is None:
        return value
    return "no-such-thing" if isinstance(value, str) else -1


def _mixtures(good: Sequence[JsonValue], bad: Sequence[JsonValue]) -> Iterator[list[JsonValue]]:
    for item in bad:
        for other in good[:2]:
            yield [other, item]
            yield [item, other]
        yield [*good[:2], item]
    if good:
        yield [good[0], good[0]]
        yield [*good[:3]]
