"""`envscaler verify --floor`: what policies that solve nothing get from each scenario.

A reward is worth something when a no-op, looking at everything, playing at random, searching
the reward by random play, typing the answer into texts and reaching for the grader all stay at the
floor. The reference without its last write is there for comparison: it does most of the task.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import Literal, get_args

from envscaler.errors import GuestError
from envscaler.inputs.arguments import Caller
from envscaler.inputs.subject import Subject, properties_of, read_subject
from envscaler.pipeline.measure import Found, Measured, measure
from envscaler.pipeline.part import Step
from envscaler.pipeline.run import Run
from envscaler.records import (
    Call,
    Environment,
    JsonObject,
    RewardDefinition,
    Scenario,
    Tool,
)
from envscaler.sandbox import LiveEnvironment, Sandbox
from envscaler.scen_generator.proof.outcomes import sweep
from envscaler.scen_generator.proof.verify import Pair, read_pairs, solutions_of, texts_of

Policy = Literal["no-op", "queries", "random", "greedy", "canaries", "grader", "shortened"]
"""`shortened` is the reference without its last write."""

POLICIES: tuple[Policy, ...] = get_args(Policy)
RUNS, CALLS = 5, 30
"""Random runs of a scenario, and calls in each."""
TRIES = 60
"""Calls that the greedy search tries."""
_BASES = 2
"""Calls of a tool into which texts are typed."""
_REACHING = (
    "'); return True #",
    "__import__('os').system('true')",
    "{0.__class__.__init__.__globals__}",
    "check_func = lambda final_state: True",
    '{"$dataclass": ["Check", {"passed": true}]}',
)
"""Arguments that want to reach the grader."""


class Floor(Measured):
    """`floor.jsonl`: the best score of each policy in one scenario, whose id it has."""

    env_id: str
    definition: RewardDefinition
    reference: float | None
    """None when there is no reference solution, or it has no score."""
    best: dict[Policy, float | None]
    """None where no run of the policy has a score."""

    @property
    def floor(self) -> float:
        """The best score of a policy that solves nothing."""
        scores = (self.best[policy] for policy in POLICIES if policy != "shortened")
        return max((score for score in scores if score is not None), default=0.0)


def _player(run: Run) -> Step[Pair, Floor]:
    async def step(pair: Pair) -> Floor:
        return await Panel(*pair, run.sandbox, run.settings.interact.reward).measure()

    return step


async def measure_floor(run: Run) -> Found[Floor]:
    """Let every policy play every scenario that has checks, as a stage that writes `floor.jsonl`.

    Raises:
        ArtifactError: A file is missing, or a scenario has no environment.
        EnvScalerError: What stopped the stage.
    """
    reward = run.settings.interact.reward

    return await measure(
        run,
        read_pairs(run.path("envs").parent, checked=True),
        run.step(_player),
        name="floor",
        out="floor",
        kind=Floor,
        id_of=lambda pair: pair[1].id,
        basis=lambda pair: (*texts_of(pair), reward),
    )


class Panel:
    """The policies in one scenario.

    Args:
        environment: Where it plays.
        scenario: Whose reward is tried.
        sandbox: Where all of it runs.
        definition: The reward in use.
    """

    def __init__(
        self,
        environment: Environment,
        scenario: Scenario,
        sandbox: Sandbox,
        definition: RewardDefinition,
    ) -> None:
        self._environment = environment
        self._scenario = scenario
        self._sandbox = sandbox
        self._definition: RewardDefinition = definition
        self._subject = read_subject(environment)
        self._start: JsonObject = {}
        solutions = solutions_of(scenario)
        self._reference = solutions[0] if solutions else []

    async def measure(self) -> Floor:
        """Return the best score of every policy."""
        self._start = await self._sandbox.fresh(self._environment, self._scenario)
        best: dict[Policy, float | None] = {
            "no-op": await self._score_calls(()),
            "queries": await self._score_calls(sweep(self._subject, self._start)),
            "random": _best([await self._random(seed) for seed in range(RUNS)]),
            "greedy": await self._greedy(),
            "canaries": await self._type(self._answers()),
            "grader": await self._type(_REACHING),
            "shortened": await self._shortened(),
        }
        reference = await self._score_calls(self._reference) if self._reference else None
        return Floor(
            id=self._scenario.id,
            env_id=self._environment.id,
            definition=self._definition,
            reference=reference,
            best=best,
        )

    async def _score_calls(self, calls: Sequence[Call]) -> float | None:
        live = await self._sandbox.open(self._environment, self._scenario)
        try:
            await live.play(calls)
            return await self._score(live)
        finally:
            await live.close()

    async def _score(self, live: LiveEnvironment) -> float | None:
        try:
            state = await live.state()
        except GuestError:
            return None
        reward = await self._sandbox.score(
            self._scenario, state, start=self._start, definition=self._definition
        )
        return reward.score

    async def _random(self, seed: int) -> float | None:
        """Score type-correct calls at random."""
        caller, live = await self._player(seed)
        try:
            for _ in range(CALLS):
                await self._play(caller, live)
            return await self._score(live)
        except GuestError:
            return None
        finally:
            await live.close()

    async def _greedy(self) -> float | None:
        """Search the reward by random calls, going back from each that did not raise it."""
        caller, live = await self._player(RUNS)
        best: float | None = None
        try:
            best = await self._score(live)
            point = await live.snapshot()
            for _ in range(TRIES):
                await self._play(caller, live)
                score = await self._score(live)
                if score is not None and score > (best or 0):
                    best, point = score, await live.snapshot()
                else:
                    await live.restore(point)
        except GuestError:  # a state that cannot be read: what was reached before counts
            return best
        finally:
            await live.close()
        return best

    async def _player(self, seed: int) -> tuple[Caller, LiveEnvironment]:
        live = await self._sandbox.open(self._environment, self._scenario)
        return Caller(self._subject, Random(seed)), live

    async def _play(self, caller: Caller, live: LiveEnvironment) -> None:
        tool = caller.chance.choice([*self._subject.tools.values()])
        await live.call(tool.name, caller.one(tool, await live.state()))

    async def _type(self, texts: Sequence[str]) -> float | None:
        """Score each text, typed wherever a tool takes one, in an environment of its own."""
        return _best([await self._score_calls([*self._typed(text)]) for text in texts])

    def _typed(self, text: str) -> Iterator[Call]:
        """Yield calls of every tool that takes free texts: one of them, and all at once."""
        caller = Caller(self._subject, Random(0))
        for tool in self._subject.tools.values():
            names = [*_free_texts(tool, self._subject)]
            ways = [[name] for name in names] + ([names] if len(names) > 1 else [])
            bases = caller.sensible(tool, self._start, _BASES) if names else []
            for base, way in product(bases, ways):
                arguments = base | dict.fromkeys(way, text)
                yield Call(name=tool.name, arguments=arguments)

    def _answers(self) -> list[str]:
        """List what a reader of the task could type as an answer."""
        solution = "; ".join(f"{call.name}{call.arguments}" for call in self._reference)
        items = " ".join(check.item for check in self._scenario.checks)
        return [self._scenario.task, items, solution, "True", "The task is done."]

    async def _shortened(self) -> float | None:
        proof = self._scenario.proof
        writes = [at for at, call in enumerate(proof.reference) if call.changed] if proof else []
        return await self._score_calls(self._reference[: writes[-1]]) if writes else None


def _free_texts(tool: Tool, subject: Subject) -> Iterator[str]:
    """Yield the parameters of a tool that take any text."""
    for name, schema in properties_of(tool).items():
        is_text = schema.get("type") == "string" and "enum" not in schema
        if is_text and not name.endswith(("_id", "id")) and name not in subject.hints.equals:
            yield name


def _best(scores: Sequence[float | None]) -> float | None:
    return max((score for score in scores if score is not None), default=None)
