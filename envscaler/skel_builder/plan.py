"""Plan an environment before any code: entities, rules and operations."""

import keyword
from collections import Counter
from collections.abc import Iterable

from pydantic import Field

from envscaler.config import SkelBuilderSettings
from envscaler.environment.code.method import RESERVED_NAMES
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompts import render
from envscaler.records import Entity, Operation, Record, Topic
from envscaler.replies import read_json
from envscaler.reply_schema import wanting

_MOST_OPERATIONS = 24
"""More tools than this crowd an agent's prompt; asked for, not enforced."""


class StatePlan(Record):
    """What the system keeps, and what must hold of it."""

    entities: tuple[Entity, ...] = Field(min_length=1)
    rules: tuple[str, ...] = Field(min_length=1)


class OperationPlan(Record):
    """The tools, in the order in which they will stand in the class."""

    operations: tuple[Operation, ...]


async def plan_state(topic: Topic, calls: Calls) -> StatePlan:
    """Ask for the entities and rules of an environment.

    Raises:
        ReplyError: The reply has not the shape that the prompt asks for.
    """
    prompt = wanting(StatePlan, render("skel_builder/plan_state", topic=topic))
    return await calls.ask("coder", prompt, lambda reply: read_state_plan(reply.content))


async def plan_operations(
    topic: Topic,
    plan: StatePlan,
    class_source: str,
    attributes: Iterable[str],
    settings: SkelBuilderSettings,
    calls: Calls,
) -> tuple[Operation, ...]:
    """Ask for the operations of an environment.

    Args:
        topic: What is built.
        plan: Its rules.
        class_source: The class without methods.
        attributes: Attributes of the class, whose names are taken.
        settings: How many operations there must be.
        calls: The calls of the row.

    Raises:
        ReplyError: The reply has not the shape that the prompt asks for, or too few operations.
    """
    prompt = render(
        "skel_builder/plan_operations",
        topic=topic,
        rules=plan.rules,
        class_source=class_source,
        reserved=sorted(RESERVED_NAMES),
        min_queries=settings.min_queries,
        min_changes=settings.min_changes,
        max_operations=max(_MOST_OPERATIONS, settings.min_queries + settings.min_changes),
    )
    taken = frozenset(attributes)
    return await calls.ask(
        "coder",
        wanting(OperationPlan, prompt),
        lambda reply: read_operations(reply.content, taken, settings),
    )


def read_state_plan(reply: str) -> StatePlan:
    """Read entities and rules out of a reply.

    Raises:
        ReplyError: Says which entity or attribute is wrong.
    """
    plan = read_json(reply, StatePlan)
    _refuse_twice("entity", (entity.name for entity in plan.entities))
    for entity in plan.entities:
        if not entity.attributes:
            raise ReplyError(f"Entity {entity.name!r} has no attributes")
        _refuse_twice(
            f"attribute of {entity.name}", (attribute.name for attribute in entity.attributes)
        )
    return plan


def read_operations(
    reply: str, taken: frozenset[str], settings: SkelBuilderSettings
) -> tuple[Operation, ...]:
    """Read the operations out of a reply.

    Args:
        reply: Visible text of the reply.
        taken: Names that the class uses already.
        settings: How many operations there must be.

    Raises:
        ReplyError: Names the operation that is wrong, or says how many are missing.
    """
    operations = read_json(reply, OperationPlan).operations
    _refuse_twice("operation", (operation.name for operation in operations))
    for operation in operations:
        _refuse_name(operation.name, taken)
    kinds = Counter(operation.kind for operation in operations)
    for kind, least in (("query", settings.min_queries), ("change", settings.min_changes)):
        if kinds[kind] < least:
            raise ReplyError(
                f"At least {least} operations of kind {kind!r} are needed, got {kinds[kind]}"
            )
    return operations


def _refuse_name(name: str, taken: frozenset[str]) -> None:
    if name.startswith("_"):
        raise ReplyError(f"Operation {name!r} is private; leave the leading underscore out")
    if name in RESERVED_NAMES or keyword.iskeyword(name):
        raise ReplyError(f"Operation {name!r} has a reserved name; choose another")
    if name in taken:
        raise ReplyError(f"Operation {name!r} has the name of an attribute; choose another")


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ReplyError(f"Each {what} must have its own name, but {twice[0]!r} occurs twice")
