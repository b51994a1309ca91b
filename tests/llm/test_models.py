"""The models of a run: roles, policies, and the same replies over HTTP as from a recording."""

import asyncio
import gc
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from envscaler.chat import Endpoint, Reply, Role
from envscaler.config import Settings, load_settings
from envscaler.errors import ConfigError, PendingError, ProviderError
from envscaler.llm.batch import import_responses
from envscaler.llm.models import open_meter, open_models
from envscaler.llm.recordings import export_store, import_store
from envscaler.llm.store import Store
from envscaler.llm.usage import Meter
from envscaler.records import JsonObject
from tests.llm.builders import make_endpoints, make_prompt, make_settings, write_jsonl
from tests.stub_server import Behaviour, StubServer

TEXTS = ("one", "two", "three")


async def ask_all(
    settings: Settings, url: str, folder: Path, role: Role = "coder", meter: Meter | None = None
) -> list[Reply | BaseException]:
    """Ask a role for `TEXTS`, all at once, with everything opened for it."""
    endpoints = make_endpoints(settings, url)
    async with open_models(settings, endpoints, folder, meter or Meter()) as models:
        asking = (models[role].complete(make_prompt(text)) for text in TEXTS)
        return await asyncio.gather(*asking, return_exceptions=True)


def ask(settings: Settings, url: str, folder: Path) -> list[Reply]:
    answers = asyncio.run(ask_all(settings, url, folder))
    return [replace(reply, cached=False) for reply in answers if isinstance(reply, Reply)]


def make_recording(folder: Path) -> Path:
    """Answer `TEXTS` by hand, through a batch, and export the replies with their requests."""
    batch = make_settings("batch")
    asyncio.run(ask_all(batch, "", folder))
    lines = (folder / "requests.jsonl").read_bytes().splitlines()
    rows = [
        {"custom_id": line.split(b'"')[3].decode(), "content": f"by hand {number}"}
        for number, line in enumerate(lines)
    ]
    with Store(folder / "store.sqlite") as store:
        import_responses([write_jsonl(folder / "answers.jsonl", *rows)], store)
        export_store(store, folder / "recording.jsonl", with_requests=True)
    return folder / "recording.jsonl"


def test_what_was_asked_live_is_replayed_without_an_endpoint(tmp_path: Path) -> None:
    with StubServer() as stub:
        live = ask(make_settings("live"), stub.url, tmp_path)

    assert ask(make_settings("replay"), "", tmp_path) == live
    assert len(live) == 3


def test_a_second_live_run_asks_for_nothing(tmp_path: Path) -> None:
    with StubServer() as stub:
        ask(make_settings("live"), stub.url, tmp_path)
        ask(make_settings("live"), stub.url, tmp_path)

        assert len(stub.requests) == 3


def test_an_endpoint_that_answers_from_a_recording_gives_what_the_replay_gives(
    tmp_path: Path,
) -> None:
    over_http, replayed = tmp_path / "http", tmp_path / "replayed"
    for folder in (over_http, replayed):
        folder.mkdir()
    recording = make_recording(tmp_path)
    with Store(replayed / "store.sqlite") as store:
        import_store(recording, store)

    with StubServer(Behaviour(recording=str(recording))) as stub:
        live = ask(make_settings("live"), stub.url, over_http)

    assert len(live) == 3
    assert ask(make_settings("replay"), "", replayed) == live


def test_a_recording_made_over_http_is_the_one_that_was_played(tmp_path: Path) -> None:
    recording = make_recording(tmp_path)
    (tmp_path / "http").mkdir()

    with StubServer(Behaviour(recording=str(recording))) as stub:
        ask(make_settings("live", keep_requests=True), stub.url, tmp_path / "http")
    with Store(tmp_path / "http" / "store.sqlite") as store:
        export_store(store, tmp_path / "again.jsonl", with_requests=True)

    assert (tmp_path / "again.jsonl").read_bytes() == recording.read_bytes()


