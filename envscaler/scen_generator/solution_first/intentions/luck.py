"""Which recipes lead to something in a state: what leads to nothing is not tried for long."""

from collections import Counter
from collections.abc import Sequence
from random import Random

from envscaler.scen_generator.solution_first.intentions.drafts import Recipe

HOPEFUL = 12
"""Tries of one recipe after which it is no longer tried, if it has led to nothing."""


class Luck:
    """Which recipes have led to something in a state: others are tried a few times only.

    Args:
        recipes: Those of a tier.
    """

    def __init__(self, recipes: Sequence[Recipe]) -> None:
        self._recipes = recipes
        self._tried = Counter[Recipe]()
        self._lucky = set[Recipe]()

    def choose(self, random: Random) -> Recipe:
        """Draw a recipe, of those that may still lead to something if there are any."""
        hopeful = [each for each in self._recipes if self._may_do(each)]
        chosen = random.choice(hopeful or self._recipes)
        self._tried[chosen] += 1
        return chosen

    def _may_do(self, recipe: Recipe) -> bool:
        return recipe in self._lucky or self._tried[recipe] < HOPEFUL

    @property
    def is_spent(self) -> bool:
        """Nothing has led to anything, and nothing is left that may."""
        return not self._lucky and not any(map(self._may_do, self._recipes))

    def note(self, recipe: Recipe) -> None:
        """Take note that a recipe has led to an intention of the tier."""
        self._lucky.add(recipe)
