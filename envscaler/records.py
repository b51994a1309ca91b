"""The rows of every JSONL artifact, in pipeline order.

    tasks → candidates → topics → skeletons → assessments → envs
          → scenarios → rollouts → trajectories

A row is frozen and refuses unknown fields, so a file never means two things. Its id is a hash of
what it was made from: the same input gives the same id on every machine and in every run.
"""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

SCHEMA_VERSION = 1
"""Version of the row formats; a reader refuses rows of a later one."""

JsonObject = dict[str, JsonValue]


def row_id(prefix: str, *parts: str | int) -> str:
    """Name a row after what it is made from.

    Args:
        prefix: Kind of row, such as `env`.
        parts: What identifies its input, usually the parent's id and an index.

    Returns:
        `prefix-` and 12 hexadecimal digits.
    """
    text = "\x1f".join(str(part) for part in parts)
    # A task may hold half a surrogate pair, which JSON can write and UTF-8 cannot.
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"{prefix}-{digest[:12]}"


class Record(BaseModel):
    """Anything that is stored. Frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Usage(Record):
    """What a row cost, in tokens as the endpoint counted them."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    """Part of the completion tokens that were spent on reasoning, where the endpoint tells."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
        )


class Provenance(Record):
    """Where a row comes from: enough to explain it and to make it again."""

    parents: tuple[str, ...] = ()
    prompts: dict[str, str] = {}
    """Prompt name → first 12 hexadecimal digits of the SHA-256 of its template."""
    models: tuple[str, ...] = ()
    seed: int | None = None
    usage: Usage = Usage()


class Row(Record):
    """A line of an artifact."""

    id: str
    schema_version: int = SCHEMA_VERSION
    provenance: Provenance = Provenance()


class Task(Row):
    """`tasks.jsonl`: a task that somebody once asked of a model with tools."""

    text: str
    source: str
    """Corpus it comes from, such as `api-bank`."""


class Judgement(Record):
    """Does the task depend on a persistent, domain-specific state that can be read and changed?"""

    reasoning: str
    stateful: bool


class Inference(Record):
    """The environment in which a task would have to happen."""

    reasoning: str
    summary: str
    """A name of a few words, such as `Library loan system`."""
    introduction: str
    usefulness: int = Field(ge=1, le=10)
    modelability: int = Field(ge=1, le=10)


class Candidate(Row):
    """`candidates.jsonl`: a judged task; with an inference when it is stateful."""

    task: str
    judgement: Judgement
    inference: Inference | None


class Topic(Row):
    """`topics.jsonl`: an environment worth building."""

    summary: str
    introduction: str
    usefulness: int
    modelability: int
    source_task: str


class Attribute(Record):
    """One field of an entity."""

    name: str
    type: str
    """Python type as text, such as `str` or `list[str]`; empty when the source does not say."""
    description: str = ""


class Entity(Record):
    """A kind of thing that the state holds."""

    name: str
    description: str
    attributes: tuple[Attribute, ...]


class Operation(Record):
    """A tool that the environment has to offer."""

    name: str = Field(pattern=r"^[a-z_][a-z0-9_]*$")
    description: str
    kind: Literal["query", "change"]


class Tool(Record):
    """A tool as a model sees it."""

    name: str
    description: str
    parameters: JsonObject
    """JSON schema of the arguments: `type: object`, `properties`, `required`."""


class AttributeUse(Record):
    """Who touches one attribute of the class."""

    type: str
    read_by: tuple[str, ...]
    written_by: tuple[str, ...]


class Structure(Record):
    """Which tool reads and writes what, helpers followed."""

    attributes: dict[str, AttributeUse]
    queries: tuple[str, ...]
    """Tools that write nothing."""
    changes: tuple[str, ...]


class Skeleton(Row):
    """`skeletons.jsonl`: an environment that was written but not tested yet."""

    summary: str
    introduction: str
    source_task: str | None
    """The task it was mined from, verbatim; None when it was imported."""
    entities: tuple[Entity, ...]
    rules: tuple[str, ...]
    operations: tuple[Operation, ...]
    class_name: str
    source: str
    """The whole Python module. Data until the sandbox runs it."""
    tools: tuple[Tool, ...]
    structure: Structure


