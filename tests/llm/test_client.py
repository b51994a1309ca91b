"""The client against a real HTTP endpoint that misbehaves."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace

import pytest

from envscaler.chat import Endpoint
from envscaler.errors import BudgetError, EndpointError, ProviderError
from envscaler.llm.client import Client
from envscaler.llm.connection import Connection
from envscaler.llm.limiter import Limiter
from envscaler.llm.requests import Request
from envscaler.llm.responses import Answer, read_reply
from envscaler.llm.usage import Meter
from tests.llm.builders import KEY, make_request
from tests.stub_server import Behaviour, StubServer


async def no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


def make_client(  # noqa: PLR0913 (one for each thing that a test may choose)
    url: str | None,
    *,
    key: str = KEY,
    timeout: float = 20.0,
    tries: int = 5,
    patience: float = 900.0,
    meter: Meter | None = None,
    sleep: Callable[[float], Awaitable[None]] = no_pause,
) -> Client:
    return Client(
        connection=Connection(Endpoint(url, key), timeout=timeout, connections=50),
        model="m",
        setting="models.coder.model",
        key_name="OPENAI_API_KEY",
        limiter=Limiter(start=20, most=50),
        meter=meter or Meter(),
        tries=tries,
        patience=patience,
        sleep=sleep,
    )


async def closing(client: Client, work: Coroutine[object, object, Answer]) -> Answer:
    try:
        return await work
    finally:
        await client.connection.close()


def answer(client: Client, request: Request | None = None) -> str:
    request = request or make_request()
    return read_reply(asyncio.run(closing(client, client.answer(request))).stored, "m").content


def answer_from(*faults: str, timeout: float = 20.0, tries: int = 5) -> tuple[str, int]:
    """Ask an endpoint with these faults; return what it said and how many requests came."""
    with StubServer(Behaviour(faults=faults)) as stub:
        said = answer(make_client(stub.url, timeout=timeout, tries=tries))
        return said, len(stub.requests)


def unused_url() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


def test_a_request_arrives_as_it_was_built() -> None:
    with StubServer() as stub:
        answer(make_client(stub.url), make_request("hello"))

    assert stub.requests[0]["messages"] == [{"role": "user", "content": "hello"}]


def test_the_endpoint_gets_the_key_and_the_name_of_the_request() -> None:
    request = make_request()

    with StubServer() as stub:
        answer(make_client(stub.url), request)

    headers = {name.lower(): value for name, value in stub.stub.headers[0].items()}
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["x-client-request-id"] == request.key


@pytest.mark.parametrize("fault", ["500", "502-html", "cut", "nonsense", "no-choices"])
def test_a_failure_that_may_pass_is_tried_again(fault: str) -> None:
    assert answer_from(fault, fault) == ("ok", 3)


def test_an_answer_that_does_not_come_in_time_is_asked_for_again() -> None:
    assert answer_from("hang", timeout=0.3) == ("ok", 2)


@pytest.mark.parametrize("fault", ["500", "502-html", "nonsense"])
def test_a_failure_that_does_not_pass_costs_the_row(fault: str) -> None:
    with pytest.raises(ProviderError, match=r"127.0.0.1.*'m'.*no answer in 3 tries"):
        answer_from(*[fault] * 3, tries=3)


def test_refusals_cost_no_try() -> None:
    assert answer_from(*["429"] * 20, tries=1) == ("ok", 21)


def test_refusals_before_a_failure_cost_no_try_either() -> None:
    assert answer_from("429", "429", "500", tries=2) == ("ok", 4)


def test_the_pause_doubles_with_each_failure_and_is_never_the_same_for_all() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with StubServer(Behaviour(faults=("500", "429", "500", "500"))) as stub:
        answer(make_client(stub.url, sleep=pause))

    longest = (0.5, 1.0, 2.0, 4.0)
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))
    assert any(pause != most for pause, most in zip(pauses, longest, strict=True))


def test_a_refusal_with_retry_after_is_waited_out() -> None:
    start = time.monotonic()

    assert answer_from("429-wait", tries=1) == ("ok", 2)

    assert time.monotonic() - start >= 0.2


def test_a_refusal_for_a_day_stops_the_run() -> None:
    with pytest.raises(EndpointError, match="takes no requests for 86400 s"):
        answer_from("429-tomorrow")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("401", "refuses the key .* check OPENAI_API_KEY"),
        ("404", r"no such model or address .*check models\.coder\.model and the base URL"),
        ("quota", "has no quota left .*add credit"),
        ("402", "has no quota left .*add credit"),
        ("400-seed", r"does not take a parameter .* set models\.coder\.send_seed=false"),
        ("400-tools", r"takes no tools .* set interact\.tool_format=\[text\]"),
        ("400-stream", r"streams only .* models\.coder\.extra_body=\{enable_thinking: false\}"),
    ],
)
def test_what_no_request_can_survive_stops_the_run_at_once(fault: str, says: str) -> None:
    with StubServer(Behaviour(faults=(fault,))) as stub:
        with pytest.raises(EndpointError, match=says):
            answer(make_client(stub.url))

        assert len(stub.requests) == 1


def test_a_model_that_loads_for_minutes_is_waited_for() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with StubServer(Behaviour(faults=("503",) * 20)) as stub:
        said = answer(make_client(stub.url, tries=1, sleep=pause))

    assert said == "ok"
    assert sum(pauses) > 120


@pytest.mark.parametrize("fault", ["429", "503", "inside-429"])
def test_the_patience_with_one_request_ends(fault: str) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with (
        StubServer(Behaviour(faults=(fault,) * 50)) as stub,
        pytest.raises(EndpointError, match=r"takes no requests for \d+ s .*raise llm\.patience"),
    ):
        answer(make_client(stub.url, patience=60, sleep=pause))

    assert 20 < sum(pauses) <= 60


def test_a_request_that_alone_is_refused_costs_the_row_and_not_the_run() -> None:
    async def ask_all(url: str) -> Answer:
        client = make_client(url, patience=1)

        async def others(_seconds: float) -> None:
            client.limiter.release(good=True)  # what another request does meanwhile
            client.limiter.in_flight += 1

        unlucky = replace(client, sleep=others)
        return await closing(unlucky, unlucky.answer(make_request("one")))

    with (
        StubServer(Behaviour(faults=("503",) * 9)) as stub,
        pytest.raises(ProviderError, match="others were answered meanwhile"),
    ):
        asyncio.run(ask_all(stub.url))


def test_requests_that_are_sent_again_are_counted() -> None:
    meter = Meter()

    with StubServer(Behaviour(faults=("429", "503", "500"))) as stub:
        answer(make_client(stub.url, meter=meter))

    assert meter.traffic == "2 refused, 1 retried"


def test_one_prompt_that_is_forbidden_costs_the_row() -> None:
    with pytest.raises(ProviderError, match=r"rejects the request .403: your input was flagged"):
        answer_from("403")


def test_a_key_that_is_forbidden_everything_stops_the_run() -> None:
    async def ask_three(url: str) -> None:
        client = make_client(url)
        for text in "ab":
            with pytest.raises(ProviderError):
                await client.answer(make_request(text))
        await closing(client, client.answer(make_request("c")))

    with (
        StubServer(Behaviour(faults=("403",) * 3)) as stub,
        pytest.raises(EndpointError, match="check what OPENAI_API_KEY is allowed to use"),
    ):
        asyncio.run(ask_three(stub.url))


def test_forbidden_prompts_never_stop_a_run_that_has_answers() -> None:
    async def ask_many(url: str) -> int:
        client = make_client(url)
        requests = [client.answer(make_request(str(number))) for number in range(6)]
        answers = [await asyncio.gather(each, return_exceptions=True) for each in requests]
        await client.connection.close()
        return sum(isinstance(answer, ProviderError) for (answer,) in answers)

    with StubServer(Behaviour(faults=("ok", *["403"] * 5))) as stub:
        assert asyncio.run(ask_many(stub.url)) == 5


def test_a_dialogue_that_is_too_long_costs_the_row_under_its_own_kind() -> None:
    with pytest.raises(ProviderError, match="maximum context length is 9") as caught:
        answer_from("too-long")

    assert caught.value.kind == "context_length"


def test_a_rejected_request_costs_the_row_and_is_not_repeated() -> None:
    with StubServer(Behaviour(faults=("400",))) as stub:
        with pytest.raises(
            ProviderError, match=r"rejects the request .400: messages: roles must alternate"
        ):
            answer(make_client(stub.url))

        assert len(stub.requests) == 1


@pytest.mark.parametrize("fault", ["empty", "length"])
def test_a_reply_that_says_nothing_is_a_reply_and_not_paid_for_twice(fault: str) -> None:
    assert answer_from(fault) == ("", 1)


def test_a_host_that_never_answered_stops_the_run() -> None:
    url = unused_url()

    with pytest.raises(EndpointError, match=f"{url} .* has never answered .*check that it runs"):
        answer(make_client(url))


def test_a_host_that_went_away_costs_the_row() -> None:
    async def ask_twice() -> Answer:
        with StubServer() as stub:
            client = make_client(stub.url)
            await client.answer(make_request("one"))
        return await closing(client, client.answer(make_request("two")))

    with pytest.raises(ProviderError, match="no answer in 5 tries"):
        asyncio.run(ask_twice())


def test_messages_are_one_line_and_never_hold_the_key() -> None:
    with pytest.raises(EndpointError) as caught:
        answer_from("401")

    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["no", "e", "none"])
def test_a_key_that_is_a_word_does_not_garble_messages(key: str) -> None:
    with StubServer(Behaviour(faults=("400",))) as stub, pytest.raises(ProviderError) as caught:
        answer(make_client(stub.url, key=key))

    assert "messages: roles must alternate" in str(caught.value)


def test_user_and_password_in_an_address_are_sent_and_never_shown() -> None:
    with StubServer(Behaviour(faults=("401",))) as stub:
        url = stub.url.replace("http://", "http://me:pass-word@")
        with pytest.raises(EndpointError) as caught:
            answer(make_client(url))

        assert stub.stub.headers[0]["Authorization"] == "Basic bWU6cGFzcy13b3Jk"
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:8000/v1", "not an address", "http://", "ftp://h/v1"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(EndpointError, match="is no address"):
        answer(make_client(url))


def test_an_address_is_named_without_its_password() -> None:
    connection = Connection(Endpoint("https://me:pw@host:8/v1", ""), timeout=1, connections=1)

    assert connection.name == "https://host:8/v1"


def test_without_an_address_it_is_openai() -> None:
    connection = Connection(Endpoint(None, ""), timeout=1, connections=1)

    assert connection.name == "https://api.openai.com/v1"


def test_replies_of_no_use_are_counted_too() -> None:
    meter = Meter()

    with StubServer(Behaviour(faults=("no-choices",))) as stub:
        answer(make_client(stub.url, meter=meter))

    assert [tokens.calls for tokens in meter.counts.values()] == [2]


def test_a_spent_budget_sends_no_request() -> None:
    meter = Meter(max_tokens=100)

    async def ask_twice(url: str) -> Answer:
        client = make_client(url, meter=meter)
        await client.answer(make_request("one"))
        return await closing(client, client.answer(make_request("two")))

    with StubServer() as stub:
        with pytest.raises(BudgetError, match="120 tokens are spent and the limit is 100"):
            asyncio.run(ask_twice(stub.url))

        assert len(stub.requests) == 1


def test_a_spent_budget_gives_its_place_back() -> None:
    client = make_client(unused_url(), meter=Meter(max_tokens=0))

    with pytest.raises(BudgetError):
        answer(client)

    assert client.limiter.in_flight == 0


def test_an_endpoint_with_little_room_loses_no_request() -> None:
    async def ask_all(url: str) -> list[Answer]:
        client = make_client(url, tries=1)
        requests = [client.answer(make_request(str(number))) for number in range(150)]
        answers = await asyncio.gather(*requests)
        await client.connection.close()
        return answers

    with StubServer(Behaviour(latency=0.01, capacity=10)) as stub:
        answers = asyncio.run(ask_all(stub.url))

        assert len(answers) == 150
        assert stub.stub.refused > 0


def test_openai_is_not_asked_without_a_key() -> None:
    with pytest.raises(EndpointError, match="needs a key: put it into OPENAI_API_KEY"):
        answer(make_client(None, key=""))


def test_a_server_of_ones_own_is_asked_without_a_key() -> None:
    with StubServer(Behaviour()) as stub:
        assert answer(make_client(stub.url, key=""))
