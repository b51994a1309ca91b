"""Which of the scenarios that were made are kept: none too close to another, new chains first."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from envscaler.config import ScenGeneratorSettings
from envscaler.errors import RejectedError
from envscaler.records import Scenario, chain_of
from envscaler.scen_generator.dedupe import Avoided, SimilarityLimits, too_close
from envscaler.scen_generator.shortfalls import is_tiered

Tier = tuple[str, int]
"""Id of an environment, and the tier."""


@dataclass
class Kept:
    """What is known of the scenarios that are kept, which need not stay in memory."""

    tiers: Counter[Tier] = field(default_factory=Counter[Tier])
    chains: defaultdict[str, Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter[int])
    )
    """Id of an environment → chains of tools of its scenarios, and how many have each."""

    @classmethod
    def of(cls, rows: Iterable[Scenario], *, only_new: bool = False) -> "Kept":
        """Take note of scenarios.

        Args:
            rows: The scenarios.
            only_new: Those whose chain an earlier one has do not count.
        """
        found = cls()
        for row in rows:
            if not (only_new and found.has_chain(row)):
                found.add(row)
        return found

    def add(self, row: Scenario) -> None:
        """Take note of a scenario."""
        if row.shape is not None:
            self.tiers[row.env_id, row.shape.tier] += 1
        chain = chain_of(row)
        if chain is not None:
            self.chains[row.env_id][chain] += 1

    def has_chain(self, row: Scenario) -> bool:
        """Tell whether a scenario of the same environment has the same chain."""
        return chain_of(row) in self.chains[row.env_id]

    def has_room(self, row: Scenario, settings: ScenGeneratorSettings) -> bool:
        """Tell whether a scenario may be kept whose chain others have."""
        tier = self.tiers[row.env_id, row.shape.tier if row.shape else 0]
        alike = self.chains[row.env_id][chain_of(row) or 0]
        return tier < (settings.per_tier or 0) and (
            settings.per_chain is None or alike < settings.per_chain
        )


def refused(
    there: Sequence[Scenario],
    made: Sequence[Scenario],
    avoided: Sequence[Avoided],
    settings: ScenGeneratorSettings,
    *,
    repeats: bool,
) -> dict[str, RejectedError]:
    """Find the scenarios that are left out, each with the reason.

    Args:
        there: Those that are kept already.
        made: The others, in their order.
        avoided: Texts that no task may come close to.
        settings: What is too close, and how many of each tier are wanted.
        repeats: Whether chains of tools may come back where a tier lacks scenarios.
    """
    is_filled_up = settings.per_tier is not None and is_tiered(settings)
    ordered = _new_chains_first(there, made) if is_filled_up else made
    limits = SimilarityLimits(settings.max_similarity, settings.max_avoid_similarity)
    found = too_close([*there, *ordered], avoided, limits, frozenset(row.id for row in there))
    if not is_filled_up:
        return found
    kept, waiting = Kept.of(there), list[Scenario]()
    for row in (row for row in ordered if row.id not in found):
        if kept.has_chain(row):
            waiting.append(row)
        else:
            kept.add(row)
    return found | _repeated(waiting, kept, settings if repeats else None)


def _new_chains_first(there: Sequence[Scenario], made: Sequence[Scenario]) -> list[Scenario]:
    """Put the scenarios first that have a chain which no earlier one has."""
    known, new, others = Kept.of(there), list[Scenario](), list[Scenario]()
    for row in made:
        (others if known.has_chain(row) else new).append(row)
        known.add(row)
    return [*new, *others]


def _repeated(
    waiting: Iterable[Scenario], kept: Kept, settings: ScenGeneratorSettings | None
) -> dict[str, RejectedError]:
    """Refuse those of some scenarios for which there is no room; without settings, all of them."""
    found: dict[str, RejectedError] = {}
    for row in waiting:
        if settings is not None and kept.has_room(row, settings):
            kept.add(row)
        else:
            found[row.id] = RejectedError("repeated", "Others make the same calls in its class")
    return found
