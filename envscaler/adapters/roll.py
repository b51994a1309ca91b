"""Scenarios in ROLL: its environment manager for trajectories, which knows `envscaler`.

ROLL makes environments in worker processes, by names that GEM knows there. A YAML that says
`env_manager_cls: envscaler.adapters.roll.EnvManager` has this module imported in each of them.
"""

import gem
from roll.pipeline.agentic.env_manager.traj_env_manager import TrajEnvManager

NAME = "envscaler"

gem.register(NAME, entry_point="envscaler.adapters.gem:ScenarioEnv")


class EnvManager(TrajEnvManager):
    """ROLL's own, by a name that brings the environment along."""
