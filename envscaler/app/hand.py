"""A scenario that is played step by step: what was done, what it changed, the row it becomes."""

from dataclasses import dataclass, field
from pathlib import Path

import orjson

from envscaler.chat import Prompt
from envscaler.config import Settings
from envscaler.env import Env, Score
from envscaler.environment.state.difference import StateDiff, diff
from envscaler.environment.state.text import write_value
from envscaler.errors import ConfigError, RejectedError
from envscaler.interact.agent import Briefing, DialogueName, call_problem
from envscaler.interact.episode import notice
from envscaler.interact.filters import keep
from envscaler.interact.tool_format import TOOL_FORMATS
from envscaler.interact.user import SimulatedUser
from envscaler.jsonl import RowWriter
from envscaler.load import LoadedScenario
from envscaler.pipeline.lock import only_one
from envscaler.records import (
    JsonObject,
    Message,
    Observation,
    ObservationKind,
    Provenance,
    ReferenceCall,
    Reward,
    Step,
    StopReason,
    ToolCall,
    Trajectory,
    row_id,
)
from envscaler.sandbox import Snapshot

PERSON = "a person"
"""Stands where a row names its model."""


@dataclass(frozen=True)
class Made:
    """A call that was made by hand."""

    text: str
    """What an agent would read."""
    observation: Observation
    changes: StateDiff


@dataclass(frozen=True)
class _Mark:
    """Where an action began, to go back to it."""

    state: Snapshot
    messages: int
    steps: int
    user: Prompt | None
    is_over: bool