def test_a_batch_ends_with_all_its_requests_in_one_file(tmp_path: Path) -> None:
    answers = asyncio.run(ask_all(make_settings("batch"), "", tmp_path))

    assert [type(answer) for answer in answers] == [PendingError] * 3
    assert len((tmp_path / "requests.jsonl").read_bytes().splitlines()) == 3


def test_a_batch_that_is_started_again_writes_the_same_file(tmp_path: Path) -> None:
    asyncio.run(ask_all(make_settings("batch"), "", tmp_path))
    before = (tmp_path / "requests.jsonl").read_bytes()

    asyncio.run(ask_all(make_settings("batch"), "", tmp_path))

    assert (tmp_path / "requests.jsonl").read_bytes() == before


def test_a_batch_that_is_answered_goes_on(tmp_path: Path) -> None:
    make_recording(tmp_path)

    assert len(ask(make_settings("batch"), "", tmp_path)) == 3
    assert not (tmp_path / "requests.jsonl").exists()


def test_a_replay_without_replies_fails_row_by_row(tmp_path: Path) -> None:
    answers = asyncio.run(ask_all(make_settings("replay"), "", tmp_path))

    kinds = [answer.kind for answer in answers if isinstance(answer, ProviderError)]
    assert kinds == ["replay_miss"] * 3


def test_each_role_asks_its_own_model_at_its_own_endpoint(tmp_path: Path) -> None:
    settings = load_settings(None, ["models.agent.model=small"])

    async def ask_agent_and_judge(agent: str, judge: str) -> None:
        endpoints = make_endpoints(settings, judge)
        endpoints["agent"] = Endpoint(agent, "other key")
        async with open_models(settings, endpoints, tmp_path, Meter()) as models:
            await models["agent"].complete(make_prompt())
            await models["judge"].complete(make_prompt())

    with StubServer() as one, StubServer() as other:
        asyncio.run(ask_agent_and_judge(one.url, other.url))

        assert [request["model"] for request in one.requests] == ["small"]
        assert [request["model"] for request in other.requests] == ["gpt-4.1"]


def test_what_is_spent_is_counted_under_the_stage(tmp_path: Path) -> None:
    meter = Meter(stage="judge")

    with StubServer() as stub:
        asyncio.run(ask_all(make_settings(), stub.url, tmp_path, meter=meter))

    assert meter.counts["judge", "gpt-4.1"].prompt == 300


def test_texts_are_embedded_at_the_endpoint_of_the_embeddings(tmp_path: Path) -> None:
    async def embed(url: str) -> list[list[float]]:
        settings = make_settings(embedding_model="e", embedding_base_url=url)
        async with open_models(settings, make_endpoints(settings), tmp_path, Meter()) as models:
            assert models.embedder is not None
            return await models.embedder.embed(["one", "two"])

    with StubServer(Behaviour(faults=("embeddings",))) as stub:
        vectors = asyncio.run(embed(stub.url))

        assert vectors == [[1.0, 0.0], [0.0, 1.0]]
        assert stub.requests == [{"model": "e", "input": ["one", "two"]}]


def test_without_an_embedding_model_nothing_embeds(tmp_path: Path) -> None:
    async def embedder() -> object:
        settings = make_settings()
        async with open_models(settings, make_endpoints(settings), tmp_path, Meter()) as models:
            return models.embedder

    assert asyncio.run(embedder()) is None


def test_a_limit_of_cost_needs_prices() -> None:
    with pytest.raises(ConfigError, match=r"needs a price file: set llm\.prices"):
        open_meter(make_settings(max_cost=1).llm)


