"""`examples/roll/scenarios.yaml` in ROLL's own hands: its configuration, manager and queue.

ROLL is on no package index: `.ci/doors roll` checks it out, or ROLL names a folder. What is not
ROLL's here is the model: a policy that writes proven solutions.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

pytest.importorskip(
    "roll.pipeline.agentic.agentic_config",
    reason="ROLL is not installed; .ci/doors roll checks it out",
)

import ray
import roll
import torch
from dacite import from_dict
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf
from roll.distributed.scheduler.protocol import DataProto
from roll.distributed.scheduler.rollout_scheduler import GroupQueueManager
from roll.pipeline.agentic.agentic_config import AgenticConfig
from roll.pipeline.agentic.llm_proxy import BaseLLMProxy, register_llm_proxy
from roll.utils.import_utils import safe_import_class
from tensordict import TensorDict

from envscaler.env import Env
from envscaler.errors import ArtifactError, ConfigError, SandboxError
from envscaler.jsonl import write_rows
from tests.adapters.example import CHECKOUT, EXAMPLE, plain_template, proven, solution
from tests.adapters.test_bad_input import FAULTS, spoil
from tests.adapters.tiny import tiny_tokenizer
from tests.face import LEND, write_desk
from tests.interact.fakes import make_environment, make_scenario

pytestmark = pytest.mark.filterwarnings("ignore")
TOKENIZER = tiny_tokenizer(plain_template())
SMALL = (
    *("train_env_manager.num_env_groups=1", "train_env_manager.num_groups_partition=[1]"),
    *("train_env_manager.group_size=4", "rollout_batch_size=4", "seed=0"),
    *("+train_env_manager.llm_proxy.proxy_type=scripted", "sequence_length=40000"),
)
SAVED = ("output_dir=output", "logging_dir=logs")
Policy = Callable[[str, int], str]
"""From the text so far and the number of replies to the next reply."""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ROLL writes logs where it stands."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def cluster() -> Generator[None]:
    """A cluster of this machine, as ROLL's queues need one."""
    for tries_left in reversed(range(4)):
        try:
            ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
            break
        except Exception as error:  # Ray raises no class of its own for it
            ray.shutdown()
            # It waits 30 seconds for its processes, too few on a busy machine.
            if "timed out during startup" not in str(error) or not tries_left:
                raise
    yield
    ray.shutdown()


def read(*changes: str) -> AgenticConfig:
    """Read the YAML as ROLL's `start_agentic_pipeline.py` does."""
    with initialize_config_dir(str(CHECKOUT / "examples/roll"), version_base=None):
        chosen = compose(config_name="scenarios", overrides=[*SAVED, *changes])
    return from_dict(AgenticConfig, OmegaConf.to_container(chosen, resolve=True))


def test_roll_reads_the_published_hyper_parameters() -> None:
    config = read()

    assert config.adv_estimator == "reinforce"
    assert (config.rollout_batch_size, config.sequence_length) == (512, 32000)
    assert config.actor_train.training_args.learning_rate == 1e-6
    assert config.actor_train.training_args.gradient_accumulation_steps == 64
    assert config.actor_infer.generating_args.temperature == 0.99
    assert config.init_kl_coef == 0.1


