"""Send bytes to an OpenAI-compatible endpoint. The only module that imports `aiohttp`.

What is sent is one POST with a bearer token; the `openai` package's own work for a request costs
several times that. `sdk` goes through the package where somebody needs what only it knows.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from envscaler.llm.failures import UnansweredError, failure_of

CONNECT_TIMEOUT = 10.0
# An agent's pause between two requests is longer than the usual 15 s.
KEEP_ALIVE = 120.0
_MOST_BYTES = 64 * 1024 * 1024
"""A longer response is no reply of a model."""
_FAILED = 400


class Transport:
    """One shared session for an endpoint. Proxies are taken from the environment, as usual.

    Args:
        base_url: With its `/v1`; `user:password@` in it is sent instead of the key.
        api_key: Sent as the bearer token; empty for servers without keys.
        timeout: Seconds for one request.
        connections: Open at once, at most.
    """

    def __init__(self, base_url: str, api_key: str, *, timeout: float, connections: int) -> None:
        self._base, headers = headers_and_address(base_url, api_key)
        self._urls: dict[str, URL] = {}
        self._timeout = timeout
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=KEEP_ALIVE),
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._proxy = _proxy_for(self._base)

    async def post(self, path: str, body: bytes, key: str) -> bytes:
        """Send a request and return the body of its response.

        Args:
            path: Below the base URL.
            body: JSON.
            key: Sent as `X-Client-Request-Id`, under which endpoints log the request.

        Raises:
            UnansweredError: There was no response, or one of status 400 or more.
        """
        return await self._send("POST", path, body, {"X-Client-Request-Id": key})

    async def get(self, path: str) -> bytes:
        """Read what is below a path, such as `/models`.

        Raises:
            UnansweredError: There was no response, or one of status 400 or more.
        """
        return await self._send("GET", path, None, {})

    async def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        try:
            async with self._session.request(
                method, self._url(path), data=body, headers=headers, proxy=self._proxy
            ) as response:
                raw = await _read(response)
                if response.status >= _FAILED:
                    raise failure_of(
                        response.status,
                        raw,
                        response.reason or "",
                        seconds_to_wait(response.headers),
                    )
                return raw
        except TimeoutError as error:
            raise UnansweredError(None, f"no answer in {self._timeout:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: a bad address
            raise UnansweredError(None, str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    def _url(self, path: str) -> URL:
        if path not in self._urls:
            self._urls[path] = self._base.with_path(
                self._base.path.rstrip("/") + path, keep_query=True
            )
        return self._urls[path]


def headers_and_address(base_url: str, api_key: str) -> tuple[URL, dict[str, str]]:
    """Return the address without user and password, and what to send with every request."""
    url = URL(base_url)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if url.user is not None or url.password is not None:
        pair = f"{url.user or ''}:{url.password or ''}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    elif api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    return url.with_user(None), headers


def _proxy_for(url: URL) -> str | None:
    """Look once for the proxy of the environment; the session would do so with each request."""
    host = url.host or ""
    return None if proxy_bypass(host) else getproxies().get(url.scheme)


def check_size(size: int) -> None:
    """Find a response that is longer than any reply of a model.

    Raises:
        UnansweredError: It has more than 64 MiB.
    """
    if size > _MOST_BYTES:
        raise UnansweredError(None, f"a response of more than {_MOST_BYTES} bytes")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of a response, decompressed on the way.

    Raises:
        UnansweredError: It does not end within any reason.
    """
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        check_size(size)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def seconds_to_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds of `Retry-After`, which may be a number or a date."""
    written = headers.get("Retry-After", "")
    try:
        return max(0.0, float(written))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a time zone
        return 0.0
