"""Run a step of build-skel with the real sandbox."""

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from envscaler.config import Settings
from envscaler.environment.code.assemble import assemble
from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.records import Entity, Finding, FindingKind, Operation, Skeleton
from envscaler.sandbox import Sandbox
from tests.one_sandbox import in_one_sandbox
from tests.skel_builder.makers import (
    CLASS_SOURCE,
    ENTITIES,
    GET_UMBRELLA,
    OPERATIONS,
    RETURN_UMBRELLA,
    RULES,
    TOPIC,
)

T = TypeVar("T")


def in_sandbox(settings: Settings, use: Callable[[Sandbox], Awaitable[T]]) -> T:
    """Use the sandbox of the module."""
    return in_one_sandbox(settings.sandbox, use)


def make_skeleton(*methods: str) -> Skeleton:
    """Make the umbrella rental, by default with its two sound methods."""
    source = assemble(CLASS_SOURCE, methods or (GET_UMBRELLA, RETURN_UMBRELLA))
    return Skeleton(
        id="skel-1",
        summary=TOPIC.summary,
        introduction=TOPIC.introduction,
        source_task=TOPIC.source_task,
        entities=tuple(Entity.model_validate(entity) for entity in ENTITIES),
        rules=tuple(RULES),
        operations=tuple(Operation.model_validate(operation) for operation in OPERATIONS),
        class_name="UmbrellaRental",
        source=source,
        tools=tools_of(source, "UmbrellaRental"),
        structure=structure_of(source, "UmbrellaRental"),
    )


def make_finding(severity: Literal["serious", "minor"]) -> Finding:
    """Make a finding about `get_umbrella`."""
    return Finding(
        kind=FindingKind.UNCAUGHT_EXCEPTION,
        tool="get_umbrella",
        severity=severity,
        message="It raised.",
        start=0,
        calls=(),
    )
