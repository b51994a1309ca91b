"""Scenarios as a GEM environment, which is what ROLL plays: text in, text out.

    from envscaler.adapters.gem import register
    register("runs/one")
    env = gem.make("envscaler")
    text, info = env.reset(seed=3)          # the seed chooses the scenario

An action is a reply in the Hermes and Qwen format, with `<tool_call>` blocks; a reply without one
ends the episode. Where the environment broke, the episode is truncated and `info["problem"]` says
why: a trainer has to leave it out, because GEM has no reward that means none.
"""

from pathlib import Path

import gem
from gem.core import Env as GemEnv

from envscaler.adapters.rows import rows_of
from envscaler.dialects.tool_calls import read_tool_calls
from envscaler.env import Env
from envscaler.errors import ReplyError, RowError
from envscaler.train.tools import qwen_section


class ScenarioEnv(GemEnv):
    """One scenario at a time.

    Args:
        folder: A run folder, or RUN/exports/rl.
        max_steps: Replies of the agent after which an episode is truncated.

    Raises:
        ArtifactError: There is no such folder, or a row is not whole or of another version.
    """

    def __init__(self, folder: str, max_steps: int = 30) -> None:
        super().__init__()
        self._rows = list(rows_of(folder).values())
        self._max_steps = max_steps
        self._steps = 0
        self._next = 0
        self._env: Env | None = None

    def reset(self, seed: int | None = None) -> tuple[str, dict]:
        super().reset(seed)
        self.close()
        number = self._next if seed is None else seed
        self._next, self._steps = number + 1, 0
        try:
            self._env = Env(self._rows[number % len(self._rows)])
        except RowError as error:
            return "", {"env_reset_failed": True, "problem": str(error)}
        known = {"scenario_id": self._env.scenario_id, "system": self._env.system}
        # ROLL puts this before the first observation, and has no other place for tools.
        known["env_instruction"] = f"{self._env.system}\n\n{qwen_section(self._env.tools)}\n"
        return self._env.task, {**known, "tools": self._env.tools, "env_reset_failed": False}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict]:
        if self._env is None:
            return "", 0.0, False, True, {"problem": "The environment did not open"}
        self._steps += 1
        try:
            _, calls = read_tool_calls(action)
        except ReplyError as error:
            return self._going_on(f"{error}.")
        if not calls:
            return self._end()
        results = (self._env.call(call.name, call.arguments) for call in calls)
        return self._going_on(
            "\n".join(f"<tool_response>\n{result}\n</tool_response>" for result in results)
        )

    def _going_on(self, text: str) -> tuple[str, float, bool, bool, dict]:
        if self._steps < self._max_steps:
            return text, 0.0, False, False, {}
        _, reward, _, _, info = self._end()
        return text, reward, False, True, info

    def _end(self) -> tuple[str, float, bool, bool, dict]:
        score = self._env.score()
        info = score.model_dump(mode="json")
        if score.reward is None:
            return "", 0.0, False, True, info
        return "", score.reward, True, False, info

    def close(self) -> None:
        """End the episode."""
        if self._env is not None:
            self._env.close()
            self._env = None


def register(folder: str | Path, name: str = "envscaler", max_steps: int = 30) -> None:
    """Let `gem.make(name)` play the scenarios of a folder."""
    gem.register(name, ScenarioEnv, folder=str(folder), max_steps=max_steps)
