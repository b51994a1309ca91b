"""What an agent did in a scenario, and its reward."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from envscaler.records.assessments import Observation
from envscaler.records.base import JsonObject, Record, Row
from envscaler.records.calls import ToolCall
from envscaler.records.scenarios import RewardDefinition
from envscaler.records.skeletons import Tool


class Message(Record):
    """A turn of the dialogue between agent, tools and user."""

    role: Literal["system", "user", "assistant", "tool"]
    """Who speaks."""
    content: str
    """What is said; empty in a message of calls alone."""
    reasoning: str | None = None
    """What a reasoning model thought before."""
    tool_calls: tuple[ToolCall, ...] = ()
    """What it calls."""
    tool_call_id: str | None = None
    """In a message of role `tool`: the call that it answers."""
    problem: str | None = None
    """What was wrong with an assistant's message, as it was told; None when it is well formed."""
    extra: JsonObject = Field(default_factory=dict[str, JsonValue])
    """What else the endpoint put into an assistant's message; it goes back to it."""


class Step(Record):
    """A tool call that reached the environment, and what came back."""

    call: ToolCall
    """What was called."""
    observation: Observation
    """What came back."""


class StopReason(StrEnum):
    """Why an episode ended."""

    FINISHED = "finished"
    """The agent, or the simulated user, said that it is done."""
    MAX_STEPS = "max_steps"
    BAD_REPLIES = "bad_replies"
    """The model kept answering in a shape nobody asked for."""
    EMPTY_REPLIES = "empty_replies"
    """The model kept saying nothing, or nothing outside its reasoning."""
    UNKNOWN_TOOLS = "unknown_tools"
    """The model kept calling tools that do not exist."""
    TOKEN_LIMIT = "token_limit"
    """The dialogue, or one reply, has become longer than the settings allow."""
    CONTEXT_LENGTH = "context_length"
    """The endpoint refused the dialogue as too long."""
    ENVIRONMENT_BROKE = "environment_broke"
    """The class got into a state that cannot be read or rebuilt; there is no score."""


class VerdictKind(StrEnum):
    """How one check ended; only the first two are verdicts on the agent."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    WRONG_TYPE = "wrong_type"
    """Neither exactly True nor exactly False."""


class Verdict(Record):
    """The result of one check."""

    item: str
    """Of the check."""
    kind: VerdictKind
    """How it ended."""
    message: str = ""
    """Why, where it is no verdict."""


class Reward(Record):
    """The score of a final state."""

    score: float | None
    """In [0, 1], four decimals; None, never 0, when the environment or a check broke."""
    definition: RewardDefinition = "goal"
    """Which of the two below the score is."""
    fraction: float | None = None
    """Share of checks that passed: the published definition."""
    goal: float | None = None
    """Share of goals reached, 0 when a guard broke; None when it is not known which is which."""
    verdicts: tuple[Verdict, ...]
    """One for each check."""
    isolation: str
    """Level of the sandbox that computed it, such as `seccomp+landlock`."""
    problem: str = ""
    """Why there is no score."""


class Trajectory(Row):
    """`rollouts.jsonl`; `trajectories.jsonl` what passed the filters: an episode and its reward."""

    env_id: str
    """Of its environment."""
    scenario_id: str
    """Of its scenario."""
    attempt: int
    """From 0; several of one scenario measure how hard it is."""
    dialogue: Literal["single_turn", "simulated_user"]
    """Whether the task comes at once, or a user reveals it."""
    tool_format: Literal["native", "text"]
    """Function calling, or `<tool_call>` blocks in text."""
    tools: tuple[Tool, ...]
    """What the agent was offered."""
    messages: tuple[Message, ...]
    """The agent's side. The same in both tool formats: results are messages of role `tool`."""
    user_messages: tuple[Message, ...] = ()
    """The simulated user's side, its thoughts included; there the user is the assistant."""
    steps: tuple[Step, ...]
    """The calls that reached the environment."""
    stop_reason: StopReason
    """Why it ended."""
    reward: Reward | None
    """None when the scenario has no checks and the environment did not break."""
    seed: int
    """Of the model calls; what is random inside the environment has the scenario's."""


class Calibration(Row):
    """`calibration.jsonl`: how hard a scenario is for the agent that was tried on it."""

    env_id: str
    """Of its environment."""
    scenario_id: str
    """Of its scenario."""
    attempts: int
    """Episodes played."""
    scored: int
    """Attempts that have a score; where the environment or a check broke there is none."""
    passes: int
    """Attempts with score 1."""
    pass_rate: float | None
    """Of the scored attempts, four decimals; None when there are none."""
    mean_score: float | None
    """Of the scored attempts."""
    band: str | None
    """None when there is no rate, or no band for it."""

    @property
    def never_solved(self) -> bool:
        return self.scored > 0 and self.passes == 0

    @property
    def always_solved(self) -> bool:
        return self.scored > 0 and self.passes == self.scored
