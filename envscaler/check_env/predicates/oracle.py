"""Who writes predicates, proposes calls, and rules on those that break predicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from envscaler.check_env.predicates.predicate import Predicate
from envscaler.check_env.probes.probe import Probe
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject
from envscaler.records import Discarded, JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Material:
    """What a writer of predicates is shown beside what an environment says of itself."""

    subject: Subject
    states: tuple[JsonObject, ...]
    """Those that the environment has at the start, by their numbers; all are lawful."""
    results: dict[str, tuple[JsonValue, ...]]
    """Tool → what calls that succeeded returned; only the shape of it may be shown."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    predicates: tuple[Predicate, ...]
    discarded: tuple[Discarded, ...] = ()
    """What could not be read."""
    probes: tuple[Probe, ...] = ()
    """Sequences of calls that may show a fault which calls by chance do not reach."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A call that breaks a predicate."""

    said: str
    """What the predicate says of it."""
    seen: CallRecord
    alike: int
    """Calls of the tool with which it finds the same fault."""
    earlier: tuple[CallRecord, ...] = ()
    """The calls of its sequence before it, as they went."""


@dataclass(frozen=True, slots=True)
class Case:
    """A predicate, and calls that break it."""

    predicate: Predicate
    examples: tuple[Counterexample, ...]
    judged: int
    """Calls that it was held against."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which of the calls are wrong, and what the predicate should have been."""

    faults: frozenset[int] = frozenset()
    """Places of the examples in which the call is wrong."""
    mended: Predicate | None = None
    """The function anew; None when it stays."""
    settled: bool = True
    """False when there was no usable answer."""


class Oracle(Protocol):
    """Writes predicates and rules on them, such as a model."""

    async def write(self, material: Material) -> Written:
        """Write what each tool has to do and each rule asks, and propose calls that may break it.

        All of it from the descriptions alone.
        """
        ...

    async def rule(self, subject: Subject, cases: Sequence[Case]) -> list[Ruling]:
        """Say of each case whether the calls or the function are wrong."""
        ...
