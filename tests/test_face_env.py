"""`Env` and `AsyncEnv`: one scenario, played from Python."""

import asyncio
import gc
import pickle
from collections.abc import Generator
from pathlib import Path

import pytest

from envscaler import AsyncEnv, Env
from envscaler.errors import ArtifactError, ConfigError, GuestError, SandboxError
from envscaler.load import load_export, load_run
from envscaler.records import JsonObject, ObservationKind
from envscaler.sandbox import Journal
from tests.adapters.example import EXAMPLE
from tests.face import LEND, desk_row, is_gone, write_desk
from tests.interact.fakes import make_environment, make_scenario


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> JsonObject:
    """The lending desk as a row of export-rl."""
    return desk_row(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def env() -> Generator[Env]:
    """The lending desk, open."""
    with Env(make_scenario(), make_environment()) as opened:
        yield opened


def test_it_tells_an_agent_what_a_rollout_tells_it(env: Env) -> None:
    assert env.task == "Lend book B2 to Ada."
    assert "A desk lends books to readers." in env.system
    assert env.tools[1]["type"] == "function"
    assert [tool["function"]["name"] for tool in env.tools] == [
        *("list_loans", "lend", "audit", "forget")
    ]


def test_a_call_changes_the_state_and_the_score_follows(env: Env) -> None:
    before = env.score()
    text = env.call("lend", LEND)
    after = env.score()

    assert text == '{"success": true, "message": "B2 is lent to Ada"}'
    assert env.last_observation is not None
    assert env.last_observation.kind is ObservationKind.OK
    assert (before.reward, after.reward) == (0.0, 1.0)
    assert [verdict.kind for verdict in after.verdicts] == ["passed"]
    assert (after.fraction, after.goal, after.problem) == (1.0, 1.0, "")


def test_arguments_may_be_json_text(env: Env) -> None:
    env.call("lend", '{"book_id": "B2", "reader": "Ada"}')

    assert env.score().reward == 1.0


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("burn", {}, "There is no tool 'burn'"),
        ("lend", {"book_id": "B2"}, "lend needs the argument 'reader'"),
        ("lend", [1], "not a JSON object"),
        ("lend", "[1]", "not a JSON object"),
        ("lend", "{", "not a JSON object"),
        ("lend", {"book_id": {1, 2}, "reader": "Ada"}, "not a JSON object"),
        ("lend", 7, "not a JSON object"),
    ],
)
def test_a_call_that_cannot_be_made_is_refused_in_words(
    env: Env, tool: str, arguments: object, told: str
) -> None:
    text = env.call(tool, arguments)  # pyright: ignore[reportArgumentType]

    assert told in text
    assert env.last_observation is not None
    assert env.last_observation.kind is ObservationKind.REFUSED
    assert env.journal.calls == ()


def test_a_tool_that_raises_is_an_observation(env: Env) -> None:
    text = env.call("audit")

    assert "the ledger is locked" in text
    assert env.last_observation is not None
    assert env.last_observation.kind is ObservationKind.EXCEPTION


def test_an_environment_that_broke_has_no_score_rather_than_zero(env: Env) -> None:
    env.call("forget")

    score = env.score()

    assert score.reward is None
    assert "cannot be read" in score.problem


def test_a_snapshot_can_be_gone_back_to_often(env: Env) -> None:
    start = env.snapshot()
    env.call("lend", LEND)
    solved = env.snapshot()

    env.restore(start)
    undone = env.score().reward
    env.restore(solved)

    assert (undone, env.score().reward) == (0.0, 1.0)


def test_a_snapshot_of_another_scenario_is_refused(env: Env) -> None:
    other = make_scenario().model_copy(update={"seed": 3})

    with Env(other, make_environment()) as elsewhere, pytest.raises(SandboxError, match="another"):
        env.restore(elsewhere.snapshot())


def test_a_closed_env_still_answers(env: Env) -> None:
    env.call("lend", LEND)

    env.close()
    env.close()

    assert "closed" in env.call("list_loans")
    assert env.score().reward is None
    assert [call.name for call in env.journal.calls] == ["lend"]


def test_a_pickled_env_goes_on_where_it_was(env: Env) -> None:
    env.call("lend", LEND)

    with pickle.loads(pickle.dumps(env)) as copy:  # noqa: S301
        copy.call("lend", {"book_id": "B3", "reader": "Eve"})

        assert copy.score().reward == 1.0
        assert len(copy.journal.calls) == 2
    assert len(env.journal.calls) == 1


def test_a_journal_from_a_file_brings_an_env_back(env: Env) -> None:
    env.call("lend", LEND)
    journal = Journal.model_validate_json(env.journal.model_dump_json())

    with Env(make_scenario(), make_environment(), journal=journal) as again:
        assert again.score().reward == 1.0


def test_an_env_that_was_forgotten_gives_its_worker_back() -> None:
    env = Env(make_scenario(), make_environment())
    pid = env.pid
    assert pid is not None

    del env
    gc.collect()

    assert is_gone(pid)


