"""The options that every command of the pipeline has."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Option

from envscaler.cli.grouped import COST, RUNNING

if TYPE_CHECKING:
    from envscaler.config import Settings

EPILOG = "Every setting is in configs/default.yaml and can be changed with --set."
SHARDS = "docs/scale.md tells of --executor and --shard."
SHARD_EPILOG = f"{EPILOG} {SHARDS}"

RunFolder = Annotated[Path, Option("--run", "-r", help="Folder of the run.")]
Config = Annotated[
    str | None, Option("--config", "-c", help="A YAML file, or a shipped name: demo, paper.")
]
Overrides = Annotated[
    list[str] | None, Option("--set", "-s", metavar="STAGE.KEY=VALUE", help="Change one setting.")
]
Workers = Annotated[int | None, Option("--workers", "-w", min=1, help="Rows worked on at once.")]
Ordered = Annotated[
    bool | None,
    Option("--ordered", help="Write rows in the order of the input.", rich_help_panel=RUNNING),
]
Policy = Annotated[
    Literal["live", "replay", "batch"] | None,
    Option("--policy", help="Who replies: models, the store, a batch file.", rich_help_panel=COST),
]
MaxCost = Annotated[
    float | None, Option("--max-cost", help="Stop the run at this cost.", rich_help_panel=COST)
]
MaxTokens = Annotated[
    int | None,
    Option("--max-tokens", help="Stop the run after so many tokens.", rich_help_panel=COST),
]
Executor = Annotated[
    Literal["local", "process", "ray"] | None,
    Option(
        help="Who makes rows: this process, more, or a cluster.",
        rich_help_panel=RUNNING,
    ),
]
Processes = Annotated[
    int | None,
    Option(min=1, help="How many of them; one per core.", rich_help_panel=RUNNING),
]
Address = Annotated[str | None, Option(help="Of a Ray cluster.", rich_help_panel=RUNNING)]
Mode = Annotated[
    Literal["strict", "weak"] | None,
    Option(
        "--sandbox",
        help="weak: generated code may run without a wall.",
        rich_help_panel=RUNNING,
    ),
]
ShardOf = Annotated[
    str | None,
    Option(metavar="I/N", help="Make every N-th row, from I on.", rich_help_panel=RUNNING),
]
PreviewOf = Annotated[
    int | None,
    Option("--preview", metavar="N", min=1, help="Make only N rows, aside, and show them."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user chose; None where the settings decide."""

    run: RunFolder
    config: Config = None
    overrides: Overrides = None
    workers: Workers = None
    ordered: Ordered = None
    policy: Policy = None
    max_cost: MaxCost = None
    max_tokens: MaxTokens = None
    sandbox: Mode = None
    executor: Executor = None
    processes: Processes = None
    address: Address = None

    def settings(self, **more: object) -> "Settings":
        """Put the settings together.

        Args:
            more: Settings of the command itself, dots written as double underscores; those that
                are None are left alone.

        Raises:
            ConfigError: A file or setting that does not exist, or a value that cannot be.
        """
        from envscaler.config import load_settings

        own = {name.replace("__", "."): value for name, value in more.items()}
        chosen = (*(self.overrides or ()), *_as_overrides(self._shorthands() | own))
        return load_settings(self.config, chosen)

    def _shorthands(self) -> dict[str, object]:
        return {
            "runner.workers": self.workers,
            "runner.ordered": self.ordered,
            "llm.policy": self.policy,
            "llm.max_cost": self.max_cost,
            "llm.max_tokens_total": self.max_tokens,
            "sandbox.mode": self.sandbox,
            "runner.executor": self.executor,
            "runner.processes": self.processes,
            "runner.address": self.address,
        }


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, whose first parameter is an `Options`, the options of it as its own."""
    shared = inspect.signature(Options).parameters
    own = list(inspect.signature(command).parameters.values())[1:]

    @wraps(command)
    def wrapper(**given: Any) -> None:  # noqa: ANN401 (each has the type its parameter says)
        chosen = {name: given.pop(name) for name in shared}
        command(Options(**chosen), **given)

    parameters = [*own, *shared.values()]
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    wrapper.__dict__["__signature__"] = inspect.Signature(
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    )
    return wrapper


def with_policy(overrides: list[str] | None, policy: str | None) -> list[str]:
    """Return the overrides of a command that asks models but is no stage of the pipeline."""
    return [*(overrides or ()), *([f"llm.policy={policy}"] if policy else ())]


def with_executor(
    overrides: list[str] | None, executor: str | None, processes: int | None, address: str | None
) -> list[str]:
    """Return the overrides of a command that looks at rows again, wherever it does."""
    chosen: dict[str, object] = {
        "runner.executor": executor,
        "runner.processes": processes,
        "runner.address": address,
    }
    return [*(overrides or ()), *_as_overrides(chosen)]


def _as_overrides(values: dict[str, object]) -> Iterator[str]:
    return (f"{name}={value}" for name, value in values.items() if value is not None)
