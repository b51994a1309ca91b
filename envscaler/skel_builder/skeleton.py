"""Turn a topic into a skeleton: planned, written, assembled, and loaded once."""

from dataclasses import dataclass

from envscaler.config import SkelBuilderSettings
from envscaler.environment.code.assemble import assemble
from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.llm.calls import Calls
from envscaler.records import Skeleton, Tool, Topic, row_id
from envscaler.sandbox import Sandbox, Start
from envscaler.skel_builder.events import (
    Assembled,
    Listener,
    OperationsPlanned,
    StatePlanned,
    silent,
)
from envscaler.skel_builder.plan import plan_operations, plan_state
from envscaler.skel_builder.write import Writer


@dataclass(frozen=True, slots=True)
class Draft:
    """As much of a skeleton as the sandbox needs."""

    class_name: str
    source: str
    tools: tuple[Tool, ...] = ()


def skeleton_id(topic: str) -> str:
    """Return the id of the skeleton that is made from the topic of that id."""
    return row_id("skel", topic)


async def write_skeleton(
    topic: Topic,
    calls: Calls,
    sandbox: Sandbox,
    settings: SkelBuilderSettings,
    listener: Listener = silent,
) -> Skeleton:
    """Plan and write an environment.

    Args:
        topic: What is built.
        calls: The calls of the row.
        sandbox: Where every piece is loaded before it is accepted.
        settings: How many operations there must be.
        listener: Is told of each piece as it is accepted.

    Raises:
        ReplyError: A reply has not the shape that its prompt asks for.
        GuestError: The code does not load.
    """

    async def load(source: str, class_name: str) -> None:
        live = await sandbox.open(Draft(class_name, source), Start(initial_state={}))
        await live.close()

    plan = await plan_state(topic, calls)
    listener(StatePlanned(entities=plan.entities, rules=plan.rules))
    writer = Writer(topic, plan, calls, load, listener)
    base = await writer.write_class()
    operations = await plan_operations(
        topic, plan, base.source, structure_of(base.source, base.name).attributes, settings, calls
    )
    listener(OperationsPlanned(operations=operations))
    methods = await writer.write_methods(base, operations)
    source = assemble(base.source, methods)
    await load(source, base.name)
    tools = tools_of(source, base.name)
    listener(Assembled(class_name=base.name, source=source, tools=tools))
    return Skeleton(
        id=skeleton_id(topic.id),
        provenance=calls.provenance(topic.id),
        summary=topic.summary,
        introduction=topic.introduction,
        source_task=topic.source_task,
        entities=plan.entities,
        rules=plan.rules,
        operations=operations,
        class_name=base.name,
        source=source,
        tools=tools,
        structure=structure_of(source, base.name),
    )
