"""Steps of an intention: tried out on the environment, described, carried out."""

from collections.abc import Sequence
from hashlib import sha256
from random import Random

from envscaler.environment.state.collections import Key
from envscaler.environment.state.encoding import canonical
from envscaler.records import Observation, ObservationKind, Tool
from envscaler.sandbox import LiveEnvironment, Snapshot
from envscaler.scen_generator.solution_first.intentions.descriptions import Describer
from envscaler.scen_generator.solution_first.intentions.drafts import (
    Draft,
    Recipe,
    fields_of,
    first_key,
    is_over,
    is_said_twice,
    tells_by_what_changes,
    texts_in,
    use_of,
)
from envscaler.scen_generator.solution_first.intentions.given import is_given_already
from envscaler.scen_generator.solution_first.intentions.intention import (
    Argument,
    Given,
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
)
from envscaler.scen_generator.solution_first.intentions.newly import is_in_vain
from envscaler.scen_generator.solution_first.intentions.nouns import is_status
from envscaler.scen_generator.solution_first.intentions.occasions import is_without_occasion
from envscaler.scen_generator.solution_first.intentions.partners import in_role
from envscaler.scen_generator.solution_first.intentions.reasons import (
    is_kept,
    is_unasked,
    reason_for,
)
from envscaler.scen_generator.solution_first.intentions.requests import (
    Drawn,
    Neighbourhood,
)
from envscaler.scen_generator.solution_first.intentions.sayings import (
    BROUGHT_BACK,
    BY_AUTHORS,
    PATIENT,
    Reason,
    is_for_many,
    is_of_one_only,
)
from envscaler.scen_generator.solution_first.intentions.story import (
    facts_in,
    has_begun,
    is_taken,
    may_be_asked,
)
from envscaler.scen_generator.solution_first.intentions.thread import BOOKED, Thread, main_records
from envscaler.scen_generator.solution_first.intentions.together import (
    are_by_one,
    are_of_one,
    goes_for_all,
    leaves_overdue,
    sets_status,
    takes_down,
)
from envscaler.scen_generator.solution_first.intentions.underway import is_left_alone
from envscaler.scen_generator.solution_first.intentions.unwanted import is_unwanted
from envscaler.scen_generator.solution_first.intentions.verb_words import ACTOR
from envscaler.scen_generator.solution_first.intentions.verbs import is_ending

_BY_CHANCE = frozenset((ObservationKind.TIMEOUT, ObservationKind.MEMORY, ObservationKind.KILLED))
"""How a call ends that may end otherwise the next time."""
_MOST_TRIED = 200
"""Requests tried for one step."""
_MOST_KNOWN = 50_000
"""Requests of a state of which it is kept whether they fit it."""


