"""The training example: its data, and all in its scripts that needs no trainer."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from envscaler.cli.app import app
from envscaler.jsonl import read_objects, read_rows
from envscaler.load import load_export
from envscaler.records import JsonObject, Scenario

ROOT = Path(__file__).parents[1]
TRAIN = ROOT / "examples/train"
TRAINED = ("solutions", "rewards")
SETS = (*TRAINED, *(f"held-out-{name}" for name in (*TRAINED, "environment")))


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts find each other, as they do when one is run."""
    monkeypatch.setattr(sys, "path", [str(TRAIN), *sys.path])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make_data.py` writes, of a small size; its commands run in this process."""
    folder = tmp_path_factory.mktemp("train") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(TRAIN), *sys.path])
        script = import_module("make_data")
        size = ["--shown", "2", "--rewarded", "2", "--held-out", "2"]
        patch.setattr(sys, "argv", ["make_data.py", str(folder), "--tiers", "1,2", *size])
        patch.setattr(script, "envscaler", envscaler)
        script.main()
    return folder


def envscaler(*command: object) -> None:
    done = CliRunner().invoke(app, [*map(str, command)])
    assert done.exit_code == 0, done.output


def scenarios_of(data: Path, name: str) -> list[Scenario]:
    return list(read_rows(data / name / "scenarios.jsonl", Scenario))


def test_every_scenario_is_proven_and_in_one_set(data: Path) -> None:
    made = {name: scenarios_of(data, name) for name in SETS}

    tiers = {
        name: Counter(row.shape.tier for row in rows if row.shape) for name, rows in made.items()
    }
    assert tiers == {
        "solutions": {1: 4, 2: 4},
        "rewards": {1: 2, 2: 2},
        "held-out-solutions": {1: 2, 2: 2},
        "held-out-rewards": {1: 2, 2: 2},
        "held-out-environment": {1: 2, 2: 2},
    }
    rows = [row for name in SETS for row in made[name]]
    assert all(row.proof is not None and row.proof.proven for row in rows)
    assert len({row.id for row in rows}) == len(rows) == 24


def test_tasks_are_of_one_person_unless_more_tiers_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = import_module("make_data")
    monkeypatch.setattr(script, "envscaler", envscaler)

    script.make_run(tmp_path / "made", ["nursery"], script.TIERS, 2, 0)

    made = scenarios_of(tmp_path, "made")
    assert len(made) >= 2
    assert {row.shape.tier for row in made if row.shape} == {1}


def test_no_state_is_in_two_sets(data: Path) -> None:
    states = [{json.dumps(row.initial_state) for row in scenarios_of(data, name)} for name in SETS]

    assert sum(map(len, states)) == len(set[str]().union(*states))


def test_a_scenario_of_the_second_tier_has_two_goals(data: Path) -> None:
    for row in (row for name in SETS for row in scenarios_of(data, name)):
        goals = [check for check in row.checks if not check.initially_true]
        assert row.shape is not None
        assert len(goals) == row.shape.tier
        assert len(row.checks) == len(goals) + 1  # and the guard that all else stays, which is last


def test_the_held_out_environment_is_none_of_those_trained_on(data: Path) -> None:
    envs = {name: {row.env_id for row in scenarios_of(data, name)} for name in SETS}

    assert envs["solutions"] == envs["held-out-solutions"]
    assert envs["rewards"] == envs["held-out-rewards"]
    assert len(envs["solutions"] | envs["rewards"]) == 3
    assert envs["rewards"].isdisjoint(envs["solutions"])
    assert envs["held-out-environment"].isdisjoint(envs["solutions"] | envs["rewards"])


def test_an_id_has_to_be_looked_up(data: Path) -> None:
    for row in (row for name in SETS for row in scenarios_of(data, name)):
        assert row.proof is not None
        known, ids = "", []
        for step in row.proof.reference:
            ids = [one for one in step.arguments.values() if str(one)[1:].isdecimal()]
            assert all(str(one) in known and str(one) not in row.task for one in ids)
            known += json.dumps(step.observation.value)
        assert ids


def test_each_export_has_its_set_alone_under_the_short_prompt(data: Path) -> None:
    taught = [*read_objects(data / "solutions/exports/messages-references/train.jsonl")]
    played = [*load_export(data / "rewards/exports/rl")]

    for name, rows in zip(TRAINED, (taught, played), strict=True):
        expected = {row.id for row in scenarios_of(data, name)}
        assert {str(row["scenario_id"]) for row in rows} == expected
    assert not (data / "rewards/exports/messages-references").exists()
    for row in (*taught, *played):
        system = json.loads(json.dumps(row.get("messages") or row["prompt"]))[0]
        assert system["content"].startswith("You work in ")
        assert len(system["content"]) < 120


def test_the_probe_for_memory_is_the_same_scenarios_with_other_ids(data: Path) -> None:
    seen, other = scenarios_of(data, "seen"), scenarios_of(data, "new-ids")

    assert {row.id for row in seen} <= {row.id for row in scenarios_of(data, "rewards")}
    assert [row.task for row in other] == [row.task for row in seen]
    for one, another in zip(seen, other, strict=True):
        (records,), (moved,) = one.initial_state.values(), another.initial_state.values()
        assert isinstance(records, dict)
        assert isinstance(moved, dict)
        assert not records.keys() & moved.keys()
        assert not any(name in another.model_dump_json() for name in records)
    envscaler("verify", "--run", data / "new-ids")


def lines_of(states: Iterable[int], env: str = "one", tier: int = 1) -> list[str]:
    rows = [{"env_id": env, "initial_state": {"a": one}, "shape": {"tier": tier}} for one in states]
    return [json.dumps({**row, "number": number}) for number, row in enumerate(rows)]


def states_of(lines: Iterable[str]) -> set[str]:
    return {json.dumps(json.loads(line)["initial_state"]) for line in lines}


def test_scenarios_go_where_their_state_says_whatever_their_order() -> None:
    choose = import_module("make_data").choose
    lines = [*lines_of(range(5)), *lines_of(range(5), tier=2)]

    train, held = choose(lines, 2, 1, 2)

    other = choose(lines[::-1], 2, 1, 2)
    assert (set(train), set(held)) == (set(other[0]), set(other[1]))
    assert [json.loads(line)["shape"]["tier"] for line in held] == [1, 1, 2, 2]
    assert [json.loads(line)["shape"]["tier"] for line in train] == [1, 2]


def test_what_begins_as_something_held_out_is_not_trained_on() -> None:
    choose = import_module("make_data").choose
    lines = [*lines_of([1, 1, 1, 2, 3, 4]), *lines_of([1, 1, 2, 2, 3, 4], tier=2)]

    train, held = choose(lines, 2, 2, 1)

    assert not states_of(train) & states_of(held)


@pytest.mark.parametrize("lines", [[], lines_of(range(9)), lines_of([1, 1, 1])])
def test_too_few_scenarios_are_no_data(lines: list[str]) -> None:
    choose = import_module("make_data").choose

    with pytest.raises(SystemExit, match="2 of each are wanted"):
        choose(lines, 2, 2, 1)


def test_a_request_is_read_as_a_chat_template_takes_it() -> None:
    wire = import_module("wire")
    function = {"name": "find", "arguments": '{"name": "Ada"}'}
    asked = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "1", "function": function}],
    }

    (read,) = wire.messages_of({"messages": [asked]})

    assert read["content"] == ""
    assert read["tool_calls"][0]["function"] == {"name": "find", "arguments": {"name": "Ada"}}


@pytest.mark.parametrize(
    "parsed",
    ["{}", '{"tool_calls": [{"function": {"arguments": {}}}]}', '{"tool_calls": ["find"]}'],
)
def test_what_is_no_call_stays_the_text_that_it_is(parsed: str) -> None:
    wire = import_module("wire")

    message = wire.reply_of("<tool_call>", json.loads(parsed))

    assert message == {"role": "assistant", "content": "<tool_call>"}


def test_a_reply_has_its_calls_and_says_why_it_ended() -> None:
    wire = import_module("wire")
    call = {"type": "function", "function": {"name": "find", "arguments": {"name": "Ada"}}}

    message = wire.reply_of("…", {"tool_calls": [call]})
    response = wire.completion("small", message, 7, [5, 2], end=2)

    (choice,) = response["choices"]
    assert json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]) == {
        "name": "Ada"
    }
    assert choice["finish_reason"] == "tool_calls"
    assert response["usage"] == {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    cut = wire.completion("small", wire.reply_of("so", {}), 7, [5], end=2)
    assert cut["choices"][0]["finish_reason"] == "length"


def test_episodes_are_told_apart_by_the_tier_of_their_scenario(tmp_path: Path) -> None:
    by_tier = import_module("measure").by_tier
    rows = [{"id": f"s{tier}", "shape": {"tier": tier}} for tier in (2, 1)]
    (tmp_path / "scenarios.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    episodes = [{"scenario_id": "s1", "n": 1}, {"scenario_id": "s2"}, {"scenario_id": "s1", "n": 2}]

    divided = by_tier(tmp_path, episodes)

    assert divided == {1: [episodes[0], episodes[2]], 2: [episodes[1]]}


def test_an_episode_without_a_reward_is_no_failure() -> None:
    summary = import_module("measure").summary
    good = {"reward": {"goal": 1.0, "fraction": 1.0}, "steps": [1, 2], "stop_reason": "finished"}
    bad = {"reward": {"goal": 0.0, "fraction": 0.5}, "steps": [1], "stop_reason": "max_steps"}
    broken: JsonObject = {"reward": None, "steps": [], "stop_reason": "environment"}

    told = summary([good, bad, broken])

    assert (told["episodes"], told["scored"], told["solved"], told["finished"]) == (3, 2, 1, 1)
    assert (told["goal"], told["fraction"], told["calls"]) == (0.5, 0.75, 3)


def test_a_curve_is_drawn_from_the_lines_that_have_its_value(tmp_path: Path) -> None:
    plot = import_module("plot")
    rows = [{"step": 1, "reward": 0.0}, {"step": 2, "reward": 1.0}, {"step": 2, "runtime": 9}]
    (tmp_path / "curve.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    curve = plot.read_curve(tmp_path / "curve.jsonl", "reward")
    drawn = ElementTree.fromstring(plot.drawing({"a < b": curve}, "Reward", window=2))

    assert curve == [(1, 0.0), (2, 1.0)]
    assert plot.smoothed(curve, 2) == [(1, 0.0), (2, 0.5)]
    texts = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "Reward", "step 2"} <= set(texts)
    assert len([*drawn.iter("{http://www.w3.org/2000/svg}circle")]) == 2
