"""Settings: `configs/default.yaml`, then `--config`, then `--set`; keys come from the environment.

`default.yaml` is the only place of default values. `environment` is the only reader of the process
environment and of `.env`.
"""

from envscaler.config.environment import endpoints, read_environment, without_secrets
from envscaler.config.loading import load_settings
from envscaler.config.sections import (
    CalibrateSettings,
    HardeningName,
    InteractSettings,
    LlmSettings,
    ModelSettings,
    RunnerSettings,
    SandboxSettings,
    ScenGeneratorSettings,
    Section,
    Settings,
    SkelBuilderSettings,
)

__all__ = [
    "CalibrateSettings",
    "HardeningName",
    "InteractSettings",
    "LlmSettings",
    "ModelSettings",
    "RunnerSettings",
    "SandboxSettings",
    "ScenGeneratorSettings",
    "Section",
    "Settings",
    "SkelBuilderSettings",
    "endpoints",
    "load_settings",
    "read_environment",
    "without_secrets",
]
