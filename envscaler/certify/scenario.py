"""The tests of one scenario, each from executed calls and executed checks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from envscaler.certify.chance import unsteady
from envscaler.certify.leaks import leaks
from envscaler.certify.outcomes import MAX_FLOOR, MIN_GAP, Criterion, Outcome
from envscaler.config import Settings
from envscaler.errors import GuestError, RowError
from envscaler.inputs.arguments import Caller
from envscaler.inputs.subject import read_subject
from envscaler.records import (
    Call,
    Environment,
    JsonObject,
    JsonValue,
    Observation,
    ObservationKind,
    Scenario,
    Trajectory,
    Verdict,
    VerdictKind,
)
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.proof.floor import CALLS, Floor, Panel, Policy
from envscaler.scen_generator.proof.outcomes import sweep
from envscaler.scen_generator.proof.verify import solutions_of
from envscaler.train.rl import opening_text

_LIMITS = frozenset({ObservationKind.TIMEOUT, ObservationKind.MEMORY, ObservationKind.OVERSIZED})
_LATER = (timedelta(0), timedelta(seconds=1), timedelta(days=1, hours=7, minutes=13, seconds=29))
"""How much later checks run that have to say the same."""
_BLIND: tuple[Policy, ...] = ("no-op", "queries", "random", "canaries", "grader")
"""Players that know neither the solution nor the score."""
_TYPING: tuple[Policy, ...] = ("canaries", "grader")
_NO_REFERENCE = "there is no reference solution; import one with `envscaler import --solutions`"


@dataclass(frozen=True, slots=True)
class Played:
    """What came of calls in a worker of their own."""

    observations: tuple[Observation, ...]
    state: JsonObject | None
    """None when it could not be read."""
    score: float | None


class Subject:
    """Carries out the tests of one scenario.

    Args:
        environment: Where it plays.
        scenario: What is tested.
        sandbox: Where everything runs.
        settings: The reward in use, and the limits of an episode.
    """

    def __init__(
        self, environment: Environment, scenario: Scenario, sandbox: Sandbox, settings: Settings
    ) -> None:
        self.scenario = scenario
        solutions = solutions_of(scenario)
        self.reference: Sequence[Call] = solutions[0] if solutions else ()
        self._environment = environment
        self._sandbox = sandbox
        self._settings = settings
        self._start: JsonObject = {}

    async def test(self, episodes: Sequence[Trajectory]) -> list[Outcome]:
        """Carry out all tests but that of portability.

        Args:
            episodes: Recorded ones of this scenario.
        """
        try:
            return await self._test(episodes)
        except RowError as error:
            why = (f"the scenario cannot be played: {error}",)
            return [
                Outcome(scenario_id=self.scenario.id, criterion=one, passed=False, evidence=why)
                for one in Criterion
                if one is not Criterion.VERIFIER_PORTABILITY
            ]

    async def _test(self, episodes: Sequence[Trajectory]) -> list[Outcome]:
        self._start = await self._sandbox.fresh(self._environment, self.scenario)
        panel = Panel(
            self._environment, self.scenario, self._sandbox, self._settings.interact.reward
        )
        floor = await panel.measure()
        first, second = [await self.play(self.reference) for _ in range(2)]
        return [
            self._oracle(first, second),
            self._gap(floor),
            self._canaries(floor),
            self._leakage(),
            await self._determinism(first),
            await self._envelope(first),
            await self._replays(first, second, episodes),
            await self._can_fail(first),
        ]

    async def scores(self, plays: Sequence[Sequence[Call]]) -> tuple[float | None, ...]:
        """Return the score of each play; None where there is none."""
        try:
            return tuple([(await self.play(calls)).score for calls in plays])
        except RowError:
            return (None,) * len(plays)

    async def play(self, calls: Sequence[Call]) -> Played:
        """Make calls in a worker of their own and score the end."""
        live = await self._sandbox.open(self._environment, self.scenario)
        try:
            seen = [await live.call(call.name, call.arguments) for call in calls]
            try:
                state = await live.state()
            except GuestError:
                return Played(tuple(seen), None, None)
        finally:
            await live.close()
        reward = await self._sandbox.score(
            self.scenario, state, start=self._start, definition=self._settings.interact.reward
        )
        return Played(tuple(seen), state, reward.score)

    def _outcome(
        self, criterion: Criterion, evidence: Sequence[str], **measured: JsonValue
    ) -> Outcome:
        return Outcome(
            scenario_id=self.scenario.id,
            criterion=criterion,
            passed=not evidence,
            measured=measured,
            evidence=tuple(evidence),
        )

    def _oracle(self, first: Played, second: Played) -> Outcome:
        if not self.reference:
            return self._outcome(Criterion.ORACLE_MAX, [_NO_REFERENCE])
        scores = [first.score, second.score]
        wrong = (
            [] if scores == [1.0, 1.0] else [f"the reference scores {scores[0]} and {scores[1]}"]
        )
        return self._outcome(Criterion.ORACLE_MAX, wrong, reward=first.score, again=second.score)

    def _gap(self, floor: Floor) -> Outcome:
        blind = {policy: floor.best[policy] or 0.0 for policy in _BLIND}
        wrong = _above_the_floor(blind)
        gap = (floor.reference or 0.0) - max(blind.values())
        if gap < MIN_GAP:
            wrong.append(f"the reference is only {gap:.3f} above the floor")
        measured: JsonObject = {**floor.best, "reference": floor.reference, "gap": round(gap, 4)}
        return self._outcome(Criterion.FLOOR_GAP, wrong, **measured)

    def _canaries(self, floor: Floor) -> Outcome:
        scores = {policy: floor.best[policy] or 0.0 for policy in _TYPING}
        return self._outcome(Criterion.CANARY_FLOOR, _above_the_floor(scores), **scores)

    def _leakage(self) -> Outcome:
        tools = "\n".join(tool.model_dump_json() for tool in self._environment.tools)
        opening = opening_text(self._environment, self.scenario.clock)
        seen = "\n".join((opening, tools, self.scenario.task))
        return self._outcome(
            Criterion.NO_SOLUTION_LEAKAGE,
            [*leaks(seen, self.scenario, self.reference)],
            characters_read=len(seen),
        )

    async def _determinism(self, end: Played) -> Outcome:
        """Judge the start and the end again, in other workers and at other times."""
        wrong = [
            f"{check.item!r} reads {', '.join(names)}"
            for check in self.scenario.checks
            if (names := unsteady(check.source))
        ]
        states = [state for state in (self._start, end.state) if state is not None]
        runs = 0
        for state in states:
            said = [await self._judge(state, later) for later in _LATER]
            runs += len(said)
            for check, *kinds in zip(self.scenario.checks, *said, strict=True):
                if len({verdict.kind for verdict in kinds}) > 1:
                    words = ", ".join(verdict.kind.value for verdict in kinds)
                    wrong.append(f"{check.item!r} says {words} of one state")
        return self._outcome(Criterion.VERIFIER_DETERMINISM, wrong, states=len(states), runs=runs)

    async def _judge(
        self, state: JsonObject, later: timedelta = timedelta(0)
    ) -> tuple[Verdict, ...]:
        scenario = self.scenario
        clock = scenario.clock.model_copy(update={"start": scenario.clock.start + later})
        return await self._sandbox.run_checks(scenario.checks, scenario.initial_state, state, clock)

    async def _envelope(self, end: Played) -> Outcome:
        queries = await self.play(sweep(read_subject(self._environment), self._start))
        results = (*end.observations, *queries.observations)
        wrong = [
            f"a call met the limit of {kind.value}"
            for kind in dict.fromkeys(each.kind for each in results)
            if kind in _LIMITS
        ]
        if len(self.reference) > self._settings.interact.max_steps:
            wrong.append(
                f"the reference has {len(self.reference)} calls, and an episode "
                f"{self._settings.interact.max_steps} steps"
            )
        if end.state is None:
            wrong.append("the state after the reference cannot be read")
        return self._outcome(
            Criterion.RESOURCE_ENVELOPE,
            wrong,
            calls=len(self.reference),
            queries=len(queries.observations),
            largest_result_bytes=max((len(each.model_dump_json()) for each in results), default=0),
        )

    async def _replays(
        self, first: Played, second: Played, episodes: Sequence[Trajectory]
    ) -> Outcome:
        wrong: list[str] = []
        if first != second:
            wrong.append("the reference came to something else the second time")
        for episode in episodes:
            again = await self.play([*_calls(episode)])
            recorded = tuple(step.observation for step in episode.steps)
            other = sum(was != now for was, now in zip(recorded, again.observations, strict=True))
            if other:
                wrong.append(f"{other} of {len(recorded)} results of {episode.id} are different")
            wrong += self._other_reward(episode, again)
        return self._outcome(Criterion.REPLAYABILITY, wrong, episodes=len(episodes))

    def _other_reward(self, episode: Trajectory, again: Played) -> list[str]:
        reward = episode.reward
        if reward is None or reward.definition != self._settings.interact.reward:
            return []
        same = reward.score == again.score
        return [] if same else [f"{episode.id} scored {reward.score}, and scores {again.score}"]

    async def _can_fail(self, end: Played) -> Outcome:
        """Look for checks that pass in states that have nothing in common."""
        states = [self._start, await self._random_end()]
        if end.state is not None:
            states += [end.state, emptied(end.state), _scrambled_state(end.state)]
        said = [await self._judge(state) for state in states]
        wrong = [
            f"{check.item!r} passes in all of them"
            for check, *verdicts in zip(self.scenario.checks, *said, strict=True)
            if all(verdict.kind is VerdictKind.PASSED for verdict in verdicts)
        ]
        return self._outcome(Criterion.CHECKS_CAN_FAIL, wrong, states=len(states))

    async def _random_end(self) -> JsonObject:
        """Return the state after calls at random."""
        subject = read_subject(self._environment)
        caller = Caller(subject, Random(1))
        live = await self._sandbox.open(self._environment, self.scenario)
        try:
            for _ in range(CALLS):
                tool = caller.chance.choice([*subject.tools.values()])
                await live.call(tool.name, caller.one(tool, await live.state()))
            return await live.state()
        finally:
            await live.close()


def _above_the_floor(scores: Mapping[str, float]) -> list[str]:
    return [f"{policy} scores {score}" for policy, score in scores.items() if score > MAX_FLOOR]


def _calls(episode: Trajectory) -> Iterator[Call]:
    for step in episode.steps:
        arguments = step.call.arguments
        known = arguments if isinstance(arguments, dict) else {}
        yield Call(name=step.call.name, arguments=known)


def _scrambled_state(state: JsonObject) -> JsonObject:
    return {name: scrambled(value) for name, value in state.items()}


def emptied(state: JsonObject) -> JsonObject:
    """Return a state whose collections hold nothing and whose numbers are 0."""
    return {name: None if value is None else type(value)() for name, value in state.items()}


def scrambled(value: JsonValue) -> JsonValue:
    """Return a value of the same shape in which every value is another."""
    match value:
        case dict():
            return {name: scrambled(each) for name, each in value.items()}
        case list():
            return [scrambled(each) for each in value]
        case bool():
            return not value
        case int() | float():
            return value + 1
        case _:
            # Texts with a dollar are the marks of exact types.
            return f"{value}~" if isinstance(value, str) and not value.startswith("$") else value
