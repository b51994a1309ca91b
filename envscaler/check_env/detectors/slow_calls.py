"""Does time grow out of hand with the size of an argument or of the state?"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.anomalies import OUT_OF_BOUNDS, was_starved
from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import items_of, pairs_of, record_of
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord, Point, Session
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind, JsonObject

GROWTH = 40
"""Times as long for ten times as much: between n log n and n squared."""
NOTICED = 0.06
"""Seconds of processor time below which nobody minds."""
_EVIL = (
    "a" * 30 + "!",
    "0" * 30 + "x",
    " " * 30 + "x",
    "a." * 20 + "!",
    "a@" + "a." * 20 + "!",
    "-".join("1" * 24) + "!",
    "a b " * 12 + "!",
    "(" * 40,
)
"""Strings on which careless patterns try exponentially many ways."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An input, and one ten times as large."""

    small: JsonValue
    large: JsonValue


async def slow_calls(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that calls are slow on large or hostile arguments, or in a large state."""
    session = await explorer.stage.begin(0)
    try:
        point = await session.point()
        for tool in explorer.stage.subject.tools:
            base = _base(explorer, tool)
            claim = await _by_arguments(explorer, (session, point), tool, base)
            if claim is not None:
                yield claim
    finally:
        await session.close()
    async for claim in _by_state(explorer):
        yield claim


def _base(explorer: Explorer, tool: str) -> JsonObject:
    """Return arguments that worked in the first state, or nearly."""
    ledger = explorer.ledger
    seen = [one for one in ledger.successes(tool) if not one.history and one.start == 0]
    seen += [*ledger.successes(tool), *ledger.refused.get(tool, ())]
    return seen[0].call.arguments if seen else {}


async def _by_arguments(
    explorer: Explorer, at: tuple[Session, Point], tool: str, base: JsonObject
) -> CandidateFinding | None:
    session, point = at
    for name, schema in properties_of(explorer.stage.subject.tools[tool]).items():
        if "enum" in schema:
            continue
        for pair in _pairs(str(schema.get("type")), base.get(name)):
            large = await session.make(tool, {**base, name: pair.large}, look="time", back=point)
            # What nobody minds is compared with nothing, which spares a call of nearly all pairs.
            if _is_noticed(large):
                small = await session.make(
                    tool, {**base, name: pair.small}, look="time", back=point
                )
                if _is_slow(small, large):
                    return _claim(small, large, f"with a large {name}")
    return None


_PAIRS: dict[str, tuple[Pair, ...]] = {
    "string": (
        *(Pair("a", evil) for evil in _EVIL),
        *(Pair(text * 1000, text * 10_000) for text in ("a", "ab ", "1,")),
    ),
    "integer": (Pair(10**5, 10**6), Pair(10**8, 10**9), Pair(10**12, 10**13)),
    "number": (Pair(1e5, 1e6), Pair(1e8, 1e9)),
}


def _pairs(kind: str, value: JsonValue) -> Iterator[Pair]:
    """Yield inputs for a parameter of a type; those of a list repeat what worked."""
    yield from _PAIRS.get(kind, ())
    if kind == "array":
        items = value if isinstance(value, list) else []
        yield Pair(items * 300, items * 3000)
        if all(isinstance(item, str) for item in items):
            yield Pair([f"item {n}" for n in range(300)], [f"item {n}" for n in range(3000)])


def _is_noticed(large: CallRecord) -> bool:
    """Say whether a call may be found slow, whatever a smaller one takes."""
    return not was_starved(large) if _ended(large) else large.result.seconds > NOTICED


def _is_slow(small: CallRecord, large: CallRecord) -> bool:
    """Say whether a call that was noticed is slow beside a smaller one."""
    return _ended(large) or large.result.seconds > GROWTH * max(small.result.seconds, 1e-4)


def _ended(seen: CallRecord) -> bool:
    """Say whether a call ran into a limit."""
    return seen.result.observation.kind in OUT_OF_BOUNDS


def _claim(small: CallRecord, large: CallRecord, when: str) -> CandidateFinding:
    seconds = large.result.seconds
    said = f"took {seconds:.2f} s" if seconds else f"ended with {large.result.observation.kind}"
    kept = FindingCall(tool=large.call.tool, arguments=large.call.arguments)

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return _is_slow(small, replay[-1])

    message = f"The call {said} {when}, {small.result.seconds:.4f} s with a tenth of it"
    kind = FindingKind.SLOW_CALL
    return CandidateFinding(kind, message, large.start, (*large.history, kept), shows)


_SMALL, _LARGE = 40, 400
_LONG = 0.5
"""Seconds of processor time that a call in a large state must have had to be told as endless."""


async def _by_state(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Call every tool in a state with many records, and in one with a tenth of them."""
    stage = explorer.stage
    first = stage.initial_states[0]
    small, large = _grown(first, _SMALL), _grown(first, _LARGE)
    if small == first or large == small:
        return
    place = len(stage.initial_states)
    stage.initial_states.extend((small, large))
    try:
        sessions = [await stage.begin(place), await stage.begin(place + 1)]
    except GuestError:
        del stage.initial_states[place:]
        return
    try:
        async for claim in _only_in_large(explorer, sessions):
            yield claim
    finally:
        for session in sessions:
            await session.close()


async def _only_in_large(
    explorer: Explorer, sessions: Sequence[Session]
) -> AsyncIterator[CandidateFinding]:
    """Claim that calls run into a limit in the second of two sessions."""
    few, many = sessions
    at_few, at_many = await few.point(), await many.point()
    for tool in explorer.stage.subject.tools:
        arguments = _base(explorer, tool)
        large = await many.make(tool, arguments, look="time", back=at_many)
        if _ended(large) and not was_starved(large) and large.result.seconds > _LONG:
            small = await few.make(tool, arguments, look="time", back=at_few)
            yield _claim(small, large, f"with {_LARGE} records of each kind")


def _grown(state: JsonObject, size: int) -> JsonObject:
    """Repeat the records of every collection, under ids of their own."""
    return {name: _grown_value(value, size) for name, value in state.items()}


def _grown_value(value: JsonValue, size: int) -> JsonValue:
    pairs, items = pairs_of(value), items_of(value)
    if isinstance(value, dict) and pairs and record_of(pairs[0][1]) is not None:
        return value if record_of(value) is None else _grown_records(value, size)
    if isinstance(value, list) and items and record_of(items[0]) is not None:
        return [*value, *(items[turn % len(items)] for turn in range(max(0, size - len(items))))]
    return value


def _grown_records(value: JsonObject, size: int) -> JsonObject:
    """Repeat records by id under other ids, with the id in them changed as well."""
    found, names = dict(value), list(value)
    for turn in range(max(0, size - len(names))):
        old = names[turn % len(names)]
        new = f"{old}~{turn}"
        found[new] = _renamed(value[old], old, new)
    return found


def _renamed(value: JsonValue, old: str, new: str) -> JsonValue:
    if isinstance(value, dict):
        return {key: new if item == old else item for key, item in value.items()}
    return value
