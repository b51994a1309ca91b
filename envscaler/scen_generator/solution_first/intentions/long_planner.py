"""Search for a long intention: much to do around one record, until it takes many calls."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random

from envscaler.environment.state.collections import Key
from envscaler.records import Call
from envscaler.sandbox import LiveEnvironment
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe
from envscaler.scen_generator.solution_first.intentions.gold import gold
from envscaler.scen_generator.solution_first.intentions.intention import (
    About,
    Again,
    Condition,
    Group,
    Intention,
    Linked,
    Reference,
    Request,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.many import LEAST_TOLD
from envscaler.scen_generator.solution_first.intentions.meaning import Reader
from envscaler.scen_generator.solution_first.intentions.planner import Planner
from envscaler.scen_generator.solution_first.intentions.requests import Drawn, Neighbourhood
from envscaler.scen_generator.solution_first.intentions.tiers import (
    DEEP,
    MANY_CALLS,
    depths_of,
    is_long,
)

_MOST_FAILURES = 6
MANY_MEMBERS = 16
"""Records that may have to be looked over one by one for one choice."""
_TOLD = 0.25
"""How often a record is told by its id though there is too little to look up yet."""
_MOST_OTHERS = 3
_MOST_MEMBERS = 9
_MOST_GROUPS = 3
_LATE = 8
"""Calls after which something may be ended: nothing more can be done with it then."""
_HUBS = 3
"""Records in the middle among which is chosen: those with the most around them."""

Kind = Callable[[Neighbourhood], Awaitable[bool]]


class LongPlanner(Planner):
    """Searches one intention of the highest tier.

    Steps for whole sets come first, since each is many calls; then conditions, things that are
    refused and single requests, told by what has to be looked up.
    """

    def __init__(
        self, knowledge: Knowledge, look_ups: LookUps, live: LiveEnvironment, random: Random
    ) -> None:
        super().__init__(knowledge, look_ups, live, random)
        self._calls, self._dependent = 0, 0
        self._tried: dict[str, bool] = {}
        self._found_groups: dict[tuple[int, str, int], list[Group]] = {}
        """Steps so far, noun and how many records are near → what was found."""
        self._fitting: dict[tuple[int, str], bool] = {}
        """Steps so far and a request as text → whether it may be one of several in the next."""
        self._asked = frozenset[str]()
        self._thread.is_broad = True

    async def find(self, recipe: Recipe, prefer: Sequence[str]) -> Intention | None:
        """Return an intention that takes many calls; None when the state has none here."""
        self._recipe = recipe
        if await self._of_several(LEAST_TOLD, MANY_MEMBERS) or await self._several(
            LEAST_TOLD, recipe.members
        ):
            return self._intention() if await self._is_enough() else None
        areas = self._areas(prefer) if recipe.steps else []
        self._random.shuffle(areas)
        for area in areas:
            if await self._begins(area):
                return await self._grown(area)
        return None

    async def _begins(self, area: Neighbourhood) -> bool:
        """Find a first step around a record, which is introduced where others belong to it."""
        self._found_groups.clear()
        self._fitting.clear()
        is_whole = not any(noun != area.focus[0] for noun in area.near)
        self._about = None if is_whole else await self._introduction(*area.focus)
        if is_whole:
            area.widen()
        elif self._about is None:
            return False
        else:
            self._thread.begin(*area.focus)
        return await self._any_of(self._kinds(), area)

    def _are_enough(self, told: int, queries: int) -> bool:
        return told + queries >= MANY_CALLS

    def _are_worth_it(self, told: int, queries: int) -> bool:
        return self._are_enough(told, queries)

    async def _grown(self, area: Neighbourhood) -> Intention | None:
        """Add steps to the first one until they take many calls.

        Where nothing more is to be done around a record, the same may be asked for another one.
        """
        others = self._others(area)
        failures = 0
        while not await self._is_enough():
            if len(self._draft.steps) == self._recipe.steps or failures == _MOST_FAILURES:
                return None
            if not await self._any_of(self._kinds(), area):
                failures += 1
                if failures % 2 and others:
                    area.join(others.pop(0))
        return self._intention()

    def _others(self, area: Neighbourhood) -> list[Neighbourhood]:
        """Return further records of the kind in the middle, with what belongs to them."""
        noun, middle = area.focus
        keys = [key for key in self._nouns.collections[noun].ids if key != middle]
        found = [Neighbourhood(self._nouns, noun, key) for key in keys]
        found.sort(key=lambda other: -self._much_to_do(other))
        return found[:_MOST_OTHERS]

    async def _introduction(self, noun: str, key: Key) -> Reference | None:
        """Tell what it is about by a name, or by a record that refers to it, or by its id."""
        plain = await super()._introduction(noun, key)
        if not isinstance(plain, Told):
            return plain
        reader = Reader(self._world)
        near = self._linked_to(noun, key)
        far = [
            Linked(each.noun, each.field, more)
            for each in near
            if isinstance(each.of, Told)
            for more in self._linked_to(each.of.noun, each.of.key)
        ]
        for each in (*far, *near):
            if not self._phrasing.says(f"base {noun}", each):
                continue
            if await self._look_ups.reference(each, reader) is not None:
                return each
        return plain

    def _linked_to(self, noun: str, key: Key) -> list[Linked]:
        """List descriptions by records that refer to one: the customer of invoice IN-2041."""
        found: list[Linked] = []
        for other, links in self._nouns.links.items():
            one = self._nouns.collections[other]
            for link in links:
                if link.target != noun or "*" in other:
                    continue
                holding = [
                    each
                    for each, record in zip(one.ids, one.records, strict=True)
                    if record.get(link.field) == key
                ]
                found += [Linked(noun, link.field, Told(other, each)) for each in holding[:2]]
        self._random.shuffle(found)
        return found

    async def _described(self, noun: str, key: Key, reader: Reader) -> Reference | None:
        """Describe a record, by something new to look up while there is too little of that."""
        known: Reference | None = None
        for each in self._said(noun, key, reader):
            if isinstance(each, Told):
                return each if known is None and self._tells_id() else known
            calls = await self._look_ups.reference(each, reader)
            if calls is None:
                continue
            if self._will_do(each, calls):
                return each
            known = known or each
        return known

    def _will_do(self, reference: Reference, calls: Sequence[Call]) -> bool:
        """Tell whether a description asks for something new, or need not."""
        return self._is_deep or isinstance(reference, About | Again) or self._is_new(calls)

    def _said(self, noun: str, key: Key, reader: Reader) -> Iterator[Reference]:
        """Yield the descriptions of a record that can be said."""
        for each in self._describer.all(noun, key, reader, self._random, is_rich=True):
            if self._phrasing.says(f"any {noun}", each):
                yield each

    def _tells_id(self) -> bool:
        """Decide whether an id is given for want of something new to look up."""
        return self._is_deep or self._random.random() < _TOLD

    async def _conditions(self, noun: str, key: Key) -> list[tuple[Condition, bool]]:
        """List conditions, those first for which something new has to be looked up."""
        found = await super()._conditions(noun, key)
        reader = self._reader()
        old: list[tuple[Condition, bool]] = []
        new: list[tuple[Condition, bool]] = []
        for each in found:
            calls = await self._look_ups.condition(each[0], reader)
            (new if calls and self._is_new(calls) else old).append(each)
        return [*new, *old]

    def _is_new(self, calls: Sequence[Call]) -> bool:
        """Tell whether one of some queries was not needed for the steps so far."""
        return any(repr(call) not in self._asked for call in calls)

    @property
    def _is_deep(self) -> bool:
        return self._dependent >= DEEP

    async def works(self, drawn: Drawn) -> bool:
        """Try a request, once in each state."""
        key = f"{len(self._draft.acts)} {drawn.tool.name} {drawn.arguments}"
        if key not in self._tried:
            self._tried[key] = await super().works(drawn)
        return self._tried[key]

    def _intention(self) -> Intention:
        return Intention(self._said_about(), plan_of(tuple(self._draft.steps)))

    def _kinds(self) -> Sequence[Kind]:
        """Return what to try next, the likeliest first."""
        others = [self._choice, self._fallback, self._one]
        self._random.shuffle(others)
        is_first = len(self._draft.steps) < 2 or self._random.random() < 0.4
        return [self._set, *others] if is_first else [*others, self._set]

    async def _any_of(self, kinds: Sequence[Kind], area: Neighbourhood) -> bool:
        for kind in kinds:
            if await kind(area):
                return True
        return False

    async def _one(self, area: Neighbourhood) -> bool:
        return await self._step(area, (), is_special=False)

    async def _is_enough(self) -> bool:
        """Tell whether what was found so far takes as many calls as it should."""
        return await self._is_long(self._intention(), len(self._draft.acts))

    async def _is_wanted(self, whole: Request, members: Sequence[Drawn]) -> bool:
        if self._about is not None or self._draft.steps:
            return True
        steps = (*self._draft.steps, whole)
        writes = len(self._draft.acts) + len(members)
        return await self._is_long(Intention(self._about, plan_of(steps)), writes)

    async def _is_long(self, intention: Intention, writes: int) -> bool:
        queries = await gold(intention, self._look_ups, self._world)
        if queries is None:
            return False
        answers = [(call.arguments, await self._look_ups.ask(call)) for call in queries]
        depths = depths_of(repr(intention), answers)
        self._asked = frozenset(map(repr, queries))
        self._dependent = sum(depth > 0 for depth in depths)
        self._calls = len(queries) + writes
        return is_long(self._calls, self._dependent)

    def _is_next(self, drawn: Drawn) -> bool:
        """Tell whether a request is asked for with each of several records; it may end them."""
        key = (len(self._draft.steps), drawn.said)
        if key not in self._fitting:
            is_sensible = super()._is_sensible(drawn)
            self._fitting[key] = is_sensible and self._goes_on(drawn, closely=False)
        return self._fitting[key]

    def _is_sensible(self, drawn: Drawn) -> bool:
        is_early = drawn.is_ending and self._calls < _LATE
        return not is_early and super()._is_sensible(drawn)

    def _areas(self, prefer: Sequence[str]) -> list[Neighbourhood]:
        """List the records with the most around them."""
        del prefer
        found: list[tuple[int, Neighbourhood]] = []
        for noun, one in self._nouns.collections.items():
            for key in () if "*" in noun else one.ids:
                area = Neighbourhood(self._nouns, noun, key)
                found.append((self._much_to_do(area), area))
        found.sort(key=lambda pair: -pair[0])
        return [area for _, area in found[:_HUBS]]

    def _much_to_do(self, area: Neighbourhood) -> int:
        """Count what can be done with how many records."""
        return sum(
            len(area.near.get(noun, ()))
            for tool in self._drawer.speakable()
            for noun in {*self._drawer.targets(tool).values()}
        )

    def _groups(self, noun: str, area: Neighbourhood) -> list[Group]:
        """List groups near the middle: its own first, then those with the most members."""
        asked = (len(self._draft.steps), noun, len(area.near.get(noun, ())))
        if asked not in self._found_groups:
            self._found_groups[asked] = self._find_groups(noun, area)
        return self._found_groups[asked]

    def _find_groups(self, noun: str, area: Neighbourhood) -> list[Group]:
        reader = self._reader()
        found: list[tuple[bool, int, Group]] = []
        for key in area.near.get(noun, ()):
            for group in self._describer.groups(noun, key, reader, self._random):
                size = len(reader.group(group))
                if (group.link or self._about is None) and 2 <= size <= _MOST_MEMBERS:
                    found.append((not isinstance(group.of, About), -size, group))
        distinct = {repr(each[2]): each for each in found}
        ordered = sorted(distinct.values(), key=lambda each: each[:2])
        return [group for *_, group in ordered[:_MOST_GROUPS]]
