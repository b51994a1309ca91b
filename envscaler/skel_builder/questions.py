"""What one request of a referee is about: several claims, and findings alike as one claim.

Where many tools are found fault with in the same way, it is nearly always one form of the class
that was misread. So these are one claim: some are shown in full, the others briefly, and one
verdict holds for all but those tools that are named in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from envscaler.check_env.referee import Doubt
from envscaler.inputs.session import CallRecord
from envscaler.prompt_text import RESULT_CHARS, cut
from envscaler.records import FindingKind, JsonObject
from envscaler.skel_builder.shown_calls import (
    STATE_CHARS,
    ShownCall,
    rows_before_last,
    shown_call,
    shown_calls,
)
from envscaler.skel_builder.shown_changes import change_lines
from envscaler.skel_builder.shown_state import state_about

AT_ONCE = 6
"""Claims that one reply is about."""
MANY = 4
"""Tools with the same finding that are asked about as a whole."""
IN_FULL = 3
"""Of these, so many are shown with all their calls."""
_MOST_CHARS = 24_000
"""Of calls in one request, unless a single claim takes more."""
_MOST_STATES = 3
_BRIEF = 300
_LITTLE = 1_500
"""Characters of what differs between two states."""
_NAMES = re.compile(
    r"Stated\b.*|'[^']*'|\"[^\"]*\"|[\w.-]*\d[\w.:-]*|[\w*.]*\w[_.*][\w*][\w.*]*", re.DOTALL
)
"""What is of one tool alone in a message: names, numbers, and the sentence that it goes by."""
_ERROR = re.compile(r"\bIt raised (\w+)")
_CHANGES = frozenset((FindingKind.QUERY_CHANGES_STATE, FindingKind.REFUSED_CALL_CHANGED_STATE))
_BY_WORDS = frozenset(
    (FindingKind.WRONG_ANSWER, FindingKind.BROKEN_INVARIANT, FindingKind.KEY_CONFUSION)
)
"""Kinds that are found in many ways, of which the message tells."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class RuledTogether:
    """A doubt, or doubts that are alike, on which there is one verdict."""

    doubts: tuple[Doubt, ...]

    @property
    def tools(self) -> list[str]:
        return [*dict.fromkeys(one.finding.tool for one in self.doubts)]

    @property
    def shown(self) -> tuple[Doubt, ...]:
        """What is shown with all calls: of many tools, the first of each of some."""
        if len(self.doubts) == 1:
            return self.doubts
        firsts = {one.finding.tool: one for one in reversed(self.doubts)}
        return tuple(firsts[tool] for tool in self.tools[:IN_FULL])

    @property
    def brief(self) -> tuple[Doubt, ...]:
        full = {*map(id, self.shown)}
        return tuple(one for one in self.doubts if id(one) not in full)


