"""The queries of a solution: what has to be looked up before it can be done."""

from envscaler.records import Call
from envscaler.scen_generator.solution_first.intentions.intention import (
    Argument,
    Choice,
    Fallback,
    Firsts,
    Given,
    Group,
    Intention,
    Many,
    Request,
    Same,
    Several,
    Step,
    requests_in,
)
from envscaler.scen_generator.solution_first.intentions.look_ups import Calls, LookUps, distinct
from envscaler.scen_generator.solution_first.intentions.meaning import Reader, World


async def gold(intention: Intention, look_ups: LookUps, world: World) -> Calls | None:
    """Return the queries that lead to all that an intention speaks of, in its order."""
    found = await gold_by_step(intention, look_ups, world)
    return None if found is None else distinct(call for calls in found for call in calls)


async def gold_by_step(
    intention: Intention, look_ups: LookUps, world: World
) -> list[list[Call]] | None:
    """Return the queries for what an intention is about, and then those for each of its steps."""
    reader, found = Reader(world), list[list[Call]]([[]])
    if intention.about is not None:
        calls = await look_ups.reference(intention.about, reader)
        if calls is None:
            return None
        found[0] += calls
        reader.introduce(intention.about)
    for step in intention.steps:
        shown = await _step(step, reader.copy(), look_ups)
        if shown is None:
            return None
        found.append(shown)
        reader.follow(step)
    return found


async def _step(step: Step, reader: Reader, look_ups: LookUps) -> list[Call] | None:
    found: list[Call] = []
    requests = requests_in(step)
    if isinstance(step, Choice):
        shown = await look_ups.condition(step.condition, reader)
        if shown is None:
            return None
        found += shown
        chosen = step.then if reader.holds(step.condition) else step.otherwise
        requests = () if chosen is None else (chosen,)
        reader.remember(step.condition.of, reader.find(step.condition.of))
    for request in requests:
        for _, argument in request.arguments:
            calls = await _argument(argument, reader, look_ups)
            if calls is None:
                return None
            found += calls
        if isinstance(step, Fallback) and request is step.attempt:
            _remember_records(request, reader)
    return found


def _remember_records(attempt: Request, reader: Reader) -> None:
    """Note that the records which a request names are spoken of."""
    for _, argument in attempt.arguments:
        if not isinstance(argument, Given | Same | Many):
            reader.remember(argument, reader.find(argument))


async def _argument(argument: Argument, reader: Reader, look_ups: LookUps) -> Calls | None:
    match argument:
        case Given():
            return ()
        case Same():
            return await look_ups.value(argument.of, argument.field, reader)
        case Group() | Several() | Firsts():
            return await look_ups.many(argument, reader)
        case _:
            return await look_ups.reference(argument, reader)
