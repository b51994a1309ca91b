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
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps, distinct
from envscaler.scen_generator.solution_first.intentions.meaning import Reader, World


async def gold(intention: Intention, look_ups: LookUps, world: World) -> tuple[Call, ...] | None:
    """Return the queries that lead to all that an intention speaks of, in its order."""
    reader, found = Reader(world), list[Call]()
    if intention.about is not None:
        calls = await look_ups.reference(intention.about, reader)
        if calls is None:
            return None
        found += calls
        reader.introduce(intention.about)
    for step in intention.steps:
        calls = await _step(step, reader.copy(), look_ups)
        if calls is None:
            return None
        found += calls
        reader.follow(step)
    return distinct(found)


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


async def _argument(
    argument: Argument, reader: Reader, look_ups: LookUps
) -> tuple[Call, ...] | None:
    match argument:
        case Given():
            return ()
        case Same():
            return await look_ups.value(argument.of, argument.field, reader)
        case Group() | Several() | Firsts():
            return await look_ups.many(argument, reader)
        case _:
            return await look_ups.reference(argument, reader)
