"""States in which exactly one stated condition fails, or is just met, and calls from there."""

from collections.abc import AsyncIterator, Iterator, Sequence

from pydantic import JsonValue

from envscaler.check_env.explorer import Explorer
from envscaler.check_env.stated_rules.edit import with_field
from envscaler.check_env.stated_rules.judge import Views
from envscaler.check_env.stated_rules.rule import Condition, Limited, StatedRule
from envscaler.check_env.stated_rules.tables import Tables, row_addresses
from envscaler.errors import GuestError
from envscaler.inputs.session import CallRecord
from envscaler.records import JsonObject

_TRIES = 3
"""States that are made for one rule and tool."""
_MOST_VALUES = 4


async def probe_limits(
    explorer: Explorer, rule: StatedRule, steps: Sequence[CallRecord], views: Views
) -> AsyncIterator[CallRecord]:
    """Repeat calls that add to what is limited where the limit is one less than they need."""
    done: dict[str, int] = {}
    for seen in steps:
        tool = seen.call.tool
        if seen.history or done.get(tool, 0) >= _TRIES or rule.limit is None:
            continue
        for state in _tightened(rule.limit, seen, views):
            done[tool] = done.get(tool, 0) + 1
            again = await repeat_in(explorer, state, seen)
            if again is not None and again.succeeded and rule.broken_by(views.step(again)):
                done[tool] = _TRIES
                yield again
                break


def _tightened(limit: Limited, seen: CallRecord, views: Views) -> Iterator[JsonObject]:
    """Yield states in which the limit of what a call adds to is one short."""
    before, after = views.of(seen.before), views.of(seen.after)
    had, has = limit.held(before), limit.held(after)
    for address, row in row_addresses(before, limit.path):
        key = limit.key(address)
        old, new = had.get(key, 0), has.get(key, 0)
        most = row.fields.get(limit.name)
        if new - 1 < max(old, 1) or new != int(new) or not isinstance(most, int) or most < new:
            continue
        state = with_field(seen.before, limit.path, address, limit.name, int(new) - 1)
        if state is not None:
            yield state


async def probe_conditions(
    explorer: Explorer, rule: StatedRule, steps: Sequence[CallRecord], views: Views
) -> AsyncIterator[CallRecord]:
    """Repeat a call that succeeded where the record is in a state in which it must not."""
    condition = rule.condition
    if condition is None:
        return
    own = [one for one in steps if one.call.tool == condition.tool and not one.history]
    for seen in own[:1]:
        for state in _forbidden(condition, seen, steps, views):
            again = await repeat_in(explorer, state, seen)
            if again is not None and again.succeeded and again.changed:
                yield again
                return


def _forbidden(
    condition: Condition, seen: CallRecord, steps: Sequence[CallRecord], views: Views
) -> Iterator[JsonObject]:
    """Yield states in which the one record that a call is about must not be taken."""
    before = views.of(seen.before)
    named = [row.key for row in condition.rows(before, seen.call.arguments)]
    if len(named) != 1:
        return
    for value in _others(condition.path, condition.field, before, steps, views):
        if condition.forbids(value):
            address = _address(before, condition.path, named[0])
            state = with_field(seen.before, condition.path, address, condition.field, value)
            if state is not None:
                yield state


def _address(tables: Tables, path: str, key: str) -> tuple[str, ...]:
    return next(address for address, row in row_addresses(tables, path) if row.key == key)


def _others(
    path: str, name: str, before: Tables, steps: Sequence[CallRecord], views: Views
) -> list[JsonValue]:
    """Return the values that a field was seen with."""
    held: dict[str, JsonValue] = {}
    for tables in (before, *(views.of(seen.after) for seen in steps)):
        for row in tables.rows(path):
            value = row.fields.get(name)
            if isinstance(value, str | bool):
                held.setdefault(repr(value), value)
    if held and all(isinstance(value, bool) for value in held.values()):
        return [True, False]
    return [*held.values()][: _MOST_VALUES + 1]


async def repeat_in(explorer: Explorer, state: JsonObject, seen: CallRecord) -> CallRecord | None:
    """Make a call in another state; None when the environment does not start there."""
    stage = explorer.stage
    with stage.holding(state) as start:
        try:
            session = await stage.begin(start)
        except GuestError:
            return None
        try:
            again = await session.make(seen.call.tool, seen.call.arguments)
        finally:
            await session.close()
    if again.succeeded:
        stage.add(state)
    return again
