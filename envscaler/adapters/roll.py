"""Scenarios in ROLL: its environment manager for trajectories, which knows `envscaler`.

ROLL makes environments in worker processes, by names that GEM knows there. A YAML that says
`env_manager_cls: envscaler.adapters.roll.EnvManager` has this module imported in each of them.

ROLL sums the rewards of steps and knows none that means none. So an episode whose environment
broke is handed in with the mark `drop_flag`, and the `GroupFilter` below drops its group: ROLL
plays another one in its place.
"""

import gem
import ray
import torch
from roll.distributed.scheduler.protocol import DataProto
from roll.pipeline.agentic.agentic_config import AgenticConfig, EnvManagerConfig
from roll.pipeline.agentic.env_manager.base_env_manager import RolloutCache
from roll.pipeline.agentic.env_manager.traj_env_manager import TrajEnvManager
from roll.utils.logging import get_logger
from tensordict import TensorDict

from envscaler.errors import ConfigError, SandboxError

NAME = "envscaler"
_MOST_BROKEN = 100
"""Groups dropped in a row, after which nothing will ever be played."""

gem.register(NAME, entry_point="envscaler.adapters.gem:ScenarioEnv")


class EnvManager(TrajEnvManager):
    """ROLL's own, which also ends truncated episodes, and marks those that nothing can score.

    Raises:
        ConfigError: The YAML does not name the `GroupFilter` that drops what is marked.
    """

    def __init__(self, worker_config: EnvManagerConfig, *args: object, **kwargs: object) -> None:
        if worker_config.group_filter_cls != f"{__name__}.GroupFilter":
            raise ConfigError(
                f"Set group_filter_cls to {__name__}.GroupFilter: {worker_config.group_filter_cls} "
                "would take an environment that broke for a score of 0"
            )
        super().__init__(worker_config, *args, **kwargs)

    def reset(self) -> RolloutCache | None:
        cache = super().reset()
        while cache is not None and cache.history[0]["env_reset_failed"]:
            self._hand_in(_unusable(cache.history[0]["problem"]))
            cache = super().reset()
        return cache

    def _hand_in(self, rollout: DataProto) -> None:
        group, env = self.env_config["group_id"], self.env_config["env_id"]
        put = self.output_queue.put
        ray.get(put.remote(group, self.episode_id, self.current_step, rollout, env))
        self.trace_stack.close()

    def step(self, llm_output: DataProto) -> RolloutCache:
        cache = super().step(llm_output)
        # ROLL asks on after a truncated step, and only its own limit of steps would end that.
        cache.terminated = cache.terminated or cache.truncated
        return cache

    def formulate_rollouts(self, rollout_cache: RolloutCache) -> DataProto:
        played = [one for one in rollout_cache.history if "llm_response" in one]
        if not played:
            most = self.pipeline_config.sequence_length
            return _unusable(f"The prompt is longer than sequence_length, {most}")
        if not rollout_cache.terminated:
            # The text became too long. Nobody has scored what was done until then.
            _, played[-1]["reward"], _, _, info = self.env.step("")
            played[-1].update(info)
        if played[-1]["reward"] is None:
            return _unusable(played[-1]["problem"])
        return super().formulate_rollouts(rollout_cache)


class GroupFilter:
    """Drops groups with an episode that has no score; ROLL then plays another in their place."""

    def __init__(
        self, config: AgenticConfig, env_manager_config: EnvManagerConfig, mode: str
    ) -> None:
        self._in_a_row = 0

    def filter(self, group_id: int, episode_id: int, group: list[DataProto | None]) -> bool:
        """Return whether a group is dropped.

        Raises:
            SandboxError: No group in a row of many could be scored.
        """
        marked = [one for one in group if one is not None and one.meta_info.get("drop_flag")]
        if not marked:
            self._in_a_row = 0
            return False
        problem = marked[0].meta_info["problem"]
        get_logger().warning(f"Group {group_id}, episode {episode_id} has no score: {problem}")
        self._in_a_row += 1
        if self._in_a_row >= _MOST_BROKEN:
            raise SandboxError(f"{_MOST_BROKEN} groups in a row have no score: {problem}")
        return True


def _unusable(problem: str) -> DataProto:
    """Write a rollout that stands for an episode without a score."""
    batch = TensorDict({"scores": torch.full((1, 1), torch.nan)}, batch_size=[1])
    return DataProto(batch=batch, meta_info={"drop_flag": True, "problem": problem})
