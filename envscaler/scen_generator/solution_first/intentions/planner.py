"""Search for an intention on a state: steps around one record, each of them tried out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import cast

from envscaler.environment.state.collections import Key, collections_of
from envscaler.environment.state.encoding import canonical
from envscaler.sandbox import LiveEnvironment
from envscaler.scen_generator.solution_first.intentions.descriptions import Describer
from envscaler.scen_generator.solution_first.intentions.intention import (
    Argument,
    Choice,
    Condition,
    Fallback,
    Given,
    Group,
    Intention,
    Reference,
    Request,
    Step,
    Told,
    plan_of,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.look_ups import LookUps
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
    NoAnswerError,
    Reader,
    World,
    groups_in,
)
from envscaler.scen_generator.solution_first.intentions.nouns import is_moment
from envscaler.scen_generator.solution_first.intentions.requests import (
    Drawn,
    Neighbourhood,
)
from envscaler.scen_generator.solution_first.trace import succeeded

_MOST_TRIED = 40
"""Requests tried for one step."""
_MOST_MEMBERS = 6
_MOST_FAILURES = 3
"""Steps that may not be found before an intention is given up."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an intention of a tier is made of."""

    steps: int
    specials: int
    """Steps that are a set, a choice, or something that is refused."""
    is_rich: bool
    """Records are told by what has to be looked up, where that is possible."""


@dataclass
class Draft:
    """An intention that grows, and the state that it has come to."""

    steps: list[Step] = field(default_factory=list[Step])
    acts: list[Act] = field(default_factory=list[Act])
    ended: set[Key] = field(default_factory=set[Key])
    """Records that are gone or closed."""
    written: set[Key] = field(default_factory=set[Key])
    used: set[str] = field(default_factory=set[str])
    """Tools, each with its first record."""


