"""Inputs that a careless implementation never gets done with: patterns, halves, growing states."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import pairwise, permutations

from pydantic import JsonValue

from envscaler.check_env.anomalies import OUT_OF_BOUNDS
from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import collections_of
from envscaler.errors import GuestError
from envscaler.inputs.grown import grown
from envscaler.inputs.guided import Guide, Knowledge
from envscaler.inputs.leaves import Path, with_leaf
from envscaler.inputs.links import Places
from envscaler.inputs.session import CallRecord, Point, Session
from envscaler.records import FindingCall, FindingKind, JsonObject, ObservationKind

NOTICED = 0.5
"""Seconds of processor time that nobody expects of one call on so little."""
_PATTERNS = (r"(.+)+~", r"(\w+\s?)+!", r"(a|aa)+$", r"([a-zA-Z]+)*\d{9}", r"(.*,)*.*~~")
_SAMPLES = (("A-Z", "A"), ("a-z", "a"), (r"\w", "a"), ("0-9", "0"), (r"\d", "0"), (r"\s", " "))
_LONG = 34
_SIZES = (40, 160)
"""Records of each collection in a grown state."""
_REPEATED = 18
_BIG = 300_000
"""Characters of a state that grew out of hand."""


async def hostile_calls(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that calls are slow on patterns, on texts for patterns, in grown states."""
    for name in explorer.stage.subject.tools:
        claim = await _by_pattern(explorer, name) or await _by_repetition(explorer, name)
        if claim is not None:
            yield claim
    for size in _SIZES:
        async for claim in _in_grown_state(explorer, size):
            yield claim


def _base(explorer: Explorer, tool: str) -> CallRecord | None:
    seen = [*explorer.ledger.successes(tool), *explorer.ledger.refused.get(tool, ())]
    return next((one for one in seen if not one.history), None)


async def _by_pattern(explorer: Explorer, tool: str) -> CandidateFinding | None:
    """Try texts on which regular expressions go through exponentially many ways."""
    known, base = explorer.known[tool], _base(explorer, tool)
    if base is None or not (known.patterns or known.matched):
        return None
    tries = [*_tries(known)]
    start = await _with_long_texts(explorer, base.start) if known.patterns else base.start
    session = await explorer.stage.begin(start)
    try:
        for path, text in tries:
            arguments = with_leaf(base.call.arguments, path, text)
            seen = await session.make(tool, arguments)
            if _is_slow(seen):
                return _claim(seen, f"on the text {text[:40]!r}")
    finally:
        await session.close()
    return None


def _tries(known: Knowledge) -> Iterator[tuple[Path, str]]:
    """Yield where a text is matched or is a pattern itself, each with texts to give there."""
    for path in known.patterns:
        yield from ((path, text) for text in _PATTERNS)
    for path, pattern in known.matched.items():
        yield from ((path, text) for text in attacks(pattern))


async def _with_long_texts(explorer: Explorer, start: int) -> int:
    """Make sure that some text of the state is long enough for a pattern to get lost in."""
    state = explorer.stage.initial_states[start]
    texts = [
        value
        for one in collections_of(state)
        for record in one.records
        for value in record.values()
    ]
    if not state or any(isinstance(one, str) and len(one) > _LONG for one in texts):
        return start
    place = explorer.stage.add(_lengthened(state))
    try:
        await (await explorer.stage.begin(place)).close()
    except GuestError:
        return start
    return place


def _lengthened(state: JsonObject) -> JsonObject:
    """Write texts of several words three times; ids and choices are single words."""
    return {name: _longer(value) for name, value in state.items()}


