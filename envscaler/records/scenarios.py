"""Scenarios: a state, a task in it, checks, and the proof that the checks are worth something."""

import hashlib
import json
from enum import StrEnum
from typing import Literal

from envscaler.records.assessments import Clock, Observation
from envscaler.records.base import JsonObject, Record, Row, row_id
from envscaler.records.calls import Call

RewardDefinition = Literal["goal", "fraction"]
"""`goal`: share of goals reached, 0 when a guard broke. `fraction`: share of checks that pass, as
the published data has it."""


class Check(Record):
    """One item of a reward: code over the final state."""

    item: str
    """A question such as `Has order O1 been cancelled?`."""
    source: str
    """Defines `check_func(final_state)`; may read the global `initial_state`."""
    initially_true: bool | None = None
    """Its verdict on the initial state; None when it was never run there."""
    by_code: bool = False
    """Made from what the reference solution changes, not written by an author or a model."""

    @property
    def role(self) -> Literal["goal", "guard"] | None:
        """A goal has to become true, a guard has to stay true; None when that is not known."""
        if self.initially_true is None:
            return None
        return "guard" if self.initially_true else "goal"


class ReferenceCall(Call):
    """A call of a reference solution, as it was executed."""

    observation: Observation
    succeeded: bool
    """It returned, and its own `success` was not false."""
    changed: bool
    """The state was another one afterwards."""

    @property
    def call(self) -> Call:
        return Call(name=self.name, arguments=self.arguments)


class CheckRole(StrEnum):
    """What a check turned out to be, from its verdicts at the start and after the reference."""

    GOAL = "goal"
    """Became true."""
    GUARD = "guard"
    """Was true and stayed true."""
    UNMET = "unmet"
    """Was false and stayed false."""
    BROKEN = "broken"
    """Was true and became false."""
    INVALID = "invalid"
    """Raised, timed out, answered no boolean, changed the state, or answered now so, now so."""


class CheckProof(Record):
    """What is known about one check."""

    item: str
    """Of the check."""
    role: CheckRole
    """What it turned out to be."""
    problem: str = ""
    """What is wrong with it; empty when nothing is."""


class MutantKind(StrEnum):
    """What is wrong with a mutant."""

    DROP_CALL = "drop_call"
    """A write is left out."""
    CHANGE_ARGUMENT = "change_argument"
    """A write has another argument."""
    EXTRA_CALL = "extra_call"
    """There is a write too many."""
    TRUNCATE = "truncate"
    """It ends before a write."""
    SKIP_PREFIX = "skip_prefix"
    """It begins with a write, and what comes before is missing."""


class Mutant(Record):
    """A reference solution with one thing wrong, as it was executed."""

    kind: MutantKind
    """What is wrong with it."""
    at: int
    """Index of the call concerned; the length of the reference for a call too many."""
    call: Call
    """The one left out, instead, too many, or at the edge."""
    caught_by: tuple[int, ...]
    """Indices of the checks whose verdict is another one than after the reference."""
    right: bool = False
    """It ends where the task allows: it differs from the reference only in what is left open."""
    score: float | None = None
    """Under the reward of the proof; None when a check broke."""


class Proof(Record):
    """What speaks for a scenario's reward: a solution that was executed, and its mutants."""

    proven: bool
    """Whether the reward can be trusted."""
    reasons: tuple[str, ...]
    """Why it is not proven; empty when it is."""
    reference: tuple[ReferenceCall, ...]
    """The calls that solve the task, as they went."""
    definition: RewardDefinition = "goal"
    """The reward that the scores below are of."""
    score: float | None
    """Of the reference; None when a check broke."""
    noop_score: float | None
    """Of the no-op baseline: no call is made."""
    noop_fraction: float | None = None
    """Share of checks that pass of the no-op baseline: the score under the published definition."""
    checks: tuple[CheckProof, ...]
    """One for each check of the scenario, in order."""
    mutants: tuple[Mutant, ...]
    """Wrong solutions, and which checks caught each."""
    repeatable: bool
    """Two runs of the reference agreed byte for byte."""
    alternatives: tuple[tuple[ReferenceCall, ...], ...] = ()
    """Other solutions that end elsewhere and are right too."""
    free: tuple[str, ...] = ()
    """What an author opened: keys from the outside in, such as `bookings.*.note`."""
    left_open: tuple[str, ...] = ()
    """What the checks made by code do not fix, each place with the reason."""
    removed: tuple[str, ...] = ()
    """Checks that were taken out, each with the reason."""

    @property
    def missed(self) -> tuple[Mutant, ...]:
        """Return the wrong solutions that have full marks."""
        return tuple(each for each in self.mutants if not each.right and each.score == 1)

    @property
    def failed_calls(self) -> int:
        return sum(not call.succeeded for call in self.reference)


class Shape(Record):
    """How hard a scenario is, counted on its reference solution."""

    tier: int
    """From 1, one write after one look-up, to 5; see the page on scenarios."""
    calls: int
    """Of the reference solution."""
    writes: int
    """Calls that change the state."""
    look_ups: int
    """Calls that succeed and change nothing."""
    dependent: int
    """Look-ups whose arguments come from the answers to earlier ones, not from the task."""
    hops: int
    """Calls in the longest chain in which each needs what the one before answers."""
    branches: int
    """Conditions with something else to do otherwise, and things that are refused."""
    distractors: int
    """Records of the kinds that are written which have to stay as they are."""


class Scenario(Row):
    """`scenarios.jsonl`: an initial state, a task in it, and what must hold at the end."""

    env_id: str
    """Of its environment."""
    kind: Literal["sft", "rl"]
    """`rl` has checks."""
    index: int
    """Which of its environment's scenarios it is, from 0."""
    initial_state: JsonObject
    """Attribute of the class → value; exact types are tagged."""
    task: str
    """What the agent is asked to do."""
    checks: tuple[Check, ...] = ()
    """Empty for kind `sft`."""
    clock: Clock = Clock()
    """The time inside."""
    seed: int = 0
    """Seed of everything random inside the environment."""
    proof: Proof | None = None
    """None when nothing was proven about it, nor refuted."""
    shape: Shape | None = None
    """None when nobody has counted."""


def named_by_content(scenario: Scenario) -> Scenario:
    """Return the scenario under an id that no other scenario has, wherever it was made.

    It follows from what is played and scored: environment, state, task, checks, clock and seed. So
    sets of several runs can be put together, and what has the same id is the same.
    """
    played = scenario.model_dump(
        mode="json", include={"kind", "initial_state", "task", "checks", "clock", "seed"}
    )
    content = json.dumps(played, sort_keys=True)  # knows long integers and half surrogate pairs
    digest = hashlib.sha256(content.encode()).hexdigest()
    return scenario.model_copy(update={"id": row_id("scen", scenario.env_id, digest)})
