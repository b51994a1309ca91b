"""Recorder: a request is asked once, and what each policy does on a miss."""

import asyncio
from pathlib import Path

import orjson
import pytest

from envscaler.chat import Reply
from envscaler.errors import ArtifactError, PendingError, ProviderError
from envscaler.llm.recorder import BatchSource, Embedder, RecordedModel, Recorder, ReplaySource
from envscaler.llm.requests import Request
from envscaler.llm.responses import Answer
from envscaler.llm.store import Store, Stored
from envscaler.llm.usage import Meter
from tests.llm.builders import (
    make_model_settings,
    make_prompt,
    make_request,
    make_response,
    make_stored,
)


class FakeSource:
    """Answers after a moment, or fails as often as it is told to."""

    def __init__(self, failures: int = 0, response: object = None) -> None:
        self.asked: list[Request] = []
        self.response = orjson.dumps(response or make_response("live"))
        self._failures = failures

    async def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        await asyncio.sleep(0.01)
        if len(self.asked) <= self._failures:
            raise ProviderError("down")
        return Answer(self.response)


def make_model(
    store: Store, source: FakeSource | ReplaySource | BatchSource, *, keep_requests: bool = False
) -> RecordedModel:
    recorder = Recorder(store, keep_requests=keep_requests)
    return RecordedModel(make_model_settings(), recorder, source, Meter())


def ask(model: RecordedModel, text: str = "hello", sample: int = 0) -> Reply:
    return asyncio.run(model.complete(make_prompt(text), sample=sample))


async def ask_together(model: RecordedModel, count: int) -> list[Reply | BaseException]:
    asking = (model.complete(make_prompt()) for _ in range(count))
    return await asyncio.gather(*asking, return_exceptions=True)


def test_a_stored_reply_is_not_asked_for(tmp_path: Path) -> None:
    source = FakeSource()

    with Store(tmp_path / "s") as store:
        store.put_all([make_stored(content="stored")])
        reply = ask(make_model(store, source))

    assert (reply.content, reply.cached, source.asked) == ("stored", True, [])


@pytest.mark.parametrize("keep", [True, False])
def test_a_new_reply_is_stored_and_what_was_asked_where_it_is_wanted(
    tmp_path: Path, *, keep: bool
) -> None:
    source = FakeSource()

    with Store(tmp_path / "s") as store:
        reply = ask(make_model(store, source, keep_requests=keep))
        stored = list(store.replies())

    request = make_request()
    known = (request.key, "stage/step", 0, "m")
    assert stored == [Stored(*known, source.response, request.body if keep else None)]
    assert not reply.cached


def test_every_sample_is_asked_for(tmp_path: Path) -> None:
    source = FakeSource()

    with Store(tmp_path / "s") as store:
        for sample in (0, 1, 1):
            ask(make_model(store, source), sample=sample)

    assert [request.sample for request in source.asked] == [0, 1]


def test_equal_requests_in_flight_are_asked_once(tmp_path: Path) -> None:
    source = FakeSource()

    with Store(tmp_path / "s") as store:
        replies = asyncio.run(ask_together(make_model(store, source), 10))

    assert len(source.asked) == 1
    assert [reply.cached for reply in replies if isinstance(reply, Reply)] == [False, *[True] * 9]


def test_a_failure_reaches_all_that_wait_for_the_same_reply(tmp_path: Path) -> None:
    source = FakeSource(failures=1)

    with Store(tmp_path / "s") as store:
        replies = asyncio.run(ask_together(make_model(store, source), 3))

    assert [type(reply) for reply in replies] == [ProviderError] * 3


def test_a_failure_is_not_remembered(tmp_path: Path) -> None:
    source = FakeSource(failures=1)

    with Store(tmp_path / "s") as store:
        model = make_model(store, source)
        with pytest.raises(ProviderError):
            ask(model)

        assert ask(model).content == "live"


def test_when_the_one_that_asks_is_cancelled_another_asks(tmp_path: Path) -> None:
    source = FakeSource()

    async def run(model: RecordedModel) -> Reply:
        first = asyncio.ensure_future(model.complete(make_prompt()))
        second = asyncio.ensure_future(model.complete(make_prompt()))
        await asyncio.sleep(0.001)
        first.cancel()
        return await second

    with Store(tmp_path / "s") as store:
        reply = asyncio.run(run(make_model(store, source)))

    assert (reply.content, len(source.asked)) == ("live", 2)


def test_replies_from_the_store_cost_nothing_and_are_counted_apart(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        store.put_all([make_stored()])
        model = make_model(store, FakeSource())
        ask(model)

    assert model.meter.tokens == 0
    assert model.meter.counts["", "m"].cached == 1


def test_a_miss_in_replay_names_the_prompt_the_request_and_the_remedy(tmp_path: Path) -> None:
    says = f"prompt 'stage/step' .request {make_request().key[:12]}.* import a recording"

    with Store(tmp_path / "s") as store, pytest.raises(ProviderError, match=says) as caught:
        ask(make_model(store, ReplaySource()))

    assert caught.value.kind == "replay_miss"


def test_a_miss_in_batch_waits(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        with pytest.raises(PendingError, match="prompt 'stage/step'"):
            ask(make_model(store, BatchSource(store)))

        assert [request.key for request in store.waiting()] == [make_request().key]


@pytest.mark.parametrize(
    "response", [b'{"choices": []}', b"<html>no", b"\xff\xfe", b"", b"[]", b"{", b'{"choices": 7}']
)
def test_a_stored_reply_that_cannot_be_read_is_named_with_the_remedy(
    tmp_path: Path, response: bytes
) -> None:
    known = (make_request().key, "stage/step", 0, "m")

    with Store(tmp_path / "s") as store:
        store.put_all([Stored(*known, response, None)])

        said = f"reply {known[0][:12]} to prompt 'stage/step' .*move store.sqlite away"
        with pytest.raises(ArtifactError, match=said):
            ask(make_model(store, FakeSource()))


def test_embeddings_come_in_the_order_of_the_texts_and_are_asked_for_once(tmp_path: Path) -> None:
    data = [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]
    source = FakeSource(response={"data": data})

    with Store(tmp_path / "s") as store:
        embedder = Embedder("e", Recorder(store), source)
        first = asyncio.run(embedder.embed(["one", "two"]))
        second = asyncio.run(embedder.embed(["one", "two"]))

    assert first == second == [[1.0, 0.0], [0.0, 1.0]]
    assert len(source.asked) == 1


def test_many_texts_are_embedded_in_several_requests(tmp_path: Path) -> None:
    data = [{"index": index, "embedding": [index]} for index in range(64)]
    source = FakeSource(response={"data": data})

    with Store(tmp_path / "s") as store:
        embedder = Embedder("e", Recorder(store), source)
        vectors = asyncio.run(embedder.embed([str(number) for number in range(128)]))

    assert (len(vectors), len(source.asked)) == (128, 2)