def _longer(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _longer(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_longer(item) for item in value]
    return f"{value} {value} {value}" if isinstance(value, str) and " " in value else value


def attacks(pattern: str) -> Iterator[str]:
    """Yield texts of the characters that a pattern repeats, with an end that does not match."""
    begin = re.match(r"\^?([A-Za-z0-9_\- ]*)", pattern)
    prefix = begin[1] if begin and pattern[begin.end() : begin.end() + 1] not in "*+?{" else ""
    for unit in _units(pattern)[:12]:
        body = (unit * _LONG)[:_LONG]
        for end in ("!", "\x00"):
            yield body + end
            if prefix:
                yield prefix + body + end


def _units(pattern: str) -> list[str]:
    """Return the characters that a pattern may repeat, and pairs of them."""
    chars = [sample for sign, sample in _SAMPLES if sign in pattern]
    chars += ["a"] if re.search(r"(?<!\\)\.", pattern) else []
    chars += [one for one in "-_.,@/" if one in pattern]
    units = [*dict.fromkeys(chars)]
    return [*units, *(one + other for one, other in permutations(units, 2))]


async def _by_repetition(explorer: Explorer, tool: str) -> CandidateFinding | None:
    """Make a change again and again, and see whether the state doubles each time."""
    base = next((one for one in explorer.ledger.changing.get(tool, ()) if not one.history), None)
    if base is None:
        return None
    session = await explorer.stage.begin(base.start)
    try:
        sizes = [len(repr(base.before))]
        seen = base
        for _ in range(_REPEATED):
            seen = await session.make(tool, base.call.arguments)
            sizes.append(len(repr(seen.after)))
            if not seen.succeeded or _doubles(sizes):
                break
        if _doubles(sizes):
            said = (
                f"Each call doubles the state; after {len(sizes) - 1} it has {sizes[-1]} characters"
            )
            return _growth(seen, said)
    except GuestError:
        return None
    finally:
        await session.close()
    return None


def _doubles(sizes: list[int]) -> bool:
    steps = [after - before for before, after in pairwise(sizes)][-4:]
    growing = all(b > 1.6 * a > 0 for a, b in pairwise(steps))
    return len(steps) == 4 and growing and sizes[-1] > 10_000


def _growth(seen: CallRecord, said: str) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return _doubles([len(repr(one.after)) for one in replay])

    return CandidateFinding(FindingKind.SLOW_CALL, said, seen.start, seen.sequence, shows)


async def _in_grown_state(explorer: Explorer, size: int) -> AsyncIterator[CandidateFinding]:
    """Call every tool where each collection, the inner ones too, has many records."""
    stage = explorer.stage
    first = next((state for state in stage.initial_states if state), None)
    state = grown(first, size) if first else None
    if state is None or state == first:
        return
    stage.initial_states.append(state)
    place = len(stage.initial_states) - 1
    try:
        session = await stage.begin(place)
    except GuestError:
        stage.initial_states.pop()
        return
    try:
        places, point = Places(session.state), await session.point()
        for tool in stage.subject.tools:
            seen = await _slow_there(explorer, session, (places, point), tool)
            if seen is not None:
                yield _claim(seen, f"with {size} records of each kind")
    finally:
        await session.close()


async def _slow_there(
    explorer: Explorer, session: Session, there: tuple[Places, Point], tool: str
) -> CallRecord | None:
    """Return a call of a tool that is slow in the state of a session, which is at a point."""
    places, point = there
    schema = explorer.stage.subject.tools[tool]
    calls = explorer.caller.sensible(schema, session.state, 2)
    for arguments in [*calls, *await _halves(explorer, tool, places)]:
        seen = await session.make(tool, arguments, look="time", back=point)
        if _is_slow(seen):
            return seen
    return None


async def _halves(explorer: Explorer, tool: str, places: Places) -> list[JsonObject]:
    """Return calls with half of the number that a number is compared with: most ways to choose."""
    known = Knowledge()
    known.links = explorer.known[tool].links
    if not explorer.known[tool].bounds:
        return []
    state = places.state
    trace = await explorer.traced.open(state, explorer.stage.clock)
    schema = explorer.stage.subject.tools[tool]
    try:
        guide = Guide(trace, places)
        for arguments in explorer.caller.sensible(schema, state, 6):
            await guide.attempt(schema, known, arguments)
    finally:
        await trace.close()
    return [
        with_leaf(shape, path, bound // 2)
        for shape in known.shapes[:2]
        for path, bounds in known.bounds.items()
        for bound in sorted(bounds, reverse=True)[:2]
        if bound > 3
    ]


def _is_slow(seen: CallRecord) -> bool:
    """Say whether a call took long; one that ran out of time has to have had some to itself."""
    kind = seen.result.observation.kind
    is_other_limit = kind in OUT_OF_BOUNDS and kind is not ObservationKind.TIMEOUT
    return is_other_limit or seen.result.seconds > NOTICED


def _claim(seen: CallRecord, when: str) -> CandidateFinding:
    seconds = seen.result.seconds
    ended = seen.result.observation.kind in OUT_OF_BOUNDS
    said = f"ended with {seen.result.observation.kind}" if ended else f"took {seconds:.2f} s"
    kept = FindingCall(tool=seen.call.tool, arguments=seen.call.arguments)

    async def shows(replay: Sequence[CallRecord]) -> bool:
        return _is_slow(replay[-1])

    return CandidateFinding(
        FindingKind.SLOW_CALL, f"The call {said} {when}", seen.start, (*seen.history, kept), shows
    )
