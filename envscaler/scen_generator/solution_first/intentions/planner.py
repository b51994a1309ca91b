"""Search for an intention on a state: steps around one record, each of them tried out."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from envscaler.environment.state.collections import Key
from envscaler.records import Tool
from envscaler.scen_generator.solution_first.intentions.conditions import (
    Conditions,
    goes_in_any_case,
)
from envscaler.scen_generator.solution_first.intentions.drafts import (
    Recipe,
    choice_of,
    fields_of,
    near,
)
from envscaler.scen_generator.solution_first.intentions.intention import (
    Condition,
    Fallback,
    Intention,
    Reference,
    Request,
    Step,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.lists import in_one
from envscaler.scen_generator.solution_first.intentions.many import (
    LEAST_TOLD,
    MOST_MEMBERS,
    ManySteps,
)
from envscaler.scen_generator.solution_first.intentions.meaning import (
    NoAnswerError,
    Reader,
)
from envscaler.scen_generator.solution_first.intentions.requests import (
    Drawn,
    Neighbourhood,
)
from envscaler.scen_generator.solution_first.intentions.sense import (
    depends,
    differs_sensibly,
    instead,
    stands_in,
)
from envscaler.scen_generator.solution_first.intentions.thread import Place, main_records
from envscaler.scen_generator.solution_first.intentions.verbs import is_ending

_MOST_OTHERS = 6
"""Records that are tried instead of one."""
_ONE_SIDED = 0.5
"""How often nothing is asked for where a condition does not hold."""
_BEGINNINGS = 3
"""Records around which steps are looked for, one after the other."""
_MOST_FAILURES = 1
"""Steps that may not be found, and one more for each special one, before an intention is given up:
what can be asked for in a neighbourhood is known after one look."""


class Planner(ManySteps):
    """Searches one intention."""

    async def find(self, recipe: Recipe, prefer: Sequence[str]) -> Intention | None:
        """Return an intention of as many steps as a recipe says; None when there are fewer.

        Args:
            recipe: What it is made of.
            prefer: Tools to begin with.
        """
        self._recipe = recipe
        if recipe.members:
            return await self._for_many(recipe.members)
        before = await self._live.snapshot()
        for _ in range(_BEGINNINGS):
            found = await self._around_one(recipe, prefer)
            if found is not None:
                return found
            if self._draft.acts:
                await self._live.restore(before)
            self._start_anew()
        return None

    async def _around_one(self, recipe: Recipe, prefer: Sequence[str]) -> Intention | None:
        """Return an intention of steps around one record; None where too few are found."""
        area = await self._begin(recipe, prefer)
        if area is None:
            return None
        special = {*self._random.sample(range(recipe.steps), min(recipe.specials, recipe.steps))}
        failures, most = 0, _MOST_FAILURES + recipe.specials
        while len(self._draft.steps) < recipe.steps and failures < most:
            at = len(self._draft.steps)
            chosen = prefer if at == 0 else ()
            failures += not await self._step(area, chosen, is_special=at in special)
        if len(self._draft.steps) < recipe.steps - recipe.steps // 3:
            return None
        self._draft.steps = self._together(self._draft.steps)
        return Intention(self._said_about(), plan_of(tuple(self._draft.steps)))

    def _together(self, steps: list[Step]) -> list[Step]:
        """Ask once for the same with two records, where that comes to the same."""
        for at, (one, two) in enumerate(pairwise(steps)):
            whole = in_one(one, two)
            if whole is None or not self._phrasing.says("do", whole):
                continue
            fewer = [*steps[:at], whole, *steps[at + 2 :]]
            try:
                if self._read(fewer) == self._draft.acts:
                    return fewer
            except NoAnswerError:
                continue
        return steps

    def _said_about(self) -> Reference | None:
        """Return what a message is about, if one of its steps comes back to it."""
        return self._about if "About(" in repr(self._draft.steps) else None

    async def _for_many(self, members: int) -> Intention | None:
        """Return an intention that asks for one thing with so many records, or a few more."""
        most = MOST_MEMBERS if members >= LEAST_TOLD else members + members // 3
        kinds = [
            partial(self._of_several, members, most),
            partial(self._several, members, members),
        ]
        if members < LEAST_TOLD:  # more are told by what they have in common, where that can be
            self._random.shuffle(kinds)
        for kind in kinds:
            if await kind():
                return Intention(None, plan_of(tuple(self._draft.steps)))
        return None

    async def _begin(self, recipe: Recipe, prefer: Sequence[str]) -> Neighbourhood | None:
        """Choose the record in the middle, and how it is introduced."""
        areas = self._areas(prefer)
        if not areas:
            return None
        area = self._random.choice(areas)
        noun, key = area.focus
        if recipe.steps > 1 or (self._nouns.is_human(noun) and self._random.random() < 0.4):
            self._about = await self._introduction(noun, key)
        if self._about is not None:
            self._thread.begin(noun, key)
        return area

    def _areas(self, prefer: Sequence[str]) -> list[Neighbourhood]:
        """List records in the middle: of each kind a few, those with much to do more often."""
        found: list[Neighbourhood] = []
        tools = self._drawer.speakable()
        for noun, one in self._nouns.collections.items():
            if "*" in noun:
                continue
            keys = [*one.ids]
            for key in self._random.sample(keys, min(4, len(keys))):
                area = Neighbourhood(self._nouns, noun, key)
                fitting = [
                    tool
                    for tool in tools
                    if any(each in area.near for each in self._drawer.targets(tool).values())
                ]
                found += [area] * len(fitting)
                if any(tool.name in prefer for tool in fitting):
                    found += [area] * 2
        return found

    async def _introduction(self, noun: str, key: Key) -> Reference | None:
        reader = Reader(self._world)
        for each in self._describer.plain(noun, key, reader):
            try:
                is_one = reader.find(each) == key
            except NoAnswerError:
                continue
            if not is_one or not self._phrasing.says(f"base {noun}", each):
                continue
            if isinstance(each, Told) or await self._look_ups.reference(each, reader):
                return each
        return None

    async def _step(self, area: Neighbourhood, prefer: Sequence[str], *, is_special: bool) -> bool:
        if is_special:
            kinds = [self._set, self._choice, self._fallback]
            self._random.shuffle(kinds)
            for kind in kinds:
                if await kind(area):
                    return True
        drawn = await self._single(area, prefer)
        if drawn is None:
            return False
        request = await self._worded(drawn)
        return request is not None and await self._take(request, (drawn,))

    async def _choice(self, area: Neighbourhood) -> bool:
        """Make a request hang on something that has to be looked up."""
        drawn = await self._single(area)
        if drawn is None or not drawn.records or self._is_explained_amid(drawn):
            return False
        if goes_in_any_case(drawn, self._reason(drawn)):
            return False
        for noun, key in main_records(drawn):
            if key in self._draft.written:
                continue  # how things stand with it was settled before
            for condition, is_true in await self._conditions(noun, key):
                if not depends(condition, (noun, key), drawn):
                    continue
                other = await self._otherwise(condition, (noun, key), drawn, area)
                if await self._chosen(condition, (noun, key), drawn, other, is_true=is_true):
                    return True
        return False

    def _is_explained_amid(self, drawn: Drawn) -> bool:
        """Tell whether a reason, which is said at the end, would seem to be for other steps too."""
        return bool(self._draft.steps) and self._has_reason(drawn)

    async def _chosen(
        self,
        condition: Condition,
        place: Place,
        drawn: Drawn,
        other: Drawn | None,
        *,
        is_true: bool,
    ) -> bool:
        """Take a request that hangs on a condition, and another one for when it does not hold."""
        noun, key = place
        reader = self._reader()
        reader.remember(condition.of, key)
        request = self._with_it(await self._worded(drawn, reader), noun)
        another = await self._worded(other, reader) if other is not None else None
        another = self._with_it(another, noun)
        step = choice_of(condition, request, another, is_true=is_true)
        if step is None or not await self._take(step, (drawn,)):
            return False
        self._draft.used.add(f"if {condition.field} of {key}")
        self._draft.used |= fields_of(other) if other is not None else set()
        return True

    def _with_it(self, request: Request | None, noun: str) -> Request | None:
        """Say `it` for what a condition is about, where that can be said."""
        if request is None:
            return None
        pairs = ((name, near(each, noun)) for name, each in request.arguments)
        found = Request(request.tool, tuple(pairs))
        return found if self._phrasing.says("do", found) else request

    async def _conditions(self, noun: str, key: Key) -> list[tuple[Condition, bool]]:
        reader = self._reader()
        of = await self._described(noun, key, reader)
        if of is None:
            return []
        conditions = Conditions(self._knowledge, self._look_ups, self._world, self._random)
        return await conditions.find(noun, key, of, reader, self._draft.used)

    async def _otherwise(
        self, condition: Condition, place: Place, drawn: Drawn, area: Neighbourhood
    ) -> Drawn | None:
        """Find what would be done in the other case; None where nothing makes sense."""
        if condition.test != "is" or self._random.random() < _ONE_SIDED:
            return None
        if self._has_reason(drawn):
            return None  # it would not be clear for what the reason is
        others = [
            *self._drawer.draw(drawn.tool, area, self._random),
            *self._instead(drawn),
            *(each for tool in self._ending_tools() for each in self._alike(tool, drawn)),
        ]
        self._random.shuffle(others)
        for each in others:
            if differs_sensibly(condition, place, drawn, each) and await self.works(each):
                return each
        return None

    def _instead(self, drawn: Drawn) -> list[Drawn]:
        """List the same request for a few other records."""
        keys = {noun: [*one.ids][:_MOST_OTHERS] for noun, one in self._nouns.collections.items()}
        return [*instead(drawn, keys)]

    def _ending_tools(self) -> list[Tool]:
        """List a few tools that put an end to a record."""
        found = [tool for tool in self._drawer.speakable() if is_ending(tool.name)]
        return self._random.sample(found, min(3, len(found)))

    def _alike(self, tool: Tool, drawn: Drawn) -> list[Drawn]:
        """List requests of a tool on the records of another request."""
        area = Neighbourhood(self._nouns, *main_records(drawn)[0])
        return [*self._drawer.draw(tool, area, self._random)]

    async def _fallback(self, area: Neighbourhood) -> bool:
        """Ask first for something that is refused, and then for what can be done instead."""
        await self._single(area)  # what is refused shows on the way
        refused = [each for each in self._refused if main_records(each) and self._is_sensible(each)]
        self._random.shuffle(refused)
        for each in refused[:3]:
            if self._has_reason(each):
                continue
            attempt = await self._worded(each) if self._goes_on(each, closely=False) else None
            if attempt is None or await self.works(each):
                continue
            if await self._take_second_choice(each, attempt):
                return True
        return False

    async def _take_second_choice(self, refused: Drawn, attempt: Request) -> bool:
        """Ask for what can be done instead of a request that is refused."""
        others = self._instead(refused)
        if refused.is_ending:
            others += [each for tool in self._ending_tools() for each in self._alike(tool, refused)]
        self._random.shuffle(others)
        for drawn in others:
            if not stands_in(refused, drawn) or not self._is_sensible(drawn):
                continue
            if not await self.works(drawn):
                continue
            reader = self._reader()
            reader.follow(attempt)
            request = await self._worded(drawn, reader)
            if request is not None and await self._take(Fallback(attempt, request), (drawn,)):
                return True
        return False
