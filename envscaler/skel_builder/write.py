"""Write the code of an environment: the class first, then its methods, all at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from envscaler.chat import Reply
from envscaler.environment.code.assemble import ClassSource, assemble, check_method, read_class
from envscaler.environment.code.classes import constructor_needs
from envscaler.environment.code.lint import lint_class
from envscaler.environment.code.undefined_names import undefined_names
from envscaler.environment.dataflow.structure import structure_of
from envscaler.errors import ReplyError
from envscaler.llm.calls import Calls, gather_all
from envscaler.prompts import render
from envscaler.records import Operation, Topic
from envscaler.replies import read_code
from envscaler.skel_builder.events import ClassWritten, Listener, MethodWritten, silent
from envscaler.skel_builder.plan import StatePlan

Load = Callable[[str, str], Awaitable[None]]
"""Loads a module (source, class name) in the sandbox; `GuestError` when it does not."""


@dataclass(frozen=True)
class Writer:
    """Writes the code of one topic."""

    topic: Topic
    plan: StatePlan
    calls: Calls
    load: Load
    listener: Listener = silent

    async def write_class(self) -> ClassSource:
        """Ask for the data types and the class with its constructor.

        Raises:
            ReplyError: The reply is not such a class.
            GuestError: The class does not load.
        """
        prompt = render(
            "skel_builder/write_class",
            topic=self.topic,
            entities=self.plan.entities,
            rules=self.plan.rules,
        )

        async def trial(reply: Reply) -> ClassSource:
            found = read_class_reply(reply.content)
            await self.load(found.source, found.name)
            return found

        found = await self.calls.ask_and_try("coder", prompt, trial)
        self.listener(ClassWritten(source=found.source))
        return found

    async def write_methods(
        self, base: ClassSource, operations: tuple[Operation, ...]
    ) -> list[str]:
        """Ask for all methods at once, one request for each.

        Args:
            base: The class that they belong to.
            operations: What they do.

        Returns:
            Their sources, in the order of the operations.

        Raises:
            ReplyError: A reply is not the method that was asked for.
            GuestError: A method keeps the class from loading.
        """
        return await gather_all(
            self._write_method(base, operations, operation) for operation in operations
        )

    async def _write_method(
        self, base: ClassSource, operations: tuple[Operation, ...], operation: Operation
    ) -> str:
        prompt = render(
            "skel_builder/write_method",
            topic=self.topic,
            rules=self.plan.rules,
            class_source=base.source.strip(),
            operations=operations,
            operation=operation,
        )

        async def trial(reply: Reply) -> str:
            method = read_method_reply(reply.content, base=base, operation=operation)
            await self.load(assemble(base.source, [method]), base.name)
            return method

        method = await self.calls.ask_and_try("coder", prompt, trial)
        self.listener(MethodWritten(operation=operation, source=method))
        return method


def read_class_reply(reply: str) -> ClassSource:
    """Read the class out of a reply.

    Raises:
        ReplyError: There is no single class with attributes and nothing but a constructor.
    """
    found = read_class(read_code(reply))
    more = [name for name in found.methods if name != "__init__"]
    if more:
        raise ReplyError(
            f"{found.name} has methods beside __init__: {', '.join(more)}; leave them out"
        )
    if len(constructor_needs(found)) > 1:
        raise ReplyError(f"{found.name}.__init__ takes nothing, or one dict with the initial state")
    if not structure_of(found.source, found.name).attributes:
        raise ReplyError(f"{found.name}.__init__ sets no attributes")
    findings = lint_class(found.source)
    if findings:
        raise ReplyError("\n".join(str(finding) for finding in findings))
    _refuse_undefined(found.source)
    return found


def read_method_reply(reply: str, *, base: ClassSource, operation: Operation) -> str:
    """Read a method out of a reply.

    Raises:
        ReplyError: It is not the method, or it does not fit into the class.
    """
    method = check_method(read_code(reply), operation)
    _refuse_undefined(assemble(base.source, [method]))
    return method


def _refuse_undefined(source: str) -> None:
    names = undefined_names(source)
    if names:
        raise ReplyError(f"Not defined or imported: {', '.join(names)}")