def test_rolls_own_script_reads_it_beside_its_examples(tmp_path: Path) -> None:
    """The command of docs/trainers.md, up to where a cluster and its cards would be needed."""
    examples = tmp_path / "examples"
    script = Path(roll.__file__).parents[1] / "examples" / "start_agentic_pipeline.py"
    (examples / "envscaler").mkdir(parents=True)
    shutil.copy(script, examples)
    text = (CHECKOUT / "examples/roll/scenarios.yaml").read_text(encoding="utf-8")
    stand_in = f"{text}pipeline_cls: tests.adapters.roll_pipeline.StandIn\n"
    (examples / "envscaler/scenarios.yaml").write_text(stand_in, encoding="utf-8")
    command = ["-m", "tests.adapters.roll_pipeline", str(examples / script.name)]
    chosen = ["--config_path", "envscaler", "--config_name", "scenarios"]
    paths = os.pathsep.join((str(CHECKOUT), os.environ["PYTHONPATH"]))

    done = subprocess.run(
        [sys.executable, *command, *chosen],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert "would train Qwen/Qwen3-8B on /path/to/runs/one" in done.stdout


def test_every_environment_of_a_worker_gets_the_folder() -> None:
    config = read(f"folder={EXAMPLE}")

    made = [
        one for worker in config.train_env_manager.env_configs.values() for one in worker.values()
    ]
    assert len(made) == 64 * 8
    assert {one["config"]["folder"] for one in made} == {str(EXAMPLE)}
    assert {one["env_type"] for one in made} == {"envscaler"}


@register_llm_proxy("scripted")
class Scripted(BaseLLMProxy):
    """Answers by a policy that stands in the place of ROLL's scheduler."""

    def generate(self, messages: list, lm_input: DataProto, generation_config: dict) -> DataProto:
        text = self.tokenizer.decode(lm_input.batch["input_ids"][0])
        reply = self.generate_scheduler(text, text.count("<|im_start|>assistant") - 1)
        ids = self.tokenizer(f"{reply}<|im_end|>")["input_ids"]
        batch = TensorDict({"responses": torch.tensor([ids])}, batch_size=[1])
        return DataProto(batch=batch, meta_info=lm_input.meta_info)


def written(name: str, arguments: object) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


def solves(text: str, turn: int) -> str:
    """Play the proven solution of the task that stands in a text."""
    calls = next(solution(row) for row in proven() if row.task in text)
    return written(calls[turn].name, calls[turn].arguments) if turn < len(calls) else "Done."


def play(config: AgenticConfig, policy: Policy) -> list[DataProto]:
    """Let ROLL's queue and the managers of its only group play until a batch is full."""
    queue = GroupQueueManager.remote(config, config.train_env_manager, "train")
    managers = [make_manager(config, policy, number, queue) for number in range(4)]
    ray.get(queue.advance_step.remote(0))
    seed = DataProto(meta_info={"seed": 0})
    threads = [threading.Thread(target=one.run_rollout_loop, args=(seed,)) for one in managers]
    for manager in managers:
        manager.update_step(0)
    for thread in threads:
        thread.start()
    try:
        return ray.get(queue.get_batch.remote(4, 0), timeout=200)
    finally:
        for manager in managers:
            manager.stop()
        ray.get(queue.shutdown.remote())
        for thread in threads:
            thread.join(60)


def make_manager(config: AgenticConfig, policy: Policy, number: int, queue: object) -> object:
    """Make the manager that the YAML names, as ROLL's worker does."""
    chosen = config.train_env_manager.env_configs[0][number]
    return safe_import_class(chosen["env_manager_cls"])(
        worker_config=config.train_env_manager,
        pipeline_config=config,
        env_config=DictConfig(chosen),
        tokenizer=TOKENIZER,
        generate_scheduler=policy,
        output_queue=queue,
        thread_lock=threading.Lock(),
    )


def broken_desk(folder: Path) -> Path:
    """Write a run with two scenarios of the desk, the first of which cannot be scored."""
    first, second = make_scenario(), make_scenario().model_copy(update={"id": "scen-2"})
    return write_desk(folder, None, (first.model_copy(update={"task": "Forget."}), second))


def test_rolls_own_manager_plays_solutions_to_their_reward(cluster: None) -> None:
    config = read(f"folder={EXAMPLE}", *SMALL)

    batch = play(config, solves)

    text = TOKENIZER.decode(batch[0].batch["input_ids"][0])
    scenario = next(row for row in proven() if row.task in text)
    with Env(scenario) as env:
        for call in solution(scenario):
            env.call(call.name, call.arguments)
        wanted = env.score().reward
    assert [one.non_tensor_batch["episode_scores"][0] for one in batch] == [wanted] * 4
    replies = [solves(text, turn) for turn in range(len(solution(scenario)) + 1)]
    for one in batch:
        ids = one.batch["input_ids"][0][one.batch["response_mask"][0].bool()]
        assert TOKENIZER.decode(ids) == "".join(f"{reply}<|im_end|>" for reply in replies)
        assert one.batch["scores"].sum() == wanted
    assert all(f'"name": "{tool.name}"' in text for tool in scenario.environment.tools)


def test_a_group_whose_environment_broke_is_replaced_and_never_scored(
    cluster: None, tmp_path: Path
) -> None:
    run = broken_desk(tmp_path / "run")
    config = read(f"folder={run}", *SMALL)

    def act(text: str, turn: int) -> str:
        name, arguments = ("forget", {}) if "Forget." in text else ("lend", LEND)
        return written(name, arguments) if turn == 0 else "Done."

    batch = play(config, act)

    assert [one.non_tensor_batch["episode_scores"][0] for one in batch] == [1.0] * 4
    assert "Forget." not in TOKENIZER.decode(batch[0].batch["input_ids"][0])


def test_environments_that_never_open_stop_roll_and_say_why() -> None:
    config = read(*SMALL)
    filter_cls = safe_import_class(config.train_env_manager.group_filter_cls)
    kept = filter_cls(config, config.train_env_manager, "train")
    group = [DataProto(meta_info={"drop_flag": True, "problem": "LendingDesk does not load"})]

    dropped = [kept.filter(0, episode, group) for episode in range(99)]

    assert all(dropped)
    with pytest.raises(SandboxError, match="in a row have no score: LendingDesk does not load"):
        kept.filter(0, 99, group)


def test_a_class_that_does_not_open_is_replaced_and_never_scored(
    cluster: None, tmp_path: Path
) -> None:
    bad = {"id": "env-2", "source": "class LendingDesk:\n    0 / 0\n"}
    moved = {"id": "scen-2", "env_id": "env-2", "task": "Nothing."}
    run = write_desk(
        tmp_path / "run",
        None,
        (make_scenario().model_copy(update=moved), make_scenario()),
    )
    write_rows(run / "envs.jsonl", [make_environment(), make_environment().model_copy(update=bad)])

    def act(text: str, turn: int) -> str:
        return written("lend", LEND) if turn == 0 else "Done."

    batch = play(read(f"folder={run}", *SMALL), act)

    assert [one.non_tensor_batch["episode_scores"][0] for one in batch] == [1.0] * 4


def test_an_episode_that_became_too_long_is_scored_by_what_was_done(
    cluster: None, tmp_path: Path
) -> None:
    config = read(f"folder={write_desk(tmp_path / 'run')}", *SMALL, "sequence_length=6000")

    def act(text: str, turn: int) -> str:
        return f"{'So. ' * 1500}{written('lend', LEND)}"

    batch = play(config, act)

    assert [one.non_tensor_batch["episode_scores"][0] for one in batch] == [1.0] * 4


def test_calls_that_cannot_be_made_are_answered_in_words(cluster: None, tmp_path: Path) -> None:
    config = read(f"folder={write_desk(tmp_path / 'run')}", *SMALL)
    calls = (written("burn", {}), written("lend", [1]), written("lend", LEND), "Done.")

    batch = play(config, lambda _, turn: calls[turn])

    text = TOKENIZER.decode(batch[0].batch["input_ids"][0])
    assert "There is no tool 'burn'" in text
    assert "its arguments must be an object" in text
    assert [one.non_tensor_batch["episode_scores"][0] for one in batch] == [1.0] * 4


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_a_row_that_cannot_be_played_stops_roll(fault: str, words: str, tmp_path: Path) -> None:
    config = read(f"folder={spoil(tmp_path, fault)}", *SMALL)

    with pytest.raises(ArtifactError, match=words):
        make_manager(config, solves, 0, None)


def test_a_yaml_without_the_filter_is_refused(tmp_path: Path) -> None:
    config = read(f"folder={write_desk(tmp_path / 'run')}", *SMALL)
    config.train_env_manager.group_filter_cls = "roll.pipeline.agentic.agentic_pipeline.GroupFilter"

    with pytest.raises(ConfigError, match="would take an environment that broke for a score of 0"):
        make_manager(config, solves, 0, None)
