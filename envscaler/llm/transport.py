"""Send bytes to an OpenAI-compatible endpoint. The only module that imports `openai`.

`chat.completions.create` walks every message and tool of a request in Python; `post`, the SDK's
way to send custom requests, takes the body as bytes and costs an eighth.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

import httpx2
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncOpenAI,
    DefaultAioHttpClient,
    Timeout,
)

from envscaler.llm.failures import UnansweredError

_CONNECT_TIMEOUT = 10.0
# An agent's pause between two requests is longer than the usual 5 s.
_KEEP_ALIVE = 120.0


class Transport:
    """One shared client for an endpoint.

    Args:
        base_url: With its `/v1`.
        api_key: Sent as the bearer token.
        timeout: Seconds for one request.
        connections: Open at once, at most.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float, connections: int) -> None:
        limits = httpx2.Limits(max_connections=connections, keepalive_expiry=_KEEP_ALIVE)
        waits = Timeout(timeout, connect=_CONNECT_TIMEOUT, pool=None)
        self._timeout = timeout
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",  # the SDK insists; servers without keys do not look
            max_retries=0,  # its retries would hide refusals from the limiter
            timeout=waits,
            http_client=DefaultAioHttpClient(limits=limits, timeout=waits),
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
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.post(
                    path,
                    content=body,
                    cast_to=httpx2.Response,
                    options={"headers": {"X-Client-Request-Id": key}},
                )
        except TimeoutError as error:
            raise UnansweredError(None, f"no answer in {self._timeout:g} s") from error
        except APIStatusError as error:
            raise _failure(error) from error
        except APIConnectionError as error:
            raise UnansweredError(None, str(error.__cause__ or error)) from error
        except APIError as error:
            raise UnansweredError(None, error.message) from error
        return response.content

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _failure(error: APIStatusError) -> UnansweredError:
    details: Mapping[str, object] = {}
    if isinstance(error.body, dict):
        details = cast("dict[str, object]", error.body)
    message = details.get("message") or error.response.text or error.response.reason_phrase
    code = details.get("code") or details.get("type") or ""
    wait = _wait(error.response.headers)
    return UnansweredError(error.status_code, str(message), code=str(code), wait=wait)


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds of `Retry-After`, which may be a number or a date."""
    written = headers.get("retry-after", "")
    try:
        return max(0.0, float(written))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a time zone
        return 0.0
