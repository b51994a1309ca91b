"""Search for a round of work: several things to do with records of one kind, each by itself.

Somebody goes through our bookings, and asks for one thing with this one and for another with that
one. Every step would be asked for alone, has its own occasion in the records, and, where it needs
one, a reason of its own.
"""

from collections.abc import Sequence
from random import Random

from envscaler.environment.state.collections import Key
from envscaler.records import Tool
from envscaler.sandbox import LiveEnvironment
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe
from envscaler.scen_generator.solution_first.intentions.gold import gold
from envscaler.scen_generator.solution_first.intentions.intention import (
    Group,
    Intention,
    Only,
    Reference,
    Request,
    Step,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.lists import some_rows
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.manners import is_of_work, tells_unevenly
from envscaler.scen_generator.solution_first.intentions.meaning import Reader
from envscaler.scen_generator.solution_first.intentions.requests import Drawn, Neighbourhood
from envscaler.scen_generator.solution_first.intentions.round_rules import RoundRules
from envscaler.scen_generator.solution_first.intentions.round_sense import (
    belongs,
    hand_all_over,
    is_of_one_sort,
)
from envscaler.scen_generator.solution_first.intentions.sayings import (
    WRONG,
)
from envscaler.scen_generator.solution_first.intentions.thread import Place
from envscaler.scen_generator.solution_first.intentions.tiers import (
    BUSY,
    LONGEST,
    depths_of,
    tier_of,
)

_PAIR = 2
"""Steps that have to be of one sort, in rounds up to this tier:"""
_SMALL = 3
_FEW = 2
"""The last tier in which each step is for one record."""
_LOOKED_UP = {BUSY: 0.5, LONGEST: 0.85}
"""How often a step is left out for which nothing has to be looked up, in high tiers."""
_RICH = 0.7
"""How often a record is told by what has to be looked up though it has a name, in others."""
_MOST_RECORDS = 24
"""Records of a kind that are looked over."""
_MOST_ALIKE = 3
"""Requests of one tool with one record that are kept."""
_TURNS = 0.7
"""How often something else is asked for in the next step than in the one before."""
_BEGINNINGS = 2
"""Kinds of records with which it is tried, those with the most to do more often."""
_MOST_STEPS = 5
_LEAST_WRONG, _AMENDING = 3, 0.5
"""Records with mistakes that somebody puts right by themselves, and how often."""
_MOST_FAILURES = 20
_MOST_TOGETHER = 4
"""Records in one step."""
_MOST_OF_SET = 6
"""Records in one step that are told together."""
_MOST_ROWS = 4
"""Ways to tell several records one by one that are tried, besides their ids."""
_TOGETHER = 0.4
"""How often a step is for several records, where there are some."""
_SETS = 0.5
"""How often those of a set are tried first, rather than some that are named."""
_MUCH, _OFTEN_TOGETHER = 5, 0.8
"""The same where less than so much can be done."""


class RoundPlanner(RoundRules):
    """Searches one round of work, until it is of the tier that a recipe is for."""

    def __init__(
        self, knowledge: Knowledge, look_ups: LookUps, live: LiveEnvironment, random: Random
    ) -> None:
        super().__init__(knowledge, look_ups, live, random)
        self._fitting: dict[tuple[int, str], bool] = {}
        """Steps so far and a request as text → whether it may be the next one."""

    def _start_anew(self) -> None:
        super()._start_anew()
        self._fitting.clear()

    def _is_next(self, drawn: Drawn) -> bool:
        """Tell whether a request may be the next step; it is looked at again and again."""
        key = (len(self._draft.steps), drawn.said)
        if key not in self._fitting:
            self._fitting[key] = super()._is_next(drawn)
        return self._fitting[key]

    async def find(self, recipe: Recipe, prefer: Sequence[str]) -> Intention | None:
        """Return a round of work; None where the state has none here.

        Args:
            recipe: Says for which tier.
            prefer: Has no meaning here.
        """
        del prefer
        self._recipe = recipe
        ways = {noun: await self._matters(noun) for noun in self._nouns.collections}
        kinds = [noun for noun, matters in ways.items() if matters]
        kinds.sort(key=lambda noun: self._random.random() ** (1 / ways[noun]), reverse=True)
        before = await self._live.snapshot()
        for noun in kinds[:_BEGINNINGS]:
            found = await self._round(await self._pool(noun), recipe.round_of)
            if found is not None:
                return found
            if self._draft.acts:
                await self._live.restore(before)
            self._start_anew()
        return None

    async def _matters(self, noun: str) -> int:
        """Count what can be asked for with records of a kind: tools, each with its reasons."""
        known = self._knowledge.matters
        if noun not in known:
            pool = [] if "*" in noun else await self._pool(noun)
            known[noun] = len({(each.tool.name, self._reason(each)) for each in pool})
        return known[noun]

    async def _round(self, pool: Sequence[Drawn], tier: int) -> Intention | None:
        """Add one step after the other until a round is of a tier.

        Args:
            pool: What can be asked for with records of a kind.
            tier: The tier.
        """
        chosen, failures = self._of_one_sort(pool), 0
        while len(self._draft.steps) < _MOST_STEPS and failures < _MOST_FAILURES:
            if not await self._next(chosen):
                failures += 1
                continue
            chosen = self._going_on(chosen, tier)
            found = await self._tier()
            if found == tier and self._is_whole(tier):
                return self._intention()
            if found > tier and tier != LONGEST:
                return None
        return None

    def _is_whole(self, tier: int) -> bool:
        """Tell whether there are steps enough; two of a small round are of one sort."""
        count = len(self._draft.steps) if self._intention().kinds else 0
        return count > _PAIR or (count == _PAIR and (tier > _SMALL or self._are_alike_in_sort()))

    def _going_on(self, pool: Sequence[Drawn], tier: int) -> Sequence[Drawn]:
        """Leave what may come behind the first step of a round of two."""
        return pool if tier > _FEW else [each for each in pool if self._are_alike_in_sort(each)]

    def _are_alike_in_sort(self, *more: Drawn) -> bool:
        """Tell whether all steps, and what may come behind them, are of one sort."""
        return is_of_one_sort([(e, self._reason(e)) for e in (*self._thread.steps, *more)])

    def _of_one_sort(self, pool: Sequence[Drawn]) -> Sequence[Drawn]:
        """Leave nothing but mistakes now and then, where there are some to put right, or none."""
        wrong = [each for each in pool if self._reason(each) is WRONG]
        many = {self._thread.subjects(each)[0] for each in wrong}
        is_chosen = len(many) >= _LEAST_WRONG and self._random.random() < _AMENDING
        return wrong if is_chosen else [each for each in pool if self._reason(each) is not WRONG]

    def _intention(self) -> Intention:
        kinds = dict.fromkeys(self._thread.subjects(each)[0][0] for each in self._thread.steps)
        return Intention(None, plan_of(tuple(self._draft.steps)), tuple(kinds), self._is_amending())

    async def _next(self, pool: Sequence[Drawn]) -> bool:
        """Take one step more."""
        drawn = self._draw(pool)
        if drawn is None:
            return False
        if self._is_for_several(pool) and await self._together_with(drawn):
            return True
        request = await self._worded(drawn) if await self.works(drawn) else None
        return request is not None and await self._take(request, (drawn,))

    def _is_for_several(self, pool: Sequence[Drawn]) -> bool:
        """Decide whether a step is for several records, more often where there is little to do."""
        if self._recipe.round_of <= _FEW:
            return False
        matters = {(each.tool.name, self._reason(each)) for each in pool}
        if self._recipe.round_of == LONGEST:
            return self._random.random() < _OFTEN_TOGETHER
        return self._random.random() < (_TOGETHER if len(matters) >= _MUCH else _OFTEN_TOGETHER)

    def _draw(self, pool: Sequence[Drawn]) -> Drawn | None:
        """Choose what goes on with the round; None where the tool that was chosen has nothing."""
        latest = self._thread.steps[-1].tool.name if self._thread.steps else ""
        every = {each.tool.name for each in pool}
        tools = sorted(every - {latest} if self._random.random() < _TURNS else every)
        name = self._random.choice(tools) if tools else latest
        alike = [each for each in pool if each.tool.name == name]
        self._random.shuffle(alike)
        return next(filter(self._is_next, alike), None)

    async def _together_with(self, drawn: Drawn) -> bool:
        """Ask for the like of a request with several records."""
        noun = self._thread.subjects(drawn)[0][0]
        for told in self._alike_in_something(noun) if self._random.random() < _SETS else ():
            if await self._take_wide(drawn.tool, told, 2, _MOST_OF_SET):
                return True
        most = _MOST_OF_SET if self._recipe.round_of == LONGEST else _MOST_TOGETHER
        rows = some_rows(self._rows(noun), self._random, 2)
        told_by_id = (row for row in rows[_MOST_ROWS:] if isinstance(row[0][0], Told))
        for row in (*rows[:_MOST_ROWS], *told_by_id):
            if await self._take_row(drawn.tool, noun, row, 2, most):
                return True
        return False

    async def _take(self, step: Step, drawn: Sequence[Drawn]) -> bool:
        """Take a step, unless it tells the like of an earlier one in another way."""
        steps = plan_of((*self._draft.steps, step))
        is_acted = isinstance(step, Request) and bool(self._phrasing.acting(step))
        if is_acted or tells_unevenly(Intention(None, steps)):
            return False  # whoever goes through records acts in all steps, and says so nowhere
        if not hand_all_over(drawn, self._reason(drawn[0]), self._world, self._nouns):
            return False
        return await super()._take(step, drawn)

    async def _tier(self) -> int:
        """Return of which tier the steps so far are; 0 where something cannot be looked up."""
        intention = self._intention()
        queries = await gold(intention, self._look_ups, self._world)
        if queries is None:
            return 0
        answers = [(call.arguments, await self._look_ups.ask(call)) for call in queries]
        depths = depths_of(repr(intention), answers)
        return tier_of(
            writes=len(self._draft.acts),
            look_ups=len(queries),
            calls=len(queries) + len(self._draft.acts),
            branches=0,
            dependent=sum(depth > 0 for depth in depths),
        )

    async def _described(self, noun: str, key: Key, reader: Reader) -> Reference | None:
        """Describe a record, more often by what has to be looked up where the tier is high."""
        is_busy = self._recipe.round_of >= BUSY
        found = await self._said_and_found(noun, key, reader, is_rich=is_busy or self._is_rich())
        if found == Only(Group(noun)):
            return None  # `the invoice` would be that of the step before
        is_code = isinstance(found, Told) and not self._nouns.is_human(noun)
        is_left_out = self._random.random() < _LOOKED_UP.get(self._recipe.round_of, 0)
        return None if is_code and is_left_out else found

    def _is_rich(self) -> bool:
        return self._random.random() < _RICH

    def _is_used_in(self, tool: str) -> bool:
        """Tell by its name whether a tool is one of those that somebody uses on a round."""
        return is_of_work(tool)

    async def _pool(self, noun: str) -> list[Drawn]:
        """Return what can be asked for with records of a kind at the start, found once in a state.

        It is the same whoever asks first.
        """
        known = self._knowledge.rounds
        if noun not in known:
            known[noun] = [
                drawn
                for key in self._nouns.collections[noun].ids[:_MOST_RECORDS]
                for tool in self._drawer.speakable()
                for drawn in await self._of_one(noun, key, tool)
            ]
        return known[noun]

    async def _of_one(self, noun: str, key: Key, tool: Tool) -> list[Drawn]:
        """Return what can be asked for with one record by one tool."""
        if noun not in self._drawer.targets(tool).values() or not self._is_used_in(tool.name):
            return []
        found: list[Drawn] = []
        area, random = Neighbourhood(self._nouns, noun, key), Random(f"{tool.name} {key}")
        for drawn in self._drawer.draw(tool, area, random):
            if len(found) < _MOST_ALIKE and self._may_be_asked(drawn, (noun, key)):
                found += [drawn] if await self.works(drawn) else []
        return found

    def _may_be_asked(self, drawn: Drawn, place: Place) -> bool:
        """Tell whether a request is about a record, and would be made for it on a round."""
        if self._thread.subjects(drawn)[:1] != [place] or drawn.acting:
            return False
        return belongs(drawn, self._reason(drawn), self._nouns) and self._is_sensible(drawn)
