"""Models that act in a scenario that is played step by step, from recorded replies."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from envscaler.app.acting import Actors
from envscaler.app.hand import PERSON, HandPlay
from envscaler.config import Settings, load_settings
from envscaler.env import Env
from envscaler.errors import ConfigError, EnvScalerError
from envscaler.jsonl import read_rows
from envscaler.llm.models import STORE
from envscaler.llm.recordings import import_store
from envscaler.llm.store import Store
from envscaler.load import load_run
from envscaler.records import Message, ToolCall, Trajectory
from envscaler.resources import DEMO

EXAMPLE = Path(__file__).parents[2] / "data" / "example"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example run with the replies that it was made of."""
    folder = tmp_path_factory.mktemp("acting")
    for file in EXAMPLE.glob("*.jsonl"):
        (folder / file.name).write_bytes(file.read_bytes())
    with Store(folder / STORE) as store:
        import_store(DEMO / "replies.jsonl", store)
    return folder


@pytest.fixture(scope="module")
def recorded() -> Settings:
    return load_settings("demo", ())


@pytest.fixture
def actors(run: Path, recorded: Settings) -> Generator[Actors]:
    with closing(Actors(run, recorded)) as opened:
        yield opened


@pytest.fixture
def play(run: Path, recorded: Settings) -> Generator[HandPlay]:
    scenario = load_run(run).scenarios[0]
    with Env(scenario) as env:
        yield HandPlay(scenario, env, recorded)


def rollout(run: Path, play: HandPlay, dialogue: str) -> Trajectory:
    """Return the first episode of the run in the scenario that is played."""
    return next(
        row
        for row in read_rows(run / "rollouts.jsonl", Trajectory)
        if row.scenario_id == play.scenario.id
        and (row.dialogue, row.tool_format, row.attempt) == (dialogue, "native", 0)
    )


def act_to_the_end(actors: Actors, play: HandPlay) -> None:
    while not play.is_over:
        actors.act(play)


def test_the_model_repeats_its_episode_of_the_run(
    run: Path, actors: Actors, play: HandPlay
) -> None:
    act_to_the_end(actors, play)

    played, before = play.finish("not said"), rollout(run, play, "single_turn")
    assert played.messages == before.messages
    assert played.steps == before.steps
    assert played.reward is not None
    assert before.reward is not None
    assert played.reward.score == before.reward.score


def test_a_model_as_the_user_repeats_the_dialogue_of_the_run(
    run: Path, actors: Actors, play: HandPlay
) -> None:
    actors.begin_user(play)
    act_to_the_end(actors, play)

    played, before = play.finish("not said"), rollout(run, play, "simulated_user")
    assert played.dialogue == "simulated_user"
    assert played.messages == before.messages
    assert played.user_messages == before.user_messages


def test_what_was_taken_back_is_done_again_alike(run: Path, actors: Actors, play: HandPlay) -> None:
    actors.begin_user(play)
    actors.act(play)
    actors.act(play)
    assert play.undo()
    assert play.undo()
    act_to_the_end(actors, play)

    assert play.finish("").messages == rollout(run, play, "simulated_user").messages


def test_everything_taken_back_is_the_beginning(actors: Actors, play: HandPlay) -> None:
    actors.begin_user(play)
    while play.undo():
        pass

    assert (play.dialogue, play.user, play.messages) == ("single_turn", None, [])


def test_a_user_that_comes_late_is_refused(actors: Actors, play: HandPlay) -> None:
    actors.act(play)

    with pytest.raises(ConfigError, match="from the beginning"):
        actors.begin_user(play)
    with pytest.raises(ConfigError, match="a user has to speak first"):
        play.hear("Hello", PERSON)


def test_a_person_speaks_as_the_user_and_as_the_agent(actors: Actors, play: HandPlay) -> None:
    play.hear("Hello", PERSON)
    play.say("How can I help?")
    assert play.waits_for_the_user
    with pytest.raises(ConfigError, match="The user's words come first"):
        actors.act(play)
    play.hear("Never mind.", PERSON)

    played = play.finish("Goodbye.")
    assert [message.role for message in played.messages] == [
        *("system", "user", "assistant", "user", "assistant")
    ]
    assert played.dialogue == "simulated_user"
    assert played.provenance.models == (PERSON,)


def test_calls_by_hand_and_by_a_model_stand_in_one_row(actors: Actors, play: HandPlay) -> None:
    act_to_the_end(actors, play)
    play.undo()
    first = play.steps[0].call
    play.call(first.name, {} if not isinstance(first.arguments, dict) else first.arguments)

    played = play.finish("Done.")
    assert played.provenance.models == ("demo-model", PERSON)
    assert played.messages[-1].content == "Done."


def test_a_call_that_cannot_be_tried_is_answered_and_no_step(play: HandPlay) -> None:
    call = ToolCall(id="c1", name="no_such_tool", arguments={})

    (made,) = play.take(Message(role="assistant", content="", tool_calls=(call,)), "m")

    assert "There is no tool 'no_such_tool'" in made.text
    assert not made.changes
    assert play.calls == 0


def test_a_bad_reply_is_told_to_the_model(play: HandPlay) -> None:
    play.take(Message(role="assistant", content="", problem="It was empty."), "m")

    assert "It was empty." in play.messages[-1].content
    assert not play.is_over


def test_a_reply_that_nobody_recorded_is_one_line(
    run: Path, recorded: Settings, play: HandPlay
) -> None:
    other = recorded.model_copy(update={"seed": recorded.seed + 1})

    with closing(Actors(run, other)) as actors, pytest.raises(EnvScalerError, match="interact/"):
        actors.act(play)

    assert play.messages == []
