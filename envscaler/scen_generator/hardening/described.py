"""A record that was told by its id, told by what has to be looked up."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from random import Random
from typing import TypeVar, cast

from envscaler.errors import RejectedError
from envscaler.records import Call, Environment, Scenario
from envscaler.scen_generator.hardening.again import Bench, proof_of, proven_again
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.beginning import Beginning
from envscaler.scen_generator.solution_first.intentions.descriptions import Describer
from envscaler.scen_generator.solution_first.intentions.gold import gold
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Intention,
    Reference,
    Step,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge, knowledge_of
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
    NoAnswerError,
    Reader,
    World,
)
from envscaler.scen_generator.solution_first.intentions.messages import same_acts, worded

PartT = TypeVar("PartT")

_MOST_TRIES = 30


async def harden(bench: Bench, environment: Environment, scenario: Scenario) -> Scenario:
    """Replace an id in a task by a description with exactly one answer.

    The task is read by the grammar that words tasks without a model, and worded anew. What has to
    be looked up for it becomes part of the reference.

    Raises:
        RejectedError: The grammar does not read the task, it names no id, or no description of the
            record can be looked up.
    """
    proof_of(scenario)
    knowledge = knowledge_of(SearchContext(environment, scenario.initial_state), scenario.clock)
    world, chance = World(knowledge.context.collections), Random(scenario.id)
    intention, acts = _read(scenario, knowledge, world)
    reason = "no id in it can be told otherwise"
    async with Beginning.of(environment, scenario, bench.sandbox) as beginning:
        asking, _ = await beginning.pair()
        look_ups = LookUps(knowledge.context, asking, knowledge.answers)
        others = _described(intention, knowledge, world, chance)
        for _, other in zip(range(_MOST_TRIES), others, strict=False):
            try:
                queries = await gold(other, look_ups, world)
                if queries is None or not same_acts(other, acts, knowledge):
                    continue
                task = worded(other, acts, knowledge, chance)
                told = scenario.model_copy(update={"task": task})
                writes = [Call(name=act.tool, arguments=act.bind({})) for act in acts]
                return await proven_again(bench, environment, told, [*queries, *writes])
            except (NoAnswerError, RejectedError) as error:
                reason = str(error)
    raise RejectedError("not_described", reason)


def _read(
    scenario: Scenario, knowledge: Knowledge, world: World
) -> tuple[Intention, tuple[Act, ...]]:
    """Return what a task means: the reading that comes to the calls of its reference."""
    made = [each.call for each in proof_of(scenario).reference]
    try:
        readings = knowledge.phrasing.read(scenario.task)
    except LookupError as error:
        raise RejectedError("not_read", "Its task was not worded by the grammar") from error
    for reading in readings:
        try:
            acts = tuple(Reader(world).read(reading))
            calls = [Call(name=act.tool, arguments=act.bind({})) for act in acts]
        except (NoAnswerError, KeyError):  # it makes no sense, or speaks of what is made
            continue
        if calls == made[len(made) - len(calls) :]:
            return reading, acts
    raise RejectedError("not_read", "Its task does not come to the calls of its reference")


def _described(
    intention: Intention, knowledge: Knowledge, world: World, chance: Random
) -> Iterator[Intention]:
    """Yield the intention with one id told otherwise, in each way that there is."""
    describer, found = Describer(knowledge.nouns, knowledge.today), list[Intention]()
    for told in dict.fromkeys(_told_in(intention)):
        others = describer.all(told.noun, told.key, Reader(world), chance, is_rich=True)
        for other in others:
            if not isinstance(other, Told):
                found.append(_with(intention, told, other))
                found += _without_about(intention, told, other)
    chance.shuffle(found)
    yield from found


def _without_about(intention: Intention, told: Told, other: Reference) -> Iterator[Intention]:
    """Yield the intention that tells what it is about in its first step, not before it."""
    if intention.about != told:
        return
    about, steps, said = About(told.noun), list[Step](), other
    for step in intention.steps:
        changed = _with(step, about, said)
        steps.append(changed)
        said = Again(told.noun) if changed != step else said
    if said != other:
        yield Intention(None, plan_of(tuple(steps)))


def _told_in(part: object) -> Iterator[Told]:
    """Yield every record that a part of an intention tells by its id."""
    if isinstance(part, Told):
        yield part
    elif isinstance(part, tuple):
        for each in cast("tuple[object, ...]", part):
            yield from _told_in(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _told_in(getattr(part, field.name))


def _with(part: PartT, told: Reference, other: Reference) -> PartT:
    """Return a part of an intention with a record told otherwise wherever it is told."""
    if part == told:
        return cast("PartT", other)
    if isinstance(part, tuple):
        items = cast("tuple[object, ...]", part)
        return cast("PartT", tuple(_with(each, told, other) for each in items))
    if is_dataclass(part) and not isinstance(part, type):
        changed = {each.name: _with(getattr(part, each.name), told, other) for each in fields(part)}
        return cast("PartT", replace(part, **changed))
    return part