class ObservationKind(StrEnum):
    """How a call ended. Everything but OK leaves the reason in the observation's value."""

    OK = "ok"
    """The tool returned; its own `success` may still be false."""
    REFUSED = "refused"
    """Unknown tool or arguments against the schema; nothing ran."""
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    UNSERIALISABLE = "unserialisable"
    OVERSIZED = "oversized"
    KILLED = "killed"
    """The worker had to be killed; the environment was rebuilt without this call."""


class Observation(Record):
    """What a call gave back."""

    kind: ObservationKind
    value: JsonValue
    """Canonical JSON, exact types tagged; `{"error": ...}` when the kind is not OK."""
    output: str = ""
    """What the tool printed, capped."""


class Clock(Record):
    """The time inside an environment, which moves only by calls."""

    start: AwareDatetime = datetime(2025, 1, 1, tzinfo=UTC)
    step: float = Field(default=1.0, ge=0)
    """Seconds that pass with every call."""


class Case(Record):
    """One test call: proposed by the tester, executed, judged."""

    round: int
    tool: str
    arguments: JsonObject
    case_type: Literal["positive", "negative"]
    purpose: str
    expected: str = ""
    """What the tester expected, for the judge to weigh."""
    observation: Observation
    changes: JsonObject
    """State difference: `added`, `removed` and `changed` paths."""
    verdict: Literal["pass", "warning", "fail"]
    reason: str


class Counts(Record):
    """Verdicts of test calls."""

    passed: int = 0
    warned: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.warned + self.failed


class FindingKind(StrEnum):
    """What code alone can find wrong with an environment, by calling it."""

    QUERY_CHANGES_STATE = "query_changes_state"
    """A tool that only looks left another state behind."""
    REFUSED_CALL_CHANGED_STATE = "refused_call_changed_state"
    """A call was refused, or failed, and left a change behind all the same."""
    SUCCESS_WITHOUT_CHANGE = "success_without_change"
    """A tool that changes the state reported success and changed nothing."""
    UNCAUGHT_EXCEPTION = "uncaught_exception"
    """A call that fits the schema raised."""
    BAD_RESULT_SHAPE = "bad_result_shape"
    """The result is not `{"success": ..., "data" | "message" | "error": ...}`."""
    UNSERIALISABLE = "unserialisable"
    """The result, or what the call put into the state, is no JSON."""
    LIVE_REFERENCE = "live_reference"
    """The result is a part of the state, not a copy: who changes it changes the state."""
    ARGUMENT_MUTATED = "argument_mutated"
    """The call changed an argument in the caller's hands."""
    SHARED_DEFAULT = "shared_default"
    """A mutable default is changed or kept, and the next call or instance shares it."""
    INSTANCE_LEAK = "instance_leak"
    """The call changed what other instances see: data of the class or the module."""
    SLOW_CALL = "slow_call"
    """Time or memory grow out of hand with large or hostile input."""
    HIDDEN_STATE = "hidden_state"
    """The result depends on something beside state, arguments, clock and seed."""
    KEY_CONFUSION = "key_confusion"
    """Integer keys that are strings after JSON, or the other way round, are not found."""
    UNREACHABLE_SUCCESS = "unreachable_success"
    """No state that could be reached lets the tool succeed."""
    IGNORED_PARAMETER = "ignored_parameter"
    """A parameter that is documented has no effect."""
    DUPLICATE_ID = "duplicate_id"
    """A new record got the id of another one."""
    BROKEN_INVARIANT = "broken_invariant"
    """A rule of the environment held before the call and not after it."""


class FindingCall(Record):
    """A call of a sequence that shows a finding."""

    tool: str
    arguments: JsonObject


class Finding(Record):
    """Something wrong with an environment, and how to see it."""

    kind: FindingKind
    tool: str
    severity: Literal["serious", "minor"]
    message: str
    start: int
    """Index of the state in which the calls begin, in the examination's `starts`."""
    calls: tuple[FindingCall, ...]
    """The smallest sequence found that shows it; the last call is the one it is about."""
    evidence: JsonObject = {}
    """What was seen at the last call."""


class Invariant(Record):
    """A rule as code, which must hold after every call."""

    rule: str
    kind: Literal["state", "step"]
    source: str
    """Defines `invariant(state)`, or `step_invariant(before, call, after)`; True when it holds."""


