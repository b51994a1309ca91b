"""Ask a model whether what code only suspects of an environment is a fault."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from envscaler.check_env.referee import Doubt
from envscaler.errors import ReplyError
from envscaler.inputs.subject import Subject, rules_of_all
from envscaler.llm.calls import Calls, gather_all
from envscaler.prompts import render
from envscaler.records import Record
from envscaler.replies import read_json
from envscaler.skel_builder.predicate_prompts import (
    EXAMPLE_CHARS,
    ShownCall,
    class_description,
    plain_state,
    shown_call,
    tools_in,
)

AT_ONCE = 4
"""Doubts that one reply is about, all of one tool."""


class Verdict(Record):
    """What a model says of one doubt."""

    number: int
    """Place in the prompt, counted from 1."""
    reason: str
    verdict: Literal["fault", "none"]


class Verdicts(Record):
    """A reply."""

    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class ShownDoubt:
    """A doubt as a template names it."""

    tool: str
    said: str
    state: str
    calls: tuple[ShownCall, ...]


@dataclass(frozen=True, slots=True)
class ModelReferee:
    """Has a model rule on doubts, those of a tool together.

    Args:
        calls: Those of the row that is examined.
    """

    calls: Calls

    async def rule_on(self, subject: Subject, doubts: Sequence[Doubt]) -> list[bool | None]:
        """Say of each whether it is a fault; None where no reply could be read."""
        parts = [*_parts(doubts)]
        rulings = await gather_all(self._rule_on(subject, part) for part in parts)
        ruled = {
            id(one): is_fault
            for part, verdicts in zip(parts, rulings, strict=True)
            for one, is_fault in zip(part, verdicts, strict=True)
        }
        return [ruled[id(one)] for one in doubts]

    async def _rule_on(self, subject: Subject, doubts: Sequence[Doubt]) -> Sequence[bool | None]:
        prompt = render(
            "skel_builder/judge_findings",
            subject=subject,
            about=class_description(subject.skeleton),
            rules=rules_of_all(subject.skeleton),
            tools=tools_in(subject, chain.from_iterable(one.calls for one in doubts)),
            doubts=[_shown(one) for one in doubts],
        )
        try:
            return await self.calls.ask(
                "judge", prompt, lambda reply: read_verdicts(reply.content, len(doubts))
            )
        except ReplyError:
            return [None] * len(doubts)


def _parts(doubts: Sequence[Doubt]) -> Iterator[list[Doubt]]:
    for tool in dict.fromkeys(one.finding.tool for one in doubts):
        of_tool = [one for one in doubts if one.finding.tool == tool]
        yield from (of_tool[at : at + AT_ONCE] for at in range(0, len(of_tool), AT_ONCE))


def _shown(doubt: Doubt) -> ShownDoubt:
    return ShownDoubt(
        tool=doubt.finding.tool,
        said=doubt.finding.message,
        state=plain_state(doubt.calls[0].before, EXAMPLE_CHARS),
        calls=tuple(shown_call(one) for one in doubt.calls),
    )


def read_verdicts(reply: str, doubts: int) -> list[bool]:
    """Read whether each claim is a fault.

    Args:
        reply: Holds an object `{"verdicts": [{"number", "reason", "verdict"}, …]}`.
        doubts: How many were shown.

    Raises:
        ReplyError: It holds no such object, or not a verdict for each.
    """
    said = {one.number: one.verdict for one in read_json(reply, Verdicts).verdicts}
    if {*said} != {*range(1, doubts + 1)}:
        raise ReplyError(f"There has to be a verdict for each of the numbers 1 to {doubts}")
    return [said[number] == "fault" for number in range(1, doubts + 1)]
