"""Ask a model what each tool has to do, as code, what to try, and to rule where they disagree."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envscaler.chat import Reply
from envscaler.check_env.predicates.oracle import Case, Material, Ruling, Written
from envscaler.check_env.predicates.predicate import Predicate, read_functions
from envscaler.check_env.probes.probe import ProbeList, Proposed, discarded, read_probes
from envscaler.environment.code.syntax import parse, statements
from envscaler.errors import ReplyError
from envscaler.inputs.subject import Subject, rules_of_all
from envscaler.llm.calls import Calls, gather_all
from envscaler.pipeline.run import Run
from envscaler.prompts import render
from envscaler.records import Discarded, Skeleton
from envscaler.replies import read_code, read_json
from envscaler.skel_builder.predicate_prompts import (
    Shown,
    class_description,
    shown_to_writer,
    tools_in,
)
from envscaler.skel_builder.referee import ModelReferee
from envscaler.skel_builder.shown_calls import extent_of, shown_example

_NOT_WRITTEN = "No function was written for it"
TOOLS_AT_ONCE = 4
"""Tools that one reply is about."""
_VERDICTS = frozenset(("fault", "function"))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Functions that one reply holds."""

    names: tuple[str, ...]
    about: tuple[str, ...]
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelOracle:
    """Has a model write predicates and rule on them.

    Args:
        calls: Those of the row that is examined.
    """

    calls: Calls

    async def write(self, material: Material) -> Written:
        """Have a function written, and calls proposed, for each rule and tool, a few at once.

        What cannot be read after all tries is told, and the rest goes on.
        """
        rules = rules_of_all(material.subject.skeleton)
        shown = shown_to_writer(material)
        parts = [*_wanted(material.subject, rules)]
        found = await gather_all(
            [
                *(self._write(shown, part) for part in parts),
                *(self._propose(shown, part) for part in parts),
            ]
        )
        return Written(
            tuple(one for written in found for one in written.predicates),
            tuple(one for written in found for one in written.discarded),
            tuple(one for written in found for one in written.probes),
        )

    async def _propose(self, shown: Shown, part: _Wanted) -> Written:
        about = ", ".join(part.tools or ("the rules",))
        prompt = render("skel_builder/write_probes", shown=shown, wanted=about)
        states = len(shown.further) + 1

        def read(reply: Reply) -> Proposed:
            return read_probes(read_json(reply.content, ProbeList), shown.subject.tools, states)

        try:
            found = await self.calls.ask("judge", prompt, read)
        except ReplyError as error:
            reason = f"No usable calls were proposed: {error}"
            return Written((), (discarded(about, reason),))
        return Written((), found.discarded, found.probes)

    async def _write(self, shown: Shown, part: _Wanted) -> Written:
        names = ", ".join(part.names)
        prompt = render("skel_builder/write_predicates", shown=shown, wanted=names)
        try:
            predicates = await self.calls.ask(
                "judge",
                prompt,
                lambda reply: read_functions(
                    read_code(reply.content), part.names, part.about, part.tools
                ),
            )
        except ReplyError as error:
            reason = f"No usable function was written: {error}"
            return Written((), tuple(Discarded(rule=one, reason=reason) for one in part.about))
        there = {one.name for one in predicates}
        missing = [
            one for name, one in zip(part.names, part.about, strict=True) if name not in there
        ]
        return Written(
            tuple(predicates), tuple(Discarded(rule=one, reason=_NOT_WRITTEN) for one in missing)
        )

    async def rule(self, subject: Subject, cases: Sequence[Case]) -> list[Ruling]:
        """Have a model say of each case whether the calls or the function are wrong."""
        return await gather_all(self._rule(subject, case) for case in cases)

    async def _rule(self, subject: Subject, case: Case) -> Ruling:
        prompt = render(
            "skel_builder/judge_predicate",
            subject=subject,
            about=class_description(subject.skeleton),
            rules=rules_of_all(subject.skeleton),
            tools=tools_in(
                subject, (seen for one in case.examples for seen in (one.seen, *one.earlier))
            ),
            case=case,
            extent=extent_of(case),
            examples=[*map(shown_example, case.examples)],
        )
        try:
            return await self.calls.ask(
                "judge",
                prompt,
                lambda reply: read_ruling(reply.content, case.predicate, len(case.examples)),
            )
        except ReplyError:
            return Ruling(settled=False)


def advised_by_model(skeleton: Skeleton, run: Run) -> tuple[ModelOracle, ModelReferee]:
    """Return the model of a run as one who writes predicates for an environment, and who rules."""
    calls = run.calls("check-env", skeleton.id)
    return ModelOracle(calls), ModelReferee(calls)


def _wanted(subject: Subject, rules: Sequence[str]) -> Iterator[_Wanted]:
    if rules:
        yield _Wanted(tuple(f"rule_{number + 1}" for number in range(len(rules))), tuple(rules))
    names = [*subject.tools]
    for first in range(0, len(names), TOOLS_AT_ONCE):
        part = tuple(names[first : first + TOOLS_AT_ONCE])
        about = tuple(subject.tools[name].description or name for name in part)
        yield _Wanted(part, about, part)


def read_ruling(reply: str, predicate: Predicate, examples: int) -> Ruling:
    """Read a dict of verdicts, and the function that was mended.

    Args:
        reply: Holds one block of Python.
        predicate: What is ruled on.
        examples: Calls that were shown, which are counted from 1.

    Raises:
        ReplyError: There are no such verdicts, or a verdict asks for a function that is not there.
    """
    code = read_code(reply)
    found = [*statements(code, parse(code).body)]
    verdicts = next((said for one in found if (said := _verdicts(one.node))), dict[int, bool]())
    if {*verdicts} != {*range(1, examples + 1)}:
        raise ReplyError(f"VERDICTS has to be a dict with the numbers 1 to {examples}")
    faults = frozenset(number - 1 for number, is_fault in verdicts.items() if is_fault)
    functions = [one.text for one in found if isinstance(one.node, ast.FunctionDef)]
    if not functions and len(faults) < examples:
        raise ReplyError(f"A verdict is 'function', so write {predicate.name} anew")
    if not functions or len(faults) == examples:
        return Ruling(faults)
    tools = [predicate.tool] if predicate.tool else []
    read = read_functions(functions[-1], [predicate.name], [predicate.about], tools)
    return Ruling(faults, read[0])


def _verdicts(node: ast.stmt) -> dict[int, bool]:
    """Read the verdicts of an assignment, for each whether it is a fault; empty when it is none."""
    value = node.value if isinstance(node, ast.Assign) else None
    if not isinstance(value, ast.Dict):
        return {}
    said = [
        (key.value, word.value)
        for key, word in zip(value.keys, value.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(word, ast.Constant)
    ]
    return {
        number: word == "fault"
        for number, word in said
        if isinstance(number, int) and word in _VERDICTS
    }
