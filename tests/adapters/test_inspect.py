"""Scenarios as an Inspect task: evaluated by Inspect, and scored again from its log."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("inspect_ai", reason="the extra `inspect` is not installed")
os.environ["INSPECT_DISPLAY"] = "none"

from inspect_ai import eval as evaluate
from inspect_ai import score as score_again
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import ChatMessage, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.model._call_tools import parse_tool_call

from envscaler.adapters import inspect_task
from envscaler.env import Env
from tests.adapters.conversation import ASKED, TOLD, user_turn
from tests.adapters.example import EXAMPLE, functions, proven, solution
from tests.face import LEND, write_desk
from tests.interact.fakes import make_environment

pytestmark = pytest.mark.filterwarnings("ignore")


def policy(played: set[str]) -> Callable:
    """Play the solution of some scenarios; in others do nothing."""
    known = {row.task: row for row in proven() if row.id in played}

    def act(messages: list, tools: list, *_: object) -> ModelOutput:
        scenario = known.get(messages[1].text)
        turn = sum(one.role == "assistant" for one in messages)
        if scenario is None or turn >= len(solution(scenario)):
            output = ModelOutput.from_content("mock", "That is all I did.")
        else:
            call = solution(scenario)[turn]
            output = ModelOutput.for_tool_call("mock", call.name, call.arguments)
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return act


def run_eval(folder: Path, run: Path, act: Callable) -> EvalLog:
    model = get_model("mockllm/model", custom_outputs=act)
    task = inspect_task.run(str(run))
    (log,) = evaluate(task, model=model, log_dir=str(folder / "logs"), display="none")
    return log


def rewards(log: EvalLog) -> dict[str, float]:
    return {str(sample.id): sample.scores["checks"].value for sample in log.samples}


def test_rewards_are_the_checks_and_a_log_is_scored_again_from_itself(tmp_path: Path) -> None:
    scenarios = proven()
    good = {row.id for row in scenarios[::2]}

    log = run_eval(tmp_path, EXAMPLE, policy(good))

    expected = {}
    for row in scenarios:
        with Env(row) as env:
            for call in solution(row) if row.id in good else ():
                env.call(call.name, call.arguments)
            expected[row.id] = env.score().reward
    found = rewards(log)
    assert log.status == "success"
    assert {key: found[key] for key in expected} == expected
    assert {expected[key] for key in good} == {1.0}
    assert min(found.values()) < 1
    again = score_again(read_eval_log(log.location), inspect_task.checks(), action="overwrite")
    assert rewards(again) == found


def test_a_model_sees_the_schemas_of_the_scenario(tmp_path: Path) -> None:
    seen: dict[str, list] = {}

    def look(messages: list, tools: list, *rest: object) -> ModelOutput:
        seen[messages[1].text] = tools
        return policy(set())(messages, tools, *rest)

    run_eval(tmp_path, EXAMPLE, look)

    for row in proven():
        shown = {
            tool.name: {
                "description": tool.description,
                "parameters": tool.parameters.model_dump(exclude_none=True),
            }
            for tool in seen[row.task]
        }
        wanted = functions(row)
        assert shown.keys() == wanted.keys()
        for name, tool in wanted.items():
            assert shown[name]["description"] == tool["description"]
            for key, schema in tool["parameters"]["properties"].items():
                assert {key: shown[name]["parameters"]["properties"][key]} == {key: schema}


def test_an_environment_that_broke_is_unscored_and_not_zero(tmp_path: Path) -> None:
    def forget(messages: list, *_: object) -> ModelOutput:
        output = ModelOutput.for_tool_call("mock", "forget", {})
        if messages[-1].role == "tool":
            output = ModelOutput.from_content("mock", "Done.")
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    log = run_eval(tmp_path, write_desk(tmp_path / "run"), forget)

    (sample,) = log.samples
    score = sample.scores["checks"]
    assert score.value != score.value
    assert score.reason == "environment_broke"
    assert "cannot be read" in score.explanation


def test_a_class_that_does_not_open_is_a_sample_error(tmp_path: Path) -> None:
    broken = make_environment().model_copy(update={"source": "class LendingDesk:\n    0 / 0\n"})

    log = run_eval(tmp_path, write_desk(tmp_path / "run", broken), policy(set()))

    assert log.status == "error"
    assert "LendingDesk" in log.error.message


def said(text: str) -> ModelOutput:
    output = ModelOutput.from_content("mock", text)
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


def called(name: str, arguments: dict) -> ModelOutput:
    output = ModelOutput.for_tool_call("mock", name, arguments)
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


def asks_and_lends(messages: list[ChatMessage], *_: object) -> ModelOutput:
    turn = sum(one.role == "assistant" for one in messages)
    if turn == 1 and messages[-1].text == TOLD[1]:
        return called("lend", LEND)
    return said(ASKED[0] if turn == 0 else ASKED[1])


def person(turns: Callable[[int], str]) -> Model:
    """Make a model that speaks as the user."""

    def speak(messages: list[ChatMessage], *_: object) -> ModelOutput:
        return said(turns(sum(one.role == "assistant" for one in messages)))

    return get_model("mockllm/user", custom_outputs=speak)


def talk(folder: Path, user: Model) -> EvalLog:
    task = inspect_task.run(str(write_desk(folder / "run")), user=user)
    model = get_model("mockllm/model", custom_outputs=asks_and_lends)
    (log,) = evaluate(task, model=model, log_dir=str(folder / "logs"), display="none")
    return log


def test_a_simulated_user_tells_the_task_bit_by_bit(tmp_path: Path) -> None:
    log = talk(tmp_path, person(user_turn))

    (sample,) = log.samples
    roles = [one.role for one in sample.messages]
    assert roles == ["system", "user", "assistant", "user", "assistant", "tool", "assistant"]
    assert [one.text for one in sample.messages if one.role == "user"] == [*TOLD]
    assert "goes to the user, who will answer" in sample.messages[0].text
    assert rewards(log) == {"scen-1": 1.0}


def test_a_user_who_does_not_answer_is_a_sample_error(tmp_path: Path) -> None:
    log = talk(tmp_path, person(lambda _: "no"))

    assert log.status == "error"
    assert "Write one <message>" in log.error.message


def test_calls_that_cannot_be_made_are_answered_in_inspects_words(tmp_path: Path) -> None:
    def act(messages: list[ChatMessage], tools: list, *_: object) -> ModelOutput:
        turn = sum(one.role == "assistant" for one in messages)
        made = [("burn", "{}"), ("lend", "[1]"), ("lend", "{"), ("lend", json.dumps(LEND))]
        if turn == len(made):
            return said("Done.")
        output = called("lend", {})
        # What Inspect makes of the text that a provider has for arguments.
        output.choices[0].message.tool_calls = [parse_tool_call(str(turn), *made[turn], tools)]
        return output

    log = run_eval(tmp_path, write_desk(tmp_path / "run"), act)

    (sample,) = log.samples
    unknown, a_list, no_json, good = (one for one in sample.messages if one.role == "tool")
    assert "Tool burn not found" in unknown.error.message
    assert "validation errors parsing tool input arguments" in a_list.error.message
    assert "Error parsing the following tool call arguments" in no_json.error.message
    assert (good.error, rewards(log)) == (None, {"scen-1": 1.0})


def test_an_episode_that_is_cut_off_is_scored_by_what_was_done(tmp_path: Path) -> None:
    def lend_again(messages: list[ChatMessage], *_: object) -> ModelOutput:
        return called("lend", LEND)

    run = str(write_desk(tmp_path / "run"))
    task = inspect_task.run(run, message_limit=5)
    model = get_model("mockllm/model", custom_outputs=lend_again)
    (log,) = evaluate(task, model=model, log_dir=str(tmp_path / "logs"), display="none")

    assert rewards(log) == {"scen-1": 1.0}
