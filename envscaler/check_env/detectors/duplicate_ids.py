"""Does a tool that makes records ever give one the id of another?"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import (
    Collection,
    Key,
    collections_of,
    walk_values,
)
from envscaler.environment.state.plurals import singular
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord, Session
from envscaler.records import Clock, FindingKind, JsonObject

_REPLACES = frozenset(
    ("or", "update", "upsert", "replace", "set", "import", "restore", "renew", "save")
)
_NUMBERS = ("number", "no", "nr")
"""Fields with the number of a record, whatever its kind is called."""
_IN_A_ROW = 12
_MOST_REMOVALS = 8
_MOST_MADE = 12
_LONGEST = 16
"""Calls before a removal that are made again for it."""


@dataclass(frozen=True, slots=True)
class IdGiver:
    """A tool that makes records."""

    tool: str
    path: str
    """Of the collection that it adds to."""
    arguments: tuple[JsonObject, ...]
    """With which it did."""


def makers(explorer: Explorer) -> Iterator[IdGiver]:
    """Find the tools that add one record to a collection."""
    for tool, seen in explorer.ledger.changing.items():
        described = explorer.stage.subject.tools[tool].description.lower()
        over = _MAKES.search(tool) or _MAKES.search(described)
        made = [(one, [*_added_to(one), *(_made_over(one) if over else ())]) for one in seen]
        paths = {path: None for _, found in made for path in found}
        for path in paths:
            calls = [one.call.arguments for one, found in made if path in found]
            yield IdGiver(tool, path, tuple(calls))


def _added_to(seen: CallRecord) -> list[str]:
    """Name the collections that a call added exactly one record to."""
    before, after = _sizes(seen.before), _sizes(seen.after)
    return [path for path, size in after.items() if size == before.get(path, 0) + 1]


def _made_over(seen: CallRecord) -> list[str]:
    """Name the collections in which a call wrote over a record whose id it tells as a new one."""
    told = {str(one) for one in walk_values(seen.value) if isinstance(one, str | int)}
    given = {str(one) for one in walk_values(seen.call.arguments)}
    found: list[str] = []
    for after in collections_of(seen.after) if told - given else ():
        before = _collection(seen.before, after.path)
        if before is not None and len(after.ids) == len(before.ids):
            key = _overwritten(seen, before, after)
            if key is not None and str(key) in told - given:
                found.append(after.path)
    return found


def _sizes(state: JsonObject) -> dict[str, int]:
    return {one.path: len(one.records) for one in collections_of(state)}


def shows_twice(seen: CallRecord, path: str) -> str:
    """Say which id a success gave to a second record in a collection; empty when none."""
    if not seen.succeeded:
        return ""
    before, after = _collection(seen.before, path), _collection(seen.after, path)
    if before is None or after is None:
        return ""
    doubled = _doubled(after) - _doubled(before)
    if doubled:
        return f"{path} has two records with the id {min(map(str, doubled))!r}"
    overwritten = _overwritten(seen, before, after)
    if overwritten is not None:
        return f"the new record took the place of {path}[{overwritten!r}]"
    return ""


def _collection(state: JsonObject, path: str) -> Collection | None:
    return next((one for one in collections_of(state) if one.path == path), None)


def _doubled(collection: Collection) -> set[Key]:
    """Return the ids that several records have; what records are kept by belongs to one each."""
    if collection.keyed and _keep_their_key(collection):
        return set()
    ids = list(collection.ids)
    stem = singular(collection.name)
    for field in (f"{stem}_id", "id", "_id", stem, f"{stem}_number", f"{stem}_no", *_NUMBERS):
        found = [record[field] for record in collection.records if field in record]
        if len(found) == len(collection.records):
            ids = [one for one in found if isinstance(one, str | int)]
            break
    else:
        if not collection.keyed:
            return set()
    return {one for one in ids if ids.count(one) > 1}


def _keep_their_key(collection: Collection) -> bool:
    """Say whether the records have what they are kept by in one and the same field."""
    pairs = [*zip(collection.ids, collection.records, strict=True)]
    fields = set[str]().union(*(record for _, record in pairs[:1]))
    return any(all(record.get(name) == key for key, record in pairs) for name in fields)


def _overwritten(seen: CallRecord, before: Collection, after: Collection) -> Key | None:
    """Return the id of a record that was there and now says what the call said."""
    if not before.keyed or set(before.ids) != set(after.ids):
        return None
    old = dict(zip(before.ids, before.records, strict=True))
    said = _texts(seen.call.arguments)
    for key, record in zip(after.ids, after.records, strict=True):
        if _is_rewritten(old[key], record, said) and not _is_given(str(key), said):
            return key
    return None


def _is_rewritten(old: JsonObject, new: JsonObject, said: set[str]) -> bool:
    """Say whether a good part of a record is new, and something in it is what a call said."""
    changed = {name for name in new if old.get(name) != new[name]}
    return bool(changed) and 3 * len(changed) >= len(new) and bool(said & _texts(new))


def _is_given(key: str, said: set[str]) -> bool:
    """Say whether the caller gives a key, or what it is put together from: then it is meant."""
    return key in said or any(word in key for word in said if len(word) > 2)


def _texts(values: JsonObject) -> set[str]:
    # `True` and `False` stand in many records, and tell none from another.
    plain = (value for value in values.values() if not isinstance(value, bool))
    return {str(value) for value in plain if isinstance(value, str | int)}


async def duplicates(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that ids are given twice: in what was seen, and in sequences made for it."""
    ledger = explorer.ledger
    removers = [tool for tool, seen in ledger.changing.items() if any(map(_removed, seen))]
    for maker in makers(explorer):
        # The records below `*` are of several owners: their ids may well be the same.
        if "*" in maker.path or not _makes_new(explorer, maker.tool):
            continue
        if _has_doubles(explorer, maker.path):
            continue
        found = await _given_twice(explorer, maker, removers)
        if found is not None:
            yield _claim(found, maker.path, None)
        elif clocked := await _in_one_moment(explorer, maker):
            yield _claim(clocked, maker.path, _STANDING)