class Steps:
    """An intention that grows step by step.

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
        self._knowledge = knowledge
        self._nouns = knowledge.nouns
        self._phrasing = knowledge.phrasing
        self._drawer = knowledge.drawer
        self._look_ups = look_ups
        self._live = live
        self._random = random
        self._world = knowledge.world
        self._describer = Describer(knowledge.nouns, knowledge.today)
        self._draft = Draft()
        self._thread = Thread(knowledge.nouns, self._world)
        self._about: Reference | None = None
        self._refused: list[Drawn] = []
        self._here: tuple[Snapshot, bytes, str] | None = None
        """Where the environment stands, its state there, and a name for both that says how it came
        there; None after a step was taken."""
        self._recipe = Recipe(1, 0, is_rich=False)

    def _start_anew(self) -> None:
        """Forget the steps so far; the environment has to be as it was before them."""
        self._draft = Draft()
        self._thread = Thread(self._nouns, self._world)
        self._about, self._here = None, None
        self._refused.clear()

    async def _single(
        self,
        area: Neighbourhood,
        prefer: Sequence[str] = (),
    ) -> Drawn | None:
        """Find a request that can be made now; the environment stays as it is.

        Args:
            area: Where.
            prefer: Tools to begin with.
        """
        for closely in (True, False):
            found = await self._first(area, prefer, closely=closely)
            if found is not None:
                return found
        return None

    async def _first(
        self,
        area: Neighbourhood,
        prefer: Sequence[str],
        *,
        closely: bool,
    ) -> Drawn | None:
        """Find a request as `_single` does; `closely`: about the records that were spoken of."""
        tools = self._drawer.speakable()
        self._random.shuffle(tools)
        tools.sort(key=lambda tool: (tool.name not in prefer, self._is_used(tool.name)))
        tried = 0
        for tool in tools:
            for drawn in self._drawer.draw(tool, area, self._random):
                tried += 1
                if tried > _MOST_TRIED:
                    return None
                if not self._is_timely(drawn) or not self._goes_on(drawn, closely=closely):
                    continue
                if not self._is_sensible(drawn) or not await self.works(drawn):
                    continue
                if await self._worded(drawn) is not None:
                    return drawn
        return None

    def _goes_on(self, drawn: Drawn, *, closely: bool) -> bool:
        """Tell whether a request goes on with what the message is about."""
        return self._thread.fits(drawn, closely=closely)

    def _is_used(self, name: str) -> bool:
        return any(used.startswith(f"{name} ") for used in self._draft.used)

    def _is_sensible(self, drawn: Drawn) -> bool:
        """Tell whether a person who has asked for the steps so far would ask for this, too."""
        if not self._is_timely(drawn) or self._is_said(drawn):
            return False
        if self._changes_facts_besides(drawn) or self._has_other_reasons(drawn):
            return False
        if self._about is not None and not drawn.records:
            return False  # something new that has nothing to do with what the message is about
        if is_over(drawn) and first_key(drawn) in self._draft.written:
            return False  # nobody puts something right and then does away with it
        return not self._is_stopped_besides(drawn)

    def _is_timely(self, drawn: Drawn) -> bool:
        """Tell whether a request fits how things stand at the start; found out once in a state."""
        known, key = self._knowledge.timely, (drawn.said, self._thread.person)
        if key not in known:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[key] = self._is_time_for(drawn)
        return known[key]

    def _has_other_reasons(self, drawn: Drawn) -> bool:
        """Tell whether something else was asked for with a reason, which is said at the end."""
        return any(
            self._has_reason(each) and each.tool != drawn.tool for each in self._thread.steps
        )

    def _is_time_for(self, drawn: Drawn) -> bool:
        world, nouns, today = self._world, self._nouns, self._knowledge.today
        if is_unasked(drawn) or is_given_already(drawn, world, nouns):
            return False
        if is_kept(drawn, world, nouns) or has_begun(drawn, world, nouns, today):
            return False
        if is_left_alone(drawn, world, nouns) or is_unwanted(drawn, world, nouns):
            return False
        if is_without_occasion(drawn, world, nouns, today):
            return False
        return may_be_asked(drawn, world, nouns, self._thread.person, self._statuses(drawn))

    def _is_stopped_besides(self, drawn: Drawn) -> bool:
        """Tell whether something would be blocked, or put off, that has to do with other steps."""
        subjects = {*self._thread.subjects(drawn)}
        said = {each for step in self._thread.steps for each in self._thread.subjects(step)}
        is_stopped = takes_down(drawn) or self._reason(drawn) is PATIENT
        return is_stopped and not subjects.isdisjoint(said)

    def _reason(self, drawn: Drawn) -> Reason | None:
        known = self._knowledge.reasons
        if drawn.said not in known:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[drawn.said] = reason_for(drawn, self._world, self._nouns)
        return known[drawn.said]

    def _has_reason(self, drawn: Drawn) -> bool:
        """Tell whether a request goes with a reason."""
        return self._reason(drawn) is not None

    def _statuses(self, drawn: Drawn) -> set[str]:
        """Return the words for a status of what a request is about."""
        about = {noun for noun, _ in drawn.records.values()}
        tools = [tool for tool in self._drawer.tools() if self._first_noun(tool) in about]
        pools = (
            self._knowledge.context.pool(tool, name)
            for tool in tools
            for name in tool.properties
            if is_status(name)
        )
        return {str(value) for pool in pools for value in (*pool.values, *pool.fresh)}

    def _first_noun(self, tool: Tool) -> str:
        """Return what a tool is about by its first parameter that takes an id."""
        return next(iter(self._drawer.targets(tool).values()), "")

    def _is_said(self, drawn: Drawn) -> bool:
        """Tell whether a request repeats an earlier one, or is about what that has ended."""
        keys = {key for _, key in drawn.records.values()}
        said = {use_of(drawn)} | fields_of(drawn) | texts_in(drawn)
        return bool(keys & self._draft.ended or said & self._draft.used)

    def _changes_facts_besides(self, drawn: Drawn) -> bool:
        """Tell whether what a record is would be changed among other things."""
        facts = facts_in(drawn)
        return facts > 1 or (facts > 0 and self._draft.has_facts)

    async def works(self, drawn: Drawn) -> bool:
        """Try a request; the environment is as before afterwards."""
        if self._here is None:  # it stands at one point until a step is taken
            before = await self._live.snapshot()
            point = sha256(repr((before.origin, before.calls)).encode()).hexdigest()
            self._here = before, canonical(await self._live.state()), point
        key = (self._here[2], drawn.tool.name, repr(drawn.arguments))
        found = self._knowledge.outcomes.get(key) or await self._try(drawn, key)
        did, is_same = found
        if not did and is_same and drawn.records and not drawn.made and not self._is_taken(drawn):
            self._refused.append(drawn)
        return did and not is_same

    def _is_taken(self, drawn: Drawn) -> bool:
        """Tell whether the records show that something cannot be had, which nobody tries then."""
        things = (each for each in main_records(drawn) if not BOOKED.search(each[0]))
        if any(is_taken(each, self._world, self._nouns) for each in things):
            return True
        return any(
            key not in (able := in_role(name, noun, self._nouns)) and bool(able)
            for name, (noun, key) in drawn.records.items()
        )

    def _did(self, tool: str, observation: Observation) -> bool:
        return self._knowledge.context.succeeded(tool, observation)

    async def _try(self, drawn: Drawn, key: tuple[str, str, str]) -> tuple[bool, bool]:
        """Make a request and go back; say whether it succeeded, and whether it changed nothing."""
        assert self._here is not None
        before, state, _ = self._here
        observation, after = await self._live.attempt(drawn.tool.name, {**drawn.arguments}, before)
        found = self._did(drawn.tool.name, observation), canonical(after) == state
        if observation.kind not in _BY_CHANCE:
            self._knowledge.keep_outcome(key, found)
        return found

    async def _take(self, step: Step, drawn: Sequence[Drawn]) -> bool:
        """Carry out what a step comes to, if it is understood now as it was at the start."""
        if not self._are_asked_together(drawn):
            return False
        reader = self._reader()
        known = len(self._draft.acts)
        try:
            acts = self._read([*self._draft.steps, step])[known:]
            current = World(self._knowledge.context.collections_in(await self._live.state()))
            now = self._follow(reader, current, step)
        except NoAnswerError:
            return False
        if now is not None and [a.arguments for a in now] != [a.arguments for a in acts]:
            return False
        before = await self._live.snapshot()
        for act in acts:
            observation = await self._live.call(act.tool, act.bind({}))
            if self._did(act.tool, observation) is act.is_refused:
                await self._live.restore(before)
                return False
        self._here = None
        self._draft.steps.append(step)
        self._draft.acts += acts
        for each in drawn:
            self._note(each)
        return True

    def _are_asked_together(self, drawn: Sequence[Drawn]) -> bool:
        """Tell whether the same is asked for with so many records, earlier steps among them."""
        alike = [each for each in self._thread.steps if each.tool == drawn[0].tool]
        return self._are_alike(drawn, alike)

    def _are_alike(self, drawn: Sequence[Drawn], earlier: Sequence[Drawn]) -> bool:
        """Tell whether the same is asked for with some records, besides earlier ones."""
        members = [*earlier, *drawn]
        reason = self._reason(drawn[0])
        if is_of_one_only(reason, len(members)) and not are_of_one(
            members, self._world, self._nouns
        ):
            return False
        if self._is_half_done(members, reason):
            return False
        is_by_one = reason in BY_AUTHORS or (reason is None and sets_status(drawn[0]))
        if is_by_one and not are_by_one(members, self._world, self._nouns):
            return False
        return is_for_many(reason, len(members)) and goes_for_all(members, self._world, self._nouns)

    def _is_half_done(self, members: Sequence[Drawn], reason: Reason | None) -> bool:
        """Tell whether an earlier step makes some of it needless, or what is overdue is left."""
        if reason is BROUGHT_BACK and leaves_overdue(members, self._world, self._nouns):
            return True
        return is_in_vain(self._thread.steps, members, self._world, self._nouns)

    def _note(self, drawn: Drawn) -> None:
        self._thread.note(drawn)
        self._draft.has_facts |= facts_in(drawn) > 0
        self._draft.used |= {use_of(drawn)} | fields_of(drawn) | texts_in(drawn)
        first = first_key(drawn)
        if first is not None:
            self._draft.written.add(first)
            if is_over(drawn):
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
        first = next(iter(self._thread.subjects(drawn)), None)
        for name, (noun, key) in drawn.records.items():
            is_first = (noun, key) == first
            how = self._described if is_first else self._simply_described
            reference = await how(noun, key, reader)
            if reference is None:
                return None
            arguments[name] = reference
        request = Request(drawn.tool.name, tuple(sorted(arguments.items())))
        if self._goes_in_circles(drawn) or is_said_twice([*arguments.values()]):
            return None
        if tells_by_what_changes(drawn, [*arguments.values()]):
            return None
        return request if self._phrasing.says("do", request) else None

    def _goes_in_circles(self, drawn: Drawn) -> bool:
        """Tell whether a record would be given what it has: assign a claim to its own agent."""
        if drawn.is_creating or is_ending(drawn.tool.name):
            return False
        pairs = [*drawn.records.items()]
        return any(
            other != name and not ACTOR.match(other) and self._holds(noun, key, others)
            for name, (noun, key) in pairs
            for other, others in pairs
        )

    def _holds(self, noun: str, key: Key, other: tuple[str, Key]) -> bool:
        """Tell whether a record refers to another one."""
        return any(
            link.target == other[0] and self._world.value(noun, key, link.field) == other[1]
            for link in self._nouns.links[noun]
        )

    async def _described(self, noun: str, key: Key, reader: Reader) -> Reference | None:
        is_rich = self._recipe.is_rich and self._random.random() < 0.7
        return await self._said_and_found(noun, key, reader, is_rich=is_rich)

    async def _simply_described(self, noun: str, key: Key, reader: Reader) -> Reference | None:
        """Describe a record that a request mentions beside what it is about."""
        return await self._said_and_found(noun, key, reader, is_rich=False)

    async def _said_and_found(
        self, noun: str, key: Key, reader: Reader, *, is_rich: bool
    ) -> Reference | None:
        told: Reference | None = None
        for each in self._describer.all(noun, key, reader, self._random, is_rich=is_rich):
            if not self._phrasing.says(f"any {noun}", each):
                continue
            if isinstance(each, Told):
                told = each
            elif await self._look_ups.reference(each, reader) is not None:
                return each
        return told
