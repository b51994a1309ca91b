"""What an environment is made from, and what was called in it: enough to rebuild it anywhere."""

from dataclasses import dataclass
from typing import Protocol

from envscaler.records import Call, Clock, JsonObject, Record, Tool


class SkeletonLike(Protocol):
    """What the sandbox needs of an environment."""

    @property
    def class_name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def tools(self) -> tuple[Tool, ...]: ...


class StartLike(Protocol):
    """What the sandbox needs of a scenario."""

    @property
    def initial_state(self) -> JsonObject: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def seed(self) -> int: ...


class Start(Record):
    """How an environment starts where there is no scenario."""

    initial_state: JsonObject
    clock: Clock = Clock()
    seed: int = 0


class JournalCall(Call):
    """A call that reached the environment."""

    undone: bool = False
    """It was stopped half-way and left no trace but the time that passed."""


CallTuple = tuple[str, JsonObject, bool]
"""A `JournalCall` as a live environment keeps it: a record for each would slow calls down."""


class Journal(Record):
    """All it takes, beside the class, to bring an environment to where it is."""

    seed: int
    clock: Clock
    initial_state: JsonObject
    calls: tuple[JournalCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A point to which an environment, or another of the same start, can go back."""

    origin: tuple[object, ...]
    """Class, state, clock and seed it belongs to."""
    calls: tuple[CallTuple, ...]
    copy: bytes | None
    """Written by a worker and only ever read by one; None where it has to be replayed."""
