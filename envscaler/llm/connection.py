"""One endpoint: its address, its key, and what may be shown of them."""

import re
from typing import TYPE_CHECKING, Literal

from envscaler.chat import Endpoint
from envscaler.errors import EndpointError
from envscaler.llm.failures import UnansweredError
from envscaler.llm.requests import Request

if TYPE_CHECKING:
    from envscaler.llm.sdk import SdkTransport
    from envscaler.llm.transport import Transport

TransportName = Literal["aiohttp", "openai"]

_OPENAI = "https://api.openai.com/v1"
_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*")
_USER_INFO = re.compile(r"://[^/?#:@]*:([^/?#@]*)@")
_NOT_SHOWN = re.compile(r"(?<=://)[^/?#@]*@|[?#].*")
_SHORTEST_SECRET = 8
"""Shorter ones are words such as `none`, and masking them would garble messages."""


def shown(url: str) -> str:
    """Return an address without user, password and query."""
    return _NOT_SHOWN.sub("", url)


class Connection:
    """One endpoint, connected to when it is first asked; shared by the models behind it.

    Args:
        endpoint: Where, and with which key.
        timeout: Seconds for one request.
        connections: Open at once, at most.
        transport: Through aiohttp, or through the `openai` package.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float,
        connections: int,
        transport: TransportName = "aiohttp",
    ) -> None:
        self.url = endpoint.base_url or _OPENAI
        self.answered = False
        """Something has come back from there, if only an error."""
        self.forbidden = 0
        """Requests that were answered with 403."""
        self._key = endpoint.api_key
        self._timeout = timeout
        self._connections = connections
        self._transport_name: TransportName = transport
        self._transport: Transport | SdkTransport | None = None

    @property
    def name(self) -> str:
        """The address without user, password and query, for messages."""
        return shown(self.url)

    def check(self, key_name: str) -> None:
        """Find what no request can succeed with.

        Args:
            key_name: Where the user has put the key; for the message.

        Raises:
            EndpointError: The address is none, or OpenAI's own endpoint has got no key.
        """
        if not _ADDRESS.fullmatch(self.url):
            raise EndpointError(
                f"{self.name!r} is no address of an endpoint; write it like http://localhost:8000/v1"
            )
        if self.url == _OPENAI and not self._key:
            raise EndpointError(
                f"{self.name} needs a key: put it into {key_name} (in the environment or in .env), "
                "or set OPENAI_BASE_URL to a server of your own"
            )

    async def post(self, request: Request) -> bytes:
        """Send a request.

        Raises:
            UnansweredError: It was not answered. Its message never holds the key.
        """
        if self._transport is None:
            self._transport = self._open()
        try:
            raw = await self._transport.post(request.path, request.sent, request.key)
        except UnansweredError as failure:
            self.answered = self.answered or failure.status is not None
            failure.message = self._tidy(failure.message)
            raise
        self.answered = True
        return raw

    async def get(self, path: str) -> bytes:
        """Read something that the endpoint says of itself, such as `/models`.

        Raises:
            UnansweredError: It says nothing there. The message never holds the key.
        """
        if self._transport is None:
            self._transport = self._open()
        try:
            return await self._transport.get(path)
        except UnansweredError as failure:
            failure.message = self._tidy(failure.message)
            raise

    async def close(self) -> None:
        """Close what was opened."""
        if self._transport is not None:
            await self._transport.close()

    def _open(self) -> "Transport | SdkTransport":
        # Imported when the first request is sent: aiohttp takes 0.2 s and openai 0.6 s.
        if self._transport_name == "openai":
            from envscaler.llm.sdk import SdkTransport as Opened  # noqa: PLC0415
        else:
            from envscaler.llm.transport import Transport as Opened  # noqa: PLC0415
        return Opened(self.url, self._key, timeout=self._timeout, connections=self._connections)

    def _tidy(self, message: str) -> str:
        """Make a message one line without the key or a password."""
        line = " ".join(message.split())
        password = _USER_INFO.search(self.url)
        for secret in (self._key, password[1] if password else ""):
            if len(secret) >= _SHORTEST_SECRET:
                line = line.replace(secret, "***")
        return line[:300]
