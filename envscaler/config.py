"""Settings: `configs/default.yaml`, then `--config`, then `--set`; keys come from the environment.

`default.yaml` is the only place of default values: no field below has one.
This module is the only reader of the process environment and of `.env`.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from envscaler.llm.types import Role
from envscaler.records import Clock, JsonObject


class Section(BaseModel):
    """A part of the settings. Frozen, and unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelSettings(Section):
    """How one role is answered."""

    model: str
    base_url: str | None
    """None: `OPENAI_BASE_URL`, or OpenAI's own."""
    api_key_env: str
    """Name of the environment variable that holds the key."""
    temperature: float | None
    """None: not sent, as some models demand."""
    top_p: float | None
    max_tokens: int | None
    send_seed: bool
    extra_body: JsonObject
    """Further fields of the request, such as `{"chat_template_kwargs": {...}}`."""


class LlmSettings(Section):
    """The model client."""

    policy: Literal["live", "replay", "batch"]
    timeout: float
    """Seconds for one request."""
    transient_tries: int
    bad_reply_tries: int
    """How often a reply of the wrong shape is asked for, the first time included."""
    start_in_flight: int
    max_in_flight: int
    """Per endpoint and model."""
    max_tokens_total: int | None
    max_cost: float | None
    """In the currency of the price file."""
    prices: Path | None
    """YAML: model → {input, output} per million tokens."""
    embedding_model: str | None
    """None: TF-IDF."""
    embedding_base_url: str | None


class RunnerSettings(Section):
    """The row runner."""

    workers: int
    ordered: bool
    grace: float
    """Seconds that rows in flight get after Ctrl-C."""
    stop_window: int
    """The run stops early when more than half of this many rows failed for one reason."""


class SandboxSettings(Section):
    """Where generated code runs. Times in seconds, sizes in bytes."""

    mode: Literal["strict", "weak"]
    isolation: Literal["process", "shared"]
    memory: int
    call_soft: float
    call_hard: float
    load_time: float
    check_time: float
    reply_bytes: int
    state_bytes: int
    output_bytes: int
    spare_workers: int
    """Kept warm for each hot class."""
    max_classes: int
    """Classes kept warm; the least recently used goes first."""


class SkelBuilderSettings(Section):
    """build-skel."""

    task_filter: Literal["published", "none"]
    max_tasks: int | None
    min_usefulness: int = Field(ge=1, le=10)
    min_modelability: int = Field(ge=1, le=10)
    select: Literal["similarity", "kmeans"]
    max_similarity: float
    """With `similarity`: a topic closer than this to a better one is its duplicate."""
    target_topics: int | None
    """With `kmeans`: the number of clusters, one topic each."""
    min_queries: int
    min_changes: int
    rounds_per_env: int
    rounds_per_tool: int
    """At most this many test calls for one tool."""
    reset_every: int
    """The test state is set back after this many rounds."""
    min_score: float
    """Share of cases that must pass or pass with a warning."""


class ScenGeneratorSettings(Section):
    """gen-scen."""

    kind: Literal["sft", "rl"]
    scenarios_per_env: int
    clock: Clock
    min_checks: int
    max_checks: int
    state_tries: int
    """How often an initial state that does not load is asked for again."""


class InteractSettings(Section):
    """rollout."""

    talk: tuple[Literal["task", "conversation"], ...]
    calling: tuple[Literal["native", "prompt"], ...]
    attempts: int
    max_steps: int
    """Tool calls and messages to the user in one episode."""
    max_steps_conversation: int
    max_bad_replies: int
    """Malformed replies in a row that end an episode."""
    max_episode_tokens: int | None
    """Length of the agent's dialogue, as the endpoint counts its latest request and reply."""
    send_reasoning: bool
    """Send the reasoning since the user's last message back with the dialogue."""
    observation_text: Literal["json", "python"]
    """`python` writes results with `str()`, as the published data does."""
    filters: tuple[Literal["finished", "well_formed", "turns", "score"], ...]
    min_turns: int
    max_turns: int
    min_score: float


class TrainSettings(Section):
    """export-sft and export-rl."""

    validation_share: float = Field(ge=0, lt=1)
    """Share of the environments whose rows go to the validation split."""
    cutoff_tokens: int
    """Written into the training file for LLaMA-Factory."""


class Settings(Section):
    """Everything a run depends on, keys excepted."""

    seed: int
    models: dict[Role, ModelSettings]
    llm: LlmSettings
    runner: RunnerSettings
    sandbox: SandboxSettings
    skel_builder: SkelBuilderSettings
    scen_generator: ScenGeneratorSettings
    interact: InteractSettings
    train: TrainSettings
