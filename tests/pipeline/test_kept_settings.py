"""The settings kept in a run folder: what rows depend on, and nothing that is secret."""

from pathlib import Path
from typing import cast

import pytest
import yaml

from envscaler.config import Settings, load_settings
from envscaler.errors import ConfigError
from envscaler.pipeline.kept_settings import keep_settings
from envscaler.records import JsonObject


def kept(folder: Path, command: str) -> Path:
    return folder / "settings" / f"{command}.yaml"


@pytest.fixture
def used(tmp_path: Path, settings: Settings) -> Path:
    """A run folder in which rollouts were made."""
    keep_settings(tmp_path, settings, "rollout")
    (tmp_path / "rollouts.jsonl").write_text("{}\n", encoding="utf-8")
    return tmp_path


def test_only_what_the_rows_depend_on_is_kept(tmp_path: Path, settings: Settings) -> None:
    keep_settings(tmp_path, settings, "gen-scen")

    tree = cast("JsonObject", yaml.safe_load(kept(tmp_path, "gen-scen").read_text("utf-8")))
    section = settings.scen_generator.model_dump(
        mode="json", exclude={"scenarios_per_env", "per_chain", "harden"}
    )
    roles = ("task_writer", "check_writer")
    apart = {"base_url", "api_key_env"}
    assert tree == {
        "seed": 0,
        "models": {role: settings.models[role].model_dump(exclude=apart) for role in roles},
        "scen_generator": section,
    }


@pytest.mark.parametrize("command", ["build-skel", "gen-scen", "rollout"])
def test_the_same_settings_are_welcome_again(
    tmp_path: Path, settings: Settings, command: str
) -> None:
    keep_settings(tmp_path, settings, command)
    before = kept(tmp_path, command).read_bytes()

    keep_settings(tmp_path, settings, command)

    assert kept(tmp_path, command).read_bytes() == before


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("models.agent.model=qwen3", "models.agent.model=gpt-4.1"),
        ("interact.dialogue=[simulated_user]", "interact.dialogue=[single_turn]"),
        ("models.user.extra_body.top_k=3", "models.user.extra_body={}"),
        ("models.agent.temperature=null", "models.agent.temperature=0.7"),
        ("seed=1", "seed=0"),
    ],
)
def test_rows_made_with_other_settings_are_not_mixed(used: Path, override: str, told: str) -> None:
    before = kept(used, "rollout").read_bytes()

    with pytest.raises(ConfigError) as raised:
        keep_settings(used, load_settings(None, (override,)), "rollout")

    assert str(kept(used, "rollout")) in str(raised.value)
    assert f"use `--set {told}` or another --run" in str(raised.value)
    assert kept(used, "rollout").read_bytes() == before


@pytest.mark.parametrize(
    "override",
    [
        "interact.attempts=8",
        "runner.workers=1",
        "llm.policy=replay",
        "llm.timeout=1",
        "models.agent.base_url=http://elsewhere/v1",
        "models.judge.model=other",
        "skel_builder.min_score=0.5",
    ],
)
def test_what_rows_do_not_depend_on_may_change(used: Path, override: str) -> None:
    keep_settings(used, load_settings(None, (override,)), "rollout")


def test_settings_may_change_until_there_is_a_row(tmp_path: Path, settings: Settings) -> None:
    keep_settings(tmp_path, settings, "rollout")

    keep_settings(tmp_path, load_settings(None, ("models.agent.model=other",)), "rollout")

    assert "model: other" in kept(tmp_path, "rollout").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["a: [", "[]"])
def test_a_damaged_copy_is_one_clear_error(used: Path, settings: Settings, text: str) -> None:
    kept(used, "rollout").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"rollout\.yaml .*give another --run"):
        keep_settings(used, settings, "rollout")


def test_fields_that_are_named_like_a_secret_are_not_kept(tmp_path: Path) -> None:
    override = "models.agent.extra_body={api_key: sk-very-secret, top_k: 3}"

    keep_settings(tmp_path, load_settings(None, (override,)), "rollout")

    kept = (tmp_path / "settings" / "rollout.yaml").read_text(encoding="utf-8")
    assert "top_k: 3" in kept
    assert "secret" not in kept
