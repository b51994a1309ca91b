"""Scenarios made from solutions: proven from the start, worded by code or by a model."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from envscaler.config import ScenGeneratorSettings, load_settings
from envscaler.errors import RejectedError, ReplyError
from envscaler.records import (
    CheckRole,
    Clock,
    Environment,
    JsonObject,
    MutantKind,
    ReferenceCall,
    Scenario,
)
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.solution_first.make import SolutionFirst
from envscaler.scen_generator.spec import spec_for
from envscaler.scen_generator.task_first.state import InitialState
from tests.fakes import ScriptedModel
from tests.one_sandbox import end_sandboxes
from tests.scen_generator.example import STATE
from tests.scen_generator.running import (
    ENVIRONMENT,
    calls_to,
    in_sandbox,
    json_reply,
    question,
)

WORDED = "The office asks for all of this today, as was agreed with the skippers on the phone."


def make(
    *indices: int,
    model: ScriptedModel | None = None,
    environment: Environment = ENVIRONMENT,
    state: JsonObject = STATE,
    **changes: object,
) -> list[Scenario]:
    """Make scenarios of the harbour with the template, or as `changes` of the settings say."""
    settings = settings_with(**changes)

    async def use(sandbox: Sandbox) -> list[Scenario]:
        strategy = SolutionFirst(sandbox, settings)
        calls = calls_to(model or ScriptedModel())
        return [
            await strategy.make(
                spec_for(environment, index, Clock(), 0), InitialState(state, state), calls
            )
            for index in indices
        ]

    return in_sandbox(load_settings(None, ()), use)


def settings_with(**changes: object) -> ScenGeneratorSettings:
    section = load_settings(None, ()).scen_generator
    return section.model_copy(update={"phrasing": "template", **changes})


@pytest.fixture(scope="module")
def scenarios() -> list[Scenario]:
    return make(*range(5))


def test_every_scenario_is_proven(scenarios: list[Scenario]) -> None:
    for scenario in scenarios:
        proof = scenario.proof
        assert proof is not None
        assert (proof.proven, proof.score, proof.noop_score) == (True, 1.0, 0.0)
        assert proof.failed_calls == 0


def test_goals_are_false_and_guards_true_at_the_start(scenarios: list[Scenario]) -> None:
    for scenario in scenarios:
        assert scenario.proof is not None
        roles = [check.role for check in scenario.proof.checks]
        assert [check.initially_true for check in scenario.checks] == [
            role is CheckRole.GUARD for role in roles
        ]
        assert CheckRole.GOAL in roles


def test_every_write_is_missed_when_it_is_left_out(scenarios: list[Scenario]) -> None:
    for scenario in scenarios:
        assert scenario.proof is not None
        writes = [at for at, call in enumerate(scenario.proof.reference) if call.changed]
        dropped = [each for each in scenario.proof.mutants if each.kind is MutantKind.DROP_CALL]
        assert [each.at for each in dropped] == writes
        assert all(each.caught_by for each in dropped)


def test_ids_that_can_be_looked_up_are_not_told(scenarios: list[Scenario]) -> None:
    boats = [key for key in ("BT-001", "BT-002", "BT-003") for row in scenarios if key in row.task]

    assert boats == []


def test_values_that_cannot_be_looked_up_are_told(scenarios: list[Scenario]) -> None:
    for scenario in scenarios:
        assert scenario.proof is not None
        told = [
            str(value)
            for call in scenario.proof.reference
            if call.changed
            for name, value in call.arguments.items()
            if not name.endswith("_id")
        ]
        assert [value for value in told if value not in scenario.task] == []


def test_no_tool_is_named(scenarios: list[Scenario]) -> None:
    names = [tool.name for tool in ENVIRONMENT.tools]

    assert [name for name in names for row in scenarios if name in row.task] == []


def test_scenarios_of_one_state_are_different_ones(scenarios: list[Scenario]) -> None:
    assert len({row.task for row in scenarios}) == len(scenarios)


def test_the_same_spec_gives_the_same_bytes(scenarios: list[Scenario]) -> None:
    end_sandboxes()

    [again] = make(3)

    assert again.model_dump_json() == scenarios[3].model_dump_json()


def test_no_model_is_asked_with_the_template() -> None:
    model = ScriptedModel()

    [scenario] = make(0, model=model)

    assert model.asked == []
    assert scenario.provenance.parents == (ENVIRONMENT.id,)
    assert scenario.provenance.usage.calls == 0


def test_sequences_keep_to_the_settings() -> None:
    made = make(0, 1, 2, min_writes=3, max_writes=3, max_records=4)

    for scenario in made:
        assert scenario.proof is not None
        assert sum(call.changed for call in scenario.proof.reference) == 3


def test_scenarios_of_kind_sft_have_no_checks() -> None:
    [scenario] = make(0, kind="sft")

    assert (scenario.checks, scenario.proof) == ((), None)


def test_a_write_that_nobody_would_miss_is_not_asked_for() -> None:
    structure = ENVIRONMENT.structure.model_copy(update={"changes": ("move_booking",)})
    narrow = ENVIRONMENT.model_copy(update={"structure": structure})
    text = json.dumps(STATE).replace('"closed"', '"open"')
    state = cast("JsonObject", json.loads(text))
    refused: list[str] = []
    for index in range(8):
        try:
            make(index, environment=narrow, state=state, sequence_tries=1, max_writes=2)
        except RejectedError as error:
            refused.append(error.kind)

    assert "superfluous" in refused


def test_an_environment_in_which_nothing_can_be_changed_gives_none() -> None:
    structure = ENVIRONMENT.structure.model_copy(update={"changes": ()})

    with pytest.raises(RejectedError, match="Found only 0 writes"):
        make(0, environment=ENVIRONMENT.model_copy(update={"structure": structure}))


@dataclass(frozen=True)
class Simple:
    """A scenario whose changes can be read off its calls."""

    index: int
    scenario: Scenario

    def make(self, model: ScriptedModel) -> Scenario:
        """Make the same scenario with a task that the model words."""
        [worded] = make(self.index, model=model, phrasing="model", max_writes=2)
        return worded

    def read(self) -> str:
        """Answer as somebody does who understands the task."""
        return json_reply({"changes": [CHANGES[call.name](call) for call in writes(self.scenario)]})


CHANGES: dict[str, Callable[[ReferenceCall], JsonObject]] = {
    "move_booking": lambda call: {
        "kind": "set",
        "path": ["bookings", call.arguments["booking_id"], "berth_id"],
        "value": call.arguments["berth_id"],
    },
    "set_berth_status": lambda call: {
        "kind": "set",
        "path": ["berths", call.arguments["berth_id"], "status"],
        "value": call.arguments["status"],
    },
    "issue_invoice": lambda call: {
        "kind": "created",
        "path": ["invoices"],
        "value": call.arguments,
    },
}


def writes(scenario: Scenario) -> list[ReferenceCall]:
    assert scenario.proof is not None
    return [call for call in scenario.proof.reference if call.changed]


@pytest.fixture(scope="module")
def simple() -> Simple:
    made = make(*range(9), max_writes=2)
    found = (index for index, row in enumerate(made) if {w.name for w in writes(row)} <= {*CHANGES})
    index = next(found)
    return Simple(index, made[index])


def wordy(*readers: str) -> ScriptedModel:
    return ScriptedModel(
        by_prompt={
            "scen_generator/word_task": json_reply({"task": WORDED}),
            "scen_generator/reconstruct_goals": readers if readers[1:] else readers[0],
        }
    )


NOTHING = json_reply({"changes": []})


def test_a_phrasing_that_is_understood_becomes_the_task(simple: Simple) -> None:
    worded = simple.make(wordy(simple.read()))

    assert worded.task == WORDED
    assert worded.checks == simple.scenario.checks
    assert sorted(worded.provenance.prompts) == [
        "scen_generator/reconstruct_goals",
        "scen_generator/word_task",
    ]


def test_a_phrasing_that_is_misread_is_asked_for_again_with_what_was_wrong(simple: Simple) -> None:
    model = wordy(NOTHING, simple.read())

    worded = simple.make(model)

    again = [asked for asked in model.asked if asked.prompt.name == "scen_generator/word_task"]
    assert worded.task == WORDED
    assert "nobody saw that" in str(again[1].prompt.messages[-1].get("content"))


def test_a_phrasing_that_is_never_understood_is_no_task(simple: Simple) -> None:
    with pytest.raises(ReplyError, match="misunderstood it"):
        simple.make(wordy(NOTHING))


def test_the_reader_sees_the_phrasing_and_not_the_steps(simple: Simple) -> None:
    model = wordy(simple.read())

    simple.make(model)

    writer, reader = (question(asked.prompt) for asked in model.asked)
    step = simple.scenario.task.splitlines()[-1]
    assert step in writer
    assert WORDED in reader
    assert step not in reader


def test_a_phrasing_that_tells_an_id_to_be_looked_up_is_refused(simple: Simple) -> None:
    ids = [each for call in writes(simple.scenario) for each in call.arguments.values()]
    key = next(str(each) for each in ids if str(each)[:3] in {"BK-", "IN-"})
    model = ScriptedModel(
        by_prompt={"scen_generator/word_task": json_reply({"task": f"{WORDED} It is {key}."})}
    )

    with pytest.raises(ReplyError, match="which can be looked up"):
        simple.make(model)