def test_a_limit_of_cost_needs_the_price_of_every_model(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("other: {input: 1, output: 1}\n", encoding="utf-8")
    settings = make_settings(max_cost=1, prices=tmp_path / "p.yaml")
    meter = open_meter(settings.llm)

    with pytest.raises(ConfigError, match=r"no price for gpt-4\.1"):
        asyncio.run(ask_all(settings, "", tmp_path, meter=meter))


@pytest.mark.parametrize(("model", "together"), [("gpt-4.1", 1), ("other", 2)])
def test_what_is_in_flight_is_limited_for_each_model(
    tmp_path: Path, model: str, together: int
) -> None:
    settings = load_settings(None, ["llm.max_in_flight=1", f"models.judge.model={model}"])

    async def ask_agent_and_judge(url: str) -> None:
        async with open_models(
            settings, make_endpoints(settings, url), tmp_path, Meter()
        ) as models:
            await asyncio.gather(
                *(models["agent"].complete(make_prompt(text)) for text in TEXTS),
                *(models["judge"].complete(make_prompt(text)) for text in TEXTS),
            )

    with StubServer(Behaviour(latency=0.1)) as stub:
        asyncio.run(ask_agent_and_judge(stub.url))

        assert stub.stub.most_in_flight == together


def test_the_garbage_collector_is_left_as_it_was_found(tmp_path: Path) -> None:
    before = gc.get_threshold()
    gc.set_threshold(1234, *before[1:])

    asyncio.run(ask_all(make_settings("replay"), "", tmp_path))
    after = gc.get_threshold()
    gc.set_threshold(*before)

    assert after[0] == 1234


def test_a_replay_does_not_import_openai() -> None:
    code = (
        "import sys, envscaler.llm.models, envscaler.llm.calls, envscaler.llm.recordings\n"
        "sys.exit('openai' in sys.modules or 'aiohttp' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SCHEMA: JsonObject = {"name": "Answer", "strict": True, "schema": {"type": "object"}}


async def ask_for_json(settings: Settings, url: str, folder: Path, times: int = 1) -> list[Reply]:
    endpoints = make_endpoints(settings, url)
    async with open_models(settings, endpoints, folder, Meter()) as models:
        prompts = [replace(make_prompt(str(number)), schema=SCHEMA) for number in range(times)]
        return [await models["coder"].complete(prompt) for prompt in prompts]


def test_a_prompt_that_wants_json_is_sent_with_its_schema(tmp_path: Path) -> None:
    with StubServer() as stub:
        asyncio.run(ask_for_json(make_settings(), stub.url, tmp_path))

    assert stub.requests[0]["response_format"] == {"type": "json_schema", "json_schema": SCHEMA}


def test_schemas_are_not_sent_when_they_are_off(tmp_path: Path) -> None:
    with StubServer() as stub:
        asyncio.run(ask_for_json(make_settings(structured="off"), stub.url, tmp_path))

    assert "response_format" not in stub.requests[0]


def test_an_endpoint_that_takes_no_schema_is_sent_none_any_more(tmp_path: Path) -> None:
    with StubServer(Behaviour(faults=("400-schema",))) as stub:
        replies = asyncio.run(ask_for_json(make_settings(), stub.url, tmp_path, times=3))

    assert [reply.content for reply in replies] == ["ok"] * 3
    assert ["response_format" in request for request in stub.requests] == [True, *[False] * 3]


def test_what_was_paid_for_without_a_schema_is_not_asked_again(tmp_path: Path) -> None:
    with StubServer() as stub:
        asyncio.run(ask_for_json(make_settings(structured="off"), stub.url, tmp_path))
        (reply,) = asyncio.run(ask_for_json(make_settings(), stub.url, tmp_path))

    assert reply.cached
    assert len(stub.requests) == 1


def test_what_was_asked_with_a_schema_is_replayed(tmp_path: Path) -> None:
    with StubServer() as stub:
        asyncio.run(ask_for_json(make_settings(), stub.url, tmp_path))

    (reply,) = asyncio.run(ask_for_json(make_settings("replay"), "", tmp_path))

    assert reply.content == "ok"
