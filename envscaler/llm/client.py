"""Ask one model at one endpoint until it answers, or until it is clear that it will not."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from envscaler.errors import EndpointError, ProviderError
from envscaler.llm.connection import Connection
from envscaler.llm.dropped_tools import dropped_tools
from envscaler.llm.failures import FailureKind, UnansweredError, raise_error_inside
from envscaler.llm.limiter import Limiter
from envscaler.llm.requests import CHAT, Request
from envscaler.llm.responses import (
    Answer,
    MalformedError,
    normalise,
    parse_stored,
    reply_of,
    usage_in,
)
from envscaler.llm.usage import Meter
from envscaler.llm.verdicts import verdict
from envscaler.records import Usage

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_FORBIDDEN = 403
_MOST_FORBIDDEN = 3
"""One 403 is a moderated prompt; if nothing else ever came, so many are a key without rights."""
_WAITED_OUT = frozenset({FailureKind.RATE_LIMITED, FailureKind.UNAVAILABLE})


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
    patience: float
    """Seconds for which one request waits in all while the endpoint is busy or loading."""
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)
    told: set[str] = field(default_factory=set[str])
    """Warnings of which there is one."""

    async def answer(self, request: Request) -> Answer:
        """Return the response, in the form in which it is stored, and what it says.

        Raises:
            ProviderError: This request has no usable answer.
            EndpointError: No request to this model can succeed.
            BudgetError: The user's limit is reached.
        """
        self.connection.check(self.key_name)
        effort = _Effort(self.limiter.good)
        while True:
            try:
                return await self._try(request)
            except UnansweredError as failure:
                pause = effort.pause(failure)
                if not self._goes_on(failure, effort, pause):
                    raise self._verdict(failure, effort) from failure
                await self._wait(failure, effort, pause)

    def _goes_on(self, failure: UnansweredError, effort: "_Effort", pause: float) -> bool:
        if failure.kind in _WAITED_OUT:
            return effort.waited + pause <= self.patience
        return failure.kind is FailureKind.TRANSIENT and effort.failed < self.tries

    async def _wait(self, failure: UnansweredError, effort: "_Effort", pause: float) -> None:
        with self.meter.waiting_for(self.model, refused=failure.kind in _WAITED_OUT):
            self.meter.waits.say(f"{self._who}: {failure}", pause)
            await self.sleep(pause)
        effort.waited += pause

    async def _try(self, request: Request) -> Answer:
        permit = await self.limiter.acquire()
        good = False
        try:
            self.meter.check()
            with self.meter.sending():
                raw = await self.connection.post(request)
            answer = self._checked(request, raw)
            good = True
        except UnansweredError as failure:
            if failure.kind is FailureKind.RATE_LIMITED:
                self.limiter.refuse(permit, min(failure.wait, self.patience))
            raise
        finally:
            self.limiter.release(good=good)
        return answer

    def _checked(self, request: Request, raw: bytes) -> Answer:
        """Count a response and make sure that it can be used, before it is stored."""
        try:
            stored = normalise(raw)
            # Not what came in: a reply is the same when it is read from the store again.
            response = parse_stored(stored)
            raise_error_inside(stored)
            usage = usage_in(response)
            self.meter.count(self.model, usage)
            self._look_for_tools(request, usage)
            reply = reply_of(response, self.model) if request.path == CHAT else None
        except MalformedError as error:
            raise UnansweredError(200, str(error)) from error
        return Answer(stored, reply)

    def _look_for_tools(self, request: Request, usage: Usage) -> None:
        """Warn once where tools are dropped; one answer is enough to see it."""
        if not self.told and (dropped := dropped_tools(request, usage)):
            self.told.add(dropped)
            _LOG.warning("%s %s", self._who, dropped)

    @property
    def _who(self) -> str:
        return f"{self.connection.name} (model {self.model!r})"

    def _verdict(
        self, failure: UnansweredError, effort: "_Effort"
    ) -> ProviderError | EndpointError:
        if failure.kind is FailureKind.TRANSIENT:
            return self._gave_up(failure)
        if failure.kind in _WAITED_OUT:
            return self._out_of_patience(failure, effort)
        if failure.status == _FORBIDDEN and self._is_forbidden_to_all():
            said = f"{self._who} refuses everything ({failure})"
            return EndpointError(f"{said}; check what {self.key_name} is allowed to use")
        return verdict(failure, self._who, setting=self.setting, key_name=self.key_name)

    def _is_forbidden_to_all(self) -> bool:
        self.connection.forbidden += 1
        return not self.limiter.good and self.connection.forbidden >= _MOST_FORBIDDEN

    def _out_of_patience(
        self, failure: UnansweredError, effort: "_Effort"
    ) -> ProviderError | EndpointError:
        wait = max(failure.wait, effort.waited)
        said = f"{self._who} takes no requests for {wait:.0f} s ({failure})"
        if self.limiter.good == effort.good_before:
            return EndpointError(f"{said}; run the same command again later, or raise llm.patience")
        return ProviderError(f"{said}; others were answered meanwhile")

    def _gave_up(self, failure: UnansweredError) -> ProviderError | EndpointError:
        if not self.connection.answered:
            return EndpointError(
                f"{self._who} has never answered ({failure.message}); check that it runs and "
                f"that the base URL of {self.setting} is right"
            )
        last = str(failure)
        return ProviderError(f"{self._who} gave no answer in {self.tries} tries; last: {last}")


@dataclass(slots=True)
class _Effort:
    """What was done for one request."""

    good_before: int
    """Good replies of the model when it was first sent."""
    failed: int = 0
    refused: int = 0
    waited: float = 0.0
    """Seconds."""

    def pause(self, failure: UnansweredError) -> float:
        """Count a failure, and return how long to wait before the next try."""
        if failure.kind in _WAITED_OUT:
            self.refused += 1
        else:
            self.failed += 1
        return max(_pause(self.failed + self.refused), failure.wait)


def _pause(count: int) -> float:
    """Return a random wait that doubles with each failure; seconds."""
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (count - 1))
    return longest * random.uniform(0.5, 1.0)
