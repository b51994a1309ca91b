"""A scenario that a person plays: what was done so far, what it changed, and the row it becomes."""

from dataclasses import dataclass, field
from pathlib import Path

import orjson

from envscaler.config import Settings
from envscaler.env import Env, Score
from envscaler.environment.state.encoding import StateDiff, diff
from envscaler.errors import RejectedError
from envscaler.interact.filters import keep
from envscaler.jsonl import RowWriter
from envscaler.load import LoadedScenario
from envscaler.pipeline.lock import only_one
from envscaler.records import (
    JsonObject,
    Message,
    Observation,
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

_PLAYER = "a person"
"""Stands where a row names its model."""


@dataclass(frozen=True)
class Made:
    """A call that was made by hand."""

    text: str
    """What an agent would read."""
    observation: Observation
    changes: StateDiff


@dataclass
class _Turn:
    """A call, and how to go back to before it."""

    before: Snapshot
    step: Step
    text: str
    thought: str = ""


@dataclass
class HandPlay:
    """One scenario in the hands of a person. `env` is opened and closed by who makes this."""

    scenario: LoadedScenario
    env: Env
    settings: Settings
    thought: str = ""
    """Goes with the next call or the last word, as the agent's reasoning."""
    _turns: list[_Turn] = field(default_factory=list[_Turn])

    @property
    def calls(self) -> int:
        """How many calls were made and not taken back."""
        return len(self._turns)

    def call(self, tool: str, arguments: JsonObject) -> Made:
        """Call a tool and say what came of it and what it changed.

        Raises:
            RowError: The environment broke earlier.
        """
        before, start = self.env.snapshot(), self.env.state()
        text = self.env.call(tool, arguments)
        observation = self.env.last_observation
        if observation is None:
            raise AssertionError("A call always leaves an observation")
        made = ToolCall(id=f"call_{len(self._turns)}", name=tool, arguments=arguments)
        step = Step(call=made, observation=observation)
        self._turns.append(_Turn(before, step, text, self._take_thought()))
        return Made(text, observation, diff(start, self.env.state()))

    def undo(self) -> bool:
        """Take the last call back; False when there is none."""
        if not self._turns:
            return False
        self.env.restore(self._turns.pop().before)
        return True

    def next_of_reference(self) -> ReferenceCall | None:
        """Return the first call of the proof's solution that was not made yet, in its order."""
        proof = self.scenario.proof
        left = list(proof.reference if proof else ())
        for turn in self._turns:
            call = turn.step.call
            if left and (call.name, call.arguments) == (left[0].name, left[0].arguments):
                left.pop(0)
        return left[0] if left else None

    def finish(self, words: str) -> Trajectory:
        """Score what was done, and write it as a trajectory.

        Args:
            words: What the agent says at the end.
        """
        messages = self._messages(words)
        content = orjson.dumps([message.model_dump(mode="json") for message in messages])
        return Trajectory(
            id=row_id("traj", self.scenario.id, _PLAYER, content.decode()),
            provenance=Provenance(
                parents=(self.scenario.env_id, self.scenario.id), models=(_PLAYER,)
            ),
            env_id=self.scenario.env_id,
            scenario_id=self.scenario.id,
            attempt=0,
            dialogue="single_turn",
            tool_format="native",
            tools=self.scenario.environment.tools,
            messages=tuple(messages),
            steps=tuple(turn.step for turn in self._turns),
            stop_reason=StopReason.FINISHED,
            reward=self._reward(self.env.score()) if self.scenario.checks else None,
            seed=self.scenario.seed,
        )

    def _messages(self, words: str) -> list[Message]:
        messages = [
            Message(role="system", content=self.env.system),
            Message(role="user", content=self.env.task),
        ]
        for turn in self._turns:
            call = turn.step.call
            thought = turn.thought or None
            made = Message(role="assistant", content="", reasoning=thought, tool_calls=(call,))
            messages += [made, Message(role="tool", content=turn.text, tool_call_id=call.id)]
        last = Message(role="assistant", content=words, reasoning=self._take_thought() or None)
        return [*messages, last]

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
