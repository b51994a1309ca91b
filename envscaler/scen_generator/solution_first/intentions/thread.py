"""What holds the steps of a message together: the records that it is about, and who acts."""

import re
from dataclasses import dataclass, field
from itertools import product

from envscaler.environment.state.collections import Key, Scalar
from envscaler.environment.state.plurals import singular
from envscaler.inputs.word_lists import CLIENTS
from envscaler.scen_generator.solution_first.intentions.meaning import World
from envscaler.scen_generator.solution_first.intentions.nouns import Nouns
from envscaler.scen_generator.solution_first.intentions.requests import Drawn, Neighbourhood
from envscaler.scen_generator.solution_first.intentions.verb_words import (
    HUMAN_DOES,
    PRAISING,
)
from envscaler.scen_generator.solution_first.intentions.verbs import is_ending

BOOKED = re.compile(r"book|reserv|loan|rent|appointment|consultation|session|schedul|join|enroll")
"""Names of tools that make what may be made anew when it was cancelled, or with another thing."""
_WORD = re.compile(r"[a-z_ ]+")
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
    steps: list[Drawn] = field(default_factory=list[Drawn])
    """What was asked for: the like may be asked for with another record."""
    near: set[Place] = field(default_factory=set[Place])
    """What the message is about, what belongs to it, and what belongs to that."""
    is_broad: bool = False
    """Steps may be about several kinds of what belongs to what the message is about."""
    about: str = ""
    """Path of the collection of what the message is about; empty when it does not say."""

    @property
    def person(self) -> Place | None:
        """Whom the message is about, where it says so."""
        is_one = self.about and self.nouns.is_human(self.about)
        return self.records[0] if is_one else None

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
        self.steps.append(drawn)
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
        if self._leaves(self.subjects(drawn)) or not self._keeps_kinds(drawn):
            return False
        if not self.steps:
            return any(self._are_linked(one, other) for one, other in product(given, self.records))
        return self._keeps_people(drawn) and self._goes_on(drawn, closely=closely)

    def _goes_on(self, drawn: Drawn, *, closely: bool) -> bool:
        """Tell whether a request goes with one of the earlier ones, and against none."""
        if any(self._clash(drawn, each) for each in self.steps):
            return False
        is_like = not closely and any(self._is_like(drawn, each) for each in self.steps)
        return is_like or any(self._hangs_together(drawn, each) for each in self.steps)

    def _clash(self, drawn: Drawn, earlier: Drawn) -> bool:
        """Tell whether one record is dealt with twice alike, or one is made and others changed.

        A booking is cancelled, and then another one made; nothing else goes with a new one.
        """
        if drawn.tool.name == earlier.tool.name:
            is_praise = PRAISING.search(drawn.tool.name) is not None
            return is_praise or bool({*self.subjects(drawn)} & {*self.subjects(earlier)})
        if drawn.is_creating and self._is_of_its_kind(drawn, earlier):
            return not self._is_anew(drawn, earlier)
        return earlier.is_creating and self._is_of_its_kind(earlier, drawn)

    def _is_like(self, drawn: Drawn, earlier: Drawn) -> bool:
        """Tell whether the same is asked for with another record, and all else stays."""
        if drawn.tool.name != earlier.tool.name:
            return False
        if drawn.is_creating:
            people = {place for place in main_records(drawn) if self.nouns.is_human(place[0])}
            return people <= {*earlier.records.values()}
        rest = {*drawn.records.values()} - {*self.subjects(drawn)}
        return rest <= {*earlier.records.values()} and _words_in(drawn) == _words_in(earlier)

    def _hangs_together(self, drawn: Drawn, earlier: Drawn) -> bool:
        """Tell whether two requests are about one record, or one makes what the other has ended.

        Two may also be about records of which one is a part of the other, if no third one was
        spoken of.
        """
        one, other = {*self.subjects(drawn)}, {*self.subjects(earlier)}
        if one & other or self._is_anew(drawn, earlier):
            return True
        known = {place for step in self.steps for place in self.subjects(step)}
        things = [[each for each in places if not self._is_person(each)] for places in (one, other)]
        return known == other and any(self._are_linked(*pair) for pair in product(*things))

    def _is_anew(self, drawn: Drawn, earlier: Drawn) -> bool:
        """Tell whether a request makes anew what an earlier one has ended: another booking."""
        is_like = drawn.is_creating and self._is_of_its_kind(drawn, earlier)
        booked = BOOKED.search(drawn.tool.name)
        return is_like and is_ending(earlier.tool.name) and booked is not None

    def _is_person(self, place: Place) -> bool:
        return self.nouns.is_human(place[0])

    def _is_of_its_kind(self, new: Drawn, old: Drawn) -> bool:
        """Tell whether one request makes what another is about."""
        words = f"_{new.tool.name}_"
        kinds = {singular(noun.split(".")[-1]) for noun, _ in self.subjects(old)}
        return any(f"_{kind}_" in words for kind in kinds)

    def subjects(self, drawn: Drawn) -> list[Place]:
        """Return what a request is done to: the first record, and no person beside a thing."""
        return subjects_of(drawn, self.nouns)

    def _keeps_people(self, drawn: Drawn) -> bool:
        """Tell whether a request concerns the person whom the earlier ones concern."""
        for noun in {noun for noun, _ in main_records(drawn) if is_served(noun)}:
            known = {each for step in self.steps for each in self._people(step, noun)}
            if known and known.isdisjoint(self._people(drawn, noun)):
                return False
        return True

    def _people(self, drawn: Drawn, noun: str) -> set[Place]:
        """Return the people of a kind that a request names, or else to whom its records belong."""
        places = main_records(drawn)
        named = {place for place in places if place[0] == noun}
        owners = {each for place in places for each in owners_of(place, self.world, self.nouns)}
        return named or {each for each in owners if each[0] == noun}

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
    return drawn.main


def is_put_in(drawn: Drawn) -> bool:
    """Tell whether something that there is would be put into another thing, and no more."""
    is_pair = len(drawn.main) > 1 and not drawn.made and not drawn.values
    return is_pair and drawn.tool.name.startswith("add_") and "_to_" in drawn.tool.name


def subjects_of(drawn: Drawn, nouns: Nouns) -> list[Place]:
    """Return what a request is done to: the first record, and no person beside a thing."""
    places = main_records(drawn)
    things = [place for place in places if not nouns.is_human(place[0])]
    verb = drawn.tool.name.split("_")[0]
    if drawn.is_creating:
        return things or places
    return things[:1] if things and verb in HUMAN_DOES else places[:1]


def _words_in(drawn: Drawn) -> list[Scalar]:
    """Return the statuses and the like that a request gives, no texts, dates and amounts."""
    given = drawn.values.values()
    return [each for each in given if isinstance(each, str) and _WORD.fullmatch(each)]


def _acting(drawn: Drawn) -> list[Place]:
    return drawn.acting


def owners_of(place: Place, world: World, nouns: Nouns) -> list[Place]:
    """Return the people to whom a record belongs."""
    found: list[Place] = []
    for link in nouns.links[place[0]]:
        held = world.value(*place, link.field)
        if nouns.is_human(link.target) and isinstance(held, str | int):
            found.append((link.target, held))
    return found


def is_served(noun: str) -> bool:
    """Tell whether a word stands for people for whom something is made, rather than for staff."""
    words = set(singular(noun.split(".")[-1]).split("_"))
    return bool(words & (CLIENTS | {"user", "person", "account"}))
