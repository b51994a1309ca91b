"""Send faults back to the model, method by method, and put the new methods in place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envscaler.chat import Reply
from envscaler.environment.code.assemble import ClassSource, check_method, read_class
from envscaler.environment.code.replace import replace_methods
from envscaler.environment.code.undefined_names import undefined_names
from envscaler.environment.dataflow.structure import structure_of
from envscaler.environment.schema.tools import tools_of
from envscaler.errors import GuestError, ReplyError
from envscaler.llm.calls import Calls, gather_all
from envscaler.prompt_text import call_text, class_outline, method_excerpt, value_text
from envscaler.prompts import render
from envscaler.records import Case, Finding, Operation, Repair, Skeleton
from envscaler.replies import read_code
from envscaler.sandbox import Sandbox, Start

_CHARS = 1_500
"""Of a result or a difference that a fault is shown with."""

Faults = Mapping[str, tuple[str, ...]]
"""Tool → what is wrong with it, for the model."""


@dataclass(frozen=True, slots=True)
class RepairRound:
    """A skeleton after a round of repairs, and what was done."""

    skeleton: Skeleton
    repairs: tuple[Repair, ...]


async def repair(
    skeleton: Skeleton, faults: Faults, round_: int, calls: Calls, sandbox: Sandbox
) -> RepairRound:
    """Ask for every faulty method again and put those that came into the class.

    A method for which no usable reply comes stays as it is.

    Args:
        skeleton: What has faults.
        faults: What is wrong, by tool.
        round_: From 0.
        calls: The calls of the row.
        sandbox: Where every new method is loaded before it is accepted.

    Raises:
        ReplyError: The new methods do not fit together.
        SandboxError: The machinery failed.
    """
    operations = {operation.name: operation for operation in skeleton.operations}
    wanted = [operations[tool] for tool in faults if tool in operations]
    written = await gather_all(
        _rewrite(skeleton, operation, faults[operation.name], calls, sandbox)
        for operation in wanted
    )
    methods = {
        operation.name: method
        for operation, (method, _) in zip(wanted, written, strict=True)
        if method is not None
    }
    repairs = tuple(
        Repair(round=round_, tool=operation.name, faults=faults[operation.name], problem=problem)
        for operation, (_, problem) in zip(wanted, written, strict=True)
    )
    return RepairRound(with_methods(skeleton, methods) if methods else skeleton, repairs)


def with_methods(skeleton: Skeleton, methods: Mapping[str, str]) -> Skeleton:
    """Return the skeleton with other methods; tools and structure follow.

    Raises:
        ReplyError: They do not fit into the class.
    """
    return with_source(skeleton, replace_methods(skeleton.source, skeleton.class_name, methods))


def with_source(skeleton: Skeleton, source: str) -> Skeleton:
    """Return the skeleton with another source; tools and structure follow."""
    return skeleton.model_copy(
        update={
            "source": source,
            "tools": tools_of(source, skeleton.class_name),
            "structure": structure_of(source, skeleton.class_name),
        }
    )


def faults_of_findings(findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    """Word findings for the model; tools without a serious one are left alone."""
    listed = list(findings)
    serious = {finding.tool for finding in listed if finding.severity == "serious"}
    return _by_tool((one.tool, _finding_text(one)) for one in listed if one.tool in serious)


def faults_of_cases(cases: Iterable[Case]) -> dict[str, tuple[str, ...]]:
    """Word failed test calls for the model."""
    return _by_tool((case.call.name, _case_text(case)) for case in cases if case.verdict == "fail")


def _by_tool(faults: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for tool, text in faults:
        found[tool] = (*found.get(tool, ()), text)
    return found


def _finding_text(finding: Finding) -> str:
    calls = "\n".join(f"   - {call_text(one.tool, one.arguments)}" for one in finding.calls)
    seen = value_text(finding.evidence, _CHARS)
    return f"{finding.message}\n   Calls that show it, in this order:\n{calls}\n   Seen: {seen}"


def _case_text(case: Case) -> str:
    return (
        f"A judge says: {case.reason}\n"
        f"   The call: {call_text(case.call.name, case.call.arguments)}\n"
        f"   Result: {value_text(case.observation.value, _CHARS)}\n"
        f"   Differences in the state: {value_text(case.changes, _CHARS)}"
    )


async def _rewrite(
    skeleton: Skeleton,
    operation: Operation,
    faults: tuple[str, ...],
    calls: Calls,
    sandbox: Sandbox,
) -> tuple[str | None, str]:
    """Return the new method, or None and why there is none."""
    base = read_class(skeleton.source, skeleton.class_name)
    prompt = render(
        "skel_builder/repair_method",
        skeleton=skeleton,
        class_source=class_outline(skeleton.source, skeleton.class_name),
        operation=operation,
        method_source=method_excerpt(skeleton.source, skeleton.class_name, operation.name),
        faults=faults,
    )

    async def trial(reply: Reply) -> str:
        method = _read_method(reply.content, base=base, operation=operation)
        live = await sandbox.open(
            with_methods(skeleton, {operation.name: method}), Start(initial_state={})
        )
        await live.close()
        return method

    try:
        return await calls.ask_and_try("coder", prompt, trial), ""
    except (ReplyError, GuestError) as error:
        return None, str(error)


def _read_method(reply: str, *, base: ClassSource, operation: Operation) -> str:
    method = check_method(read_code(reply), operation)
    names = undefined_names(replace_methods(base.source, base.name, {operation.name: method}))
    if names:
        raise ReplyError(f"Not defined or imported: {', '.join(names)}")
    return method
