"""Where the initial states of the solution-first strategy come from."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from envscaler.config import ScenGeneratorSettings
from envscaler.errors import GuestError, RejectedError
from envscaler.inputs.realistic import realistic_state
from envscaler.jsonl import read_rows
from envscaler.llm.calls import Calls
from envscaler.records import Environment, JsonObject, Scenario
from envscaler.sandbox import Sandbox, Start
from envscaler.scen_generator.shortfalls import is_tiered
from envscaler.scen_generator.spec import ScenarioSpec
from envscaler.scen_generator.task_first.state import InitialState, make_state

SHARED = 5
"""Scenarios of an environment that share an invented state, or of each tier where it has many:
making it and looking it over costs time."""
_OF_A_SEED = 1_000_000
"""Numbers of states that each seed of a run has for itself."""
_KEPT = 32
"""Invented states that are kept for the neighbours to come."""


class InitialStates:
    """Gives each scenario an initial state: one that was made before, or a new one.

    Args:
        sandbox: Where states are loaded.
        settings: Who makes states where none were given.
        seed: Of the run; another one gives other states.
        given: A file of states.

    Raises:
        ArtifactError: The file of states cannot be read.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        settings: ScenGeneratorSettings,
        seed: int = 0,
        given: Path | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._settings = settings
        self._first = seed * _OF_A_SEED
        self._known = _states_in(given) if given is not None else {}
        self._invented: OrderedDict[tuple[str, int, datetime, bool], JsonObject] = OrderedDict()

    async def each(
        self, spec: ScenarioSpec, calls: Calls, *, is_busy: bool = False
    ) -> AsyncGenerator[InitialState]:
        """Yield initial states that load, the one that `take` returns first.

        Where states were given, the others come after it: not all of them need have what is
        looked for.

        Args:
            spec: For what.
            calls: The calls of the row.
            is_busy: As of `take`.

        Raises:
            RowError: There is none.
        """
        known = self._known.get(spec.environment.id, ())
        if not known:
            yield await self.take(spec, calls, is_busy=is_busy)
            return
        refused: GuestError | None = None
        loaded = 0
        for turn in range(len(known)):
            try:
                state = await self._given(spec, known, turn)
            except GuestError as error:
                refused = refused or error
                continue
            loaded += 1
            yield state
        if refused is not None and not loaded:
            raise refused

    async def take(
        self, spec: ScenarioSpec, calls: Calls, *, is_busy: bool = False
    ) -> InitialState:
        """Return an initial state that loads.

        Args:
            spec: For what.
            calls: The calls of the row.
            is_busy: Whether an invented one has much of what belongs to one record.

        Raises:
            RowError: There is none.
        """
        known = self._known.get(spec.environment.id)
        if known:
            return await self._given(spec, known)
        tries = self._settings.state_tries
        if self._settings.phrasing == "model":
            return await make_state(spec, calls, self._sandbox, tries=tries)
        return await self._invent(spec, tries, is_busy=is_busy)

    async def _invent(self, spec: ScenarioSpec, tries: int, *, is_busy: bool) -> InitialState:
        """Make a state from what the source declares; neighbours share one."""
        place = _number(spec.index, len(self._settings.tiers), is_busy=is_busy)
        seed = self._first + place
        for more in range(tries):
            now = spec.clock.start
            state = self._invented_once(spec.environment, seed + 1000 * more, now, is_busy=is_busy)
            try:
                return await self._load(spec, state)
            except GuestError as error:
                if more == tries - 1:
                    raise RejectedError("no_state", _without_states(error)) from error
        raise AssertionError("state_tries is at least 1")

    def _invented_once(
        self, environment: Environment, seed: int, now: datetime, *, is_busy: bool
    ) -> JsonObject:
        """Return an invented state, which takes longer to make than what is done in it."""
        key = (environment.id, seed, now, is_busy)
        if key not in self._invented:
            self._invented[key] = realistic_state(environment, seed, now, is_busy=is_busy)
            while len(self._invented) > _KEPT:
                self._invented.popitem(last=False)
        return self._invented[key]

    async def _given(
        self, spec: ScenarioSpec, known: Sequence[JsonObject], turn: int = 0
    ) -> InitialState:
        """Load one of the states that were given: scenarios of a tier take turns."""
        first = spec.index // len(self._settings.tiers) if is_tiered(self._settings) else spec.index
        state = await self._load(spec, known[(first + turn) % len(known)])
        return replace(state, given=len(known))

    async def _load(self, spec: ScenarioSpec, written: JsonObject) -> InitialState:
        start = Start(initial_state=written, clock=spec.clock, seed=spec.seed)
        live = await self._sandbox.open(spec.environment, start)
        try:
            return InitialState(written=written, loaded=await live.state())
        finally:
            await live.close()


def _number(index: int, tiers: int, *, is_busy: bool) -> int:
    """Return the number of the state of a scenario; neighbours share one.

    The first scenarios of an environment have the most states, so that a small set is manifold.
    """
    several = SHARED * tiers
    if is_busy:
        return index // several
    return index // SHARED if index < several else tiers + index // several


def _without_states(error: GuestError) -> str:
    """Say what to do where a class refuses what is invented for it."""
    return (
        f"no state was given, and an invented one does not do: {error}. Give it some of your own: "
        "`envscaler import FILE.py --states STATES.json --run RUN`"
    )


def _states_in(path: Path) -> dict[str, list[JsonObject]]:
    """Return the distinct initial states of a file of scenarios, by environment."""
    found: dict[str, list[JsonObject]] = {}
    for scenario in read_rows(path, Scenario):
        states = found.setdefault(scenario.env_id, [])
        if scenario.initial_state not in states:
            states.append(scenario.initial_state)
    return found