@dataclass
class HandPlay:
    """One scenario in the hands of a person, of models, or of both in turn.

    `env` is opened and closed by who makes this.
    """

    scenario: LoadedScenario
    env: Env
    settings: Settings
    thought: str = ""
    """Goes with the next call or words by hand, as the agent's reasoning."""
    dialogue: DialogueName = "single_turn"
    user: SimulatedUser | None = None
    """The model in the user's place; None where a person is, or nobody."""
    is_over: bool = False
    """The agent has said its last word, or the user ended the conversation."""
    messages: list[Message] = field(default_factory=list[Message])
    """What was said and called so far, without what stands before."""
    steps: list[Step] = field(default_factory=list[Step])
    actors: dict[str, None] = field(default_factory=dict[str, None])
    """Who acted: models, or a person; in the order of their first actions."""
    _marks: list[_Mark] = field(default_factory=list[_Mark])

    @property
    def calls(self) -> int:
        """How many calls were made and not taken back."""
        return len(self.steps)

    @property
    def heard(self) -> list[Message]:
        """The dialogue as an agent has it, behind what it is told before."""
        task = [Message(role="user", content=self.env.task)]
        return [*(task if self.dialogue == "single_turn" else ()), *self.messages]

    def call(self, tool: str, arguments: JsonObject) -> Made:
        """Call a tool by hand and say what came of it and what it changed.

        Raises:
            RowError: The environment broke earlier.
        """
        made = ToolCall(id=f"call_{len(self.steps)}", name=tool, arguments=arguments)
        thought = self._take_thought() or None
        message = Message(role="assistant", content="", reasoning=thought, tool_calls=(made,))
        return self.take(message, PERSON)[0]

    def take(self, message: Message, actor: str) -> list[Made]:
        """Do what a message of the agent says: make its calls, or pass its words on.

        Args:
            message: Of a model, or written by hand.
            actor: Whose it is.

        Returns:
            What came of its calls, in their order.

        Raises:
            RowError: The environment broke earlier.
        """
        self._mark()
        self.actors[actor] = None
        self.messages.append(message)
        if message.tool_calls:
            return [self._make(call) for call in message.tool_calls]
        if message.problem:
            self.messages.append(Message(role="user", content=notice(message.problem)))
        elif self.dialogue == "single_turn":
            self.is_over = True
        return []

    def say(self, words: str) -> None:
        """Say something to the user by hand, in the agent's place."""
        thought = self._take_thought() or None
        self.take(Message(role="assistant", content=words, reasoning=thought), PERSON)

    def hear(self, words: str | None, actor: str) -> None:
        """Take in what the user says; None: the user ends the conversation.

        Raises:
            ConfigError: The scenario is played without a user.
        """
        if self.dialogue == "single_turn" and (self.messages or words is None):
            raise ConfigError("Nobody is in the user's place; a user has to speak first")
        if not self.messages:
            self._mark()
        self.dialogue = "simulated_user"
        self.actors[actor] = None
        if words is None:
            self.is_over = True
        else:
            self.messages.append(Message(role="user", content=words))

    @property
    def waits_for_the_user(self) -> bool:
        """The agent has spoken, and is not answered yet."""
        last = self.messages[-1] if self.messages else None
        spoken = last is not None and last.role == "assistant" and not last.tool_calls
        return self.dialogue == "simulated_user" and not self.is_over and (spoken or last is None)

    def undo(self) -> bool:
        """Take the last action back; False when there is none."""
        if not self._marks:
            return False
        mark = self._marks.pop()
        self.env.restore(mark.state)
        del self.messages[mark.messages :]
        del self.steps[mark.steps :]
        self.is_over = mark.is_over
        if self.user is not None and mark.user is not None:
            self.user.dialogue = mark.user
        if not self.messages:
            self.dialogue, self.user = "single_turn", None
        return True

    def next_of_reference(self) -> ReferenceCall | None:
        """Return the first call of the proof's solution that was not made yet, in its order."""
        proof = self.scenario.proof
        left = list(proof.reference if proof else ())
        for step in self.steps:
            call = step.call
            if left and (call.name, call.arguments) == (left[0].name, left[0].arguments):
                left.pop(0)
        return left[0] if left else None

    def finish(self, words: str) -> Trajectory:
        """Score what was done, and write it as a trajectory.

        Args:
            words: What the agent says at the end, where it has not said its last word.
        """
        if not self.is_over and not self.waits_for_the_user:
            self.say(words)
        messages = [*self._opening(), *self.heard]
        content = orjson.dumps([message.model_dump(mode="json") for message in messages])
        return Trajectory(
            id=row_id("traj", self.scenario.id, PERSON, content.decode()),
            provenance=Provenance(
                parents=(self.scenario.env_id, self.scenario.id), models=tuple(self.actors)
            ),
            env_id=self.scenario.env_id,
            scenario_id=self.scenario.id,
            attempt=0,
            dialogue=self.dialogue,
            tool_format="native",
            tools=self.scenario.environment.tools,
            messages=tuple(messages),
            user_messages=self.user.messages if self.user else (),
            steps=tuple(self.steps),
            stop_reason=StopReason.FINISHED,
            reward=self._reward(self.env.score()) if self.scenario.checks else None,
            seed=self.scenario.seed,
        )

    def _make(self, call: ToolCall) -> Made:
        problem = call_problem(call, {tool.name for tool in self.scenario.environment.tools})
        if problem is not None or isinstance(call.arguments, str):
            observation = Observation(kind=ObservationKind.REFUSED, value={"error": problem})
            text = write_value(observation.value, self.settings.interact.observation_text)
            made = Made(text, observation, StateDiff(added={}, removed={}, changed={}))
        else:
            start = self.env.state()
            text = self.env.call(call.name, call.arguments)
            observation = self.env.last_observation
            if observation is None:
                raise AssertionError("A call always leaves an observation")
            self.steps.append(Step(call=call, observation=observation))
            made = Made(text, observation, diff(start, self.env.state()))
        self.messages.append(Message(role="tool", content=made.text, tool_call_id=call.id))
        return made

    def _mark(self) -> None:
        user = self.user.dialogue if self.user else None
        place = (len(self.messages), len(self.steps))
        self._marks.append(_Mark(self.env.snapshot(), *place, user, self.is_over))

    def _opening(self) -> tuple[Message, ...]:
        briefing = Briefing(self.scenario.environment, self.scenario.clock, self.dialogue)
        prompt = briefing.prompt(TOOL_FORMATS["native"])
        return tuple(Message.model_validate(wire) for wire in prompt.messages)

    def _take_thought(self) -> str:
        thought, self.thought = self.thought, ""
        return thought

    def _reward(self, score: Score) -> Reward:
        return Reward(
            score=score.reward,
            definition=self.settings.interact.reward,
            fraction=score.fraction,
            goal=score.goal,
            verdicts=score.verdicts,
            isolation=score.isolation,
            problem=score.problem,
        )


def save(run: Path, played: Trajectory, settings: Settings) -> str:
    """Append a trajectory to those of a run, where exports find it.

    Returns:
        Why it is not among those that go on to training; empty when it is.

    Raises:
        ConfigError: Another process works in the run.
        ArtifactError: It cannot be written.
    """
    with only_one(run):
        _append(run / "rollouts.jsonl", played)
        try:
            _append(run / "trajectories.jsonl", keep(played, settings.interact))
        except RejectedError as error:
            return str(error)
    return ""


def _append(path: Path, row: Trajectory) -> None:
    with RowWriter(path) as writer:
        writer.append(row)
