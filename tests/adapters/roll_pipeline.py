"""A stand-in for ROLL's pipeline, and ROLL's own script run with it, without a cluster.

python -m tests.adapters.roll_pipeline SCRIPT OPTIONS…
"""

import runpy
import sys

from roll.distributed.scheduler import initialize
from roll.pipeline.agentic.agentic_config import AgenticConfig


class StandIn:
    """Says what it would train."""

    def __init__(self, pipeline_config: AgenticConfig) -> None:
        self._config = pipeline_config

    def run(self) -> None:
        folder = self._config.custom_envs["scenarios"]["env_config"]["folder"]
        sys.stdout.write(f"would train {self._config.pretrain} on {folder}\n")


if __name__ == "__main__":
    initialize.init = lambda: None
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
