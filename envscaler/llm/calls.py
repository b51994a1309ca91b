"""The model calls made for one row: ask, read, ask again, and keep count."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from envscaler.chat import ChatModel, Prompt, Reply, Role
from envscaler.errors import GuestError, PendingError, ProviderError, ReplyError, RowError
from envscaler.prompts import render
from envscaler.records import Provenance, Tool, Usage

Models = Mapping[Role, ChatModel]
"""Who answers for each role."""

T = TypeVar("T")


class Calls:
    """The model calls made for one row.

    Args:
        models: Who answers for each role.
        seed: Sent with every call, where the role's settings say so.
        tries: How often a reply of the wrong shape is asked for, the first time included.
    """

    def __init__(self, models: Models, *, seed: int, tries: int) -> None:
        self._models = models
        self._seed = seed
        self._tries = tries
        self._prompts: dict[str, str] = {}
        self._answered_by: set[str] = set()
        self._usage = Usage()

    @property
    def seed(self) -> int:
        """What is sent with every call."""
        return self._seed

    async def ask(
        self, role: Role, prompt: Prompt, read: Callable[[Reply], T], *, sample: int = 0
    ) -> T:
        """Ask until the reply can be read, each time with the bad replies and what was wrong.

        Args:
            role: Who is asked.
            prompt: What is asked.
            read: Turns the reply into what is wanted, or raises `ReplyError`.
            sample: Which of several answers to the same prompt is meant.

        Raises:
            ReplyError: No reply in `tries` could be read; the last one's problem.
            ProviderError: Of kind `max_tokens`: it was cut off before anything was said.
        """

        async def trial(reply: Reply) -> T:
            return read(reply)

        return await self.ask_and_try(role, prompt, trial, sample=sample)

    async def ask_and_try(
        self,
        role: Role,
        prompt: Prompt,
        trial: Callable[[Reply], Awaitable[T]],
        *,
        tries: int | None = None,
        sample: int = 0,
    ) -> T:
        """Ask until a reply stands its trial: the one loop in which a model is asked again.

        Args:
            role: Who is asked.
            prompt: What is asked.
            trial: Reads a reply and may try it in the sandbox; raises `ReplyError` or `GuestError`
                with what is wrong, for the model.
            tries: How many replies are tried; None: as many as these calls allow.
            sample: Which of several answers to the same prompt is meant.

        Raises:
            ReplyError: The last reply could not be read, or failed.
            GuestError: The sandbox refused the last reply.
            ProviderError: Of kind `max_tokens`: it was cut off before anything was said.
        """
        for _ in range((tries or self._tries) - 1):
            reply = _finished(await self.reply(role, prompt, sample=sample))
            try:
                return await trial(reply)
            except (ReplyError, GuestError) as error:
                again = render("common/ask_again", problem=str(error))
                self._prompts[again.name] = again.sha
                said = reply.content or "(empty)"  # endpoints refuse a turn without text
                prompt = prompt.then({"role": "assistant", "content": said}, *again.messages)
        return await trial(_finished(await self.reply(role, prompt, sample=sample)))

    async def reply(
        self, role: Role, prompt: Prompt, *, tools: tuple[Tool, ...] = (), sample: int = 0
    ) -> Reply:
        """Return one reply as it is, counted."""
        model = self._models[role]
        reply = await model.complete(prompt, tools=tools, sample=sample, seed=self._seed)
        self._prompts[prompt.name] = prompt.sha
        self._answered_by.add(reply.model)
        self._usage += reply.usage
        return reply

    def provenance(self, *parents: str) -> Provenance:
        """Say where a row comes from that was made of `parents` with the calls so far."""
        return Provenance(
            parents=parents,
            prompts=dict(sorted(self._prompts.items())),
            models=tuple(sorted(self._answered_by)),
            seed=self._seed,
            usage=self._usage,
        )


async def gather_all(waiting: Iterable[Awaitable[T]]) -> list[T]:
    """Wait for all, in order, and only then raise what went wrong.

    None is cut short by the failure of another, so that one batch round asks for all that is
    missing. What stops the run is raised first, and a pending request last: waiting would not
    mend a row that is lost anyway.
    """
    results = await asyncio.gather(*waiting, return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures:
        raise min(failures, key=_urgency)
    return [result for result in results if not isinstance(result, BaseException)]


def _urgency(failure: BaseException) -> int:
    return isinstance(failure, RowError) + isinstance(failure, PendingError)


def _finished(reply: Reply) -> Reply:
    if reply.finish_reason != "length" or reply.content.strip():
        return reply
    raise ProviderError(  # asking again would cost as much and most likely end the same way
        f"{reply.model} used up its tokens before it answered; raise models.<role>.max_tokens",
        "max_tokens",
    )