def _has_doubles(explorer: Explorer, path: str) -> bool:
    """Say whether a given state has an id twice: then another field tells such records apart."""
    given = explorer.stage.initial_states[: explorer.given]
    found = (_collection(state, path) for state in given)
    return any(one is not None and _doubled(one) for one in found)


async def _given_twice(
    explorer: Explorer, maker: IdGiver, removers: Sequence[str]
) -> CallRecord | None:
    """Return a call that gave an id twice: one that was seen, or of a sequence made for it."""
    kept = explorer.ledger.changing[maker.tool]
    seen = next((one for one in kept if shows_twice(one, maker.path)), None)
    seen = seen or await _after_removal(explorer, maker)
    return seen or await _try(explorer, maker, removers)


def _makes_new(explorer: Explorer, tool: str) -> bool:
    """Say whether a tool is to make a record, not to set one: by its name and description."""
    described = explorer.stage.subject.tools[tool].description.lower()
    return not _REPLACES & set(tool.split("_")) and not _UPSERTS.search(described)


_UPSERTS = re.compile(r"\b(replac|overwrit|upsert|or update|updates? |is replaced|instead of)")
_MAKES = re.compile(
    r"^(add|create|register|announce|note|book|open|new|enter|record|issue|post|order|request|"
    r"schedule|plan|submit|file|log|insert|make|report|invite)(?:_| )|\b(a|an) (new|further)\b|"
    r"number of its own|\b(one above|one more than|the next after) the (highest|largest|last)|"
    r"\bhighest [\w ]*\+ 1"
)
"""How a tool that makes records is called, or what it says."""
_STANDING = Clock(step=0)


def _removed(seen: CallRecord) -> bool:
    before, after = _sizes(seen.before), _sizes(seen.after)
    return any(size == before[path] - 1 for path, size in after.items() if path in before) or any(
        before[path] == 1 for path in before.keys() - after.keys()
    )


def _claim(seen: CallRecord, path: str, clock: Clock | None) -> CandidateFinding:
    async def shows(replay: Sequence[CallRecord]) -> bool:
        return bool(shows_twice(replay[-1], path))

    said = shows_twice(seen, path)
    kind = FindingKind.DUPLICATE_ID
    return CandidateFinding(
        kind, f"After the call, {said}", seen.start, seen.sequence, shows, clock
    )


