"""Every request is asked once: from the store, from one already in flight, or from a source.

What happens on a miss is the policy: `live` asks the endpoint (`client.Client`), `replay` refuses,
`batch` notes the request for a file.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Protocol

from envscaler.chat import Prompt, Reply
from envscaler.config import ModelSettings
from envscaler.errors import ArtifactError, PendingError, ProviderError
from envscaler.llm.requests import Request, chat_request, embedding_request
from envscaler.llm.responses import Answer, MalformedError, read_embeddings, read_reply
from envscaler.llm.store import Store, Stored
from envscaler.llm.usage import Meter
from envscaler.llm.verdicts import NO_SCHEMA
from envscaler.records import Tool

_LOG = logging.getLogger(__name__)

_TEXTS_PER_REQUEST = 64


class Source(Protocol):
    """Where the answer to a request comes from that is not stored yet."""

    async def answer(self, request: Request) -> Answer:
        """Return the response in the form in which it is stored, or raise what to do instead."""
        ...


class ReplaySource:
    """Nothing may be asked."""

    async def answer(self, request: Request) -> Answer:
        raise ProviderError(
            f"No stored reply for prompt {request.prompt!r} (request {request.key[:12]}, model "
            f"{request.model!r}); import a recording that has it, or set llm.policy=live",
            "replay_miss",
        )


@dataclass(frozen=True, slots=True)
class BatchSource:
    """Requests are collected, to be answered later and all at once."""

    store: Store

    async def answer(self, request: Request) -> Answer:
        await self.store.wait_for(request)
        raise PendingError(
            f"The request for prompt {request.prompt!r} ({request.key[:12]}) waits for its reply"
        )


class Recorder:
    """The store, and what is being asked right now.

    Args:
        store: Where replies are kept.
        keep_requests: Also what was asked, which takes ten times the room.
    """

    def __init__(self, store: Store, *, keep_requests: bool = False) -> None:
        self._store = store
        self._keep_requests = keep_requests
        self._asking: dict[str, asyncio.Future[Answer]] = {}

    def has(self, request: Request) -> bool:
        """Tell whether the answer is stored."""
        return self._store.get(request.key) is not None

    async def answer(self, request: Request, source: Source) -> tuple[Answer, bool]:
        """Return the response, and whether it cost nothing now.

        Raises:
            RowError: The source has no answer to this request.
            StopRunError: It can have no answer to any.
            ArtifactError: The store cannot be read or written.
        """
        while True:
            if (stored := self._store.get(request.key)) is not None:
                return Answer(stored), True
            if (other := self._asking.get(request.key)) is None:
                return await self._ask(request, source), False
            await asyncio.wait([other])
            if not other.cancelled():
                return other.result(), True

    async def _ask(self, request: Request, source: Source) -> Answer:
        asking: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asking[request.key] = asking
        try:
            answer = await source.answer(request)
            known = (request.key, request.prompt, request.sample, request.model)
            asked = request.body if self._keep_requests else None
            await self._store.put(Stored(*known, answer.stored, asked))
            asking.set_result(answer)
        except Exception as error:
            asking.set_exception(error)
            asking.exception()  # it may be that nobody else waits for it
            raise
        finally:
            asking.cancel()  # without effect unless this task was cancelled
            del self._asking[request.key]
        return answer


@dataclass(slots=True)
class Schemas:
    """Whether a model at an endpoint is sent JSON schemas; shared by the roles that it has."""

    sent: bool = False

    def give_up(self, error: ProviderError) -> None:
        """Send none any more, after the endpoint has refused one."""
        if self.sent:
            _LOG.info("%s; going on without schemas", error)
        self.sent = False


@dataclass(frozen=True, slots=True)
class RecordedModel:
    """The model of one role: a `ChatModel` that asks once."""

    settings: ModelSettings
    recorder: Recorder
    source: Source
    meter: Meter
    schemas: Schemas = field(default_factory=Schemas)

    async def complete(
        self, prompt: Prompt, *, tools: tuple[Tool, ...] = (), sample: int = 0, seed: int = 0
    ) -> Reply:
        plain = chat_request(self.settings, prompt, tools, sample, seed)
        # A reply that was paid for is used, whether it was held to a schema or not.
        if prompt.schema is None or not self.schemas.sent or self.recorder.has(plain):
            return await self._reply(plain)
        held = chat_request(self.settings, prompt, tools, sample, seed, structured=True)
        try:
            return await self._reply(held)
        except ProviderError as error:
            if error.kind != NO_SCHEMA:
                raise
            self.schemas.give_up(error)
            return await self._reply(plain)

    async def _reply(self, request: Request) -> Reply:
        answer, cached = await self.recorder.answer(request, self.source)
        if not cached and answer.reply is not None:
            return answer.reply
        try:
            reply = read_reply(answer.stored, self.settings.model, cached=cached)
        except MalformedError as error:
            raise _damaged(request, error) from error
        if cached:
            self.meter.count_cached(self.settings.model, reply.usage)
        return reply


@dataclass(frozen=True, slots=True)
class Embedder:
    """Embeds texts, and asks once."""

    model: str
    recorder: Recorder
    source: Source

    async def embed(self, texts: list[str]) -> list[list[float]]:
        """Return one vector for each text, in their order.

        Raises:
            RowError: A request has no answer.
            StopRunError: None can have one.
        """
        vectors: list[list[float]] = []
        for start in range(0, len(texts), _TEXTS_PER_REQUEST):
            part = texts[start : start + _TEXTS_PER_REQUEST]
            request = embedding_request(self.model, part)
            answer, _ = await self.recorder.answer(request, self.source)
            try:
                vectors += read_embeddings(answer.stored, len(part))
            except MalformedError as error:
                raise _damaged(request, error) from error
        return vectors


def _damaged(request: Request, error: MalformedError) -> ArtifactError:
    which = f"{request.key[:12]} to prompt {request.prompt!r}"
    return ArtifactError(
        f"The stored reply {which} cannot be read: {error}; "
        "its store is damaged: move store.sqlite away, and import a recording or ask again"
    )
