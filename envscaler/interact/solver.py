"""Agents without a model that try to solve a task from what an agent sees.

They read the task, the tools and the results as anybody would who knows neither the grammar of the
tasks nor the state: each sentence is one act, done with the tool whose description is most like it.
"""

import json
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from math import log
from random import Random
from typing import cast

from pydantic import JsonValue

from envscaler.interact.agent import Act
from envscaler.interact.told import (
    code_for,
    mentions,
    records_in,
    sentences_of,
    stems_of,
    value_for,
)
from envscaler.records import Call, JsonObject, Message, Tool, ToolCall

_LOOKING = frozenset(
    (
        "get",
        "list",
        "search",
        "find",
        "check",
        "view",
        "filter",
        "retriev",
        "fetch",
        "show",
        "verify",
        "calculat",
        "comput",
        "count",
    )
)
"""Stems with which the names of tools begin that only look."""
_ALIKE = (
    "delet remov clear cancel discard",
    "updat chang adjust edit set modify correct",
    "creat add register log submit open record",
    "assign transfer associat link",
)
"""Stems that people use for each other."""
_COMMON = {word: group.split()[0] for group in _ALIKE for word in group.split()}
_DESCRIPTION = 0.4
"""What a word of the description is worth beside one of the name."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How much a solver looks up before it acts."""

    each: int
    """Look-ups for each sentence, at most."""
    total: int
    """Look-ups in all, at most."""


ONE_LOOK_UP = Strength(1, 1)
GREEDY = Strength(4, 20)


class Toolbox:
    """The tools, and which of them a sentence speaks of.

    Args:
        tools: As a model sees them.
        chance: Decides between tools that fit alike.
    """

    def __init__(self, tools: Sequence[Tool], chance: Random) -> None:
        shuffled = [*tools]
        chance.shuffle(shuffled)
        self._look_ups = [tool for tool in shuffled if _is_look_up(tool)]
        self._changes = [tool for tool in shuffled if not _is_look_up(tool)]
        seen = Counter(word for tool in tools for word in {*_words_of(tool)})
        self._worth = {word: log(1 + len(tools) / count) for word, count in seen.items()}

    def changes(self, sentence: str) -> list[Tool]:
        """Return the tools that change something, the most fitting first."""
        return self._sorted(self._changes, sentence)

    def look_ups(self, sentence: str) -> list[Tool]:
        """Return the tools that only look, the most fitting first."""
        return self._sorted(self._look_ups, sentence)

    def _sorted(self, tools: Iterable[Tool], sentence: str) -> list[Tool]:
        said = {*_common(stems_of(sentence))}
        return sorted(tools, key=lambda tool: -self._fit(tool, said))

    def _fit(self, tool: Tool, said: set[str]) -> float:
        name = {*_common(stems_of(tool.name.replace("_", " ")))}
        more = {*_words_of(tool)} - name
        gained = sum(self._worth[word] for word in name & said)
        gained += _DESCRIPTION * sum(self._worth[word] for word in more & said)
        return gained - 0.5 * sum(self._worth[word] for word in name - said)


class Solver:
    """Acts sentence by sentence: looks up what fits, and calls the most fitting change.

    Args:
        opening: What it was told before the first word, for the record.
        chance: Decides between tools that fit alike.
        strength: How much it looks up.
        most: Calls that it makes at most.
        end: Its last message.
    """

    def __init__(
        self,
        opening: tuple[Message, ...],
        chance: Random,
        strength: Strength,
        most: int,
        end: Message,
    ) -> None:
        self.opening = opening
        self._chance = chance
        self._strength = strength
        self._most = most
        self._end = end
        self._records: list[JsonObject] = []
        self._made: list[Call] = []
        self._plan: Generator[Call] | None = None
        self._tools: tuple[Tool, ...] = ()

    @property
    def tool_names(self) -> frozenset[str]:
        """The tools that there are."""
        return frozenset(tool.name for tool in self._tools)

    def offer(self, tools: tuple[Tool, ...]) -> None:
        """Take note of the tools that there are from now on."""
        self._tools = tools

    async def act(self, messages: Sequence[Message]) -> Act:
        """Make the next call, or say the last word."""
        if self._plan is None:
            self._plan = self._calls(messages[0].content)
        elif messages[-1].role == "tool":
            self._records += records_in(_value_of(messages[-1].content))
        call = next(self._plan, None) if len(self._made) < self._most else None
        if call is None:
            return Act(message=self._end, fault=None, length=0)
        self._made.append(call)
        wire = ToolCall(id=f"call_{len(self._made)}", name=call.name, arguments=call.arguments)
        message = Message(role="assistant", content="", tool_calls=(wire,))
        return Act(message=message, fault=None, length=0)

    def _calls(self, task: str) -> Generator[Call]:
        """Yield the calls of a task; what each answered is there when the next is asked for."""
        box = Toolbox(self._tools, self._chance)
        looked = 0
        for sentence in sentences_of(task):
            for _ in range(self._strength.each):
                call = self._next_look_up(box, sentence, task)
                if call is None or looked == self._strength.total:
                    break
                looked += 1
                yield call
            for tool in box.changes(sentence)[:2]:
                arguments = self._arguments(tool, sentence, task)
                if arguments is not None:
                    yield Call(name=tool.name, arguments=arguments)
                    break

    def _next_look_up(self, box: Toolbox, sentence: str, task: str) -> Call | None:
        """Return the most fitting look-up whose arguments are known, and that is a new one."""
        for tool in box.look_ups(sentence):
            arguments = self._arguments(tool, sentence, task)
            call = None if arguments is None else Call(name=tool.name, arguments=arguments)
            if call is not None and call not in self._made:
                return call
        return None

    def _arguments(self, tool: Tool, sentence: str, task: str) -> JsonObject | None:
        """Return what a tool needs; None where something is not known."""
        found: JsonObject = {}
        for name, schema in tool.properties.items():
            label = stems_of(name.replace("_", " "))
            if name.endswith("_id"):
                value = self._id(name, label, sentence, task)
            else:
                value = value_for(label, schema, sentence, is_needed=name in tool.required)
            if value is not None:
                found[name] = value
            elif name in tool.required:
                return None
        return found

    def _id(self, name: str, label: Sequence[str], sentence: str, task: str) -> JsonValue:
        return (
            code_for(label, sentence)
            or self._known(name, sentence)
            or code_for(label, task)
            or self._known(name, task)
        )

    def _known(self, name: str, text: str) -> JsonValue:
        """Return the id in the record of the results of which a text says most."""
        for key in (name, "_id", "id"):
            having = [record for record in self._records if record.get(key)]
            best = max(having, key=lambda record: mentions(text, record), default=None)
            if best is not None and mentions(text, best):
                return best[key]
        return None


def _is_look_up(tool: Tool) -> bool:
    return stems_of(tool.name.replace("_", " "))[0] in _LOOKING


def _words_of(tool: Tool) -> list[str]:
    told = tool.description.split("\n\n")[0]
    return _common(stems_of(f"{tool.name.replace('_', ' ')} {told}"))


def _common(words: Iterable[str]) -> list[str]:
    return [_COMMON.get(word, word) for word in words]


def _value_of(content: str) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(content))
    except ValueError:
        return content
