"""What testing an environment shows, and the environment that comes of it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from envscaler.records.base import JsonObject, Record, Row, row_id
from envscaler.records.calls import Call
from envscaler.records.skeletons import Skeleton


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
    """How the call ended."""
    value: JsonValue
    """Canonical JSON, exact types tagged; `{"error": ...}` when the kind is not OK."""
    output: str = ""
    """What the tool printed, capped."""


class Clock(Record):
    """The time inside an environment, which moves only by calls."""

    start: AwareDatetime = datetime(2025, 1, 1, tzinfo=UTC)
    """Time at the first call."""
    step: float = Field(default=1.0, ge=0)
    """Seconds that pass with every call."""


class Case(Record):
    """One test call: proposed by the tester, executed, judged."""

    round: int
    """Round of testing."""
    call: Call
    """What was called."""
    case_type: Literal["positive", "negative"]
    """Whether the call should succeed."""
    purpose: str
    """What it is to show, in the tester's words."""
    expected: str = ""
    """What the tester expected, for the judge to weigh."""
    observation: Observation
    """What came back."""
    changes: JsonObject
    """State difference: `added`, `removed` and `changed` paths."""
    verdict: Literal["pass", "warning", "fail"]
    """Of the judge."""
    reason: str
    """Of the judge."""


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
    SCHEMA_MISMATCH = "schema_mismatch"
    """What the schema allows is refused wherever the same call succeeds otherwise."""
    DUPLICATE_ID = "duplicate_id"
    """A new record got the id of another one."""
    BROKEN_INVARIANT = "broken_invariant"
    """A rule of the environment held before the call and not after it."""
    WRONG_ANSWER = "wrong_answer"
    """A query contradicts the state, another query, or what its description says."""


class FindingCall(Record):
    """A call of a sequence that shows a finding."""

    tool: str
    arguments: JsonObject


class Finding(Record):
    """Something wrong with an environment, and how to see it."""

    kind: FindingKind
    """What is wrong."""
    tool: str
    """Where."""
    severity: Literal["serious", "minor", "possible"]
    """`possible`: it stands on words as code reads them, or on what holds nearly everywhere."""
    message: str
    """In words."""
    start: int
    """Index of the state in which the calls begin, in the examination's `initial_states`."""
    calls: tuple[FindingCall, ...]
    """The smallest sequence found that shows it; the last call is the one it is about."""
    evidence: JsonObject = Field(default_factory=JsonObject)
    """What was seen at the last call."""


class Invariant(Record):
    """A rule as code, which must hold after every call."""

    rule: str
    """The sentence it was written for."""
    kind: Literal["state", "step"]
    """Over a state, or over a call with the states around it."""
    source: str
    """Defines `invariant(state)`, or `step_invariant(before, call, after)`; True when it holds.

    `call` has `tool`, `arguments`, `success` and `result`, what the tool returned.
    """


class Discarded(Record):
    """A rule as code that was not checked."""

    rule: str
    reason: str


class CallStats(Record):
    """How often a tool was called, and how the calls ended."""

    calls: int = 0
    """All that were made."""
    succeeded: int = 0
    """Calls that did what the tool is for."""
    changed: int = 0
    """Calls that left another state behind."""
    raised: int = 0
    """Calls that ended in an exception or beyond a limit."""
    invalid: int = 0
    """Calls that did not fit the schema; nothing ran."""
    lines: int = 0
    """Lines of the tool's own code."""
    lines_reached: int = 0
    """Those that some call reached; 0 also where that was not measured."""

    @property
    def exercised(self) -> bool:
        """Some call did what the tool is for; of all others nothing can be claimed."""
        return self.succeeded > 0


class Examination(Record):
    """What calling an environment showed, without a model."""

    findings: tuple[Finding, ...]
    tools: dict[str, CallStats]
    initial_states: tuple[JsonObject, ...]
    """The states in which sequences of calls began."""
    invariants: tuple[Invariant, ...] = ()
    """Those that were checked: they hold at the start and are not constant."""
    discarded: tuple[Discarded, ...] = ()
    """Those that were not, each with the reason."""

    @property
    def serious(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "serious")


class Repair(Record):
    """A method that was asked for again because of what tests had shown."""

    round: int
    """Round of repairs."""
    tool: str
    """Of the method."""
    faults: tuple[str, ...]
    """What the model was told."""
    problem: str = ""
    """Why there is no new method; empty when there is one."""


class QualityReport(Record):
    """What code alone could show of an environment, before and after repairs."""

    findings: tuple[Finding, ...] = ()
    """Still open."""
    regressions: tuple[Finding, ...] = ()
    """Found once and gone since: the calls that show them are tests for the future."""
    initial_states: tuple[JsonObject, ...] = ()
    """The states in which the calls of findings and regressions begin; first that of the tests."""
    call_stats: dict[str, CallStats] = Field(default_factory=dict[str, CallStats])
    """Tool → how its calls went."""
    invariants: tuple[Invariant, ...] = ()
    """Rules as code that held at the start."""
    repairs: tuple[Repair, ...] = ()
    """What was asked for again."""

    @property
    def serious(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "serious")


class Assessment(Row):
    """`assessments.jsonl`: what testing one skeleton showed, case by case."""

    initial_state: JsonObject
    """In which the test calls began."""
    cases: tuple[Case, ...]
    """As they went on the class as it is now, after repairs."""
    quality: QualityReport = QualityReport()
    """What code alone has shown."""
    repaired: str | None = None
    """Source after the repairs; None when there were none."""


class AssessmentSummary(Record):
    """What was tried on an environment, how often, and with what result."""

    score: float = Field(ge=0, le=1)
    """Share of cases that passed or passed with a warning."""
    counts: Counts
    """Of all test calls."""
    tools: dict[str, Counts]
    """Tool → counts of its test calls."""
    quality: QualityReport = QualityReport()
    """What code alone has shown."""


class Environment(Skeleton):
    """`envs.jsonl`: an environment that may be used."""

    assessment: AssessmentSummary | None = None
    """None when it was imported without being tested here."""

    @property
    def origin(self) -> str:
        """What draws for it hang on: what it was made from, or itself where nobody knows."""
        parents = self.provenance.parents
        return row_id("env", parents[0]) if parents else self.id
