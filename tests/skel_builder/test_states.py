"""The state to test on: exactly the attributes, and loaded before it is accepted."""

from typing import cast

import pytest

from envscaler.config import Settings
from envscaler.errors import GuestError, ReplyError
from envscaler.records import JsonObject, Skeleton
from envscaler.skel_builder.states import make_state, read_state
from tests.fakes import ScriptedModel
from tests.skel_builder.live import in_sandbox, make_skeleton
from tests.skel_builder.makers import STATE, as_json, make_calls

ATTRIBUTES = frozenset(STATE)
SETTER = """
    def __setattr__(self, name, value):
        if name == "max_per_member" and value > 5:
            raise ValueError("at most 5 per member")
        object.__setattr__(self, name, value)
"""


def state_reply(**changes: object) -> str:
    return as_json({"initial_state": cast("JsonObject", STATE | changes)})


def make_picky_skeleton() -> Skeleton:
    """Make one whose class does not take every state."""
    skeleton = make_skeleton()
    return skeleton.model_copy(update={"source": skeleton.source + SETTER})


def test_state_is_what_the_model_wrote(settings: Settings) -> None:
    calls = make_calls(ScriptedModel(state_reply()))

    made = in_sandbox(settings, lambda sandbox: make_state(make_skeleton(), calls, sandbox))

    assert made == STATE


def test_prompt_shows_the_class_without_its_methods(settings: Settings) -> None:
    model = ScriptedModel(state_reply())

    in_sandbox(settings, lambda sandbox: make_state(make_skeleton(), make_calls(model), sandbox))

    sent = str(model.asked[0].prompt.messages[-1].get("content"))
    assert "self.umbrellas: dict[str, Umbrella] = {}" in sent
    assert "def get_umbrella" not in sent


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (as_json({"initial_state": {"umbrellas": {}}}), r"\(missing: max_per_member\)"),
        (state_reply(owner="x"), r"\(not in the class: owner\)"),
        (as_json({"state": STATE}), "initial_state"),
    ],
)
def test_state_with_other_attributes_is_refused(reply: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_state(reply, ATTRIBUTES)


def test_state_that_does_not_load_is_asked_for_again_with_the_reason(settings: Settings) -> None:
    picky = make_picky_skeleton()
    model = ScriptedModel(state_reply(max_per_member=9), state_reply(max_per_member=2))

    made = in_sandbox(
        settings, lambda sandbox: make_state(picky, make_calls(model, tries=3), sandbox)
    )

    assert made["max_per_member"] == 2
    assert "at most 5 per member" in str(model.asked[1].prompt.messages[-1].get("content"))


def test_three_states_that_do_not_load_lose_the_row(settings: Settings) -> None:
    picky = make_picky_skeleton()
    calls = make_calls(ScriptedModel(*[state_reply(max_per_member=n) for n in (7, 8, 9)]), tries=3)

    with pytest.raises(GuestError, match="at most 5 per member"):
        in_sandbox(settings, lambda sandbox: make_state(picky, calls, sandbox))