@dataclass(frozen=True, slots=True)
class ShownBeside:
    """A call that the last one is compared with, as a template names it."""

    differs: tuple[str, ...]
    """In what its data differ from those that the case begins with."""
    call: ShownCall


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A doubt that is shown in full, as a template names it."""

    tool: str
    said: str
    state: str
    """The letter of the state that it begins in."""
    calls: tuple[ShownCall, ...]
    rows: str
    """What the last call is about, as it is then; empty where nothing has changed before."""
    beside: Sequence[ShownBeside]


@dataclass(frozen=True, slots=True)
class ShownBriefly:
    """Another doubt of the same claim."""

    tool: str
    said: str
    last: ShownCall


@dataclass(frozen=True, slots=True)
class ShownTogether:
    """A claim as a template names it."""

    tools: Sequence[str]
    cases: Sequence[ShownCase]
    others: Sequence[ShownBriefly]


@dataclass
class Question:
    """Claims of one request, and the states that their calls begin in."""

    claims: list[RuledTogether] = field(default_factory=list[RuledTogether])
    states: list[JsonObject] = field(default_factory=list[JsonObject])
    chars: int = 0

    def takes(self, claim: RuledTogether) -> bool:
        """Say whether there is room for another claim."""
        states = [*self.states, *(one for one in _states(claim) if one not in self.states)]
        fits = self.chars + _size(claim) <= _MOST_CHARS and len(states) <= _MOST_STATES
        return not self.claims or (fits and len(self.claims) < AT_ONCE)

    def add(self, claim: RuledTogether) -> None:
        """Ask about a claim, too."""
        self.claims.append(claim)
        for one in _states(claim):
            if one not in self.states:
                self.states.append(one)
        self.chars += _size(claim)

    def shown_states(self) -> list[tuple[str, str]]:
        """Return the letter of each state, and what is shown of it: what calls are about first.

        One that differs little from the first is shown by what differs.
        """
        played = [one.calls for claim in self.claims for one in claim.shown]
        return [
            (_LETTERS[place], _shown_state(state, self.states[0], played))
            for place, state in enumerate(self.states)
        ]

    def shown_claims(self) -> list[ShownTogether]:
        """Return what a template shows of each claim."""
        return [
            ShownTogether(
                claim.tools,
                [self._case(one) for one in claim.shown],
                [_briefly(one) for one in claim.brief],
            )
            for claim in self.claims
        ]

    def _case(self, doubt: Doubt) -> ShownCase:
        return ShownCase(
            doubt.finding.tool,
            doubt.finding.message,
            _LETTERS[self.states.index(doubt.calls[0].before)],
            shown_calls(doubt.calls),
            rows_before_last(doubt.calls),
            [
                ShownBeside(
                    change_lines(doubt.calls[0].before, one.before), shown_call(one, RESULT_CHARS)
                )
                for one in doubt.beside
            ],
        )


def _shown_state(
    state: JsonObject, first: JsonObject, played: Sequence[Sequence[CallRecord]]
) -> str:
    lines = "\n".join(change_lines(first, state))
    if state is not first and len(lines) < _LITTLE:
        return f"# as data {_LETTERS[0]}, but for (path: there → here):\n{lines}"
    own = played if state is first else [one for one in played if one[0].before == state]
    return state_about(state, own, STATE_CHARS)


def questions_about(doubts: Sequence[Doubt]) -> list[Question]:
    """Put doubts together into as few requests as can be read well."""
    found = [Question()]
    for claim in claims_of(doubts):
        if not found[-1].takes(claim):
            found.append(Question())
        found[-1].add(claim)
    return [one for one in found if one.claims]


def claims_of(doubts: Sequence[Doubt]) -> list[RuledTogether]:
    """Put doubts together that are alike in many tools; the others stay alone, tool by tool."""
    alike: dict[tuple[str, str], list[Doubt]] = {}
    for one in doubts:
        alike.setdefault((one.finding.kind, _form(one)), []).append(one)
    groups = [RuledTogether(tuple(part)) for part in alike.values()]
    wholes = [one for one in groups if len(one.tools) >= MANY]
    alone = [one for group in groups if len(group.tools) < MANY for one in group.doubts]
    tools = dict.fromkeys(one.finding.tool for one in alone)
    return [
        *wholes,
        *(RuledTogether((one,)) for tool in tools for one in alone if one.finding.tool == tool),
    ]


def _form(doubt: Doubt) -> str:
    """Return what findings of one kind have in common where they have one cause."""
    finding = doubt.finding
    if finding.kind in _CHANGES:
        roots = {re.split(r"[.\[]", path)[0] for path in doubt.calls[-1].changed_paths}
        return " ".join(sorted(roots))
    if finding.kind in _BY_WORDS:
        return _NAMES.sub("", finding.message)
    raised = _ERROR.search(finding.message)
    return raised[1] if raised else ""


def _briefly(doubt: Doubt) -> ShownBriefly:
    last = shown_call(doubt.calls[-1], _BRIEF)
    changes = (cut("; ".join(last.changes), _BRIEF),) if last.changes else ()
    brief = ShownCall(cut(last.call, _BRIEF), last.outcome, last.result, changes)
    return ShownBriefly(doubt.finding.tool, doubt.finding.message, brief)


def _states(claim: RuledTogether) -> Iterator[JsonObject]:
    return (one.calls[0].before for one in claim.shown)


def _size(claim: RuledTogether) -> int:
    """Return roughly how many characters a claim takes."""
    calls = (call for one in claim.shown for call in shown_calls(one.calls))
    long = sum(len(one.call) + len(one.result) + sum(map(len, one.changes)) for one in calls)
    return long + 2 * _BRIEF * len(claim.brief)
