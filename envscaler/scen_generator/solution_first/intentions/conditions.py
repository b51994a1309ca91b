"""Conditions on which a person would let a request hang."""

import re
from collections.abc import Collection
from random import Random

from envscaler.environment.state.collections import Key
from envscaler.scen_generator.solution_first.intentions.intention import (
    Condition,
    Reference,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Reader,
    World,
    groups_in,
)
from envscaler.scen_generator.solution_first.intentions.nouns import (
    is_kind,
    is_moment,
    is_status,
)
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.sayings import REPAIRED, RETRIED, Reason
from envscaler.scen_generator.solution_first.intentions.together import sets_status

_NOTING = re.compile(r"^(log|record|note|report|document)_")
"""Names of tools that write down what has happened."""
_FORESEEN = (REPAIRED, RETRIED)
"""Reasons of who knows how it went."""
_UNSAID = frozenset(("submitted",))
"""Statuses of which nobody says that something still is it."""


def goes_in_any_case(drawn: Drawn, reason: Reason | None) -> bool:
    """Tell whether nobody lets a request hang on how things stand.

    What has happened is written down in any case, whoever says that what made something fail has
    been fixed knows that it has failed, and nobody sets another status for no reason if it is one.

    Args:
        drawn: The request.
        reason: Why it is asked for.
    """
    is_idle = reason is None and sets_status(drawn)
    return is_idle or reason in _FORESEEN or _NOTING.match(drawn.tool.name) is not None


class Conditions:
    """Finds conditions on records of one state.

    Args:
        knowledge: The environment and its state.
        look_ups: What cannot be looked up is no condition.
        world: The state.
        random: Decides.
    """

    def __init__(
        self, knowledge: Knowledge, look_ups: LookUps, world: World, random: Random
    ) -> None:
        self._nouns = knowledge.nouns
        self._phrasing = knowledge.phrasing
        self._look_ups = look_ups
        self._world = world
        self._random = random

    async def find(
        self, noun: str, key: Key, of: Reference, reader: Reader, used: Collection[str]
    ) -> list[tuple[Condition, bool]]:
        """List conditions on a record that can be looked up, each with whether it holds.

        Args:
            noun: Path of its collection.
            key: Its id.
            of: How it is spoken of.
            reader: Knows the state.
            used: What was said before.
        """
        found: list[tuple[Condition, bool]] = []
        told = {each.field for each in groups_in(of)}
        for name in self._nouns.fields(noun):
            if name in told or f"if {name} of {key}" in used:
                continue
            for condition, is_true in self._tests(noun, key, name, of):
                if not self._phrasing.says("condition", condition):
                    continue
                if await self._look_ups.condition(condition, reader):
                    found.append((condition, is_true))
        self._random.shuffle(found)
        return found[:4]

    def _tests(self, noun: str, key: Key, name: str, of: Reference) -> list[tuple[Condition, bool]]:
        held = self._world.value(noun, key, name)
        if isinstance(held, str):
            return self._words(held, noun, name, of)
        if isinstance(held, bool) or is_moment(held) or not isinstance(held, int | float):
            return []
        return self._thresholds(held, name, of)

    def _words(
        self, held: str, noun: str, name: str, of: Reference
    ) -> list[tuple[Condition, bool]]:
        """List what a status or a kind is, and something that it is not."""
        is_deciding = is_status(name) or is_kind(name)
        if self._nouns.sounds_double(noun, held):
            return []  # a booking that is booked
        if not held or not is_deciding or name not in self._nouns.sorting_fields(noun):
            return []
        if held.lower() in _UNSAID:
            return []
        values = {each for each in self._nouns.values(noun, name) if isinstance(each, str)}
        others = sorted(values - {held})
        found = [(Condition(of, name, "is", held), True)]
        return [*found, *((Condition(of, name, "is", each), False) for each in others[:1])]

    def _thresholds(self, held: float, name: str, of: Reference) -> list[tuple[Condition, bool]]:
        size = 1 if abs(held) < 20 else 10 if abs(held) < 500 else 100
        below, above = int(held // size) * size - size, int(held // size) * size + 2 * size
        if "rating" in name:
            return [(Condition(of, name, "over", below), True)] if below > 0 else []
        if below <= 0:
            return [(Condition(of, name, "under", above), True)]
        return [
            (Condition(of, name, "over", below), True),
            (Condition(of, name, "over", above), False),
        ]
