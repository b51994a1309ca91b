"""Count what models cost, per stage and model, and stop at the user's limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from envscaler.errors import BudgetError, ConfigError
from envscaler.records import Record, Usage

_MILLION = 1_000_000


class Price(Record):
    """What a model costs, per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def of(self, tokens: "Tokens") -> float:
        """Return what `tokens` cost."""
        return (self.input * tokens.prompt + self.output * tokens.completion) / _MILLION


_PRICES = TypeAdapter(dict[str, Price])


def load_prices(path: Path) -> Mapping[str, Price]:
    """Read a price file: YAML, model → `{input, output}` per million tokens.

    Raises:
        ConfigError: There is no such file, or it says something else.
    """
    try:
        return _PRICES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as error:
        raise ConfigError(f"The price file {path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValidationError) as error:
        shape = "'model: {input: 2.0, output: 8.0}' per million tokens"
        why = " ".join(str(error).split())
        raise ConfigError(f"The price file {path} must have lines like {shape}: {why}") from error


@dataclass(slots=True)
class Tokens:
    """What one stage asked of one model."""

    calls: int = 0
    cached: int = 0
    """Replies that came from the store."""
    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    """Part of the completion tokens."""

    def add(self, usage: Usage) -> None:
        """Count a reply that was paid for."""
        self.calls += 1
        self.prompt += usage.prompt_tokens
        self.completion += usage.completion_tokens
        self.reasoning += usage.reasoning_tokens


@dataclass(slots=True)
class Meter:
    """What this process spent. Replies from the store are counted apart and cost nothing."""

    max_tokens: int | None = None
    max_cost: float | None = None
    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])
    stage: str = ""
    """Whose requests are counted now."""
    counts: dict[tuple[str, str], Tokens] = field(default_factory=dict[tuple[str, str], Tokens])
    """(stage, model) → tokens."""

    def count(self, model: str, usage: Usage) -> None:
        """Count a reply that was paid for, also one that is of no use."""
        self._of(model).add(usage)

    def count_cached(self, model: str) -> None:
        """Count a reply that came from the store."""
        self._of(model).cached += 1

    def check(self) -> None:
        """Call before a request is sent; requests in flight may still exceed a limit.

        Raises:
            BudgetError: A limit is reached.
        """
        if self.max_tokens is not None and self.tokens >= self.max_tokens:
            raise BudgetError(
                f"{self.tokens} tokens are spent and the limit is {self.max_tokens}; "
                "raise --max-tokens and run the same command again to go on"
            )
        if self.max_cost is not None and (self.cost or 0.0) >= self.max_cost:
            raise BudgetError(
                f"{self.cost:.2f} is spent and the limit is {self.max_cost:.2f}; "
                "raise --max-cost and run the same command again to go on"
            )

    @property
    def tokens(self) -> int:
        """Tokens in and out, all stages together."""
        return sum(tokens.prompt + tokens.completion for tokens in self.counts.values())

    @property
    def cost(self) -> float | None:
        """What the models with a known price cost; None when no model has one."""
        costs = [
            self.prices[model].of(tokens)
            for (_, model), tokens in self.counts.items()
            if model in self.prices
        ]
        return sum(costs) if costs else None

    def table(self) -> str:
        """Return one line per stage and model, for the end of a run; empty when none was asked."""
        if not self.counts:
            return ""
        head = ("stage", "model", "calls", "stored", "tokens in", "tokens out", "reasoning", "cost")
        rows = [head, *(self._row(*key) for key in sorted(self.counts))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if column < 2 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        )

    def _of(self, model: str) -> Tokens:
        return self.counts.setdefault((self.stage, model), Tokens())

    def _row(self, stage: str, model: str) -> tuple[str, ...]:
        tokens = self.counts[stage, model]
        price = self.prices.get(model)
        counts = (tokens.calls, tokens.cached, tokens.prompt, tokens.completion, tokens.reasoning)
        cost = "" if price is None else f"{price.of(tokens):.2f}"
        return stage, model, *(f"{count:,}" for count in counts), cost