class Tried(Record):
    """How often a tool was called, and how the calls ended."""

    calls: int = 0
    succeeded: int = 0
    changed: int = 0
    """Calls that left another state behind."""
    raised: int = 0


class Examination(Record):
    """What calling an environment showed, without a model."""

    findings: tuple[Finding, ...]
    tools: dict[str, Tried]
    starts: tuple[JsonObject, ...]
    """The states in which sequences of calls began."""
    invariants: tuple[Invariant, ...] = ()
    """Those that were checked: they hold at the start and are not constant."""

    @property
    def serious(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "serious")


class Repair(Record):
    """A method that was asked for again because of what tests had shown."""

    round: int
    tool: str
    faults: tuple[str, ...]
    """What the model was told."""
    problem: str = ""
    """Why there is no new method; empty when there is one."""


class Health(Record):
    """What code alone could show of an environment, before and after repairs."""

    findings: tuple[Finding, ...] = ()
    """Still open."""
    regressions: tuple[Finding, ...] = ()
    """Found once and gone since: the calls that show them are tests for the future."""
    starts: tuple[JsonObject, ...] = ()
    """The states in which the calls of findings and regressions begin."""
    tried: dict[str, Tried] = {}
    invariants: tuple[Invariant, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def serious(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "serious")


class Assessment(Row):
    """`assessments.jsonl`: what testing one skeleton showed, case by case."""

    initial_state: JsonObject
    cases: tuple[Case, ...]
    """As they went on the class as it is now, after repairs."""
    health: Health = Health()
    mended: str | None = None
    """Source after the repairs; None when there were none."""


class AssessmentSummary(Record):
    """What was tried on an environment, how often, and with what result."""

    score: float = Field(ge=0, le=1)
    """Share of cases that passed or passed with a warning."""
    counts: Counts
    tools: dict[str, Counts]
    health: Health = Health()


class Environment(Skeleton):
    """`envs.jsonl`: an environment that may be used."""

    assessment: AssessmentSummary | None = None
    """None when it was imported without being tested here."""


class Check(Record):
    """One item of a reward: code over the final state."""

    item: str
    """A question such as `Has order O1 been cancelled?`."""
    source: str
    """Defines `check_func(final_state)`; may read the global `initial_state`."""
    at_start: bool | None = None
    """Its verdict on the initial state; None when it was never run there."""


class ReferenceCall(Record):
    """A call of a reference solution, as it was executed."""

    name: str
    arguments: JsonObject
    observation: Observation
    succeeded: bool
    """It returned, and its own `success` was not false."""
    changed: bool
    """The state was another one afterwards."""


class CheckRole(StrEnum):
    """What a check turned out to be, from its verdicts at the start and after the reference."""

    GOAL = "goal"
    """Became true."""
    GUARD = "guard"
    """Was true and stayed true."""
    UNREACHED = "unreached"
    """Was false and stayed false."""
    VIOLATED = "violated"
    """Was true and became false."""
    UNFIT = "unfit"
    """Raised, timed out, answered no boolean, changed the state, or answered now so, now so."""


class CheckProof(Record):
    """What is known about one check."""

    item: str
    role: CheckRole
    problem: str = ""
    """What is wrong with it; empty when nothing is."""


class MutantKind(StrEnum):
    """What is wrong with a mutant."""

    DROP = "drop"
    """A write is left out."""
    CHANGE = "change"
    """A write has another argument."""
    HARM = "harm"
    """There is a write too many."""
    STOP = "stop"
    """It ends before a write."""
    LATE = "late"
    """It begins with a write, and what comes before is missing."""


class Mutant(Record):
    """A reference solution with one thing wrong, as it was executed."""

    kind: MutantKind
    at: int
    """Index of the call concerned; the length of the reference for a call too many."""
    name: str
    arguments: JsonObject
    """Of the call concerned: the one left out, instead, too many, or at the edge."""
    caught_by: tuple[int, ...]
    """Indices of the checks whose verdict is another one than after the reference."""


class Proof(Record):
    """What speaks for a scenario's reward: a solution that was executed, and its mutants."""

    proven: bool
    reasons: tuple[str, ...]
    """Why it is not proven; empty when it is."""
    reference: tuple[ReferenceCall, ...]
    score: float | None
    """Share of checks that pass after the reference; None when one broke."""
    goal_score: float | None
    """Share of goals reached after the reference, 0 when a guard broke."""
    idle_score: float | None
    """Share of checks that pass when nothing is done."""
    checks: tuple[CheckProof, ...]
    """One for each check of the scenario, in order."""
    mutants: tuple[Mutant, ...]
    repeatable: bool
    """Two runs of the reference agreed byte for byte."""
    removed: tuple[str, ...] = ()
    """Checks that were taken out, each with the reason."""
    missed_harms: int = 0
    """Mutants with a write too many that no check catches: who does that, too, has full marks."""

    @property
    def failed_calls(self) -> int:
        return sum(not call.succeeded for call in self.reference)


class Scenario(Row):
    """`scenarios.jsonl`: an initial state, a task in it, and what must hold at the end."""

    env_id: str
    kind: Literal["sft", "rl"]
    index: int
    """Which of its environment's scenarios it is, from 0."""
    initial_state: JsonObject
    task: str
    checks: tuple[Check, ...] = ()
    """Empty for kind `sft`."""
    clock: Clock = Clock()
    seed: int = 0
    """Seed of everything random inside the environment."""
    proof: Proof | None = None
    """None when nothing was proven about it, nor refuted."""


class ToolCall(Record):
    """A call as the agent made it."""

    id: str
    name: str
    arguments: JsonObject | str
    """A string when they could not be read as a JSON object: kept as the model wrote them."""


class Message(Record):
    """A turn of the dialogue between agent, tools and user."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    problem: str | None = None
    """What was wrong with an assistant's message, as it was told; None when it is well formed."""


class Step(Record):
    """A tool call that reached the environment, and what came back."""

    call: ToolCall
    observation: Observation


class StopReason(StrEnum):
    """Why an episode ended."""

    FINISHED = "finished"
    """The agent, or the simulated user, said that it is done."""
    MAX_STEPS = "max_steps"
    BAD_REPLIES = "bad_replies"
    """The model kept answering in a shape nobody asked for."""
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
    kind: VerdictKind
    message: str = ""


class Reward(Record):
    """The score of a final state."""

    score: float | None
    """In [0, 1], four decimals; None, never 0, when the environment or a check broke.

    One of the two below; a setting says which.
    """
    fraction: float | None = None
    """Share of checks that passed."""
    goal: float | None = None
    """Share of goals reached, 0 when a guard broke; None when it is not known which is which."""
    verdicts: tuple[Verdict, ...]
    isolation: str
    """Level of the sandbox that computed it, such as `seccomp+landlock`."""
    problem: str = ""
    """Why there is no score."""


class Trajectory(Row):
    """`rollouts.jsonl` (all) and `trajectories.jsonl` (those that passed the filters)."""

    env_id: str
    scenario_id: str
    attempt: int
    talk: Literal["task", "conversation"]
    calling: Literal["native", "prompt"]
    tools: tuple[Tool, ...]
    messages: tuple[Message, ...]
    """The agent's side. The same in both ways of calling: results are messages of role `tool`."""
    user_messages: tuple[Message, ...] = ()
    """The simulated user's side, its thoughts included; there the user is the assistant."""
    steps: tuple[Step, ...]
    stop_reason: StopReason
    reward: Reward | None
    """None when the scenario has no checks and the environment did not break."""
    seed: int
    """Of the model calls; what is random inside the environment has the scenario's."""


class Calibration(Row):
    """`calibration.jsonl`: how hard a scenario is for the agent that was tried on it."""

    env_id: str
    scenario_id: str
    attempts: int
    scored: int
    """Attempts that have a score; where the environment or a check broke there is none."""
    passes: int
    pass_rate: float | None
    """Of the scored attempts, four decimals; None when there are none."""
    mean_score: float | None
    band: str | None
    """None when there is no rate, or no band for it."""

    @property
    def never_solved(self) -> bool:
        return self.scored > 0 and self.passes == 0

    @property
    def always_solved(self) -> bool:
        return self.scored > 0 and self.passes == self.scored


class Dropped(Record):
    """`dropped.jsonl`: a row that was not made, and why."""

    id: str
    stage: str
    kind: str
    """Name under which drops are grouped, such as `reply` or `duplicate`."""
    reason: str
