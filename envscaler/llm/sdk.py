"""Send bytes to an endpoint through the `openai` package. The only module that imports it.

The other way is `transport`, which costs a third of the CPU; this one is for what only the package
knows, such as `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID` and `OPENAI_CUSTOM_HEADERS`. Versions 2 and 3
differ in the library below them, httpx and httpx2.
"""

import asyncio
from collections.abc import Awaitable
from importlib import import_module
from typing import Protocol, cast

from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
    Timeout,
    __version__,
)

from envscaler.llm.failures import UnansweredError, failure_of
from envscaler.llm.transport import (
    CONNECT_TIMEOUT,
    KEEP_ALIVE,
    check_size,
    headers_and_address,
    seconds_to_wait,
)

_HTTP = import_module("httpx" if int(__version__.split(".")[0]) < 3 else "httpx2")


class _Response(Protocol):
    content: bytes


class SdkTransport:
    """One shared client of the `openai` package for an endpoint.

    Args:
        base_url: With its `/v1`; `user:password@` in it is sent instead of the key.
        api_key: Sent as the bearer token; empty for servers without keys.
        timeout: Seconds for one request.
        connections: Open at once, at most.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float, connections: int) -> None:
        url, headers = headers_and_address(base_url, api_key)
        waits = Timeout(timeout, connect=CONNECT_TIMEOUT, pool=None)
        limits = _HTTP.Limits(max_connections=connections, keepalive_expiry=KEEP_ALIVE)
        self._timeout = timeout
        self._client = AsyncOpenAI(
            base_url=str(url.with_query(None)),
            api_key=api_key or "none",  # the package insists; servers without keys do not look
            max_retries=0,  # its retries would hide refusals from the limiter
            timeout=waits,
            default_headers=headers,
            default_query=dict(url.query),
            http_client=DefaultAsyncHttpxClient(limits=limits, timeout=waits),
        )

    async def post(self, path: str, body: bytes, key: str) -> bytes:
        """Send a request and return the body of its response.

        Args:
            path: Below the base URL.
            body: JSON.
            key: Sent as `X-Client-Request-Id`, under which endpoints log the request.

        Raises:
            UnansweredError: There was no response, or one of status 400 or more.
        """
        return await self._awaited(
            self._client.post(
                path,
                content=body,
                cast_to=_HTTP.Response,
                options={"headers": {"X-Client-Request-Id": key}},
            )
        )

    async def get(self, path: str) -> bytes:
        """Read what is below a path, such as `/models`.

        Raises:
            UnansweredError: There was no response, or one of status 400 or more.
        """
        return await self._awaited(self._client.get(path, cast_to=_HTTP.Response))

    async def _awaited(self, answer: Awaitable[object]) -> bytes:
        try:
            async with asyncio.timeout(self._timeout):
                response = await answer
        except TimeoutError as error:
            raise UnansweredError(None, f"no answer in {self._timeout:g} s") from error
        except APIStatusError as error:
            raise _failure(error) from error
        except APIConnectionError as error:
            raise UnansweredError(None, str(error.__cause__ or error)) from error
        except APIError as error:
            raise UnansweredError(None, error.message) from error
        raw = cast("_Response", response).content
        check_size(len(raw))
        return raw

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _failure(error: APIStatusError) -> UnansweredError:
    answer = error.response
    return failure_of(
        error.status_code, answer.content, answer.reason_phrase, seconds_to_wait(answer.headers)
    )
