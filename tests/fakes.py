"""A model that says what a test tells it to say, and remembers what it was asked."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from envscaler.chat import ChatModel, Prompt, Reply, Role
from envscaler.config import RunnerSettings, load_settings
from envscaler.records import JsonValue, Tool, ToolCall, Usage

Scripted = str | Reply | Exception | Callable[[Prompt], str]
"""What to answer: a text, a whole reply, an error to raise, or a function of the prompt."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that a `ScriptedModel` was sent."""

    prompt: Prompt
    tools: tuple[Tool, ...]
    sample: int
    seed: int


class ScriptedModel:
    """Plays back replies: those of the prompt's name first, else those in order.

    Args:
        replies: Given in this order. A function in the last place answers all that follows too.
        by_prompt: Prompt name → a tuple of its replies in order, or one that is given every time.
    """

    def __init__(
        self,
        *replies: Scripted,
        by_prompt: Mapping[str, Scripted | tuple[Scripted, ...]] | None = None,
    ) -> None:
        self.asked: list[Asked] = []
        """Every request, oldest first."""
        self._replies = deque(replies)
        self._queues: dict[str, deque[Scripted]] = {}
        self._fixed: dict[str, Scripted] = {}
        for name, scripted in (by_prompt or {}).items():
            if callable(scripted) or isinstance(scripted, str | Reply | Exception):
                self._fixed[name] = scripted
            else:
                self._queues[name] = deque(scripted)

    @property
    def prompts(self) -> list[str]:
        """Names of the prompts it was asked, oldest first."""
        return [asked.prompt.name for asked in self.asked]

    async def complete(
        self, prompt: Prompt, *, tools: tuple[Tool, ...] = (), sample: int = 0, seed: int = 0
    ) -> Reply:
        self.asked.append(Asked(prompt, tools, sample, seed))
        scripted = self._next(prompt.name)
        if isinstance(scripted, Exception):
            raise scripted
        if isinstance(scripted, Reply):
            return scripted
        return make_reply(scripted if isinstance(scripted, str) else scripted(prompt))

    def _next(self, name: str) -> Scripted:
        if name in self._fixed:
            return self._fixed[name]
        queue = self._queues.get(name, self._replies)
        if not queue:
            raise AssertionError(f"No reply left for prompt {name!r}, request {len(self.asked)}")
        if len(queue) == 1 and callable(queue[0]):
            return queue[0]
        return queue.popleft()


def make_reply(
    content: str = "", *, reasoning: str | None = None, tool_calls: tuple[ToolCall, ...] = ()
) -> Reply:
    """Build a reply of a model named `scripted` that cost 10 tokens in and 5 out."""
    return Reply(
        content=content,
        reasoning=reasoning,
        tool_calls=tool_calls,
        finish_reason="tool_calls" if tool_calls else "stop",
        model="scripted",
        usage=Usage(calls=1, prompt_tokens=10, completion_tokens=5),
    )


def make_call(name: str, /, **arguments: JsonValue) -> ToolCall:
    """Build a call of tool `name`, with an id that follows from it."""
    return ToolCall(id=f"call_{name}", name=name, arguments=arguments)


def scripted_models(model: ChatModel) -> dict[Role, ChatModel]:
    """Give every role the same model."""
    roles: tuple[Role, ...] = get_args(Role)
    return dict.fromkeys(roles, model)


def runner_settings(**changes: float) -> RunnerSettings:
    """Return the shipped settings of the stage loop with some of them changed."""
    return load_settings(None, ()).runner.model_copy(update=changes)
