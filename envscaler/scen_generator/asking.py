"""Ask a model for something that has to stand a trial before it is kept."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from envscaler.chat import Prompt, Role
from envscaler.errors import GuestError, ReplyError
from envscaler.llm.calls import Calls
from envscaler.prompts import render

T = TypeVar("T")


async def ask_until(
    calls: Calls,
    role: Role,
    prompt: Prompt,
    trial: Callable[[str], Awaitable[T]],
    *,
    tries: int,
    sample: int = 0,
) -> T:
    """Ask until a reply stands its trial, each time with the bad replies and what was wrong.

    The same as `Calls.ask` for what only the sandbox can tell.

    Args:
        calls: The calls of the row.
        role: Who is asked.
        prompt: What is asked.
        trial: Reads the text of a reply and tries it; raises `ReplyError` or `GuestError` with
            what is wrong, for the model.
        tries: How many replies are tried.
        sample: Which of several answers to the same prompt is meant.

    Raises:
        ReplyError: The last reply failed.
        GuestError: The class refused what the last reply gave it.
    """
    for _ in range(tries - 1):
        reply = await calls.reply(role, prompt, sample=sample)
        try:
            return await trial(reply.content)
        except (ReplyError, GuestError) as error:
            again = render("common/ask_again", problem=str(error))
            said = reply.content or "(empty)"  # endpoints refuse a turn without text
            prompt = prompt.then({"role": "assistant", "content": said}, *again.messages)
    return await trial((await calls.reply(role, prompt, sample=sample)).content)