def test_a_row_is_played_like_the_scenario_it_was_made_from(row: JsonObject, env: Env) -> None:
    with Env(row) as from_row:
        texts = [
            from_row.call(name, arguments) for name, arguments in (("lend", LEND), ("audit", {}))
        ]

        assert texts == [env.call("lend", LEND), env.call("audit", {})]
        assert from_row.score() == env.score()
        assert (from_row.task, from_row.system) == (env.task, env.system)
        assert from_row.tools == env.tools


def test_each_reward_of_the_example_comes_again_from_its_exported_row_alone() -> None:
    exported = [row for split in ("train", "validation") for row in load_export(EXAMPLE, split)]
    rows = {str(row["scenario_id"]): row for row in exported}
    found: list[float | None] = []
    recorded: list[float | None] = []

    for episode in load_run(EXAMPLE).rollouts:
        with Env(rows[episode.scenario_id]) as env:
            for step in episode.steps:
                env.call(step.call.name, step.call.arguments)
            found.append(env.score().reward)
        recorded.append(episode.reward.score if episode.reward else None)

    assert found == recorded
    assert len({*recorded}) > 2


def test_a_row_may_have_been_through_a_data_set_library(row: JsonObject) -> None:
    checks = row["checks"]
    assert isinstance(checks, list)

    with Env({**row, "checks": tuple(checks), "added_by_a_trainer": object()}) as env:
        assert env.score().reward == 0.0


def test_a_run_folder_and_an_id_are_enough(tmp_path: Path) -> None:
    run = write_desk(tmp_path)

    with Env((str(run), "scen-1")) as env:
        assert env.scenario_id == "scen-1"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema_version": 99}, "schema version 99"),
        ({"schema_version": None}, "schema version None"),
        ({"class_source": None}, "Row scen-1 has no class_source; .*load_export"),
        ({"initial_state": "{"}, "Row scen-1, column initial_state: "),
        ({"checks": [{"item": "?"}]}, "Row scen-1, column checks: "),
        ({"tools": "[{}]"}, "Row scen-1, column tools: "),
        ({"clock": "noon"}, "Row scen-1, column clock: "),
        ({"prompt": []}, "Row scen-1 does not open with"),
    ],
)
def test_a_row_that_is_not_whole_is_one_clear_error(
    row: JsonObject, change: JsonObject, told: str
) -> None:
    with pytest.raises(ArtifactError, match=told):
        Env({**row, **change})


def test_a_class_that_does_not_load_is_one_clear_error(row: JsonObject) -> None:
    with pytest.raises(GuestError, match="LendingDesk"):
        Env({**row, "class_source": "class LendingDesk:\n    raise ValueError('no')\n"})


def test_a_scenario_without_its_environment_is_one_clear_error() -> None:
    with pytest.raises(ConfigError, match="without its environment"):
        Env(make_scenario())


def test_a_scenario_of_another_environment_is_one_clear_error() -> None:
    other = make_environment().model_copy(update={"id": "env-2"})

    with pytest.raises(ConfigError, match="plays in environment env-1, not env-2"):
        Env(make_scenario(), other)


def test_what_is_no_scenario_at_all_is_one_clear_error() -> None:
    with pytest.raises(ConfigError, match="Give a Scenario, a row of export-rl, or"):
        Env("runs/one")  # pyright: ignore[reportArgumentType]


def test_settings_change_how_results_are_written() -> None:
    settings = ("interact.observation_text=python",)

    with Env(make_scenario(), make_environment(), settings=settings) as env:
        assert env.call("list_loans") == "{'success': True, 'data': {'B1': 'Bob'}}"


def test_the_async_one_does_the_same_with_await() -> None:
    async def play() -> tuple[str, float | None, float | None]:
        async with AsyncEnv(make_scenario(), make_environment()) as env:
            start = await env.snapshot()
            text = await env.call("lend", LEND)
            solved = (await env.score()).reward
            await env.restore(start)
            return text, solved, (await env.score()).reward

    assert asyncio.run(play()) == ('{"success": true, "message": "B2 is lent to Ada"}', 1.0, 0.0)


def test_the_async_one_opens_at_its_first_use() -> None:
    async def play() -> tuple[float | None, float | None]:
        lazy = AsyncEnv(make_scenario(), make_environment())
        await lazy.call("lend", LEND)
        opened = await AsyncEnv(make_scenario(), make_environment())
        scores = (await lazy.score()).reward, (await opened.score()).reward
        await asyncio.gather(lazy.close(), opened.close())
        return scores

    assert asyncio.run(play()) == (1.0, 0.0)


def test_many_async_ones_do_not_mix() -> None:
    async def play(number: int) -> tuple[str, float | None]:
        async with AsyncEnv(make_scenario(), make_environment()) as env:
            await env.call("lend", {"book_id": f"X{number}", "reader": "Eve"})
            if number % 2:
                await env.call("lend", LEND)
            return await env.call("list_loans"), (await env.score()).reward

    async def all_of_them() -> list[tuple[str, float | None]]:
        return await asyncio.gather(*(play(number) for number in range(20)))

    for number, (loans, reward) in enumerate(asyncio.run(all_of_them())):
        assert f'"X{number}": "Eve"' in loans
        assert loans.count("Eve") == 1
        assert reward == number % 2
