"""What can be asked for in a state: intentions of a tier, with as many chains as there are.

They are found once for all scenarios that begin in a state, and each scenario takes others of them,
so that no two are alike and nothing is searched twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import JsonValue

from envscaler.errors import RejectedError
from envscaler.records import Call, chain_id
from envscaler.scen_generator.solution_first.intentions.beginning import Beginning
from envscaler.scen_generator.solution_first.intentions.drafts import Recipe
from envscaler.scen_generator.solution_first.intentions.gold import gold_by_step
from envscaler.scen_generator.solution_first.intentions.intention import (
    Choice,
    Fallback,
    Intention,
)
from envscaler.scen_generator.solution_first.intentions.knowledge import Knowledge
from envscaler.scen_generator.solution_first.intentions.long_planner import (
    MANY_MEMBERS,
    LongPlanner,
)
from envscaler.scen_generator.solution_first.intentions.look_ups import (
    MOST_MEMBERS,
    LookUps,
)
from envscaler.scen_generator.solution_first.intentions.luck import Luck
from envscaler.scen_generator.solution_first.intentions.meaning import (
    Act,
    NoAnswerError,
    Reader,
)
from envscaler.scen_generator.solution_first.intentions.messages import (
    about_whom,
    as_speaker,
)
from envscaler.scen_generator.solution_first.intentions.orders import orders
from envscaler.scen_generator.solution_first.intentions.owner_planner import OwnerPlanner
from envscaler.scen_generator.solution_first.intentions.planner import Planner
from envscaler.scen_generator.solution_first.intentions.round_planner import RoundPlanner
from envscaler.scen_generator.solution_first.intentions.tiers import (
    RECIPES,
    depths_of,
    tier_of,
)

_WAYS = 4
"""Ways to look things up that are compared for one intention."""
_MOST_ALIKE = 3
"""Candidates of one chain that are kept."""
_LATER = 0.5
"""How much of a round of chains comes before those of one tool that are next."""
_GOLDEN = 0.6180339887
"""Multiples of it, without what stands before the point, are spread as evenly as can be."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intention with its calls, neither worded nor proven yet."""

    intention: Intention
    acts: tuple[Act, ...]
    calls: tuple[Call, ...]
    """In the order in which they are made."""
    answers: tuple[JsonValue, ...]
    """What each query answers at the start; None for what is no query."""
    acting: tuple[int, ...]
    """Which of the calls the acts are."""

    @property
    def branches(self) -> int:
        """Where it may go on in two ways: a mere `if it is still open` leaves one."""
        return sum(
            isinstance(step, Fallback) or (isinstance(step, Choice) and step.otherwise is not None)
            for step in self.intention.steps
        )

    @property
    def chain(self) -> int:
        """Names the tools of its calls, in their order."""
        return chain_id(call.name for call in self.calls)

    @property
    def is_varied(self) -> bool:
        """Whether it changes things by several tools: other states hardly have such a chain."""
        return len({act.tool for act in self.acts}) > 1

    @property
    def tier(self) -> int:
        """The tier that it will be of, as far as can be told before it is carried out."""
        pairs = [
            (call.arguments, answer) for call, answer in zip(self.calls, self.answers, strict=True)
        ]
        depths = depths_of(repr(self.intention), pairs)
        asking = [at for at in range(len(self.calls)) if at not in self.acting]
        return tier_of(
            writes=sum(not act.is_refused for act in self.acts),
            look_ups=len(asking),
            calls=len(self.calls),
            branches=self.branches,
            dependent=sum(depths[at] > 0 for at in asking),
        )


