"""Search for a round of work around one record: what belongs to a person, a project or a place.

Somebody puts their meals in order, or sees to all that belongs to a customer: each step is for
another record of that owner.
"""

from collections.abc import Sequence

from envscaler.environment.state.collections import Key
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe
from envscaler.scen_generator.solution_first.intentions.intention import (
    Intention,
    Step,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.manners import is_of_work
from envscaler.scen_generator.solution_first.intentions.meaning import Reader
from envscaler.scen_generator.solution_first.intentions.requests import Drawn
from envscaler.scen_generator.solution_first.intentions.round_planner import RoundPlanner
from envscaler.scen_generator.solution_first.intentions.round_sense import (
    is_gone_through,
    is_of_things,
)
from envscaler.scen_generator.solution_first.intentions.story import is_by_staff
from envscaler.scen_generator.solution_first.intentions.thread import (
    Place,
    is_served,
    owners_of,
)

_OWNERS = 3
"""Owners with whom it is tried, of those with the most records."""
_AMONG = 8
_LEAST_HELD = 3
"""Records that somebody has who goes through them."""


class OwnerPlanner(RoundPlanner):
    """Searches one round of work around one record."""

    _is_own = False
    """Whoever writes sees to what is their own."""
    _held: frozenset[Place] = frozenset()
    """What somebody goes through; empty as long as that is not chosen."""

    async def find(self, recipe: Recipe, prefer: Sequence[str]) -> Intention | None:
        """Return a round of work around one record; None where the state has none here.

        Args:
            recipe: Says for which tier.
            prefer: Has no meaning here.
        """
        del prefer
        self._recipe = recipe
        before = await self._live.snapshot()
        owners = self._owners()
        for noun, key in self._random.sample(owners, min(_OWNERS, len(owners))):
            self._about = await self._introduction(noun, key)
            if self._about is None:
                continue
            self._thread.begin(noun, key)
            pool = self._of_one_kind(await self._chosen_pool(noun, key))
            found = await self._round(pool, recipe.round_of) if pool else None
            if found is not None:
                return found
            if self._draft.acts:
                await self._live.restore(before)
            self._start_anew()
            self._held = frozenset()
        return None

    async def _chosen_pool(self, noun: str, key: Key) -> list[Drawn]:
        """Decide whether somebody sees to what is their own, and return what can be asked for."""
        pools = {False: await self._pool_of(noun, key, is_own=False)}
        if is_served(noun):
            pools[True] = await self._pool_of(noun, key, is_own=True)
        fitting = [is_own for is_own, pool in pools.items() if pool]
        self._is_own = self._random.choice(fitting) if fitting else False
        return pools[self._is_own]

    def _of_one_kind(self, pool: Sequence[Drawn]) -> list[Drawn]:
        """Choose the kind of records that somebody goes through, and note which they are."""
        kinds: dict[str, list[Drawn]] = {}
        for each in pool:
            kinds.setdefault(self._thread.subjects(each)[0][0], []).append(each)
        kinds.pop(self._thread.about, None)
        if self._nouns.is_human(self._thread.about):
            kinds = {kind: some for kind, some in kinds.items() if not is_of_things(kind)}
        if not kinds:
            return []
        ways = {kind: len({each.tool.name for each in some}) for kind, some in kinds.items()}
        chosen = max(kinds, key=lambda kind: self._random.random() ** (1 / ways[kind]))
        self._held = frozenset(self._thread.subjects(each)[0] for each in kinds[chosen])
        return kinds[chosen]

    def _goes_on(self, drawn: Drawn, *, closely: bool) -> bool:
        """Tell whether a request goes on, with what the beginning says that it is about."""
        is_held = not self._held or self._thread.subjects(drawn)[0] in self._held
        return is_held and super()._goes_on(drawn, closely=closely)

    def _owners(self) -> list[Place]:
        """List the records to which the most others belong."""
        count: dict[Place, int] = {}
        for noun, links in self._nouns.links.items():
            for record in () if "*" in noun else self._nouns.collections[noun].records:
                for link in links:
                    held = record.get(link.field)
                    if isinstance(held, str | int) and is_gone_through(link.target, self._nouns):
                        count[link.target, held] = count.get((link.target, held), 0) + 1
        there = [place for place in count if "*" not in place[0] and self._world.has(*place)]
        there.sort(key=lambda place: -count[place])
        return [place for place in there if count[place] >= _LEAST_HELD][:_AMONG]

    async def _pool_of(self, noun: str, key: Key, *, is_own: bool) -> list[Drawn]:
        """Return what can be asked for with what belongs to an owner, found once in a state."""
        self._is_own = is_own
        known, name = self._knowledge.rounds, f"{noun} {key} {is_own}"
        if name not in known:
            places = [(noun, key), *self._belonging(noun, key)]
            if is_own:
                places = [each for each in places if self._is_of_nobody_else(each, (noun, key))]
            known[name] = [
                drawn
                for place in places
                for tool in self._drawer.speakable()
                for drawn in await self._of_one(*place, tool)
                if place != (noun, key) or drawn.is_creating
            ]
        return known[name]

    def _is_of_nobody_else(self, place: Place, person: Place) -> bool:
        """Tell whether a record belongs to somebody alone, who may call it theirs."""
        owners = owners_of(place, self._world, self._nouns)
        return place == person or all(each == person for each in owners)

    def _belonging(self, noun: str, key: Key) -> list[Place]:
        """List the records that refer to an owner."""
        return [
            (other, each)
            for other, links in self._nouns.links.items()
            if "*" not in other and other != noun
            for each, record in zip(
                self._nouns.collections[other].ids,
                self._nouns.collections[other].records,
                strict=True,
            )
            if any(e.target == noun and record.get(e.field) == key for e in links)
        ]

    def _intention(self) -> Intention:
        noun = self._thread.about
        kinds = dict.fromkeys(self._thread.subjects(each)[0][0] for each in self._thread.steps)
        told = tuple(each for each in kinds if each != noun)
        return Intention(self._about, plan_of(tuple(self._draft.steps)), told, self._is_amending())

    async def _take(self, step: Step, drawn: Sequence[Drawn]) -> bool:
        """Take a step, unless what somebody goes through as theirs is told as another's."""
        humans = (noun for noun in self._nouns.collections if self._nouns.is_human(noun))
        told = [f"{kind}(noun={noun!r}" for noun in humans for kind in ("Named", "Told")]
        is_of_person = self._nouns.is_human(self._thread.about)
        if is_of_person and any(each in repr(step) for each in told):
            return False
        return await super()._take(step, drawn)

    def _is_used_in(self, tool: str) -> bool:
        return not is_by_staff(tool) if self._is_own else is_of_work(tool)

    def _reader(self) -> Reader:
        """Return a reader that knows of the owner, and of no other step."""
        reader = Reader(self._world)
        if self._about is not None:
            reader.introduce(self._about)
        return reader
