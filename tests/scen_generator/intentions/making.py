"""Scenarios of the harbour, made from intentions without a model."""

from functools import lru_cache

from envscaler.config import ScenGeneratorSettings, load_settings
from envscaler.errors import RejectedError
from envscaler.records import Clock, Environment, JsonObject, Scenario
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.solution_first.context import SearchContext
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge, knowledge_of
from envscaler.scen_generator.solution_first.intentions.make import Intentions
from envscaler.scen_generator.spec import spec_for
from envscaler.scen_generator.task_first.state import InitialState
from tests.fakes import ScriptedModel
from tests.scen_generator.example import STATE
from tests.scen_generator.intentions.busy import busy_state
from tests.scen_generator.running import ENVIRONMENT, calls_to, in_sandbox

Made = dict[tuple[int, int], Scenario | RejectedError]
"""Tier and index → what came of it."""


def settings_with(**changes: object) -> ScenGeneratorSettings:
    section = load_settings(None, ()).scen_generator
    return section.model_copy(update={"phrasing": "template", **changes})


def make(
    *wanted: tuple[int, int],
    environment: Environment = ENVIRONMENT,
    state: JsonObject = STATE,
    **changes: object,
) -> Made:
    """Make scenarios of tiers, each with its index."""

    async def use(sandbox: Sandbox) -> Made:
        maker = Intentions(sandbox, settings_with(**changes))
        calls, found = calls_to(ScriptedModel()), Made()
        for tier, index in wanted:
            spec = spec_for(environment, index, Clock(), 0)
            try:
                found[tier, index] = await maker.make(
                    spec, InitialState(state, state), calls, (tier,)
                )
            except RejectedError as error:
                found[tier, index] = error
        return found

    return in_sandbox(load_settings(None, ()), use)


@lru_cache
def harbour() -> tuple[tuple[int, Scenario], ...]:
    """Three scenarios of each of the first four tiers; those of the last with more to do."""
    turns = range(0, 15, 5)
    made = make(*((tier, turn + tier - 1) for tier in (1, 2, 3) for turn in turns))
    made |= make(*((4, turn + 3) for turn in turns), state=busy_state())
    return tuple((tier, row) for (tier, _), row in made.items() if isinstance(row, Scenario))


def knowledge(state: JsonObject = STATE) -> Knowledge:
    """What is known of the harbour."""
    return knowledge_of(SearchContext(ENVIRONMENT, state), Clock())
