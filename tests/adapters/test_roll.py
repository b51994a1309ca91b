"""`examples/roll/scenarios.yaml`, read by ROLL's own configuration classes.

ROLL is on no package index: `.ci/doors roll` checks it out, or ROLL names a folder.
"""

from importlib import import_module
from pathlib import Path

import pytest

pytest.importorskip(
    "roll.pipeline.agentic.agentic_config",
    reason="ROLL is not installed; .ci/doors roll checks it out",
)

import gem
from dacite import from_dict
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from roll.pipeline.agentic.agentic_config import AgenticConfig

from tests.adapters.example import CHECKOUT, EXAMPLE

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ROLL writes logs where it stands."""
    monkeypatch.chdir(tmp_path)


def read(*changes: str) -> AgenticConfig:
    """Read the YAML as ROLL's `start_agentic_pipeline.py` does."""
    with initialize_config_dir(str(CHECKOUT / "examples/roll"), version_base=None):
        chosen = compose(config_name="scenarios", overrides=list(changes))
    return from_dict(AgenticConfig, OmegaConf.to_container(chosen, resolve=True))


def test_roll_reads_the_published_hyper_parameters(tmp_path: Path) -> None:
    config = read(f"output_dir={tmp_path}", f"logging_dir={tmp_path / 'logs'}")

    assert config.adv_estimator == "reinforce"
    assert (config.rollout_batch_size, config.sequence_length) == (512, 32000)
    assert config.actor_train.training_args.learning_rate == 1e-6
    assert config.actor_train.training_args.gradient_accumulation_steps == 64
    assert config.actor_infer.generating_args.temperature == 0.99
    assert config.init_kl_coef == 0.1


def test_every_environment_of_a_worker_gets_the_folder(tmp_path: Path) -> None:
    config = read(f"output_dir={tmp_path}", f"logging_dir={tmp_path / 'logs'}", f"folder={EXAMPLE}")

    made = [
        one for worker in config.train_env_manager.env_configs.values() for one in worker.values()
    ]
    assert len(made) == 64 * 8
    assert {one["config"]["folder"] for one in made} == {str(EXAMPLE)}
    assert {one["env_type"] for one in made} == {"envscaler"}


def test_the_manager_that_the_yaml_names_is_rolls_own_and_brings_the_environment() -> None:
    pytest.importorskip("transfer_queue", reason="what ROLL moves tensors with is not installed")
    rolls = import_module("roll.pipeline.agentic.env_manager.traj_env_manager").TrajEnvManager
    name = read().custom_envs["scenarios"]["env_manager_cls"]
    module, _, of_class = name.rpartition(".")
    manager = getattr(import_module(module), of_class)

    assert issubclass(manager, rolls)
    env = gem.make("envscaler", folder=str(EXAMPLE), max_steps=40)
    _, info = env.reset(seed=0)
    assert info["tools"]
    env.close()
