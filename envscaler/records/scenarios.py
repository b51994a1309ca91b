"""Scenarios: a state, a task in it, checks, and the proof that the checks are worth something."""

from enum import StrEnum
from typing import Literal

from envscaler.records.assessments import Clock, Observation
from envscaler.records.base import JsonObject, Record, Row


class Check(Record):
    """One item of a reward: code over the final state."""

    item: str
    """A question such as `Has order O1 been cancelled?`."""
    source: str
    """Defines `check_func(final_state)`; may read the global `initial_state`."""
    initially_true: bool | None = None
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
    UNMET = "unmet"
    """Was false and stayed false."""
    BROKEN = "broken"
    """Was true and became false."""
    INVALID = "invalid"
    """Raised, timed out, answered no boolean, changed the state, or answered now so, now so."""


class CheckProof(Record):
    """What is known about one check."""

    item: str
    role: CheckRole
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
    noop_score: float | None
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
