"""What one visitor of the app has on the desk: a scenario, who plays it, and what was done."""

from collections.abc import Callable, Iterator
from pathlib import Path

from envscaler.app.acting import Actors
from envscaler.app.hand import PERSON, HandPlay, Made
from envscaler.app.terminal import change_lines, spoken_lines
from envscaler.config import Settings
from envscaler.env import Env
from envscaler.errors import EnvScalerError, RowError
from envscaler.load import LoadedScenario
from envscaler.records import JsonObject, Tool, VerdictKind

_MARKS = {VerdictKind.PASSED: "✓", VerdictKind.FAILED: "✗"}
Shown = tuple[str, str, str, str, JsonObject]
"""Task with rules, what was done, checks, reward, state."""


class Desk:
    """One visitor's scenario, with what was done in it so far."""

    def __init__(self, scenario: LoadedScenario, settings: Settings, run: Path) -> None:
        self._env = Env(scenario)
        self.play = HandPlay(scenario, self._env, settings)
        self._actors = Actors(run, settings)
        self._log: list[str] = []

    def close(self) -> None:
        """Give up the environment and the models."""
        self._actors.close()
        self._env.close()

    def call(self, tool: str, arguments: JsonObject) -> None:
        """Make a call, and write down what came of it."""
        self._done(lambda: [self.play.call(tool, arguments)])

    def tell(self, text: str) -> None:
        """Write something down."""
        self._log.append(text)

    def undo(self) -> None:
        """Take the last call back."""
        self.tell("(the last call was taken back)" if self.play.undo() else "(nothing to undo)")

    def follow(self, *, to_the_end: bool) -> None:
        """Make the next call of the reference solution, or all that are left."""
        while (call := self.play.next_of_reference()) is not None:
            self.call(call.name, call.arguments)
            if not to_the_end:
                return
        self.tell("(the reference solution has no further call)")

    def act(self, *, to_the_end: bool) -> Iterator[None]:
        """Let the model do the next thing, or everything; yields after each."""
        limit = self.play.settings.interact.max_steps if to_the_end else 1
        for _ in range(limit):
            if not self._done(lambda: self._actors.act(self.play)):
                return
            yield
            if self.play.is_over or self.play.waits_for_the_user:
                return

    def begin_user(self) -> None:
        """Put a model into the user's place."""
        self._done(lambda: self._actors.begin_user(self.play))

    def say(self, words: str) -> None:
        """Speak as the agent; a model in the user's place answers."""

        def speak() -> None:
            self.play.say(words)
            self._actors.answer(self.play)

        self._done(speak)

    def hear(self, words: str) -> None:
        """Speak as the user."""
        self._done(lambda: self.play.hear(words, PERSON))

    def _done(self, act: Callable[[], list[Made] | None]) -> bool:
        """Do something, and write down what was said and called; False where it went wrong."""
        before = len(self.play.messages)
        try:
            made = iter(act() or ())
        except EnvScalerError as error:
            self.tell(f"! {error}")
            return False
        for message in self.play.messages[before:]:
            if message.role == "tool":
                self.tell(_came_of(next(made)))
            else:
                self.tell("\n".join(line.plain for line in spoken_lines(message)))
        if self.play.is_over:
            self.tell("(it is over)")
        return True

    @property
    def tools(self) -> tuple[Tool, ...]:
        return self.play.scenario.environment.tools

    def shown(self) -> Shown:
        """Return all that the page shows."""
        scenario, score = self.play.scenario, self._env.score()
        rules = "\n".join(f"{n}. {rule}" for n, rule in enumerate(scenario.environment.rules, 1))
        checks = "\n".join(
            f"{_MARKS.get(verdict.kind, '!')} {check.role or 'check'}: {check.item}"
            for check, verdict in zip(scenario.checks, score.verdicts, strict=False)
        )
        reward = score.problem if score.reward is None else f"{score.reward:.4f}"
        task = f"{scenario.task}\n\nRules\n{rules}"
        return task, "\n\n".join(reversed(self._log)), checks, reward, self._state()

    def _state(self) -> JsonObject:
        try:
            return self._env.state()
        except RowError as error:
            return {"the state cannot be read": str(error)}


def _came_of(made: Made) -> str:
    changed = [line.plain for line in change_lines(made.changes)]
    return "\n".join([made.text, *(changed or ["(the state did not change)"])])
