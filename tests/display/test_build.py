"""Showing events to a person."""

import io
from typing import get_args

import pytest
from rich.console import Console

from envscaler.display.build import Narrator
from envscaler.records import (
    AssessmentSummary,
    Call,
    CallStats,
    Case,
    Counts,
    Entity,
    Examination,
    Inference,
    Judgement,
    Observation,
    ObservationKind,
    Operation,
    Repair,
    Tool,
)
from envscaler.skel_builder.events import (
    Assembled,
    Assessed,
    CaseJudged,
    ClassWritten,
    Event,
    Examined,
    Inferred,
    Judged,
    MethodWritten,
    OperationsPlanned,
    Repaired,
    StateMade,
    StatePlanned,
)
from tests.skel_builder.live import make_finding
from tests.skel_builder.makers import CLASS_SOURCE, ENTITIES, OPERATIONS, RETURN_UMBRELLA, RULES

RETURN = Operation.model_validate(OPERATIONS[1])
TOOL = Tool(name="return_umbrella", description="Take it back.", parameters={"type": "object"})
CASE = Case(
    round=0,
    call=Call(name="return_umbrella", arguments={"umbrella_id": "U-2"}),
    case_type="negative",
    purpose="Return twice.",
    observation=Observation(kind=ObservationKind.OK, value=None),
    changes={},
    verdict="fail",
    reason="It was accepted [twice].",
)
SUMMARY = AssessmentSummary(
    score=0.5, counts=Counts(passed=1, failed=1), tools={"return_umbrella": Counts(passed=1)}
)
SHOWN: list[tuple[Event, list[str]]] = [
    (
        Judged(task="Return U-2.", judgement=Judgement(reasoning="Kept.", stateful=False)),
        ["Return U-2.", "Kept.", "not stateful"],
    ),
    (
        Inferred(
            inference=Inference(
                reasoning="r", summary="Rental", introduction="Lends.", usefulness=8, modelability=9
            )
        ),
        ["Rental", "Lends.", "usefulness 8/10, modelability 9/10"],
    ),
    (
        StatePlanned(entities=(Entity.model_validate(ENTITIES[0]),), rules=tuple(RULES)),
        [
            "Attribute",
            "Meaning",
            "Umbrella",
            "umbrella_id",
            'Literal["free", "lent"]',
            f"1. {RULES[0]}",
        ],
    ),
    (ClassWritten(source=CLASS_SOURCE), ["class UmbrellaRental:"]),
    (OperationsPlanned(operations=(RETURN,)), ["1 operation", "change", "Take a lent"]),
    (MethodWritten(operation=RETURN, source=RETURN_UMBRELLA), ["def return_umbrella(self"]),
    (
        Assembled(class_name="UmbrellaRental", source=CLASS_SOURCE, tools=(TOOL,)),
        ["Assembled class UmbrellaRental: 17 lines", "1 tool", "return_umbrella()"],
    ),
    (StateMade(state={"umbrellas": {"U-1": {}}}), ['"U-1": {}']),
    (
        Examined(
            examination=Examination(
                findings=(make_finding("serious"),),
                tools={"get": CallStats(calls=9)},
                initial_states=(),
            )
        ),
        ["1 findings", "9 calls", "uncaught_exception get_umbrella: It raised."],
    ),
    (
        Repaired(repairs=(Repair(round=0, tool="get_umbrella", faults=("It raised.",)),)),
        ["get_umbrella: written anew"],
    ),
    (CaseJudged(case=CASE), ["fail", "return_umbrella", '"U-2"', "It was accepted [twice]."]),
    (Assessed(summary=SUMMARY), ["Assessment: 0.50", "return_umbrella"]),
]


def narrate(event: Event, *, colours: bool = False) -> str:
    text = io.StringIO()
    Narrator(Console(file=text, width=120, force_terminal=colours))(event)
    return text.getvalue()


@pytest.mark.parametrize(("event", "parts"), SHOWN, ids=[type(e).__name__ for e, _ in SHOWN])
def test_event_is_shown_with_its_content(event: Event, parts: list[str]) -> None:
    shown = narrate(event)

    assert [part for part in parts if part not in shown] == []


def test_every_kind_of_event_is_shown_by_a_test() -> None:
    assert {type(event) for event, _ in SHOWN} == set(get_args(Event))


def test_a_terminal_gets_colours_and_a_file_does_not() -> None:
    assert "\x1b[" in narrate(CaseJudged(case=CASE), colours=True)
    assert "\x1b[" not in narrate(CaseJudged(case=CASE))
