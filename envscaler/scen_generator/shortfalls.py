"""What `gen-scen --per-tier` did not make, and whether there is no more or the search had ended."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from envscaler.config import ScenGeneratorSettings
from envscaler.jsonl import read_rows
from envscaler.pipeline.run import Run
from envscaler.records import Dropped, Environment, Scenario
from envscaler.scen_generator.spec import spec_for

ROUNDS = 6
"""How often scenarios are made until there are enough of each tier: some are duplicates."""
FILLED_UP = 2
"""The round after which chains of tools may come back, until there are enough of each tier. The
rounds before it, but for the first, look for new ones only."""
HOPEFUL = 5
"""So many of a tier are looked for in each round, however few were found."""

_FIRST = 25
"""Scenarios of a tier that are looked for in the first round, in which nobody knows of the chains
of others; the next rounds look for as many again as there are."""
_RARE = 10
"""Where only one of so many was found, no more are looked for: one takes as long as ten others."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A tier of an environment of which there are fewer scenarios than were asked for."""

    environment: str
    """Name of its class."""
    tier: int
    kept: int
    wanted: int
    spent: Literal["space", "budget", "state"]
    """`space`: nothing can be asked for. `budget`: the search ended, and there may be more.
    `state`: there is no state to begin in."""
    duplicates: int = 0
    """Scenarios that were made and left out, since they are too close to another one or to a text
    that is to be avoided."""

    def __str__(self) -> str:
        counts = f"{self.kept} of {self.wanted} scenarios of tier {self.tier}"
        if self.spent == "state":
            return (
                f"{self.environment}: no scenarios, since it begins in no invented state; give it "
                "some of your own (envscaler import FILE.py --states STATES.json)"
            )
        if self.spent == "space":
            return f"{self.environment} is exhausted: {counts}; nothing can be asked for in it"
        close = f", {self.duplicates} more were too close to others" if self.duplicates else ""
        return (
            f"{self.environment}: {counts}{close}; the budget of the search was spent "
            "(scen_generator.sequence_tries), so there may be more"
        )


def shortfalls(run: Run) -> list[Shortfall]:
    """List what is missing after `gen_scen`, where a number for each tier was asked for."""
    settings = run.settings.scen_generator
    wanted = settings.per_tier
    if wanted is None or run.is_preview or not is_tiered(settings) or not is_begun(run):
        return []
    kept = kept_of(run)
    made = Counter(_by_tier(read_rows(run.path("scenario_candidates"), Scenario)))
    drops = {row.id: row.kind for row in _drops(run) if row.stage == "gen-scen"}
    return [
        Shortfall(
            environment.class_name,
            tier,
            kept[environment.id, tier],
            wanted,
            _spent(run, environment, tier, drops),
            made[environment.id, tier] - kept[environment.id, tier],
        )
        for environment in read_rows(run.path("envs"), Environment)
        for tier in settings.tiers
        if kept[environment.id, tier] < wanted
    ]


def _spent(
    run: Run, environment: Environment, tier: int, drops: dict[str, str]
) -> Literal["space", "budget", "state"]:
    """Say what ended the search for a tier: anything but `budget` only where every row says so."""
    settings, seed = run.settings.scen_generator, run.settings.seed
    tiers, wanted = settings.tiers, settings.per_tier or 0
    places = range(tiers.index(tier), ROUNDS * wanted * len(tiers), len(tiers))
    specs = (spec_for(environment, index, settings.clock, seed) for index in places)
    kinds = {drops[spec.id] for spec in specs if spec.id in drops}
    if kinds == {"no_state"}:
        return "state"
    return "space" if kinds == {"exhausted"} else "budget"


def _drops(run: Run) -> Iterator[Dropped]:
    path = run.path("dropped")
    yield from read_rows(path, Dropped) if path.is_file() else ()


def still_wanted(wanted: int, kept: int, more: int, latest: int = 0) -> int:
    """Return how many more of a tier are looked for in a round.

    Those are none where nearly all were in vain. There are as many again as there are, and in the
    last rounds twice as many as the round before has brought, so that what is used up costs little.

    Args:
        wanted: How many there are to be.
        kept: How many there are.
        more: Number of the round, from 0.
        latest: How many of them are of the round before.
    """
    missing = wanted - kept
    if not more:
        return min(missing, _FIRST)
    if kept * _RARE < min(wanted, _FIRST) and wanted > HOPEFUL:
        return 0
    if more <= FILLED_UP + 1:
        return min(missing, max(kept, HOPEFUL))
    return min(missing, 2 * latest)


def round_of(settings: ScenGeneratorSettings, row: Scenario) -> int:
    """Return the round in which a scenario was made."""
    if settings.per_tier is None or not is_tiered(settings):
        return 0
    return row.index // (settings.per_tier * len(settings.tiers))


def kept_of(run: Run) -> Counter[tuple[str, int]]:
    """Count the scenarios by environment and tier."""
    return Counter(_by_tier(read_rows(run.path("scenarios"), Scenario) if is_begun(run) else ()))


def _by_tier(rows: Iterable[Scenario]) -> Iterator[tuple[str, int]]:
    return ((row.env_id, row.shape.tier) for row in rows if row.shape is not None)


def is_begun(run: Run) -> bool:
    """Say whether there are scenarios, or were to be."""
    return run.path("scenarios").is_file()


def is_tiered(settings: ScenGeneratorSettings) -> bool:
    """Say whether scenarios have tiers: those without a model have."""
    return settings.strategy != "task_first" and settings.phrasing == "template"
