"""Settings: complete defaults, overlays that cannot go wrong unnoticed, keys from outside."""

import os
import re
from pathlib import Path
from typing import cast, get_args

import pytest
import yaml

from envscaler.chat import Endpoint, Role
from envscaler.config import (
    ModelSettings,
    Section,
    Settings,
    endpoints,
    load_settings,
    read_environment,
)
from envscaler.errors import ConfigError
from envscaler.records import JsonObject
from envscaler.resources import CONFIGS

DEFAULTS = CONFIGS / "default.yaml"


def test_default_yaml_holds_every_setting() -> None:
    tree = cast("dict[str, JsonObject]", yaml.safe_load(DEFAULTS.read_text(encoding="utf-8")))

    assert tree.keys() == Settings.model_fields.keys()
    assert tree["models"].keys() == {"default", *get_args(Role)}
    assert cast("JsonObject", tree["models"]["default"]).keys() == ModelSettings.model_fields.keys()
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            assert tree[name].keys() == field.annotation.model_fields.keys()


def test_every_setting_in_default_yaml_is_explained() -> None:
    lines = DEFAULTS.read_text(encoding="utf-8").splitlines()

    settings = [line for line in lines if re.match(r" *\w+:\s*\S", line)]

    assert len(settings) > 60
    assert [line for line in settings if not re.search(r"\s# \S", line)] == []


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_settings_load_by_name_and_by_path(path: Path) -> None:
    assert load_settings(path.stem, ()) == load_settings(path, ())


def test_the_papers_numbers() -> None:
    paper = load_settings("paper", ())

    assert paper.skel_builder.rounds_per_env == 100
    assert paper.scen_generator.scenarios_per_env == 50
    assert paper.interact.observation_text == "python"


def test_later_layers_win(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("runner: {workers: 7, grace: 1}\n", encoding="utf-8")

    runner = load_settings(path, ("runner.workers=8", "runner.workers=9")).runner

    assert (runner.workers, runner.grace, runner.stop_window) == (9, 1, 50)


def test_a_role_fills_up_from_the_default_model() -> None:
    settings = load_settings(
        None, ("models.default.model=qwen", "models.agent.max_tokens=99", "models.agent.top_p=0.9")
    )

    agent, judge = settings.models["agent"], settings.models["judge"]
    assert (agent.model, agent.max_tokens, agent.top_p) == ("qwen", 99, 0.9)
    assert (judge.model, judge.max_tokens, judge.top_p) == ("qwen", 4096, None)


def test_every_role_has_a_length_at_which_its_replies_end() -> None:
    lengths = {role: each.max_tokens for role, each in load_settings(None, ()).models.items()}

    assert all(length is not None and 1024 <= length <= 16384 for length in lengths.values())


def test_a_length_that_is_set_for_all_roles_counts_for_all_that_set_none_later(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("models: {default: {max_tokens: null}, agent: {max_tokens: 5}}\n", "utf-8")

    given = load_settings(path, ()).models
    chosen = load_settings(path, ("models.default.max_tokens=7", "models.user.max_tokens=8")).models

    assert (given["agent"].max_tokens, given["coder"].max_tokens) == (5, None)
    assert (chosen["agent"].max_tokens, chosen["user"].max_tokens) == (7, 8)


def test_free_fields_of_a_request_are_free() -> None:
    settings = load_settings(
        None, ("models.agent.extra_body.chat_template_kwargs.enable_thinking=false",)
    )

    assert settings.models["agent"].extra_body == {
        "chat_template_kwargs": {"enable_thinking": False}
    }


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("llm.polcy=live", "unknown setting llm.polcy; did you mean llm.policy?"),
        ("lm.policy=live", "unknown setting lm; did you mean llm?"),
        ("models.agnt.model=x", "unknown setting models.agnt; did you mean models.agent?"),
        ("models.agent.modle=x", "did you mean models.agent.model?"),
        ("xyz=1", "unknown setting xyz; known here: seed, prompts, models"),
        ("runner.workers=many", "Setting runner.workers cannot be 'many'"),
        ("interact.dialogue=[chat]", "Setting interact.dialogue.0 cannot be 'chat'"),
        ("llm=3", "llm is a section; set one of its keys"),
        ("seed", "write it as section.key=value"),
        ("seed=[", "the value is not YAML"),
    ],
)
def test_an_override_that_cannot_be_says_what_would_be_right(override: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        load_settings(None, (override,))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("runner: {wrokers: 3}", "unknown setting runner.wrokers; did you mean runner.workers?"),
        ("a: [", "is not YAML: while parsing a flow node"),
        ("- 1", "must hold sections such as `llm:`, not a list"),
        ("1: 2", "unknown setting 1"),
        ("models: {agent: }", "models.agent is a section"),
    ],
)
def test_a_file_that_cannot_be_names_itself(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=f"{re.escape(str(path))}.*{re.escape(problem)}"):
        load_settings(path, ())


def test_a_missing_file_names_the_shipped_ones() -> None:
    with pytest.raises(ConfigError, match=r"No settings file nowhere; .*default, demo, paper"):
        load_settings("nowhere", ())


def test_an_empty_file_changes_nothing(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("# nothing\n", encoding="utf-8")

    assert load_settings(path, ()) == settings


def test_dotenv_is_read_below_the_environment_and_changes_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-shell")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    (tmp_path / ".env").write_text(
        "OPENAI_API_KEY=from-file\nOPENAI_BASE_URL='http://here/v1'\n", encoding="utf-8"
    )

    environment = read_environment(tmp_path)

    assert environment["OPENAI_API_KEY"] == "from-shell"
    assert environment["OPENAI_BASE_URL"] == "http://here/v1"
    assert "OPENAI_BASE_URL" not in os.environ


KEY = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://proxy/v1"}


def test_requests_go_to_openai_when_nothing_is_said(settings: Settings) -> None:
    assert set(endpoints(settings, {}).values()) == {Endpoint(None, "")}


def test_the_environment_names_the_endpoint_of_every_role(settings: Settings) -> None:
    assert set(endpoints(settings, KEY).values()) == {Endpoint("http://proxy/v1", "k")}


def test_a_roles_own_endpoint_and_key_come_first() -> None:
    settings = load_settings(
        None, ("models.agent.base_url=http://mine/v1", "models.agent.api_key_env=MINE")
    )

    found = endpoints(settings, KEY | {"MINE": "m"})

    assert found["agent"] == Endpoint("http://mine/v1", "m")
    assert found["judge"] == Endpoint("http://proxy/v1", "k")


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"USER_OPENAI_API_KEY": "u"}, Endpoint("http://proxy/v1", "u")),
        ({"USER_OPENAI_BASE_URL": "http://user/v1"}, Endpoint("http://user/v1", "")),
        (
            {"USER_OPENAI_BASE_URL": "http://user/v1", "USER_OPENAI_API_KEY": "u"},
            Endpoint("http://user/v1", "u"),
        ),
        ({"USER_OPENAI_API_KEY": "", "USER_OPENAI_BASE_URL": ""}, Endpoint("http://proxy/v1", "k")),
    ],
    ids=["key", "url: the other key stays at home", "both", "empty"],
)
def test_the_simulated_user_may_live_elsewhere(
    settings: Settings, own: dict[str, str], expected: Endpoint
) -> None:
    found = endpoints(settings, KEY | own)

    assert (found["user"], found["agent"]) == (expected, Endpoint("http://proxy/v1", "k"))
