"""What holds the steps of a message together: the records that it is about, and who acts."""

from dataclasses import dataclass, field
from itertools import product

from envscaler.environment.state.collections import Key
from envscaler.environment.state.plurals import singular
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.requests import Drawn, Neighbourhood
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR

Place = tuple[str, Key]
"""Path of a collection, and the id of a record in it."""


@dataclass
class Thread:
    """The records of the steps so far.

    Who only acts (`on behalf of`) is no record that a message is about; it is the same person in
    all steps, and the one that the message is about where that is such a person.
    """

    nouns: Nouns
    world: World
    records: list[Place] = field(default_factory=list[Place])
    actors: dict[str, Key] = field(default_factory=dict[str, Key])
    """Kind of record → who acts."""
    kinds: set[str] = field(default_factory=set[str])
    """Paths of the collections that the steps are about, besides that of the message."""
    tools: set[str] = field(default_factory=set[str])
    """Names of what was asked for: the like may be asked for with another record."""
    near: set[Place] = field(default_factory=set[Place])
    """What the message is about, what belongs to it, and what belongs to that."""
    is_broad: bool = False
    """Steps may be about several kinds of what belongs to what the message is about."""
    about: str = ""
    """Path of the collection of what the message is about; empty when it does not say."""

    def begin(self, noun: str, key: Key) -> None:
        """Take note of what a message says at the beginning that it is about."""
        self.records.append((noun, key))
        self.actors[noun] = key
        self.about = noun
        near = Neighbourhood(self.nouns, noun, key).near
        self.near = {(kind, each) for kind, keys in near.items() for each in keys}

    def note(self, drawn: Drawn) -> None:
        """Take note of a step."""
        self.kinds |= self._kinds_of(drawn)
        self.tools.add(drawn.tool.name)
        self.records += [each for each in main_records(drawn) if each not in self.records]
        for noun, key in _acting(drawn):
            self.actors.setdefault(noun, key)

    def fits(self, drawn: Drawn, *, closely: bool) -> bool:
        """Tell whether a request goes on with what a message is about.

        Args:
            drawn: The request.
            closely: It must not turn to another record of a kind that was spoken of, not even
                with the like of what was asked for before.
        """
        if not self._keeps_actors(drawn):
            return False
        given = main_records(drawn)
        if not self.records or not given:
            return True
        if self._leaves(given) or not self._keeps_kinds(drawn):
            return False
        is_like = drawn.tool.name in self.tools and not closely
        if not is_like and self._turns_away(given):
            return False
        return any(self._are_linked(one, other) for one, other in product(given, self.records))

    def _keeps_kinds(self, drawn: Drawn) -> bool:
        is_free = not self.kinds or self.is_broad
        return is_free or not self.kinds.isdisjoint(self._kinds_of(drawn))

    def _keeps_actors(self, drawn: Drawn) -> bool:
        return all(self.actors.get(noun, key) == key for noun, key in _acting(drawn))

    def _kinds_of(self, drawn: Drawn) -> set[str]:
        """Return what a request is about: what it names, and what its tool is called after.

        A change of the very record that the message is about is of that kind, and of no other.
        """
        named = {noun for noun, _ in main_records(drawn)} - {self.about}
        words = f"_{drawn.tool.name}_"
        called = {
            noun for noun in self.nouns.links if f"_{singular(noun.split('.')[-1])}_" in words
        }
        return (named | called) - {self.about} or {self.about}

    def _turns_away(self, given: list[Place]) -> bool:
        """Tell whether of some kind that was spoken of only other records are given."""
        for noun in {noun for noun, _ in given}:
            known = {each for each in self.records if each[0] == noun}
            if known and not known & {*given}:
                return True
        return False

    def _are_linked(self, one: Place, other: Place) -> bool:
        return one == other or self._refers(one, other) or self._refers(other, one)

    def _leaves(self, given: list[Place]) -> bool:
        """Tell whether a message would leave what it is about, or go on to another person."""
        if self.near and self.near.isdisjoint(given):
            return True
        if not self.about or not self.nouns.is_human(self.about):
            return False
        return any(place[0] == self.about and place != self.records[0] for place in given)

    def _refers(self, one: Place, other: Place) -> bool:
        """Tell whether a record holds the id of another one."""
        return any(
            link.target == other[0] and self.world.value(*one, link.field) == other[1]
            for link in self.nouns.links[one[0]]
        )


def main_records(drawn: Drawn) -> list[Place]:
    """Return the records that a request is about, without who only acts."""
    return [place for name, place in drawn.records.items() if not ACTOR.match(name)]


def _acting(drawn: Drawn) -> list[Place]:
    return [place for name, place in drawn.records.items() if ACTOR.match(name)]
