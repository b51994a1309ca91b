"""Records that one tool moves to where the tool that makes them would not have put them.

What a change makes of a record is made anew: the record is taken out and made by the tool that
makes such records, or set free and given its place by the tool that gives it. Where that was
possible before the change and is refused after it, the change has forgotten a check.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding, first_claim
from envscaler.check_env.detectors.listings import records_of
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import record_of
from envscaler.environment.state.reduced import reduced
from envscaler.environment.state.relation import tells_status
from envscaler.inputs.correspondence import moved_day
from envscaler.inputs.session import CallRecord
from envscaler.records import FindingCall, FindingKind, JsonObject

_MOST_BASES = 2
_MOST_OTHERS = 5
_MOST_TRIED = 30
_STEPS = (-120, -90, -60, -45, -30, -15, 15, 30, 45, 60)
"""Minutes by which a time of day is moved."""
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Writing:
    """A tool that puts arguments into one record of a collection."""

    tool: str
    path: str
    key: str
    fields: tuple[tuple[str, str], ...]
    """Parameters, each with the field that it is put into."""
    seen: CallRecord
    makes: bool
    """The record is a new one."""


async def moved_records(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that a change puts a record where it could not have been made or put."""
    writings = [*_writings(explorer)]
    for tool in dict.fromkeys(one.tool for one in writings if not one.makes):
        own = [one for one in writings if one.tool == tool and not one.makes]
        claim = await first_claim(
            _misplaced(explorer, mover, writings) for mover in own[:_MOST_BASES]
        )
        if claim is not None:
            yield claim


def _writings(explorer: Explorer) -> Iterator[Writing]:
    """Yield what each tool puts into records, by its calls from the given states."""
    for tool, kept in explorer.ledger.changing.items():
        for seen in kept:
            if not seen.history and seen.start < explorer.given:
                one = written(tool, seen)
                if one is not None:
                    yield one


def written(tool: str, seen: CallRecord) -> Writing | None:
    """Say which record a call made or changed, and what it put there; None where it is several."""
    paths = [path for path in records_of(seen.after) if "." not in path and path in seen.before]
    found = [one for path in paths if (one := _written_in(tool, seen, path)) is not None]
    return found[0] if len(found) == 1 else None


def _written_in(tool: str, seen: CallRecord, path: str) -> Writing | None:
    """Say which one record of a collection a call made or changed; None where it is no single."""
    old, new = records_of(seen.before).get(path, {}), records_of(seen.after)[path]
    changed = [key for key, record in new.items() if old.get(key) != record]
    if len(changed) != 1 or len(new) - len(old) not in {0, 1}:
        return None
    [key] = changed
    fields = tuple(_put(seen.call.arguments, old.get(key, {}), new[key]))
    return Writing(tool, path, key, fields, seen, key not in old) if fields or key in old else None


def _put(arguments: JsonObject, old: JsonObject, new: JsonObject) -> Iterator[tuple[str, str]]:
    for name, value in arguments.items():
        if value is not None and not isinstance(value, bool | list | dict):
            yield from ((name, field) for field in _fields_with(name, value, old, new)[:1])


def _fields_with(name: str, value: JsonValue, old: JsonObject, new: JsonObject) -> list[str]:
    """Return the fields that hold an argument: those of its name, else those that did not."""
    same = [field for field, held in new.items() if held == value]
    likely = [field for field in same if field == name or name.endswith(field)]
    return likely or [field for field in same if old.get(field) != value]


async def _misplaced(
    explorer: Explorer, mover: Writing, writings: Sequence[Writing]
) -> CandidateFinding | None:
    placers = [one for one in writings if _places(one, mover)]
    placers = [*{one.tool: one for one in reversed(placers)}.values()]
    for arguments in [*_moves(mover)][:_MOST_TRIED] if placers else ():
        moved = await _moved(explorer, mover, arguments)
        if moved is None:
            continue
        for placer in placers:
            if await is_misplaced(explorer, moved, placer):
                return _claim(explorer, moved, placer)
    return None


async def _moved(explorer: Explorer, mover: Writing, arguments: JsonObject) -> Writing | None:
    """Call a mover; return what it wrote, if it moved a record of the same kind."""
    call = FindingCall(tool=mover.tool, arguments=arguments)
    [seen] = await explorer.stage.replay(mover.seen.start, [call])
    moved = written(mover.tool, seen) if seen.succeeded and seen.changed else None
    if moved is None or moved.makes or moved.path != mover.path or _ends(seen, moved):
        return None
    return moved


def _places(one: Writing, mover: Writing) -> bool:
    """Say whether a tool makes or places such records by a field that the mover changes."""
    if one.path != mover.path or one.tool == mover.tool:
        return False
    given = mover.seen.call.arguments
    moved = {field for name, field in mover.fields if str(given[name]) != mover.key}
    return bool(moved & {field for _, field in one.fields})