async def _after_removal(explorer: Explorer, maker: IdGiver) -> CallRecord | None:
    """Remove records, by calls that were seen to remove some, and make others."""
    ledger, tool = explorer.ledger, explorer.stage.subject.tools[maker.tool]
    removed = [
        one
        for seen in ledger.changing.values()
        for one in seen
        if len(one.history) <= _LONGEST and maker.path in _taken_from(one)
    ]
    removed.sort(key=lambda one: len(one.history))
    for removal in removed[:_MOST_REMOVALS]:
        session = await explorer.stage.begin(removal.start)
        try:
            await session.make_each([(one.tool, one.arguments) for one in removal.sequence])
            worked = [*maker.arguments[:6]]
            worked += explorer.caller.sensible(tool, session.state, _MOST_MADE)
            if seen := await _first_repeat(session, maker, worked):
                return seen
        finally:
            await session.close()
    return None


async def _first_repeat(
    session: Session, maker: IdGiver, calls: Iterable[JsonObject]
) -> CallRecord | None:
    """Return the first call of a maker that gives an id which is there already."""
    made = await session.make_each([(maker.tool, arguments) for arguments in calls])
    return next((seen for seen in made if shows_twice(seen, maker.path)), None)


def _taken_from(seen: CallRecord) -> list[str]:
    """Name the collections that a call took records from."""
    before, after = _sizes(seen.before), _sizes(seen.after)
    return [path for path, size in before.items() if after.get(path, 0) < size]


async def _try(explorer: Explorer, maker: IdGiver, removers: Sequence[str]) -> CallRecord | None:
    """Make records in a row, remove one, make another."""
    for start in range(len(explorer.stage.initial_states)):
        try:
            session = await explorer.stage.begin(start)
        except GuestError:
            continue
        try:
            found = await _make_many(explorer, session, maker, removers)
        finally:
            await session.close()
        if found is not None:
            return found
    return None


async def _make_many(
    explorer: Explorer, session: Session, maker: IdGiver, removers: Sequence[str]
) -> CallRecord | None:
    for turn in range(_IN_A_ROW):
        for arguments in _arguments(explorer, session, maker, turn):
            seen = await session.make(maker.tool, arguments)
            if shows_twice(seen, maker.path):
                return seen
        if turn % 4 == 2:
            await _remove(explorer, session, maker.path, removers)
    return None


def _arguments(
    explorer: Explorer, session: Session, maker: IdGiver, turn: int
) -> Iterator[JsonObject]:
    """Yield arguments that worked before, the same twice, and new ones."""
    if maker.arguments:
        yield maker.arguments[turn % len(maker.arguments)]
        if turn == 0:
            yield maker.arguments[0]
    tool = explorer.stage.subject.tools[maker.tool]
    for base in maker.arguments[:2]:
        yield explorer.caller.vary(tool, session.state, base)
    yield explorer.caller.one(tool, session.state)


async def _remove(explorer: Explorer, session: Session, path: str, removers: Sequence[str]) -> None:
    """Remove the first record of a collection with whatever tool does."""
    before = _collection(session.state, path)
    if before is None or not before.ids:
        return
    key = before.ids[0]
    for remover in removers:
        tool = explorer.stage.subject.tools[remover]
        for name, pool in explorer.caller.pools(tool, session.state).items():
            # Keys that are digits may go by numbers.
            for value in [one for one in pool.existing if str(one) == str(key)]:
                arguments = {**explorer.caller.one(tool, session.state), name: value}
                after = _collection((await session.make(remover, arguments)).after, path)
                if after is None or key not in after.ids:
                    return


async def _in_one_moment(explorer: Explorer, maker: IdGiver) -> CallRecord | None:
    """Make two records while the clock stands still."""
    if len(maker.arguments) < 1:
        return None
    for start in range(len(explorer.stage.initial_states)):
        session = await explorer.stage.begin(start, _STANDING)
        try:
            worked = (*maker.arguments[:6], *maker.arguments[:2])
            if seen := await _first_repeat(session, maker, worked):
                return seen
        finally:
            await session.close()
    return None
