"""Play one scenario once: open its environment, let the agent act, score what it leaves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Literal, Protocol

from envscaler.config import InteractSettings
from envscaler.errors import ArtifactError, GuestError
from envscaler.interact.agent import Actor, Agent, Briefing, DialogueName
from envscaler.interact.episode import Episode, Tools
from envscaler.interact.scripted import ScriptedName, player_of
from envscaler.interact.tool_format import TOOL_FORMATS, ToolFormatName
from envscaler.interact.user import SimulatedUser
from envscaler.llm.calls import Calls
from envscaler.records import (
    Call,
    Environment,
    JsonObject,
    Observation,
    Provenance,
    Reward,
    RewardDefinition,
    Scenario,
    StopReason,
    Trajectory,
    row_id,
)


class EnvironmentSession(Tools, Protocol):
    """A live environment."""

    async def play(self, calls: Sequence[Call], /) -> list[Observation]:
        """Make calls one after the other."""
        ...

    async def state(self) -> JsonObject:
        """Export its state."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class EnvironmentHost(Protocol):
    """All that a rollout needs of the sandbox."""

    @property
    def level(self) -> str:
        """How generated code is isolated."""
        ...

    async def open(self, skeleton: Environment, start: Scenario, /) -> EnvironmentSession:
        """Start an environment."""
        ...

    async def score(
        self,
        scenario: Scenario,
        state: JsonObject,
        /,
        *,
        start: JsonObject | None = None,
        definition: RewardDefinition = "goal",
    ) -> Reward:
        """Run a scenario's checks on a final state."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One episode that is to be played."""

    environment: Environment
    scenario: Scenario
    dialogue: DialogueName
    tool_format: ToolFormatName
    number: int
    """From 0; the same number gives the same episode again."""
    agent: Literal["model"] | ScriptedName = "model"
    player: tuple[str | int, ...] = ()
    """What else tells episodes of several runs apart: the model, and the seed of the run."""

    @property
    def id(self) -> str:
        """Id of the trajectory it will become."""
        ways = (self.scenario.id, self.dialogue, self.tool_format, self.number)
        agent = () if self.agent == "model" else (self.agent,)
        return row_id("traj", *ways, *agent, *self.player)


def attempts(
    environments: Mapping[str, Environment],
    scenarios: Iterable[Scenario],
    settings: InteractSettings,
    player: tuple[str | int, ...] = (),
) -> Iterator[Attempt]:
    """List the episodes to play, scenario by scenario.

    Args:
        environments: Id → environment.
        scenarios: Read one at a time.
        settings: Dialogues, tool formats and number of attempts.
        player: The model, and the seed of the run.

    Raises:
        ArtifactError: A scenario's environment is missing.
    """
    for scenario in scenarios:
        environment = environments.get(scenario.env_id)
        if environment is None:
            raise ArtifactError(
                f"Scenario {scenario.id} plays in environment {scenario.env_id}, "
                "which is not in envs.jsonl; use files of one run"
            )
        for dialogue, tool_format, number in product(*ways(settings), range(settings.attempts)):
            yield Attempt(
                environment, scenario, dialogue, tool_format, number, settings.agent, player
            )


def ways(
    settings: InteractSettings,
) -> tuple[Sequence[DialogueName], Sequence[ToolFormatName]]:
    """Return the dialogues and tool formats in which each scenario is played.

    An agent without a model knows one way only: a user would be a model, and tools are called, not
    written about.
    """
    if settings.agent != "model":
        return ("single_turn",), ("native",)
    return settings.dialogue, settings.tool_format


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores what is left of one scenario.

    Args:
        scenario: Whose checks are run.
        host: Where they run.
        definition: The reward in use.
        start: State before the first call, by which it is told what is a goal; None where that is
            known.
    """

    scenario: Scenario
    host: EnvironmentHost
    definition: RewardDefinition
    start: JsonObject | None

    async def score(self, state: JsonObject) -> Reward | None:
        """Score a final state; None when the scenario has no checks."""
        if not self.scenario.checks:
            return None
        return await self.host.score(
            self.scenario, state, start=self.start, definition=self.definition
        )

    def broken(self, problem: str) -> Reward:
        """Return the reward of an environment that broke: none."""
        level = self.host.level
        return Reward(
            score=None, definition=self.definition, verdicts=(), isolation=level, problem=problem
        )


async def play(
    attempt: Attempt, calls: Calls, host: EnvironmentHost, settings: InteractSettings
) -> Trajectory:
    """Play one episode and score how it ended.

    Raises:
        GuestError: The environment does not start.
        SandboxError: The machinery around it failed; a later run tries again.
        ProviderError: A model gave no usable answer.
        ReplyError: The simulated user would not speak in the shape it was asked for.
        RejectedError: There is no reference solution to play.
    """
    environment, scenario = attempt.environment, attempt.scenario
    session = await host.open(environment, scenario)
    try:
        agent, user = _players(attempt, calls, session, settings)
        episode = Episode(agent, session, user, settings)
        scorer = Scorer(scenario, host, settings.reward, await _start(scenario, session))
        stop_reason, reward = await _outcome(episode, scenario, session, scorer)
    finally:
        await session.close()
    return Trajectory(
        id=attempt.id,
        provenance=_provenance(attempt, calls),
        env_id=environment.id,
        scenario_id=scenario.id,
        attempt=attempt.number,
        dialogue=attempt.dialogue,
        tool_format=attempt.tool_format,
        tools=environment.tools,
        messages=(*agent.opening, *episode.messages),
        user_messages=user.messages if user else (),
        steps=tuple(episode.steps),
        stop_reason=stop_reason,
        reward=reward,
        seed=calls.seed,
    )


async def _start(scenario: Scenario, session: EnvironmentSession) -> JsonObject | None:
    known = all(check.initially_true is not None for check in scenario.checks)
    return None if known else await session.state()


def _provenance(attempt: Attempt, calls: Calls) -> Provenance:
    made = calls.provenance(attempt.environment.id, attempt.scenario.id)
    if attempt.agent == "model":
        return made
    return made.model_copy(update={"models": (f"scripted:{attempt.agent}",)})


def _players(
    attempt: Attempt, calls: Calls, session: EnvironmentSession, settings: InteractSettings
) -> tuple[Actor, SimulatedUser | None]:
    told = Briefing(attempt.environment, attempt.scenario.clock, attempt.dialogue)
    agent: Actor
    if attempt.agent == "model":
        agent = Agent(
            calls,
            told,
            tool_format=TOOL_FORMATS[attempt.tool_format],
            sample=attempt.number,
            send_reasoning=settings.send_reasoning,
        )
    else:
        agent = player_of(
            attempt.agent,
            attempt.scenario,
            told,
            session.state,
            Random(calls.seed),
            max_steps=settings.max_steps,
        )
    if attempt.dialogue == "single_turn":
        return agent, None
    task = attempt.scenario.task
    return agent, SimulatedUser(calls, attempt.environment, task, sample=attempt.number)


async def _outcome(
    episode: Episode, scenario: Scenario, session: EnvironmentSession, scorer: Scorer
) -> tuple[StopReason, Reward | None]:
    """Play an episode to its end, and score the state it leaves."""
    try:
        stop_reason = await episode.play(scenario.task)
        state = await session.state()
    except GuestError as error:
        return StopReason.ENVIRONMENT_BROKE, scorer.broken(str(error))
    return stop_reason, await scorer.score(state)
