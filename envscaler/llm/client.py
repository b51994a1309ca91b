"""Ask one model at one endpoint until it answers, or until it is clear that it will not."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from envscaler.chat import Endpoint
from envscaler.errors import EndpointError, ProviderError
from envscaler.llm.failures import FailureKind, UnansweredError
from envscaler.llm.limiter import Limiter
from envscaler.llm.requests import CHAT, Request
from envscaler.llm.responses import MalformedError, normalise, read_reply, usage_of
from envscaler.llm.usage import Meter

if TYPE_CHECKING:
    from envscaler.llm.transport import Transport

_OPENAI = "https://api.openai.com/v1"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_PATIENCE = 900.0
"""Seconds of nothing but refusals, or a wait that an endpoint asks for, that end a run."""


_SAYS = {
    FailureKind.DENIED: "refuses the key",
    FailureKind.NOT_FOUND: "has no such model or address",
    FailureKind.NO_QUOTA: "has no quota left",
    FailureKind.CONTEXT_LENGTH: "cannot take a dialogue of this length",
    FailureKind.REJECTED: "rejects the request",
}
_ROW_KINDS = {FailureKind.CONTEXT_LENGTH: "context_length"}


class Connection:
    """One endpoint, connected to when it is first asked; shared by the models behind it.

    Args:
        endpoint: Where, and with which key.
        timeout: Seconds for one request.
        connections: Open at once, at most.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float, connections: int) -> None:
        self.url = endpoint.base_url or _OPENAI
        self.answered = False
        """Something has come back from there, if only an error."""
        self._key = endpoint.api_key
        self._timeout = timeout
        self._connections = connections
        self._transport: Transport | None = None

    @property
    def name(self) -> str:
        """The address without user, password and query, for messages."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}"

    @property
    def lacks_key(self) -> bool:
        """No request can succeed: OpenAI's own endpoint always asks for a key."""
        return self.url == _OPENAI and not self._key

    async def post(self, request: Request) -> bytes:
        """Send a request.

        Raises:
            UnansweredError: It was not answered. Its message never holds the key.
        """
        if self._transport is None:
            from envscaler.llm.transport import Transport  # noqa: PLC0415 -- openai takes 0.6 s

            self._transport = Transport(
                self.url, self._key, timeout=self._timeout, connections=self._connections
            )
        try:
            raw = await self._transport.post(request.path, request.body, request.key)
        except UnansweredError as failure:
            self.answered = self.answered or failure.status is not None
            failure.message = self._tidy(failure.message)
            raise
        self.answered = True
        return raw

    async def close(self) -> None:
        """Close what was opened."""
        if self._transport is not None:
            await self._transport.close()

    def _tidy(self, message: str) -> str:
        """Make a message one line without the key."""
        line = " ".join(message.split())
        return (line.replace(self._key, "***") if self._key else line)[:300]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One model at one endpoint."""

    connection: Connection
    model: str
    setting: str
    """Where the user has set the model, such as `models.coder`; for messages."""
    key_name: str
    """Where the user has put the key; for messages."""
    limiter: Limiter
    meter: Meter
    tries: int
    """How often a request is sent whose failure may pass."""
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    async def answer(self, request: Request) -> bytes:
        """Return the response, in the form in which it is stored.

        Raises:
            ProviderError: This request has no usable answer.
            EndpointError: No request to this model can succeed.
            BudgetError: The user's limit is reached.
        """
        if self.connection.lacks_key:
            raise EndpointError(
                f"{self.connection.name} needs a key: put it into {self.key_name} (in the "
                "environment or in .env), or set OPENAI_BASE_URL to a server of your own"
            )
        failed = refused = 0
        while True:
            try:
                return await self._try(request)
            except UnansweredError as failure:
                if failure.kind is FailureKind.RATE_LIMITED:
                    refused += 1
                elif failure.kind is FailureKind.TRANSIENT and failed + 1 < self.tries:
                    failed += 1
                else:
                    raise self._verdict(failure) from failure
                await self.sleep(max(_pause(failed + refused), failure.wait))

    async def _try(self, request: Request) -> bytes:
        permit = await self.limiter.acquire()
        good = False
        try:
            self.meter.check()
            raw = await self.connection.post(request)
            good = True
        except UnansweredError as failure:
            if failure.kind is FailureKind.RATE_LIMITED:
                self._check_patience(failure)
                self.limiter.refuse(permit, failure.wait)
            raise
        finally:
            self.limiter.release(good=good)
        return self._checked(request, raw)

    def _checked(self, request: Request, raw: bytes) -> bytes:
        """Count a response and make sure that it can be used, before it is stored."""
        try:
            stored = normalise(raw)
            self.meter.count(self.model, usage_of(stored))
            if request.path == CHAT:
                read_reply(stored, self.model)
        except MalformedError as error:
            raise UnansweredError(200, str(error)) from error
        return stored

    def _check_patience(self, failure: UnansweredError) -> None:
        wait = max(failure.wait, self.limiter.refused_for)
        if wait > _PATIENCE:
            raise EndpointError(
                f"{self._who} takes no requests for {wait:.0f} s ({failure.message}); "
                "run the same command again later"
            ) from failure

    @property
    def _who(self) -> str:
        return f"{self.connection.name} (model {self.model!r})"

    def _verdict(self, failure: UnansweredError) -> ProviderError | EndpointError:
        if failure.kind is FailureKind.TRANSIENT:
            return self._gave_up(failure)
        said = f"{self._who} {_SAYS[failure.kind]} ({failure.status}: {failure.message})"
        if failure.kind is FailureKind.DENIED:
            return EndpointError(f"{said}; check {self.key_name} in the environment or .env")
        if failure.kind is FailureKind.NOT_FOUND:
            return EndpointError(f"{said}; check {self.setting} and the base URL with its /v1")
        if failure.kind is FailureKind.NO_QUOTA:
            return EndpointError(f"{said}; add credit and run the same command again")
        return ProviderError(said, _ROW_KINDS.get(failure.kind, "provider"))

    def _gave_up(self, failure: UnansweredError) -> ProviderError | EndpointError:
        if not self.connection.answered:
            return EndpointError(
                f"{self._who} has never answered ({failure.message}); check that it runs and "
                f"that the base URL of {self.setting} is right"
            )
        status = "" if failure.status is None else f"{failure.status}: "
        last = f"{status}{failure.message}"
        return ProviderError(f"{self._who} gave no answer in {self.tries} tries; last: {last}")


def _pause(count: int) -> float:
    """Return a random wait that doubles with each failure; seconds."""
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (count - 1))
    return longest * random.uniform(0.5, 1.0)
