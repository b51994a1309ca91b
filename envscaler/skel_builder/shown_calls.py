"""How calls are shown to a model that rules on them: what each did, and the data it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from envscaler.check_env.predicates.oracle import Case, Counterexample
from envscaler.inputs.session import CallRecord
from envscaler.prompt_text import RESULT_CHARS, VALUE_CHARS, call_text, cut
from envscaler.records import ObservationKind
from envscaler.skel_builder.predicate_prompts import plain
from envscaler.skel_builder.shown_changes import change_lines
from envscaler.skel_builder.shown_state import named_rows, state_about

STATE_CHARS = 6_000
"""Of the data that calls begin with."""
_ROWS_CHARS = 2_000
"""Of the records that the last call is about."""
_MOST, _MANY = 0.5, 0.15
"""Shares of calls."""
_OUTCOMES = {
    ObservationKind.EXCEPTION: "It raised",
    ObservationKind.TIMEOUT: "It took too long",
    ObservationKind.MEMORY: "It used too much memory",
    ObservationKind.KILLED: "It brought its process down",
    ObservationKind.UNSERIALISABLE: "It returned what cannot be written as JSON",
    ObservationKind.OVERSIZED: "It returned too much",
    ObservationKind.REFUSED: "It does not fit the schema, so nothing ran",
}


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call as a template names it."""

    call: str
    outcome: str
    result: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownExample:
    """A call that breaks a function, as a template names it."""

    said: str
    alike: int
    earlier: tuple[ShownCall, ...]
    state: str
    """Right before the call."""
    last: ShownCall


def shown_call(seen: CallRecord, most: int = VALUE_CHARS) -> ShownCall:
    """Show what was called, what came of it and what it changed."""
    return ShownCall(
        call=call_text(seen.call.tool, seen.call.arguments),
        outcome=outcome_of(seen),
        result=cut(plain(seen.value), most),
        changes=change_lines(seen.before, seen.after),
    )


def shown_calls(played: Sequence[CallRecord]) -> tuple[ShownCall, ...]:
    """Show a sequence of calls, the last with the most of what it returned."""
    *earlier, last = played
    return (*(shown_call(one, RESULT_CHARS) for one in earlier), shown_call(last))


def outcome_of(seen: CallRecord) -> str:
    """Say how a call ended."""
    if seen.refused:
        raised = seen.result.observation.kind is ObservationKind.EXCEPTION
        return "It refused and raised" if raised else "It refused and returned"
    kind = seen.result.observation.kind
    return _OUTCOMES.get(kind, "It succeeded and returned")


def rows_before_last(played: Sequence[CallRecord]) -> str:
    """Show the records that the last call is about, where calls before it have changed any."""
    *earlier, last = played
    return named_rows(last, _ROWS_CHARS) if any(one.changed for one in earlier) else ""


def shown_example(example: Counterexample) -> ShownExample:
    """Show a call that breaks a function, with the calls before it."""
    seen = example.seen
    return ShownExample(
        said=example.said,
        alike=example.alike,
        earlier=tuple(shown_call(one, RESULT_CHARS) for one in example.earlier),
        state=state_about(seen.before, [[seen]], STATE_CHARS),
        last=shown_call(seen),
    )


def extent_of(case: Case) -> str:
    """Say roughly how many of the calls break a function: the same prompt for nearly the same."""
    share = sum(one.alike for one in case.examples) / max(case.judged, 1)
    return "most" if share > _MOST else "many" if share > _MANY else "a few"
