"""Reading a trajectory as turns."""

import pytest

from envscaler.errors import RejectedError
from envscaler.records import Message, ToolCall
from envscaler.train.dialogue import read_dialogue, treat_unreasoned, without_malformed
from tests.train.factory import call, calls, make_trajectory, result, says, user

BAD = says("<tool_call>", problem="It is not closed.")
SOME_REASONING = make_trajectory(
    user("Go."), calls(call(0, "lamps"), reasoning="Look."), result(0, "[]"), says("Done.")
)


def test_a_turn_answers_all_that_was_said_since_the_turn_before() -> None:
    trajectory = make_trajectory(
        user("Go."), calls(call(0, "lamps")), result(0, "{}"), user("And?"), says("Done.")
    )

    turns = read_dialogue(trajectory).turns

    assert [[heard.content for heard in turn.heard] for turn in turns] == [["Go."], ["{}", "And?"]]


def test_what_comes_after_the_last_reply_is_no_turn() -> None:
    dialogue = read_dialogue(make_trajectory(user("Go."), says("Done."), user("Thanks.")))

    assert [turn.reply.content for turn in dialogue.turns] == ["Done."]


def test_a_trajectory_needs_no_system_message() -> None:
    dialogue = read_dialogue(make_trajectory(user("Go."), says("Done."), system=""))

    assert dialogue.system == ""
    assert len(dialogue.turns) == 1


@pytest.mark.parametrize(
    "reply",
    [
        BAD,
        says(" \n"),
        calls(ToolCall(id="call_0", name="switch", arguments='{"room": ')),
    ],
    ids=["told so", "says nothing", "unreadable arguments"],
)
def test_a_reply_is_malformed(reply: Message) -> None:
    dialogue = read_dialogue(make_trajectory(user("Go."), reply, user("Again."), says("Done.")))

    assert [turn.malformed for turn in dialogue.turns] == [True, False]


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        ((), "no_good_reply"),
        ((user("Go."), BAD, user("Again."), BAD), "no_good_reply"),
        ((says("Hello."), user("Go."), says("Done.")), "answers_nothing"),
        ((user("Go."), says("Wait."), says("Done.")), "answers_nothing"),
        ((user("Go."), Message(role="system", content="Hurry."), says("Done.")), "late_system"),
    ],
)
def test_a_dialogue_that_cannot_be_learnt_is_refused(
    messages: tuple[Message, ...], kind: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        read_dialogue(make_trajectory(*messages))

    assert caught.value.kind == kind


def test_the_mended_reply_answers_what_the_malformed_ones_had_heard() -> None:
    dialogue = read_dialogue(
        make_trajectory(
            user("Go."),
            BAD,
            user("Notice 1"),
            BAD,
            user("Notice 2"),
            says("Hm?"),
            user("Yes."),
            BAD,
        )
    )

    turns = list(without_malformed(dialogue))

    assert [(turn.heard[0].content, turn.reply.content) for turn in turns] == [("Go.", "Hm?")]


def test_a_dialogue_without_malformed_replies_stays_as_it_is() -> None:
    dialogue = read_dialogue(make_trajectory(user("Go."), calls(call(0, "lamps")), result(0, "{}")))

    assert tuple(without_malformed(dialogue)) == dialogue.turns


def test_a_malformed_reply_with_calls_that_ran_cannot_be_left_out() -> None:
    ran = call(0, "lamps")
    unreadable = ToolCall(id="call_1", name="switch", arguments="{")
    dialogue = read_dialogue(
        make_trajectory(
            user("Go."), calls(ran, unreadable), result(0, "{}"), says("Done."), ran=(ran,)
        )
    )

    with pytest.raises(RejectedError) as caught:
        list(without_malformed(dialogue))

    assert caught.value.kind == "partly_ran"


def test_replies_without_reasoning_are_learnt_unless_told_otherwise() -> None:
    dialogue = read_dialogue(SOME_REASONING)

    assert treat_unreasoned(dialogue, "train") == dialogue
    assert [reply.content for reply in dialogue.learnt] == ["", "Done."]


def test_masked_replies_stay_in_the_dialogue_and_are_not_learnt() -> None:
    dialogue = treat_unreasoned(read_dialogue(SOME_REASONING), "mask")

    assert [turn.trained for turn in dialogue.turns] == [True, False]
    assert [reply.reasoning for reply in dialogue.learnt] == ["Look."]


def test_a_trajectory_with_a_reply_without_reasoning_can_be_dropped() -> None:
    with pytest.raises(RejectedError, match="has no reasoning"):
        treat_unreasoned(read_dialogue(SOME_REASONING), "drop")


def test_a_malformed_reply_without_reasoning_drops_nothing() -> None:
    dialogue = read_dialogue(make_trajectory(user("Go."), BAD, user("No."), says("Done.", "Why.")))

    assert treat_unreasoned(dialogue, "drop") == dialogue


def test_where_no_reply_has_reasoning_masking_leaves_nothing() -> None:
    dialogue = read_dialogue(make_trajectory(user("Go."), says("Done.")))

    with pytest.raises(RejectedError, match="No reply has reasoning"):
        treat_unreasoned(dialogue, "mask")