class Shelf:
    """Candidates of a tier in a state.

    Args:
        number: Of the state among those of a run.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._start = number * _GOLDEN % 1
        self._found: list[Candidate] = []
        self._said: set[str] = set()
        self.chains = Counter[int]()
        """Chain → how many candidates have it."""
        self.looking = set[int]()
        """Chains with a look-up."""

    def put(self, ways: Sequence[Candidate]) -> bool:
        """Keep the candidate whose chain is the rarest here; say whether it is a new one.

        Args:
            ways: To do one thing; at least one.
        """
        best = min(ways, key=lambda each: self.chains[each.chain])
        said = repr(best.intention)
        if said in self._said or self.chains[best.chain] == _MOST_ALIKE:
            return False
        self._said.add(said)
        self._found.append(best)
        self.chains[best.chain] += 1
        if len(best.calls) > len(best.acts):
            self.looking.add(best.chain)
        return self.chains[best.chain] == 1

    def in_turn(self, place: int, of: int, taken: frozenset[int]) -> list[Candidate]:
        """Return what one of several scenarios of a state may be, the best first.

        New chains come before further candidates of one, what needs a look-up before what needs
        none. States begin at different places of the same round of chains, so that they differ
        where the same can be asked for in all of them; what is done by one tool alone comes later
        in it, since other states have the like.

        Args:
            place: Of the scenario, from 0.
            of: How many scenarios share the state.
            taken: Chains that others have.
        """
        seen = Counter[int]()
        ranked: list[tuple[int, bool, float, Candidate]] = []
        for each in self._found:
            if each.chain not in taken:
                way = (each.chain / 2**64 - self._start) % 1 + _LATER * (not each.is_varied)
                ranked.append((seen[each.chain], len(each.calls) == len(each.acts), way, each))
                seen[each.chain] += 1
        ranked.sort(key=lambda each: each[:3])
        return [each for *_, each in ranked[place::of]]


@dataclass(frozen=True, slots=True)
class Until:
    """When a search has found what it looks for, or gives up."""

    enough: int
    """Different chains with a look-up."""
    in_vain: int
    """Tries without a new chain, where there are some: there are taken to be no more."""


class Search:
    """Looks for candidates in one state.

    Args:
        knowledge: The environment and its state.
        beginning: Where things are tried.
        seed: Of all that is left to chance.
    """

    def __init__(self, knowledge: Knowledge, beginning: Beginning, seed: str) -> None:
        self._knowledge = knowledge
        self._beginning = beginning
        self._seed = seed
        tools = sorted(tool.name for tool in knowledge.drawer.speakable())
        Random(seed).shuffle(tools)
        self._tools = tools

    async def fill(self, shelf: Shelf, tier: int, tries: range, until: Until) -> tuple[int, str]:
        """Put candidates of a tier on a shelf.

        Args:
            shelf: Where they are put.
            tier: The tier.
            tries: Numbers of the intentions that are looked for.
            until: When no more are looked for.

        Returns:
            How many tries there were, and why the last one brought nothing.
        """
        reason, latest, luck = "no intention was found", tries.start, Luck(RECIPES[tier])
        for attempt in tries:
            is_in_vain = shelf.chains and attempt - latest > until.in_vain
            if len(shelf.looking) >= until.enough or is_in_vain or luck.is_spent:
                return attempt - tries.start, reason
            random = Random(f"{self._seed}:{tier}:{attempt}")
            prefer = self._tools[attempt % len(self._tools) :][:1]
            try:
                recipe = luck.choose(random)
                ways = await self._ways(recipe, prefer, random)
            except RejectedError as error:
                reason = str(error)
                continue
            fitting = [each for each in ways if each.tier == tier]
            if not fitting:
                reason = f"it came out as one of tier {ways[0].tier}"
            else:
                luck.note(recipe)
                latest = attempt if shelf.put(fitting) else latest
        return len(tries), reason

    async def _ways(self, recipe: Recipe, prefer: Sequence[str], random: Random) -> list[Candidate]:
        """Find an intention, and return ways to carry it out.

        Raises:
            RejectedError: None was found.
        """
        asking, trying = await self._beginning.pair()
        most = MANY_MEMBERS if recipe.is_long else MOST_MEMBERS
        look_ups = LookUps(self._knowledge.context, asking, self._knowledge.answers, most)
        planner = _planner_for(recipe)(self._knowledge, look_ups, trying, random)
        try:
            intention = await planner.find(recipe, prefer)
            if intention is None:
                raise RejectedError("no_intention", "too few steps were found")
            if not intention.kinds:
                intention = as_speaker(intention, self._knowledge)
                intention = about_whom(intention, self._knowledge.nouns)
            every = [look_ups, *(look_ups.of_another(random) for _ in range(_WAYS))]
            found = [way for each in every for way in await self._carried_out(intention, each)]
        except NoAnswerError as error:  # what an earlier step leads to, nobody can look up before
            raise RejectedError("no_lookup", str(error)) from error
        if not found:
            raise RejectedError("no_lookup", "something in it cannot be looked up")
        return found

    async def _carried_out(self, intention: Intention, look_ups: LookUps) -> list[Candidate]:
        """Return the ways to carry out an intention: all looked up first, or step by step."""
        world = self._knowledge.world
        shown = await gold_by_step(intention, look_ups, world)
        if shown is None:
            return []
        reader = Reader(world)
        if intention.about is not None:
            reader.introduce(intention.about)
        done = [(), *(reader.follow(step) for step in intention.steps)]
        answers = {repr(call): await look_ups.ask(call) for calls in shown for call in calls}
        return [
            _candidate(intention, made, answers)
            for made in orders(repr(intention), shown, done, answers)
        ]


def _planner_for(recipe: Recipe) -> type[Planner]:
    """Return what searches intentions of a recipe."""
    if recipe.round_of:
        return OwnerPlanner if recipe.is_of_one else RoundPlanner
    return LongPlanner if recipe.is_long else Planner


def _candidate(
    intention: Intention, made: Sequence[Call | Act], answers: Mapping[str, JsonValue]
) -> Candidate:
    return Candidate(
        intention=intention,
        acts=tuple(each for each in made if isinstance(each, Act)),
        calls=tuple(
            Call(name=each.tool, arguments=each.bind({})) if isinstance(each, Act) else each
            for each in made
        ),
        answers=tuple(None if isinstance(each, Act) else answers[repr(each)] for each in made),
        acting=tuple(at for at, each in enumerate(made) if isinstance(each, Act)),
    )
