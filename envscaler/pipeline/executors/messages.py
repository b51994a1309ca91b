"""What a driver and its workers say to each other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Never

from envscaler.chat import Prompt, Role
from envscaler.config import Settings
from envscaler.records import Tool

if TYPE_CHECKING:
    from envscaler.pipeline.run import Run

Maker = Callable[["Run"], Callable[[Never], Awaitable[object]]]
"""Makes the step of a stage, whatever its rows are; see `envscaler.pipeline.run.Maker`."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """To a worker: open a sandbox. Answered with `Versions`."""

    settings: Settings
    folder: Path


@dataclass(frozen=True, slots=True)
class Versions:
    """What a worker runs."""

    python: tuple[int, int]
    envscaler: str


@dataclass(frozen=True, slots=True)
class Prepare:
    """To a worker: make a step of a stage, before its rows come."""

    step: int
    maker: Maker


@dataclass(frozen=True, slots=True)
class MakeRow:
    """To a worker: make a row by a step. Answered with the row."""

    step: int
    row: object


@dataclass(frozen=True, slots=True)
class AskModel:
    """To the driver: ask a model. Answered with a `Reply`."""

    role: Role
    prompt: Prompt
    tools: tuple[Tool, ...]
    sample: int
    seed: int


@dataclass(frozen=True, slots=True)
class Request:
    """One side wants something of the other."""

    number: int
    body: object


@dataclass(frozen=True, slots=True)
class Response:
    """What came of it: a value, or the error that was raised."""

    number: int
    outcome: object
