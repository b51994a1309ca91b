"""A server that drops tools in silence is noticed by its count of prompt tokens, once."""

import asyncio
import logging

import pytest

from envscaler.llm.client import Client
from envscaler.llm.dropped_tools import dropped_tools
from envscaler.llm.requests import Request, chat_request
from envscaler.records import Tool, Usage
from tests.llm.builders import make_model_settings, make_prompt, make_request
from tests.llm.test_client import make_client
from tests.stub_server import StubServer

TOOLS = tuple(
    Tool(name=f"find_{number}", description="Find a record by its id. " * 4, parameters={})
    for number in range(10)
)


def offering(text: str = "hello") -> Request:
    return chat_request(make_model_settings(), make_prompt(text), TOOLS, 0, 0)


@pytest.mark.parametrize(
    ("request_", "tokens", "noticed"),
    [
        (offering(), 12, True),
        (offering(), 400, False),  # some four characters for each
        (offering("word " * 2000), 300, False),  # more text than tools: it may be either
        (offering(), 0, False),  # it counts nothing
        (make_request(), 12, False),  # no tools were sent
    ],
)
def test_it_is_seen_by_the_tokens(request_: Request, tokens: int, *, noticed: bool) -> None:
    assert (dropped_tools(request_, Usage(prompt_tokens=tokens)) is not None) is noticed


def test_a_run_says_it_once(caplog: pytest.LogCaptureFixture) -> None:
    async def ask_twice(client: Client) -> None:
        await client.answer(offering())
        await client.answer(offering("again"))
        await client.connection.close()

    with StubServer() as stub, caplog.at_level(logging.WARNING):
        asyncio.run(ask_twice(make_client(stub.url)))

    [said] = caplog.messages
    assert "(model 'm') counted 100 prompt tokens" in said
    assert "doctor --ask" in said
