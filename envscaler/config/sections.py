"""The settings, section by section: no field has a default here."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from envscaler.chat import Role
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
    """Further fields of the request, such as `{"chat_template_kwargs": {...}}`.

    Those that are named like a secret are sent, and kept nowhere.
    """


class LlmSettings(Section):
    """The model client."""

    policy: Literal["live", "replay", "batch"]
    transport: Literal["aiohttp", "openai"]
    """openai: through the package of that name, for what only it knows; three times the CPU."""
    timeout: float
    """Seconds for one request."""
    transient_tries: int
    patience: float = Field(ge=0)
    """Seconds for which one request waits in all while the endpoint is busy or loading."""
    bad_reply_tries: int
    """How often a reply of the wrong shape is asked for, the first time included."""
    keep_requests: bool
    """Store what was asked beside each reply, for `store export --with-requests`."""
    structured: Literal["auto", "off"]
    """auto: prompts that want JSON are sent with its schema where the endpoint takes one."""
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

    @field_validator("structured", mode="before")
    @classmethod
    def _is_a_word(cls, value: object) -> object:
        return "off" if value is False else value  # YAML reads `off` as false


class RunnerSettings(Section):
    """The row runner."""

    workers: int
    ordered: bool
    grace: float
    """Seconds that rows in flight get after Ctrl-C."""
    stop_window: int
    """The run stops early when more than half of this many rows failed for one reason."""
    executor: Literal["local", "process", "ray"]
    processes: int | None = Field(ge=1)
    """Workers with `process` and `ray`; None: one for each core."""
    address: str | None
    """Of a Ray cluster; None: the one of the environment, or one on this machine."""


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
    modules: tuple[str, ...]
    """Modules beside the standard library that generated code may import, such as `pydantic`."""


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
    examine: bool
    """Call every tool in many ways, without a model, and report what is wrong."""
    invariants: bool
    """Have the rules written as code, and check them after every such call."""
    repair_rounds: int
    """How often faults go back to the model."""
    max_findings: int
    """Serious findings that may stay open in an environment that is kept."""


HardeningName = Literal[
    "distractors",
    "described",
    "busy",
    "tempting",
    "missing-tool",
    "missing-record",
    "reportable",
]
"""Ways in which `harden` makes a proven scenario harder."""


class ScenGeneratorSettings(Section):
    """gen-scen."""

    kind: Literal["sft", "rl"]
    scenarios_per_env: int
    clock: Clock
    min_checks: int
    max_checks: int
    state_tries: int
    """How many initial states are tried until one is connected and loads."""
    check_tries: int
    """How many functions are tried for one check until one stands its trial."""
    prove: bool
    """Have a reference solution written, execute it and its mutants, and keep the proof."""
    solve_rounds: int
    """How often the results of a reference solution go back to the model."""
    strategy: Literal["task_first", "solution_first", "both"]
    """What comes first; with `both` the scenarios of an environment take turns."""
    phrasing: Literal["model", "template"]
    """Who words the task of a solution; with `template` no model is asked for anything."""
    tiers: tuple[Annotated[int, Field(ge=1, le=5)], ...] = Field(min_length=1)
    """With `template`: how hard the scenarios of an environment are, taking turns."""
    per_tier: Annotated[int, Field(ge=1)] | None
    """Scenarios of each tier for an environment, instead of `scenarios_per_env` in all."""
    per_chain: Annotated[int, Field(ge=1)] | None
    """Scenarios of an environment that may call the same tools in the same order, where a number
    of each tier is wanted; None: any number."""
    states: Path | None
    """On the solution-first strategy: scenarios whose initial states are used again."""
    min_writes: int = Field(ge=1)
    max_writes: int = Field(ge=1)
    min_records: int = Field(ge=1)
    max_records: int = Field(ge=1)
    """Records that a solution touches."""
    sequence_tries: int = Field(ge=1)
    """Solutions that are tried until one can be proven."""
    max_similarity: float = Field(ge=0, le=1)
    """A task closer than this to an earlier one is its duplicate; with 1 none is."""
    avoid: Path | None
    """Texts that no task may come close to, such as those of a benchmark."""
    max_avoid_similarity: float = Field(ge=0, le=1)
    harden: tuple[HardeningName, ...]
    """How `harden` makes scenarios harder."""


class InteractSettings(Section):
    """rollout."""

    agent: Literal["model", "reference", "slip", "noop", "random", "one-lookup", "greedy"]
    """Who acts; all but `model` need none: the proof's solution, it with a slip, nothing, any
    calls, and two plain readers of the task."""
    dialogue: tuple[Literal["single_turn", "simulated_user"], ...]
    tool_format: tuple[Literal["native", "text"], ...]
    attempts: int
    max_steps: int
    """Tool calls and messages to the user in one episode."""
    max_steps_with_user: int
    max_bad_replies: int
    """Malformed replies in a row that end an episode."""
    max_episode_tokens: int | None
    """Length of the agent's dialogue, as the endpoint counts its latest request and reply."""
    send_reasoning: Literal["none", "turn", "all"]
    """Reasoning that is sent back with the dialogue; `turn`: since the user's last message."""
    reward: Literal["goal", "fraction"]
    """The reward in use, also by gen-scen, verify, calibrate and export-rl: share of goals reached
    and 0 when a guard broke, or share of checks passed, the published definition."""
    observation_text: Literal["json", "python"]
    """`python` writes results with `str()`, as the published data does."""
    filters: tuple[Literal["finished", "well_formed", "turns", "score"], ...]
    min_turns: int
    max_turns: int
    min_score: float


class CalibrateSettings(Section):
    """calibrate."""

    pass_score: float = Field(ge=0, le=1)
    """Score from which on an attempt counts as a pass."""
    bands: dict[str, tuple[float, float]]
    """Name → least and most pass rate; the first band that a rate is in counts."""


class TrainSettings(Section):
    """export-sft and export-rl."""

    validation_share: float = Field(ge=0, lt=1)
    """Share of the environments whose rows go to the validation split."""
    cutoff_tokens: int
    """Rows that are longer are counted; also written into the training file for LLaMA-Factory."""
    tokenizer: str | None
    """Name or folder of the tokenizer that counts; None: nobody counts. Needs `[tokenizer]`."""
    without_reasoning: Literal["train", "mask", "drop"]
    """What becomes of replies without reasoning: trained, context only, or the trajectory goes."""
    template: Literal["qwen3", "qwen3_nothink", "qwen"] | None
    """The template that LLaMA-Factory trains with and that writes the tools (None: our words), or,
    for text, that of the model (None: qwen3)."""
    parquet: bool
    """Also write the rows as parquet, which needs pyarrow."""
    bands: tuple[str, ...]
    """Bands of `calibrate` that export-rl takes; empty: it takes all scenarios."""
    license: str = Field(pattern=r"^[\w.+-]+$")
    """License of the rows, as the cards name it; the generated code is yours to license."""
    languages: tuple[str, ...]
    """Languages of tasks and dialogues, as the cards name them."""


class Settings(Section):
    """Everything a run depends on, keys excepted."""

    seed: int
    prompts: Path | None
    """A folder laid out like `prompts/` whose files stand in for the shipped ones."""
    models: dict[Role, ModelSettings]
    llm: LlmSettings
    runner: RunnerSettings
    sandbox: SandboxSettings
    skel_builder: SkelBuilderSettings
    scen_generator: ScenGeneratorSettings
    interact: InteractSettings
    calibrate: CalibrateSettings
    train: TrainSettings
