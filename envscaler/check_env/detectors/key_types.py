"""Are integer keys still found when a state has been through JSON, which knows only strings?"""

from collections.abc import AsyncIterator, Container, Mapping, Sequence

from pydantic import JsonValue

from envscaler.check_env.confirm import CandidateFinding
from envscaler.check_env.explorer import Explorer
from envscaler.environment.state.collections import (
    Collection,
    collections_of,
    pairs_of,
    target_of,
)
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import properties_of
from envscaler.records import FindingCall, FindingKind, JsonObject, Tool

_CALLS = 10


async def key_confusions(explorer: Explorer) -> AsyncIterator[CandidateFinding]:
    """Claim that the string keys of a given state are only found as integers."""
    told: set[str] = set()
    for state in list(explorer.stage.initial_states[: explorer.given]):
        for name, value in state.items():
            integers = None if name in told else _with_integers(value)
            if integers is None:
                continue
            claim = await _compare(explorer, name, state, {**state, name: integers})
            if claim is not None:
                told.add(name)
                yield claim


def _with_integers(value: JsonValue) -> JsonObject | None:
    """Return a dict with integers for its keys; None where they are not all texts of digits."""
    pairs = pairs_of(value) or []
    if not pairs or not all(isinstance(key, str) and key.isdigit() for key, _ in pairs):
        return None
    return {"$dict": [[int(str(key)), item] for key, item in pairs]}


async def _compare(
    explorer: Explorer, name: str, state: JsonObject, other: JsonObject
) -> CandidateFinding | None:
    """Make calls about an attribute with string keys, and with integer keys."""
    stage = explorer.stage
    strings, integers = state, other
    place = len(stage.initial_states)
    stage.initial_states.extend((strings, integers))
    try:
        found = await _refused_as_strings(explorer, name, place)
    except GuestError:
        found = None
    if found is None or (state is strings and strings in stage.initial_states[:place]):
        del stage.initial_states[place:]
    if found is None:
        return None
    start = stage.initial_states.index(strings)
    said = f"{name} has the keys that JSON leaves, strings; with integers the call succeeds"
    return CandidateFinding(FindingKind.KEY_CONFUSION, said, start, (found,), _refused)


async def _refused(replay: Sequence[CallRecord]) -> bool:
    return not replay[-1].succeeded


async def _refused_as_strings(explorer: Explorer, name: str, place: int) -> FindingCall | None:
    """Return a call that fails with string keys and succeeds with integer keys."""
    stage = explorer.stage
    collections = [
        one for one in collections_of(stage.initial_states[place + 1]) if one.path == name
    ]
    for tool in stage.subject.tools.values():
        named = _looking_up(tool, name, collections, stage.subject.hints.holders)
        # A tool that has succeeded with the keys as they are does find them.
        if not named or explorer.ledger.successes(tool.name):
            continue
        for arguments in explorer.caller.sensible(tool, stage.initial_states[place + 1], _CALLS):
            call = FindingCall(tool=tool.name, arguments=arguments)
            right = (await stage.replay(place + 1, [call]))[-1]
            if right.succeeded and not (await stage.replay(place, [call]))[-1].succeeded:
                return call
    return None


def _looking_up(
    tool: Tool,
    name: str,
    collections: Sequence[Collection],
    holders: Mapping[str, Container[str]],
) -> list[str]:
    """Return the parameters that are looked up in an attribute, and are no texts."""
    return [
        one
        for one, shape in properties_of(tool).items()
        if (target_of(one, collections) or name in holders.get(one, ()))
        and shape.get("type") != "string"
    ]
