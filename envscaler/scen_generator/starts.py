"""Where the initial states of the solution-first road come from."""

from pathlib import Path

from envscaler.config import ScenGeneratorSettings
from envscaler.errors import RejectedError
from envscaler.jsonl import read_rows
from envscaler.llm.calls import Calls
from envscaler.records import JsonObject, Scenario
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.brief import Brief
from envscaler.scen_generator.states import InitialState, make_state


class Starts:
    """Gives each brief an initial state: one that was made before, or a new one.

    Args:
        sandbox: Where states are loaded.
        settings: Which file holds states, and who makes the others.

    Raises:
        ArtifactError: The file of states cannot be read.
    """

    def __init__(self, sandbox: Sandbox, settings: ScenGeneratorSettings) -> None:
        self._sandbox = sandbox
        self._settings = settings
        self._known = _states_in(settings.states) if settings.states else {}

    async def take(self, brief: Brief, calls: Calls) -> InitialState:
        """Return an initial state that loads.

        Raises:
            RowError: There is none.
        """
        known = self._known.get(brief.environment.id)
        if known:
            return await self._load(brief, known[brief.index % len(known)])
        if self._settings.wording == "model":
            tries = self._settings.state_tries
            return await make_state(brief, calls, self._sandbox, tries=tries)
        raise RejectedError("no_state", f"No initial state is known for {brief.environment.id}")

    async def _load(self, brief: Brief, written: JsonObject) -> InitialState:
        start = Start(initial_state=written, clock=brief.clock, seed=brief.seed)
        live = await self._sandbox.open(brief.environment, start)
        try:
            return InitialState(written=written, loaded=await live.state())
        finally:
            await live.close()


def _states_in(path: Path) -> dict[str, list[JsonObject]]:
    """Return the distinct initial states of a file of scenarios, by environment."""
    found: dict[str, list[JsonObject]] = {}
    for scenario in read_rows(path, Scenario):
        states = found.setdefault(scenario.env_id, [])
        if scenario.initial_state not in states:
            states.append(scenario.initial_state)
    return found
