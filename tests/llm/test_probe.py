"""What `doctor --ask` finds out about servers that do, drop and refuse things."""

import asyncio

import pytest
from typer.testing import CliRunner

from envscaler.chat import Endpoint, Role
from envscaler.cli.app import app
from envscaler.config import load_settings
from envscaler.errors import EndpointError
from envscaler.llm.probe import Probed, probe_all
from envscaler.records import JsonObject, JsonValue
from tests.stub_server import Behaviour, StubServer

ABLE = ("reasoning", "ok", "look-up", "look-up-twice", "ok", "ok", "colour")
"""In the order in which they are asked: two plain ones, two calls, a seed twice, a schema."""


def listed(name: str, **fields: JsonValue) -> tuple[JsonObject, ...]:
    """Return what a server lists of its one model."""
    return ({"id": name, **fields},)


def probed(behaviour: Behaviour, *overrides: str) -> tuple[list[Probed], int]:
    """Probe a stub; return what was found, and the number of requests."""
    settings = load_settings(None, overrides)
    with StubServer(behaviour) as stub:
        where: dict[Role, Endpoint] = dict.fromkeys(settings.models, Endpoint(stub.url, ""))
        return asyncio.run(probe_all(settings, where)), len(stub.requests)


def found(behaviour: Behaviour) -> dict[str, str]:
    return dict(probed(behaviour)[0][0].found)


def test_a_model_with_several_roles_is_asked_once() -> None:
    rows, requests = probed(Behaviour(faults=ABLE))

    assert len(rows) == 1
    assert requests == len(ABLE)
    assert {"agent", "user", "judge"} <= {*rows[0].roles}


def test_what_a_server_can_do_is_said() -> None:
    row = found(Behaviour(faults=ABLE, models=listed("other", max_model_len=8192)))

    assert row.pop("answers").startswith("in ")
    assert row == {
        "reasoning": "in a field of its own",
        "tools": "calls them",
        "parallel calls": "2 of 2 calls in one turn",
        "seed": "repeats an answer",
        "JSON schema": "kept to",
        "context": "8,192 tokens (max_model_len)",
    }


def test_tools_that_are_dropped_in_silence_are_seen_by_the_tokens() -> None:
    row = found(Behaviour())

    assert row["tools"] == (
        "dropped in silence: 100 prompt tokens without a tool, 100 with one; "
        "set interact.tool_format=[text]"
    )
    assert "parallel calls" not in row


@pytest.mark.parametrize(
    ("faults", "ability", "said"),
    [
        (("ok", "400-tools"), "tools", "refused (400: gemma does not support tools); set interact"),
        ((*ABLE[:4], "400-seed"), "seed", "refused with a temperature (400: Unrecognized"),
        ((*ABLE[:6], "400-schema"), "JSON schema", "refused (400: This response_format type"),
        ((*ABLE[:6], "ok"), "JSON schema", "dropped in silence; stages do without"),
        ((*ABLE[:4], "ok", "reasoning"), "seed", "taken, but answers differ"),
        ((*ABLE[:2], "ok", "look-up"), "tools", "dropped in silence"),
        ((*ABLE[:3], "look-up"), "parallel calls", "1 of 2 calls in one turn"),
        (ABLE, "context", "not said"),
    ],
)
def test_what_it_cannot_is_said_with_the_way_around(
    faults: tuple[str, ...], ability: str, said: str
) -> None:
    assert found(Behaviour(faults=faults))[ability].startswith(said)


def test_a_context_below_meta_is_found_too() -> None:
    behaviour = Behaviour(faults=ABLE, models=listed("tiny", meta={"n_ctx_train": 2048}))

    assert found(behaviour)["context"] == "2,048 tokens (n_ctx_train)"


def test_an_endpoint_that_refuses_the_key_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with StubServer(Behaviour(faults=("401",))) as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-secret")
        result = CliRunner().invoke(app, ["doctor", "--ask"])

    assert isinstance(result.exception, EndpointError)
    assert "does not answer: 401: Incorrect API key provided" in str(result.exception)
    assert "sk-test-secret" not in result.output + str(result.exception)


def test_the_package_of_openai_asks_the_same() -> None:
    behaviour = Behaviour(faults=ABLE, models=listed("tiny", context_length=4096))
    rows, _ = probed(behaviour, "llm.transport=openai")

    assert dict(rows[0].found)["tools"] == "calls them"
    assert dict(rows[0].found)["context"] == "4,096 tokens (context_length)"
