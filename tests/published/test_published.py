"""The published data as the artifacts of a run."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from envscaler.config import Settings
from envscaler.environment.state.encoding import python_text
from envscaler.errors import ArtifactError
from envscaler.jsonl import read_rows
from envscaler.published.convert import ImportReport, import_published
from envscaler.records import (
    Dropped,
    Environment,
    JsonObject,
    Reward,
    Row,
    Scenario,
    StopReason,
    Trajectory,
    Verdict,
)
from envscaler.sandbox import Sandbox
from tests.train.published_example import (
    PROMPTED,
    environment,
    rollout,
    scenario,
    trajectory,
    write_json,
    write_jsonl,
)

RowT = TypeVar("RowT", bound=Row)


class Importing:
    """A run, and a folder with files to import into it."""

    def __init__(self, folder: Path) -> None:
        self.run = folder / "run"
        self._files = folder
        self._number = 0

    def take(self, *rows: JsonObject) -> ImportReport:
        """Import rows of one kind."""
        self._number += 1
        return import_published(
            [write_jsonl(self._files / f"{self._number}.jsonl", *rows)], self.run
        )

    def rows(self, artifact: str, kind: type[RowT]) -> list[RowT]:
        return list(read_rows(self.run / f"{artifact}.jsonl", kind))


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    return Importing(tmp_path)


@pytest.fixture
def house(importing: Importing) -> Importing:
    """A run with the environment already in it."""
    importing.take(environment())
    return importing


def test_an_environment_becomes_ours(house: Importing) -> None:
    (found,) = house.rows("envs", Environment)

    assert (found.id, found.class_name, found.summary) == ("env_1_rl", "House", "House")
    assert [operation.kind for operation in found.operations] == ["change", "query"]
    assert [tool.name for tool in found.tools] == ["switch", "list_lamps"]
    assert found.tools[0].parameters["required"] == ["room"]
    assert found.structure.changes == ("switch",)
    assert found.source_task is None
    assert found.assessment is None


def test_attributes_are_split_but_not_in_parentheses(house: Importing) -> None:
    (entity,) = house.rows("envs", Environment)[0].entities

    assert [(item.name, item.description) for item in entity.attributes] == [
        ("room", ""),
        ("on", ""),
        ("modes", "dim, bright, off"),
    ]


def test_an_entity_may_be_named_in_another_field(importing: Importing) -> None:
    importing.take(
        environment(
            state_space_definition=[
                {"entity_name": "Lamp", "attributes": ["room", "on"], "description": ""}
            ]
        )
    )

    (entity,) = importing.rows("envs", Environment)[0].entities
    assert entity.name == "Lamp"
    assert [item.name for item in entity.attributes] == ["room", "on"]


def test_schemas_may_be_written_by_the_published_rules(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "envs.jsonl", environment())

    import_published([file], tmp_path / "run", compat="published")

    (found,) = read_rows(tmp_path / "run/envs.jsonl", Environment)
    assert found.tools[0].parameters["required"] == ["room", "on"]


@pytest.mark.parametrize("name", ["envs.json", "envs.json.gz"])
def test_environments_may_be_keyed_by_id(tmp_path: Path, name: str) -> None:
    row = environment()
    del row["env_id"]
    file = write_json(tmp_path / name, {"env_7_sft": row, "env_8_sft": row})

    import_published([file], tmp_path / "run")

    found = read_rows(tmp_path / "run/envs.jsonl", Environment)
    assert [row.id for row in found] == ["env_7_sft", "env_8_sft"]


def test_environments_keyed_by_id_may_be_on_one_line(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "envs.jsonl", {"env_7_sft": environment(env_id="env_7_sft")})

    assert import_published([file], tmp_path / "run").written == {"envs": 1}


def test_a_list_keeps_its_order(tmp_path: Path) -> None:
    ids = ["env_9_rl", "env_1_rl", "env_5_rl"]
    file = write_json(tmp_path / "envs.json", [environment(env_id=name) for name in ids])

    import_published([file], tmp_path / "run")

    assert [row.id for row in read_rows(tmp_path / "run/envs.jsonl", Environment)] == ids


def test_files_may_come_in_any_order(tmp_path: Path) -> None:
    scenarios = write_jsonl(tmp_path / "a.jsonl", scenario())
    environments = write_jsonl(tmp_path / "b.jsonl", environment())

    report = import_published([scenarios, environments], tmp_path / "run")

    assert report.written == {"envs": 1, "scenarios": 1}


def test_a_scenario_with_checks_is_for_rl(house: Importing) -> None:
    house.take(scenario())

    (found,) = house.rows("scenarios", Scenario)
    assert (found.id, found.env_id, found.kind, found.index) == (
        "0731-041308", "env_1_rl", "rl", 0
    )  # fmt: skip
    assert found.initial_state == {"lamps": {"hall": False}}
    assert found.checks[0].item == "Is the hall lit?"
    assert found.checks[0].initially_true is None


def test_a_scenario_without_checks_is_for_sft_and_its_state_may_be_text(house: Importing) -> None:
    row = scenario(init_config='{"lamps": {}}')
    del row["checklist_with_func"]

    house.take(row)

    (found,) = house.rows("scenarios", Scenario)
    assert found.kind == "sft"
    assert found.initial_state == {"lamps": {}}


def test_type_tags_become_ours(house: Importing) -> None:
    state: JsonObject = {
        "tags": {"__type__": "set", "values": ["b", "a"]},
        "at": {"__type__": "datetime", "value": "2025-01-02T03:04:05"},
        "$price": 1,
    }

    house.take(scenario(init_config={"lamps": state}))

    assert house.rows("scenarios", Scenario)[0].initial_state == {
        "lamps": {
            "$dict": [
                ["tags", {"$set": ["a", "b"]}],
                ["at", {"$datetime": "2025-01-02T03:04:05"}],
                ["$price", 1],
            ]
        }
    }


def test_an_unknown_type_tag_drops_the_scenario(house: Importing) -> None:
    report = house.take(scenario(init_config={"x": {"__type__": "numpy", "value": 1}}))

    assert report.reasons == {"state": 1}


def test_tasks_that_share_an_id_get_ids_of_their_own(importing: Importing) -> None:
    importing.take(environment(), environment(env_id="env_2_rl"))

    importing.take(
        scenario(),
        scenario(env_id="env_2_rl"),
        scenario(env_id="env_2_rl", task="Darken it."),
        scenario(),
    )

    found = importing.rows("scenarios", Scenario)
    assert [row.id for row in found[:2]] == ["0731-041308", "env_2_rl-0731-041308"]
    assert found[2].id.startswith("env_2_rl-0731-041308-")
    assert [row.index for row in found] == [0, 0, 1]


def test_a_scenario_without_its_environment_is_dropped(importing: Importing) -> None:
    report = importing.take(scenario())

    assert report.dropped == 1
    (dropped,) = read_rows(importing.run / "dropped.jsonl", Dropped)
    assert (dropped.id, dropped.stage, dropped.kind) == ("0731-041308", "import", "no_environment")


def test_an_empty_check_drops_the_scenario(house: Importing) -> None:
    report = house.take(scenario(checklist_with_func=[{"check_item": "Has it?", "check_func": ""}]))

    assert report.examples == {"empty_check": "'Has it?' has no code and can never pass"}


_UNREADABLE: list[tuple[JsonObject, str]] = [
    ({"env_class_code": "class House("}, "reply"),
    ({"env_class_name": "Home"}, "reply"),
    ({"constraints_rules": [1]}, "malformed"),
    ({"env_class_code": "class House:\n    def reset(self): ..."}, "reply"),
]


@pytest.mark.parametrize(("change", "kind"), _UNREADABLE)
def test_an_environment_that_cannot_be_read_is_dropped_with_the_reason(
    importing: Importing, change: JsonObject, kind: str
) -> None:
    report = importing.take(environment() | change)

    assert report.reasons == {kind: 1}


def test_rows_are_written_skipped_or_dropped(importing: Importing) -> None:
    rows = [environment(), environment(), environment(env_id="x", env_class_code="(")]

    report = importing.take(*rows)

    assert (report.written, report.skipped, report.dropped) == ({"envs": 1}, 1, 1)


def test_other_code_under_the_same_id_is_no_row_that_is_there_already(house: Importing) -> None:
    other = environment(env_class_code=str(environment()["env_class_code"]) + "\n# another")

    report = house.take(other)

    assert (report.skipped, report.reasons) == (0, {"same_id": 1})
    assert "has the id env_1_rl already" in report.examples["same_id"]


def test_a_second_import_skips_what_is_there(house: Importing) -> None:
    house.take(scenario(), scenario(task_id="other"))
    house.take(rollout())
    before = {path.name: path.read_bytes() for path in house.run.iterdir()}

    reports = [house.take(environment()), house.take(scenario()), house.take(rollout())]

    assert [report.skipped for report in reports] == [1, 1, 1]
    assert {path.name: path.read_bytes() for path in house.run.iterdir()} == before


def test_a_rollout_result_becomes_a_rollout(house: Importing) -> None:
    house.take(rollout())

    (found,) = house.rows("rollouts", Trajectory)
    assert (found.env_id, found.scenario_id, found.attempt) == ("env_1_rl", "0731-041308", 0)
    assert (found.dialogue, found.tool_format, found.stop_reason) == (
        "single_turn", "native", StopReason.FINISHED
    )  # fmt: skip
    assert found.reward == Reward(score=1.0, verdicts=(), isolation="published")
    assert found.tools[0].parameters["properties"] == {"room": {}}


def test_messages_keep_reasoning_and_calls(house: Importing) -> None:
    house.take(rollout())

    messages = house.rows("rollouts", Trajectory)[0].messages
    assert [message.role for message in messages] == [
        "system", "user", "assistant", "tool", "assistant"
    ]  # fmt: skip
    assert messages[2].reasoning == "The hall is dark."
    assert messages[2].content == ""
    assert messages[2].tool_calls[0].arguments == {"room": "hall"}
    assert messages[3].tool_call_id == "call_x"
    assert (messages[4].reasoning, messages[4].content) == ("Lit.", "Task Completed")


def test_a_result_is_read_back_into_values(house: Importing) -> None:
    house.take(rollout())

    (step,) = house.rows("rollouts", Trajectory)[0].steps
    assert step.call.name == "switch"
    assert step.observation.value == {
        "success": True,
        "message": "switched",
        "rooms": {"$set": [1, 2]},
    }


def test_calls_in_the_text_are_taken_out(house: Importing) -> None:
    house.take(rollout(messages=[*PROMPTED]))

    (found,) = house.rows("rollouts", Trajectory)
    calls = found.messages[1].tool_calls
    assert found.tool_format == "text"
    assert [call.name for call in calls] == ["switch", "list_lamps"]
    assert [message.tool_call_id for message in found.messages[2:4]] == [call.id for call in calls]
    assert [step.observation.value for step in found.steps] == [{"success": True}, "no dict"]
    assert found.messages[1].reasoning == "Dark."
    assert found.messages[4].problem is not None
    assert found.messages[4].content.startswith("<tool_call>")


def test_arguments_that_are_no_object_stay_text(house: Importing) -> None:
    row = json.loads(json.dumps(rollout()).replace('{\\"room\\": \\"hall\\"}', "hall"))

    house.take(row)

    assert house.rows("rollouts", Trajectory)[0].steps[0].call.arguments == "hall"


def test_a_published_trajectory_goes_where_filtered_ones_are(house: Importing) -> None:
    user = json.dumps([{"role": "assistant", "content": "Light the hall."}])

    house.take(trajectory(traj_type="conversation", user_messages=user))

    (found,) = house.rows("trajectories", Trajectory)
    assert found.dialogue == "simulated_user"
    assert [message.content for message in found.user_messages] == ["Light the hall."]
    assert found.reward is None
    assert len(found.steps) == 1


def test_a_truncated_rollout_ended_at_its_step_limit(house: Importing) -> None:
    house.take(rollout(truncated=True, terminated=False))

    assert house.rows("rollouts", Trajectory)[0].stop_reason is StopReason.MAX_STEPS


def test_attempts_at_one_scenario_are_counted(house: Importing) -> None:
    house.take(rollout())
    house.take(rollout(messages=[*PROMPTED]), rollout())

    assert [row.attempt for row in house.rows("rollouts", Trajectory)] == [0, 1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"instruction": "x"}\n', "holds none of the published .* the fields instruction"),
        ("", "holds no rows"),
        ("[]", "holds no rows"),
        ("{", "is not JSON"),
        ("[1]", "is not a JSON object"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ArtifactError, match=problem):
        import_published([file], tmp_path / "run")

    assert not (tmp_path / "run").exists()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"none\.json does not exist"):
        import_published([tmp_path / "none.json"], tmp_path / "run")


def test_a_missing_field_is_named_with_its_row(importing: Importing) -> None:
    row = environment(env_id="env_2_rl")
    del row["environment_summary"]

    with pytest.raises(ArtifactError, match=r"1\.jsonl, row 2: .* 'environment_summary'"):
        importing.take(environment(), row)


class Published:
    """The real data as imported."""

    def __init__(self, data: Path, run: Path) -> None:
        names = ("env_metadata_dev", "scenarios_dev", "traj_fc_test_task_1")
        self.report = import_published([data / f"envscaler/{name}.json.gz" for name in names], run)
        self.environments = {row.id: row for row in read_rows(run / "envs.jsonl", Environment)}
        self.scenarios = list(read_rows(run / "scenarios.jsonl", Scenario))
        self.rollouts = list(read_rows(run / "rollouts.jsonl", Trajectory))


@pytest.fixture(scope="module")
def published(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published(shared_data, tmp_path_factory.mktemp("published"))


def test_all_published_rows_are_taken(published: Published) -> None:
    assert published.report.written == {"envs": 27, "scenarios": 43, "rollouts": 3}
    assert published.report.dropped == 0


def test_every_published_result_is_read_back_into_values(published: Published) -> None:
    steps = [step for row in published.rollouts for step in row.steps]
    results = [message for row in published.rollouts for message in row.messages]
    texts = [message.content for message in results if message.role == "tool"]

    assert len(steps) == 58
    assert all(isinstance(step.observation.value, dict) for step in steps)
    assert [python_text(step.observation.value) for step in steps] == texts


def test_published_rewards_are_kept(published: Published) -> None:
    scores = [row.reward and row.reward.score for row in published.rollouts]

    assert scores == [1.0, 0.7778, 0.8571]


def test_published_checks_run_on_the_initial_states(
    published: Published, settings: Settings
) -> None:
    verdicts = asyncio.run(_check_starts(published, settings))

    assert Counter(str(verdict.kind) for verdict in verdicts) == {"passed": 516, "failed": 584}


def test_published_rollouts_replay_to_the_same_results_and_rewards(
    published: Published, settings: Settings
) -> None:
    replayed = asyncio.run(_replay(published, settings))

    assert [score for _, score in replayed] == [1.0, 0.7778, 0.8571]
    assert [text for texts, _ in replayed for text in texts] == [
        python_text(step.observation.value) for row in published.rollouts for step in row.steps
    ]


async def _check_starts(published: Published, settings: Settings) -> Sequence[Verdict]:
    """Run every check on the state that its environment has before any call."""
    verdicts: list[Verdict] = []
    async with Sandbox.start(settings.sandbox) as sandbox:
        for scenario in published.scenarios:
            live = await sandbox.open(published.environments[scenario.env_id], scenario)
            reward = await sandbox.score(scenario, await live.state())
            verdicts += reward.verdicts
            await live.close()
    return verdicts


async def _replay(published: Published, settings: Settings) -> list[tuple[list[str], float | None]]:
    scenarios = {scenario.id: scenario for scenario in published.scenarios}
    replayed: list[tuple[list[str], float | None]] = []
    async with Sandbox.start(settings.sandbox) as sandbox:
        for row in published.rollouts:
            scenario = scenarios[row.scenario_id]
            live = await sandbox.open(published.environments[row.env_id], scenario)
            texts = [
                python_text((await live.call(name, arguments)).value)
                for name, arguments in _calls(row)
            ]
            reward = await sandbox.score(scenario, await live.state(), published=True)
            replayed.append((texts, reward.score))
            await live.close()
    return replayed


def _calls(row: Trajectory) -> Iterator[tuple[str, JsonObject]]:
    for step in row.steps:
        assert isinstance(step.call.arguments, dict)
        yield step.call.name, step.call.arguments
