"""Initial states: only what loads is accepted, and the model is told why it does not."""

from copy import deepcopy

import pytest

from envscaler.config import Settings
from envscaler.errors import GuestError, ReplyError
from envscaler.records import Environment, JsonObject
from envscaler.sandbox import Sandbox
from envscaler.scen_generator.task_first.state import InitialState, make_state
from tests.fakes import ScriptedModel
from tests.scen_generator.example import STATE
from tests.scen_generator.running import (
    ENVIRONMENT,
    calls_to,
    in_sandbox,
    json_reply,
    make_spec,
    question,
    state_reply,
)

PICKY = ENVIRONMENT.model_copy(
    update={
        "source": ENVIRONMENT.source.replace(
            "def __init__(self) -> None:\n",
            "def __init__(self, config: dict) -> None:\n"
            "        if len(config['boats']) < 4:\n"
            "            raise ValueError('a marina has at least four boats')\n",
        )
    }
)


def few_boats() -> JsonObject:
    state = deepcopy(STATE)
    state["boats"] = {"BT-001": {"boat_id": "BT-001"}}
    state["bookings"] = {"BK-001": {"booking_id": "BK-001"}}
    state["invoices"] = {"IN-001": {"invoice_id": "IN-001"}}
    return state


def make(
    settings: Settings, model: ScriptedModel, environment: Environment = ENVIRONMENT
) -> InitialState:
    spec = make_spec(environment)

    async def use(sandbox: Sandbox) -> InitialState:
        return await make_state(spec, calls_to(model), sandbox, tries=2)

    return in_sandbox(settings, use)


def test_a_state_that_loads_is_kept_as_written_and_as_loaded(settings: Settings) -> None:
    model = ScriptedModel(state_reply(STATE))

    state = make(settings, model)

    assert (state.written, state.loaded) == (STATE, STATE)


def test_what_the_constructor_refuses_is_told_and_asked_again(settings: Settings) -> None:
    model = ScriptedModel(state_reply(few_boats()), state_reply(STATE))

    state = make(settings, model, PICKY)

    assert state.written == STATE
    told = model.asked[1].prompt.messages[-1]
    assert "a marina has at least four boats" in str(told)


def test_a_dangling_reference_is_told_and_asked_again(settings: Settings) -> None:
    broken = deepcopy(STATE)
    broken["invoices"] = {"IN-001": {"invoice_id": "IN-001", "booking_id": "BK-9"}}
    model = ScriptedModel(state_reply(broken), state_reply(STATE))

    state = make(settings, model)

    assert state.written == STATE
    told = model.asked[1].prompt.messages[-1]
    assert "invoices['IN-001'].booking_id is 'BK-9'" in str(told)


def test_after_the_last_try_the_row_is_lost_with_the_reason(settings: Settings) -> None:
    model = ScriptedModel(lambda _: state_reply(few_boats()))

    with pytest.raises(GuestError, match="at least four boats"):
        make(settings, model, PICKY)

    assert len(model.asked) == 2


def test_a_reply_of_another_shape_is_no_state(settings: Settings) -> None:
    model = ScriptedModel(lambda _: json_reply({"initial": {}}))

    with pytest.raises(ReplyError, match="state: Field required"):
        make(settings, model)


def test_the_prompt_shows_declarations_clock_and_what_to_centre_on(settings: Settings) -> None:
    model = ScriptedModel(state_reply(STATE))

    make(settings, model)

    text = question(model.asked[0].prompt)
    assert "class Booking(TypedDict):" in text
    assert "2025-01-01T00:00:00+00:00" in text
    assert all(f"`{name}`" in text for name in make_spec().diversifier.changes)
    assert "def book_berth" not in text


def test_the_scenario_is_the_sample(settings: Settings) -> None:
    model = ScriptedModel(state_reply(STATE))

    make(settings, model)

    assert model.asked[0].sample == make_spec().index