def _ends(seen: CallRecord, moved: Writing) -> bool:
    """Say whether a change is about what state a record is in, not where it is."""
    old = records_of(seen.before)[moved.path][moved.key]
    new = records_of(seen.after)[moved.path][moved.key]
    changed = [name for name in new if old.get(name) != new[name]]
    return not changed or any(tells_status(name) or new[name] is None for name in changed)


def _moves(mover: Writing) -> Iterator[JsonObject]:
    """Yield arguments that move the record to where others are, or near them."""
    given = mover.seen.call.arguments
    records = records_of(mover.seen.before)[mover.path]
    placed = [field for _, field in mover.fields]
    for key in [one for one in records if one != mover.key][:_MOST_OTHERS]:
        there = {
            name: records[key][field]
            for name, field in mover.fields
            if field in placed and given[name] != mover.key and records[key].get(field) is not None
        }
        if there:
            yield {**given, **there}
            yield from ({**given, **there, name: near} for name, near in _near(there))
    yield given


def _near(there: JsonObject) -> Iterator[tuple[str, JsonValue]]:
    for name, value in there.items():
        yield from ((name, near) for near in _beside(value))


def _beside(value: JsonValue) -> Iterator[JsonValue]:
    """Yield values near one: other times of day, the days around, the numbers around."""
    if isinstance(value, str):
        yield from _times_near(value) if len(value) == 5 and value[2] == ":" else _days_near(value)
    elif isinstance(value, int):
        yield from (value - 1, value + 1)


def _times_near(value: str) -> Iterator[str]:
    minutes = int(value[:2]) * _MINUTES + int(value[3:])
    for step in _STEPS:
        hours, rest = divmod(minutes + step, _MINUTES)
        if 0 <= hours < 24:
            yield f"{hours:02d}:{rest:02d}"


def _days_near(value: str) -> Iterator[str]:
    days = (moved_day(value, step) for step in (-1, 1))
    yield from (day for day in days if day != value)


async def is_misplaced(explorer: Explorer, moved: Writing, placer: Writing) -> bool:
    """Say whether a record could be put in its place before a change, and not after it."""
    before = await _is_placed(explorer, moved, placer, moved.seen.before)
    return bool(before) and await _is_placed(explorer, moved, placer, moved.seen.after) is False


async def _is_placed(
    explorer: Explorer, moved: Writing, placer: Writing, state: JsonObject
) -> bool | None:
    """Take a record out of a state, or set it free, and put it where it was by a tool."""
    record = records_of(state)[moved.path][moved.key]
    freed = _without(state, moved) if placer.makes else _set_free(state, moved, placer)
    if freed is None:
        return None
    call = _placing(moved, placer, record)
    seen = await explorer.stage.repeat(explorer.stage.given_of(moved.seen.start, freed), call)
    if seen is None or not (seen.succeeded or seen.refused):
        return None
    return seen.succeeded and seen.changed


def _placing(moved: Writing, placer: Writing, record: JsonObject) -> FindingCall:
    """Return the call by which a tool puts a record where it is."""
    given = placer.seen.call.arguments
    call = {**given, **{name: record.get(field) for name, field in placer.fields}}
    if not placer.makes:
        call = {name: moved.key if value == placer.key else value for name, value in call.items()}
    return FindingCall(tool=placer.tool, arguments=call)


def _without(state: JsonObject, moved: Writing) -> JsonObject:
    record = records_of(state)[moved.path][moved.key]

    def stays(key: str, one: JsonObject) -> bool:
        return key != moved.key and (bool(key) or one != record)

    return reduced(state, moved.path, stays)


def _set_free(state: JsonObject, moved: Writing, placer: Writing) -> JsonObject | None:
    """Return a state in which a record has no place yet, as another one of its kind."""
    records = records_of(state)[moved.path]
    fields = [field for _, field in placer.fields if records[moved.key].get(field) != moved.key]
    free = [name for name in fields if any(one.get(name) is None for one in records.values())]
    if not free or any(records[moved.key].get(name) is None for name in free):
        return None
    return _with_none(state, moved, free)


def _with_none(state: JsonObject, moved: Writing, names: Sequence[str]) -> JsonObject | None:
    held = state[moved.path]
    if not isinstance(held, dict) or moved.key not in held:
        return None
    record = record_of(held[moved.key])
    if record is None or held[moved.key] != record:
        return None
    return {**state, moved.path: {**held, moved.key: {**record, **dict.fromkeys(names)}}}


def _claim(explorer: Explorer, moved: Writing, placer: Writing) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        last = replay[-1]
        again = written(moved.tool, last) if last.succeeded and last.changed else None
        return again is not None and await is_misplaced(explorer, again, placer)

    does = "make" if placer.makes else "place"
    said = (
        f"It moves {moved.path}[{moved.key!r}] to where {placer.tool} refuses to {does} it; "
        "as it was before, that is possible"
    )
    kind = FindingKind.BROKEN_INVARIANT
    calls = (moved.seen.call,)
    return CandidateFinding(kind, said, moved.seen.start, calls, shows, severity="possible")
