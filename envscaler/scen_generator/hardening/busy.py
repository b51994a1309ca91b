"""Tools that fail now and then: one call in eleven is refused, and has to be made again."""

from pydantic import JsonValue

from envscaler.errors import RejectedError
from envscaler.records import Call, Clock, Environment, Scenario
from envscaler.scen_generator.hardening.again import Bench, proof_of, proven_again, score_of
from envscaler.scen_generator.hardening.classes import (
    class_in,
    methods_of,
    told_more,
    with_beginning,
)

EVERY = 11
"""Of so many calls one is refused. A proof runs the solution again some multiple of it later."""
BUSY = "The system is busy. Nothing was changed; make the same call again."
_TOLD = "A call that is answered with the word that the system is busy has to be made again."
_SECOND = int(Clock().start.timestamp() + Clock().step) % EVERY
"""When the first refused call is made: the second one, where a scenario has the usual clock."""
_BEGINNING = (
    "import time as _time",
    f"if int(_time.time()) % {EVERY} == {_SECOND}:",
    f'    return {{"success": False, "error": "{BUSY}"}}',
)
_MOST_CALLS = 120


def busy(environment: Environment) -> Environment:
    """Return an environment in which one call in eleven is refused.

    Which one hangs on the clock inside, which each call moves: the same calls are refused whenever
    they are made again.
    """
    methods = methods_of(class_in(environment))
    own = [tool.name for tool in environment.tools if tool.name in methods]
    return told_more(with_beginning(environment, dict.fromkeys(own, _BEGINNING)), _TOLD)


async def harden(bench: Bench, environment: Environment, scenario: Scenario) -> Scenario:
    """Let the calls of a scenario be refused now and then; the reference makes them again.

    Raises:
        RejectedError: No call of the reference is refused, or whoever does not try again gets full
            marks, too.
    """
    made = [each.call for each in proof_of(scenario).reference]
    calls = await _persistent(bench, environment, scenario, made)
    if len(calls) == len(made):
        raise RejectedError("never_busy", "No call of the solution is refused")
    found = await proven_again(bench, environment, scenario, calls)
    if await score_of(bench, environment, found, made) == 1:
        raise RejectedError("no_retry", "Whoever does not try again gets full marks, too")
    return found


async def _persistent(
    bench: Bench, environment: Environment, scenario: Scenario, calls: list[Call]
) -> list[Call]:
    """Return the calls as somebody makes them who repeats what was refused for being busy."""
    live = await bench.sandbox.open(environment, scenario)
    try:
        found: list[Call] = []
        for call in calls:
            while len(found) < _MOST_CALLS:
                found.append(call)
                observation = await live.call(call.name, call.arguments)
                if not _is_busy(observation.value):
                    break
    finally:
        await live.close()
    return found


def _is_busy(value: JsonValue) -> bool:
    return isinstance(value, dict) and value.get("error") == BUSY
