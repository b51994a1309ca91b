"""Something that could be done as well, and that the task says is to be left alone."""

from random import Random

from envscaler.errors import RejectedError
from envscaler.records import Call, Environment, MutantKind, Scenario
from envscaler.scen_generator.hardening.again import (
    Bench,
    proof_of,
    proven_again,
    score_of,
    writes_of,
)
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.intention import Given, Request, Told
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge, knowledge_of
from envscaler.scen_generator.solution_first.intentions.sentences import without_closing
from envscaler.scen_generator.solution_first.intentions.targets import target_collection

_SENTENCES = (
    " Somebody has also asked to {act}; please leave that alone, it is still being decided.",
    " You do not need to {act}, even if it looks as if that should be done, too.",
)


async def harden(bench: Bench, environment: Environment, scenario: Scenario) -> Scenario:
    """Speak of something that is not to be done, and that costs all marks when it is.

    What is taken was tried when the scenario was proven: a write too many that was caught.

    Raises:
        RejectedError: There is nothing of the kind, or it costs nothing.
    """
    reference = proof_of(scenario).reference
    calls = [each.call for each in reference]
    knowledge = knowledge_of(SearchContext(environment, scenario.initial_state), scenario.clock)
    chance = Random(scenario.id)
    for call in _candidates(scenario):
        words = _words(call, knowledge, chance)
        if words is None:
            continue
        body, closing = without_closing(scenario.task)
        sentence = chance.choice(_SENTENCES).format(act=words)
        told = scenario.model_copy(update={"task": f"{body}{sentence}{closing}"})
        found = await proven_again(bench, environment, told, calls)
        if await score_of(bench, environment, found, [*calls, call]) == 1:
            raise RejectedError("harmless", f"{call.name} costs nothing")
        return found
    raise RejectedError("no_temptation", "Nothing that was tried besides can be put into words")


def _candidates(scenario: Scenario) -> list[Call]:
    """Return the writes too many that were caught, those on the records of the task first."""
    proof = proof_of(scenario)
    writes = writes_of(proof.reference)
    named = {value for call in writes for value in _values(call)}
    done = {call.name for call in writes}
    found = [
        mutant.call
        for mutant in proof.mutants
        if mutant.kind is MutantKind.EXTRA_CALL and mutant.score != 1 and not mutant.right
    ]
    return sorted(found, key=lambda call: (not named & {*_values(call)}, call.name in done))


def _values(call: Call) -> list[str]:
    return [each for each in call.arguments.values() if isinstance(each, str)]


def _words(call: Call, knowledge: Knowledge, chance: Random) -> str | None:
    """Put a call into words that mean nothing else; None where there are none."""
    tool = knowledge.context.tools[call.name]
    arguments: dict[str, Told | Given] = {}
    for name, value in call.arguments.items():
        target = target_collection(tool, name, knowledge.context)
        if not isinstance(value, str | int | float | bool):
            return None
        if target is not None and isinstance(value, str | int) and value in target.ids:
            arguments[name] = Told(target.path, value)
        else:
            arguments[name] = Given(value)
    request = Request(call.name, tuple(sorted(arguments.items())))
    try:
        return knowledge.phrasing.words_for(request, chance)
    except LookupError:
        return None
