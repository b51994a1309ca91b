"""Two ways of asking that one request at a time does not cover."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from envscaler.chat import Prompt, Reply, Role
from envscaler.errors import GuestError, PendingError, RowError
from envscaler.llm.calls import Calls
from envscaler.prompts import render

T = TypeVar("T")


async def ask_and_try(
    calls: Calls,
    role: Role,
    prompt: Prompt,
    read: Callable[[str], T],
    trial: Callable[[T], Awaitable[None]],
    *,
    tries: int = 3,
) -> T:
    """Ask for something that the sandbox has to accept; tell the model why when it does not.

    Args:
        calls: The calls of the row.
        role: Who is asked.
        prompt: What is asked.
        read: Reads the text of a reply, or raises `ReplyError`, which `calls` answers.
        trial: Raises `GuestError` when what was read does not load.
        tries: How many trials there are.

    Raises:
        ReplyError: No reply of the asked shape came.
        GuestError: The last trial failed too.
    """

    def read_both(reply: Reply) -> tuple[str, T]:
        return reply.content, read(reply.content)

    for left in reversed(range(tries)):
        text, found = await calls.ask(role, prompt, read_both)
        try:
            await trial(found)
        except GuestError as error:
            if not left:
                raise
            again = render("common/ask_again", problem=str(error))
            prompt = prompt.then({"role": "assistant", "content": text}, *again.messages)
        else:
            return found
    raise AssertionError("there is at least one try")


async def all_of(waiting: Iterable[Awaitable[T]]) -> list[T]:
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
