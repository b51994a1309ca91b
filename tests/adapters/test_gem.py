"""Scenarios through `gem.make`, as ROLL plays them."""

import json
from pathlib import Path

import pytest

pytest.importorskip("gem.core", reason="the extra `gem` is not installed")

import gem

from envscaler.adapters.gem import register
from envscaler.env import Env
from envscaler.load import load_scenarios
from tests.adapters.example import EXAMPLE, solution
from tests.face import write_desk
from tests.interact.fakes import make_environment

pytestmark = pytest.mark.filterwarnings("ignore")
SCENARIOS = list(load_scenarios(EXAMPLE))
register(EXAMPLE, "example")
register(EXAMPLE, "short", max_steps=1)


def written(name: str, arguments: object) -> str:
    call = json.dumps({"name": name, "arguments": arguments})
    return f"<tool_call>\n{call}\n</tool_call>"


@pytest.mark.parametrize("seed", range(len(SCENARIOS)))
def test_a_seed_is_a_scenario_and_its_solution_scores(seed: int) -> None:
    scenario = SCENARIOS[seed]
    env = gem.make("example")

    task, info = env.reset(seed=seed)
    texts = [env.step(written(call.name, call.arguments)) for call in solution(scenario)]
    _, reward, terminated, truncated, _ = env.step("Done.")

    assert (task, info["scenario_id"]) == (scenario.task, scenario.id)
    with Env(scenario) as played:
        wanted = [played.call(call.name, call.arguments) for call in solution(scenario)]
        assert [text for text, *_ in texts] == [
            f"<tool_response>\n{text}\n</tool_response>" for text in wanted
        ]
        assert (reward, terminated, truncated) == (played.score().reward, True, False)
    assert {middle for _, middle, *_ in texts} == {0.0}
    env.close()


def test_an_episode_that_is_too_long_is_truncated_and_scored() -> None:
    env = gem.make("short")
    env.reset(seed=0)

    _, reward, terminated, truncated, info = env.step(written("burn", {}))

    assert (terminated, truncated) == (False, True)
    assert reward == info["reward"]
    env.close()


def test_a_reply_that_cannot_be_read_is_answered_in_words() -> None:
    env = gem.make("example")
    env.reset(seed=0)

    text, *_ = env.step("<tool_call>\n{\n</tool_call>")

    assert text
    env.close()


def test_an_environment_that_broke_or_does_not_open_is_truncated(tmp_path: Path) -> None:
    register(write_desk(tmp_path / "desk"), "desk")
    bad = make_environment().model_copy(update={"source": "class LendingDesk:\n    0 / 0\n"})
    register(write_desk(tmp_path / "bad", bad), "bad")
    desk, unopened = gem.make("desk"), gem.make("bad")

    desk.reset(seed=0)
    desk.step(written("forget", {}))
    _, _, terminated, truncated, info = desk.step("Done.")
    _, reset = unopened.reset(seed=0)

    assert (terminated, truncated, info["reward"]) == (False, True, None)
    assert "cannot be read" in info["problem"]
    assert reset["env_reset_failed"]
    assert "LendingDesk" in reset["problem"]


def test_the_instruction_that_roll_shows_describes_every_tool() -> None:
    env = gem.make("example")

    _, info = env.reset(seed=0)

    told = info["env_instruction"]
    assert told.startswith(info["system"])
    assert all(json.dumps(tool, ensure_ascii=False) in told for tool in info["tools"])
    env.close()


def test_the_end_mark_of_a_reply_as_roll_decodes_it_is_no_part_of_a_call() -> None:
    scenario = SCENARIOS[0]
    env = gem.make("example")
    env.reset(seed=0)

    for call in solution(scenario):
        env.step(f"<think>\nNow.\n</think>\n\n{written(call.name, call.arguments)}<|im_end|>")
    _, reward, terminated, *_ = env.step("Done.<|im_end|>")

    with Env(scenario) as played:
        for call in solution(scenario):
            played.call(call.name, call.arguments)
        assert (reward, terminated) == (played.score().reward, True)
    env.close()
