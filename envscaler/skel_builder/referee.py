"""Ask a model whether what code reads out of an environment is a fault."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from envscaler.check_env.referee import Doubt
from envscaler.errors import ReplyError
from envscaler.inputs.session import CallRecord
from envscaler.inputs.subject import Subject, rules_of_all
from envscaler.llm.calls import Calls, gather_all
from envscaler.prompts import render
from envscaler.records import Record
from envscaler.replies import read_json
from envscaler.skel_builder.predicate_prompts import own_words, tools_in
from envscaler.skel_builder.questions import Question, RuledTogether, questions_about


class Verdict(Record):
    """What a model says of one claim."""

    number: int
    """Place in the prompt, counted from 1."""
    reason: str
    verdict: Literal["fault", "none"]
    otherwise: tuple[str, ...] = ()
    """Tools of the claim for which the other verdict holds."""

    def is_fault(self, tool: str) -> bool:
        """Say whether it is a fault in a tool."""
        return (self.verdict == "fault") is not (tool in self.otherwise)


class Verdicts(Record):
    """A reply."""

    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class ModelReferee:
    """Has a model rule on doubts, several of them at once, and those that are alike as a whole.

    Args:
        calls: Those of the row that is examined.
    """

    calls: Calls

    async def rule_on(self, subject: Subject, doubts: Sequence[Doubt]) -> list[bool | None]:
        """Say of each whether it is a fault; None where no reply could be read."""
        questions = questions_about(doubts)
        replies = await gather_all(self._ask(subject, one) for one in questions)
        ruled: dict[int, bool | None] = {}
        for question, verdicts in zip(questions, replies, strict=True):
            for claim, verdict in zip(question.claims, verdicts, strict=True):
                ruled |= {id(one): _ruling(one, verdict) for one in claim.doubts}
        return [ruled[id(one)] for one in doubts]

    async def _ask(self, subject: Subject, question: Question) -> Sequence[Verdict | None]:
        claims = question.claims
        prompt = render(
            "skel_builder/judge_findings",
            subject=subject,
            about=own_words(subject.skeleton),
            rules=rules_of_all(subject.skeleton),
            tools=tools_in(subject, _calls_of(claims), _named(subject, claims)),
            others=[*dict.fromkeys(subject.tools)],
            states=question.shown_states(),
            claims=question.shown_claims(),
        )
        try:
            return await self.calls.ask(
                "judge", prompt, lambda reply: read_verdicts(reply.content, len(claims))
            )
        except ReplyError:
            return [None] * len(claims)


def _calls_of(claims: Sequence[RuledTogether]) -> list[CallRecord]:
    """Return the calls that are shown."""
    full = chain.from_iterable(one.calls for claim in claims for one in claim.shown)
    return [*full, *(one.calls[-1] for claim in claims for one in claim.brief)]


def _named(subject: Subject, claims: Sequence[RuledTogether]) -> list[str]:
    """Return the tools that claims speak of, such as those that refuse what another one takes."""
    said = " ".join(one.finding.message for claim in claims for one in claim.doubts)
    words = {*re.findall(r"\w+", said)}
    return [name for name in subject.tools if name in words]


def _ruling(doubt: Doubt, verdict: Verdict | None) -> bool | None:
    return None if verdict is None else verdict.is_fault(doubt.finding.tool)


def read_verdicts(reply: str, claims: int) -> list[Verdict]:
    """Read whether each claim is a fault.

    Args:
        reply: Holds an object `{"verdicts": [{"number", "reason", "verdict", "otherwise"}, …]}`.
        claims: How many were shown.

    Raises:
        ReplyError: It holds no such object, or not a verdict for each.
    """
    said = {one.number: one for one in read_json(reply, Verdicts).verdicts}
    if {*said} != {*range(1, claims + 1)}:
        raise ReplyError(f"There has to be a verdict for each of the numbers 1 to {claims}")
    return [said[number] for number in range(1, claims + 1)]
