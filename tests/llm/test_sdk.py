"""Requests through the `openai` package, which have to end as those through aiohttp do.

`.ci/doors openai2` runs these under version 2 of the package; elsewhere it is version 3.
"""

import asyncio

import pytest

from envscaler.chat import Endpoint
from envscaler.llm.connection import Connection, TransportName
from envscaler.llm.failures import UnansweredError
from tests.llm.builders import KEY, make_request
from tests.stub_server import ANSWERS, Behaviour, StubServer


async def post(url: str, transport: TransportName, *, key: str = KEY, limit: float = 20) -> bytes:
    connection = Connection(Endpoint(url, key), timeout=limit, connections=5, transport=transport)
    try:
        return await connection.post(make_request())
    finally:
        await connection.close()


def outcome(url: str, transport: TransportName) -> object:
    """Return the answer, or what is known of the failure."""
    try:
        return asyncio.run(post(url, transport))
    except UnansweredError as failure:
        return failure.kind, failure.status, failure.message, failure.wait


@pytest.mark.parametrize("fault", sorted(ANSWERS))
def test_each_answer_is_the_same_through_both(fault: str) -> None:
    with StubServer(Behaviour(faults=(fault, fault))) as stub:
        plain, package = outcome(stub.url, "aiohttp"), outcome(stub.url, "openai")

        assert package == plain
        assert stub.requests[0] == stub.requests[1]


def test_a_cut_answer_and_a_dead_address_are_failures_without_a_status() -> None:
    with StubServer(Behaviour(faults=("cut",))) as stub:
        cut, url = outcome(stub.url, "openai"), stub.url
    dead = outcome(url, "openai")

    assert isinstance(cut, tuple)
    assert isinstance(dead, tuple)
    assert cut[:2] == dead[:2] == ("transient", None)


def test_an_answer_that_does_not_come_ends_with_the_time_limit() -> None:
    with StubServer(Behaviour(faults=("hang",))) as stub, pytest.raises(UnansweredError) as caught:
        asyncio.run(post(stub.url, "openai", limit=0.2))

    assert str(caught.value) == "no answer in 0.2 s"


def test_key_password_query_and_request_id_arrive() -> None:
    with StubServer() as stub:
        asyncio.run(post(stub.url, "openai"))
        with_password = stub.url.replace("http://", "http://me:pass-word@") + "?api-version=7"
        asyncio.run(post(with_password, "openai"))
        asyncio.run(post(stub.url, "openai", key=""))

        first, second, _ = (
            {name.lower(): value for name, value in headers.items()}
            for headers in stub.stub.headers
        )
        assert first["authorization"] == f"Bearer {KEY}"
        assert first["x-client-request-id"] == make_request().key
        assert second["authorization"] == "Basic bWU6cGFzcy13b3Jk"


def test_the_organisation_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-7")

    with StubServer() as stub:
        asyncio.run(post(stub.url, "openai"))

        names = {name.lower(): value for name, value in stub.stub.headers[0].items()}
        assert names["openai-organization"] == "org-7"


def test_fifty_requests_share_five_connections() -> None:
    async def ask_all(url: str) -> int:
        connection = Connection(Endpoint(url, KEY), timeout=20, connections=5, transport="openai")
        answers = await asyncio.gather(*(connection.post(make_request(str(n))) for n in range(50)))
        await connection.close()
        return len(answers)

    with StubServer(Behaviour(latency=0.005)) as stub:
        assert asyncio.run(ask_all(stub.url)) == 50
        assert stub.stub.most_in_flight <= 5