class Planner:
    """Searches one intention.

    Args:
        knowledge: The environment and its state.
        look_ups: Nothing is planned that cannot be looked up.
        live: The environment, where steps are tried.
        random: Decides between what is possible.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        look_ups: LookUps,
        live: LiveEnvironment,
        random: Random,
    ) -> None:
        self._nouns = knowledge.nouns
        self._phrasing = knowledge.phrasing
        self._drawer = knowledge.drawer
        self._look_ups = look_ups
        self._live = live
        self._random = random
        self._world = World(knowledge.context.collections)
        self._describer = Describer(knowledge.nouns)
        self._draft = Draft()
        self._about: Reference | None = None
        self._refused: list[Drawn] = []
        self._recipe = Recipe(1, 0, is_rich=False)

    async def find(self, recipe: Recipe, prefer: Sequence[str]) -> Intention | None:
        """Return an intention of as many steps as a recipe says; None when there are fewer.

        Args:
            recipe: What it is made of.
            prefer: Tools to begin with.
        """
        self._recipe = recipe
        area = await self._begin(recipe, prefer)
        if area is None:
            return None
        special = {*self._random.sample(range(recipe.steps), min(recipe.specials, recipe.steps))}
        failures = 0
        while len(self._draft.steps) < recipe.steps and failures < _MOST_FAILURES:
            at = len(self._draft.steps)
            chosen = prefer if at == 0 else ()
            failures += not await self._step(area, chosen, is_special=at in special)
        if len(self._draft.steps) < recipe.steps - recipe.steps // 3:
            return None
        return Intention(self._about, plan_of(tuple(self._draft.steps)))

    async def _begin(self, recipe: Recipe, prefer: Sequence[str]) -> Neighbourhood | None:
        """Choose the record in the middle, and how it is introduced."""
        areas = self._areas(prefer)
        if not areas:
            return None
        area = self._random.choice(areas)
        noun, key = area.focus
        if recipe.steps > 1 or self._random.random() < 0.4:
            self._about = await self._introduction(noun, key)
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

    async def _single(self, area: Neighbourhood, prefer: Sequence[str] = ()) -> Drawn | None:
        """Find a request that can be made now; the environment stays as it is."""
        tools = self._drawer.speakable()
        self._random.shuffle(tools)
        tools.sort(key=lambda tool: (tool.name not in prefer, self._is_used(tool.name)))
        tried = 0
        for tool in tools:
            for drawn in self._drawer.draw(tool, area, self._random):
                tried += 1
                if tried > _MOST_TRIED:
                    return None
                if not self._is_sensible(drawn) or not await self._works(drawn):
                    continue
                if await self._worded(drawn) is not None:
                    return drawn
        return None

    def _is_used(self, name: str) -> bool:
        return any(used.startswith(f"{name} ") for used in self._draft.used)

    def _is_sensible(self, drawn: Drawn) -> bool:
        """Tell whether a person who has asked for the steps so far would ask for this, too."""
        keys = {key for _, key in drawn.records.values()}
        if keys & self._draft.ended or _use_of(drawn) in self._draft.used:
            return False
        return not (drawn.is_ending and _first_key(drawn) in self._draft.written)

    async def _works(self, drawn: Drawn) -> bool:
        """Try a request; the environment is as before afterwards."""
        before = await self._live.snapshot()
        state = canonical(await self._live.state())
        observation = await self._live.call(drawn.tool.name, dict(drawn.arguments))
        now = canonical(await self._live.state())
        await self._live.restore(before)
        if succeeded(observation):
            return now != state
        if now == state and drawn.records and not drawn.made:
            self._refused.append(drawn)
        return False

    async def _take(self, step: Step, drawn: Sequence[Drawn]) -> bool:
        """Carry out what a step comes to, if it is understood now as it was at the start."""
        reader = self._reader()
        known = len(self._draft.acts)
        try:
            acts = self._read([*self._draft.steps, step])[known:]
            current = World(collections_of(await self._live.state()))
            now = self._follow(reader, current, step)
        except NoAnswerError:
            return False
        if now is not None and [a.arguments for a in now] != [a.arguments for a in acts]:
            return False
        before = await self._live.snapshot()
        for act in acts:
            observation = await self._live.call(act.tool, act.bind({}))
            if succeeded(observation) is act.is_refused:
                await self._live.restore(before)
                return False
        self._draft.steps.append(step)
        self._draft.acts += acts
        for each in drawn:
            self._note(each)
        return True

    def _note(self, drawn: Drawn) -> None:
        self._draft.used.add(_use_of(drawn))
        first = _first_key(drawn)
        if first is not None:
            self._draft.written.add(first)
            if drawn.is_ending:
                self._draft.ended.add(first)

    def _follow(self, reader: Reader, world: World, step: Step) -> tuple[Act, ...] | None:
        """Read a step in the state as it is by now."""
        reader.world = world
        return reader.follow(step)

    def _read(self, steps: Sequence[Step]) -> list[Act]:
        intention = Intention(self._about, plan_of(tuple(steps)))
        return [*Reader(self._world).read(intention)]

    def _reader(self) -> Reader:
        """Return a reader that has followed the steps so far."""
        reader = Reader(self._world)
        if self._about is not None:
            reader.introduce(self._about)
        for step in self._draft.steps:
            reader.follow(step)
        return reader

    async def _worded(self, drawn: Drawn, reader: Reader | None = None) -> Request | None:
        """Describe the records of a request; None where that cannot be said or looked up."""
        reader = reader or self._reader()
        arguments: dict[str, Argument] = {
            name: Given(value) for name, value in drawn.values.items()
        }
        for name, (noun, key) in drawn.records.items():
            reference = await self._described(noun, key, reader)
            if reference is None:
                return None
            arguments[name] = reference
        request = Request(drawn.tool.name, tuple(sorted(arguments.items())))
        return request if self._phrasing.says("do", request) else None

    async def _described(self, noun: str, key: Key, reader: Reader) -> Reference | None:
        is_rich = self._recipe.is_rich and self._random.random() < 0.7
        told: Reference | None = None
        for each in self._describer.all(noun, key, reader, self._random, is_rich=is_rich):
            if not self._phrasing.says(f"any {noun}", each):
                continue
            if isinstance(each, Told):
                told = each
            elif await self._look_ups.reference(each, reader) is not None:
                return each
        return told

    async def _set(self, area: Neighbourhood) -> bool:
        """Ask for the same with every record of a group."""
        tools = self._drawer.speakable()
        self._random.shuffle(tools)
        for tool in tools[:6]:
            for drawn in self._drawer.draw(tool, area, self._random):
                for name, (noun, _) in drawn.records.items():
                    for group in self._groups(noun, area):
                        if await self._take_set(drawn, name, group):
                            return True
        return False

    def _groups(self, noun: str, area: Neighbourhood) -> list[Group]:
        reader = self._reader()
        found: list[Group] = []
        for key in area.near.get(noun, ())[:2]:
            found += self._describer.groups(noun, key, reader, self._random)
        fitting = [each for each in found if 2 <= len(reader.group(each)) <= _MOST_MEMBERS]
        linked = [each for each in fitting if each.link] or fitting
        self._random.shuffle(linked)
        return linked[:2]

    async def _take_set(self, drawn: Drawn, name: str, group: Group) -> bool:
        reader = self._reader()
        keys = reader.group(group)
        members = [
            Drawn(drawn.tool, {**drawn.records, name: (group.noun, key)}, drawn.values, drawn.made)
            for key in keys
        ]
        if drawn.made or not all(map(self._is_sensible, members)):
            return False
        if await self._look_ups.group(group, (), reader) is None:
            return False
        for each in members:
            if not await self._works(each):
                return False
        request = await self._worded(drawn, reader)
        if request is None:
            return False
        arguments = {**dict(request.arguments), name: group}
        whole = Request(request.tool, tuple(sorted(arguments.items())))
        return self._phrasing.says("do", whole) and await self._take(whole, members)

    async def _choice(self, area: Neighbourhood) -> bool:
        """Make a request hang on something that has to be looked up."""
        drawn = await self._single(area)
        if drawn is None or not drawn.records:
            return False
        other = await self._otherwise(drawn, area)
        candidates = [*drawn.records.values()]
        if self._about is not None:
            candidates.append(area.focus)
        for noun, key in candidates:
            for condition, is_true in await self._conditions(noun, key):
                reader = self._reader()
                reader.remember(condition.of, key)
                request = await self._worded(drawn, reader)
                another = await self._worded(other, reader) if other is not None else None
                step = _choice_of(condition, request, another, is_true=is_true)
                if step is not None and await self._take(step, (drawn,)):
                    return True
        return False

    async def _otherwise(self, drawn: Drawn, area: Neighbourhood) -> Drawn | None:
        """Find what would be done in the other case: the same tool otherwise, or another one."""
        for each in self._drawer.draw(drawn.tool, area, self._random):
            is_other = each.records == drawn.records and each.values != drawn.values
            if is_other and await self._works(each):
                return each
        for _ in range(2):
            each = await self._single(area)
            if each is not None and each.arguments != drawn.arguments:
                return each
        return None

    async def _conditions(self, noun: str, key: Key) -> list[tuple[Condition, bool]]:
        reader = self._reader()
        of = await self._described(noun, key, reader)
        if of is None:
            return []
        found: list[tuple[Condition, bool]] = []
        told = {each.field for each in groups_in(of)}
        for name in self._nouns.fields(noun):
            if name in told:
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
        if name in self._nouns.sorting_fields(noun) and isinstance(held, str) and held:
            values = {each for each in self._nouns.values(noun, name) if isinstance(each, str)}
            others = sorted(values - {held})
            found = [(Condition(of, name, "is", held), True)]
            return [*found, *((Condition(of, name, "is", each), False) for each in others[:1])]
        if isinstance(held, bool) or is_moment(held):
            return []
        if isinstance(held, int | float):
            return self._thresholds(held, name, of)
        return []

    def _thresholds(self, held: float, name: str, of: Reference) -> list[tuple[Condition, bool]]:
        size = 1 if abs(held) < 20 else 10 if abs(held) < 500 else 100
        below, above = int(held // size) * size - size, int(held // size) * size + 2 * size
        if below < 0:
            return [(Condition(of, name, "under", above), True)]
        return [
            (Condition(of, name, "over", below), True),
            (Condition(of, name, "over", above), False),
        ]

    async def _fallback(self, area: Neighbourhood) -> bool:
        """Ask first for something that is refused, and then for what can be done instead."""
        drawn = await self._single(area)
        if drawn is None or not drawn.records:
            return False
        keys = {key for _, key in drawn.records.values()}
        related = [
            each
            for each in self._refused
            if each.tool.name != drawn.tool.name
            and {key for _, key in each.records.values()} & keys
            and self._is_sensible(each)
        ]
        self._random.shuffle(related)
        for refused in related[:3]:
            attempt = await self._worded(refused)
            if attempt is None or await self._works(refused):
                continue
            reader = self._reader()
            reader.follow(attempt)
            request = await self._worded(drawn, reader)
            if request is not None and await self._take(Fallback(attempt, request), (drawn,)):
                return True
        return False


def _choice_of(
    condition: Condition, request: Request | None, other: Request | None, *, is_true: bool
) -> Choice | None:
    if request is None or (not is_true and other is None):
        return None
    if is_true:
        return Choice(condition, request, other)
    return Choice(condition, cast("Request", other), request)


def _first_key(drawn: Drawn) -> Key | None:
    return next((key for _, key in drawn.records.values()), None)


def _use_of(drawn: Drawn) -> str:
    return f"{drawn.tool.name} {_first_key(drawn)}"
