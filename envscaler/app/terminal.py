"""`envscaler play`: a scenario in the terminal, by hand or by models, step by step."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from envscaler.app.acting import Actors
from envscaler.app.forms import Field, checked, fields_of
from envscaler.app.hand import PERSON, HandPlay, Made, save
from envscaler.environment.state.difference import StateDiff
from envscaler.errors import ConfigError, EnvScalerError
from envscaler.records import JsonObject, JsonValue, Message, Tool, VerdictKind

Ask = Callable[[str], str]
"""Shows a prompt and returns a line.

Raises:
    EOFError: There will be no more lines.
"""

HELP = (
    ("a tool", "its number or name; then a form, or at once: lend book_id=B2 reader=Ada"),
    (":tools [NAME]", "the tools, or one with its parameters"),
    (":state [PATH]", "the state, or a part of it such as orders.O1"),
    (":checks", "how each check stands"),
    (":score", "the reward as it is now"),
    (":task, :rules", "what is asked for, and what holds here"),
    (":think TEXT", "reasoning, kept with the next call"),
    (":undo", "take the last call back"),
    (":hint", "the next call of the reference solution"),
    (":reference", "make the next call of the reference solution"),
    (":model [all]", "let the model do the next thing, or everything to the end"),
    (":user", "put a model into the user's place, from the beginning"),
    (":tell TEXT", "speak as the user; at the beginning, instead of the task"),
    (":say TEXT", "speak to the user as the agent"),
    (":done [TEXT]", "say that it is done, see the score, keep it as a trajectory"),
    (":quit", "leave and keep nothing"),
)
_MARKS = {VerdictKind.PASSED: ("✓", "green"), VerdictKind.FAILED: ("✗", "red")}


@dataclass
class TerminalPlay:
    """A person at a terminal and one scenario."""

    play: HandPlay
    actors: Actors
    run: Path
    console: Console
    ask: Ask

    def loop(self) -> bool:
        """Do what is typed until the end; say whether a trajectory was kept."""
        self.console.print(Panel(Text(self.play.env.task), title="Task", title_align="left"))
        self._tools("")
        self.console.print(Text("Type a tool, or :help.", "dim"))
        while True:
            try:
                line = self.ask(f"[{self.play.calls}] > ").strip()
            except EOFError:
                return False
            word, _, rest = line.partition(" ")
            if word == ":quit":
                return False
            if word == ":done":
                self._done(rest.strip())
                return True
            if line:
                self._obey(word, rest.strip())

    def _obey(self, word: str, rest: str) -> None:
        try:
            if word.startswith(":"):
                self._command(word)(rest)
            else:
                self._use(self._tool(word), rest)
        except EnvScalerError as error:
            self.console.print(Text(str(error), "red"))

    def _command(self, word: str) -> Callable[[str], None]:
        commands: Mapping[str, Callable[[str], None]] = {
            ":help": self._help,
            ":tools": self._tools,
            ":state": self._state,
            ":checks": self._checks,
            ":score": self._score,
            ":task": lambda _: self.console.print(Text(self.play.env.task)),
            ":rules": self._rules,
            ":think": self._think,
            ":undo": self._undo,
            ":hint": self._hint,
            ":reference": self._reference,
            ":model": self._model,
            ":user": self._user,
            ":tell": self._tell,
            ":say": self._say,
        }
        if word not in commands:
            raise ConfigError(f"There is no command {word}; :help lists them")
        return commands[word]

    def _help(self, _: str) -> None:
        table = Table.grid(padding=(0, 2))
        for command, what in HELP:
            table.add_row(Text(command, "bold"), Text(what))
        self.console.print(table)

    def _tools(self, name: str) -> None:
        if name:
            tool = self._tool(name)
            self.console.print(Text.assemble((tool.name, "bold"), f"  {tool.description}"))
            for each in fields_of(tool):
                self.console.print(Text(f"  {each.label}  {each.description}"))
            return
        for number, tool in enumerate(self._all_tools(), start=1):
            first = tool.description.strip().partition("\n")[0]
            line = Text.assemble(
                f"{number:3} ", (tool.name, "bold"), (_signature(tool), "cyan"), f"  {first}"
            )
            self.console.print(line, no_wrap=True, overflow="ellipsis")

    def _all_tools(self) -> tuple[Tool, ...]:
        return self.play.scenario.environment.tools

    def _tool(self, wanted: str) -> Tool:
        tools = self._all_tools()
        if wanted.isdigit() and 1 <= int(wanted) <= len(tools):
            return tools[int(wanted) - 1]
        for tool in tools:
            if tool.name == wanted:
                return tool
        raise ConfigError(f"There is no tool {wanted}; :tools lists them, :help what else there is")

    def _use(self, tool: Tool, rest: str) -> None:
        arguments = read_line(tool, rest) if rest else self._form(tool)
        self._show(self.play.call(tool.name, checked(tool, arguments)))

    def _form(self, tool: Tool) -> JsonObject:
        fields = fields_of(tool)
        if fields:
            self.console.print(Text("Leave what is optional empty.", "dim"))
        arguments: JsonObject = {}
        for each in fields:
            if each.description:
                self.console.print(Text(f"  {each.description}", "dim"))
            arguments |= self._field(each)
        return arguments

    def _field(self, each: Field) -> JsonObject:
        while True:
            try:
                text = self.ask(f"  {each.label}: ").strip()
            except EOFError as error:
                raise ConfigError("The form was left; nothing was called") from error
            if not text and not each.required:
                return {}
            try:
                return {each.name: each.read(text)}
            except ConfigError as error:
                self.console.print(Text(str(error), "red"))

    def _show(self, made: Made) -> None:
        self.console.print(Text(made.text, "yellow"))
        lines = [*change_lines(made.changes)]
        for line in lines:
            self.console.print(line)
        if not lines:
            self.console.print(Text("The state did not change.", "dim"))

    def _state(self, path: str) -> None:
        part = part_of(self.play.env.state(), path)
        text = json.dumps(part, indent=2, ensure_ascii=False)
        self.console.print(Syntax(text, "json", word_wrap=True))

    def _checks(self, _: str) -> None:
        checks = self.play.scenario.checks
        for check, verdict in zip(checks, self.play.env.score().verdicts, strict=False):
            mark, style = _MARKS.get(verdict.kind, ("!", "bold red"))
            role = check.role or "check"
            self.console.print(
                Text.assemble((mark, style), f" {check.item} ", (role, "dim"), verdict.message)
            )
        if not checks:
            self.console.print(Text("This scenario has no checks.", "dim"))

    def _score(self, _: str) -> None:
        score = self.play.env.score()
        told = score.problem if score.reward is None else f"{score.reward:.4f}"
        self.console.print(Text(f"Reward: {told}", "bold"))

    def _rules(self, _: str) -> None:
        for number, rule in enumerate(self.play.scenario.environment.rules, start=1):
            self.console.print(Text(f"{number:3}. {rule}"))

    def _think(self, thought: str) -> None:
        self.play.thought = "\n".join(filter(None, (self.play.thought, thought)))

    def _undo(self, _: str) -> None:
        if not self.play.undo():
            raise ConfigError("There is no call to take back")
        self.console.print(Text("Taken back.", "dim"))

    def _hint(self, _: str) -> None:
        call = self.play.next_of_reference()
        if call is None:
            raise ConfigError("There is no further call in a reference solution")
        text = json.dumps(call.arguments, ensure_ascii=False)
        self.console.print(Text(f"{call.name} {text}", "magenta"))

    def _reference(self, _: str) -> None:
        self._hint("")
        call = self.play.next_of_reference()
        if call is not None:
            self._show(self.play.call(call.name, call.arguments))

    def _model(self, how_far: str) -> None:
        limit = self.play.settings.interact.max_steps if how_far == "all" else 1
        for _ in range(limit):
            self._told(lambda: self.actors.act(self.play))
            if self.play.is_over or self.play.waits_for_the_user:
                return

    def _user(self, _: str) -> None:
        self._told(lambda: self.actors.begin_user(self.play))

    def _tell(self, words: str) -> None:
        self._told(lambda: self.play.hear(words, PERSON))

    def _say(self, words: str) -> None:
        def speak() -> None:
            self.play.say(words)
            self.actors.answer(self.play)

        self._told(speak)

    def _told(self, act: Callable[[], list[Made] | None]) -> None:
        """Do something, and print what was said and called."""
        before = len(self.play.messages)
        made = iter(act() or ())
        for message in self.play.messages[before:]:
            if message.role == "tool":
                self._show(next(made))
                continue
            for line in spoken_lines(message):
                self.console.print(line)
        if self.play.is_over:
            self.console.print(Text("It is over; :done keeps it.", "dim"))

    def _done(self, words: str) -> None:
        played = self.play.finish(words or "Done.")
        self._checks("")
        self._score("")
        problem = save(self.run, played, self.play.settings)
        where = "rollouts.jsonl" if problem else "trajectories.jsonl"
        self.console.print(Text(f"Kept as {played.id} in {self.run / where}"))
        if problem:
            self.console.print(Text(f"Exports leave it out: {problem}", "yellow"))


def read_line(tool: Tool, text: str) -> JsonObject:
    """Read arguments on one line: `name=value name=value`, or a JSON object.

    Raises:
        ConfigError: They cannot be read.
    """
    if text.startswith("{"):
        try:
            return cast("JsonObject", json.loads(text))
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"These arguments are no JSON object: {error}") from error
    fields = {each.name: each for each in fields_of(tool)}
    try:
        parts = shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"A quotation mark is missing in {text!r}") from error
    arguments: JsonObject = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals or name not in fields:
            known = ", ".join(fields) or "none"
            raise ConfigError(f"{part!r} is not name=value; the arguments are: {known}")
        arguments[name] = fields[name].read(value)
    return arguments


def part_of(state: JsonValue, path: str) -> JsonValue:
    """Return a part of a state, such as `orders.O1` or `items.0`.

    Raises:
        ConfigError: There is none.
    """
    for step in filter(None, path.split(".")):
        if isinstance(state, dict) and step in state:
            state = state[step]
        elif isinstance(state, list) and step.isdigit() and int(step) < len(state):
            state = state[int(step)]
        else:
            known = ", ".join([*state][:12]) if isinstance(state, dict) else "no names"
            raise ConfigError(f"There is no {step!r} in {path!r}; there is: {known}")
    return state


def change_lines(changes: StateDiff) -> Iterator[Text]:
    """Write what a call changed, one place a line."""
    for sign, style, places in (("+", "green", changes.added), ("−", "red", changes.removed)):
        for path, value in places.items():
            yield Text.assemble((f"{sign} {path} ", style), json.dumps(value, ensure_ascii=False))
    for path, (old, new) in changes.changed.items():
        was, now = (json.dumps(each, ensure_ascii=False) for each in (old, new))
        yield Text.assemble((f"~ {path} ", "yellow"), f"{was} → {now}")


def spoken_lines(message: Message) -> Iterator[Text]:
    """Write what an agent or a user said, and which calls it made."""
    if message.reasoning:
        yield Text(message.reasoning, "dim italic")
    if message.content:
        yield Text.assemble((f"{message.role}: ", "bold"), message.content)
    for call in message.tool_calls:
        yield Text(f"{call.name} {json.dumps(call.arguments, ensure_ascii=False)}", "magenta")


def _signature(tool: Tool) -> str:
    required = set(tool.required)
    names = (name if name in required else f"{name}?" for name in tool.properties)
    return f"({', '.join(names)})"
