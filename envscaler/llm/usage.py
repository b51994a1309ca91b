"""Count what models cost, per stage and model, and stop at the user's limits."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from envscaler.errors import BudgetError, ConfigError
from envscaler.llm.waits import Waits
from envscaler.records import Record, Usage
from envscaler.yaml_files import read_yaml

_MILLION = 1_000_000


class Price(Record):
    """What a model costs, per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Input that the endpoint had in its cache; None: as other input."""

    def of(self, tokens: "Tokens") -> float:
        """Return what `tokens` cost."""
        cached = self.input if self.cached is None else self.cached
        fresh = tokens.prompt - tokens.in_cache
        cost = self.input * fresh + cached * tokens.in_cache + self.output * tokens.completion
        return cost / _MILLION


_PRICES = TypeAdapter(dict[str, Price])


def load_prices(path: Path) -> Mapping[str, Price]:
    """Read a price file: YAML, model → `{input, output}` per million tokens, and perhaps `cached`.

    Raises:
        ConfigError: There is no such file, or it says something else.
    """
    try:
        return _PRICES.validate_python(read_yaml(path) or {})
    except (ConfigError, ValidationError) as error:
        shape = "'model: {input: 2.0, output: 8.0}' per million tokens"
        why = " ".join(str(error).split())
        raise ConfigError(f"The price file {path} must have lines like {shape}: {why}") from error


@dataclass(slots=True)
class Tokens:
    """What one stage asked of one model."""

    calls: int = 0
    cached: int = 0
    """Replies that came from the store."""
    saved: int = 0
    """Tokens in and out of those replies, which nobody paid for again."""
    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    """Part of the completion tokens."""
    in_cache: int = 0
    """Part of the prompt tokens: what the endpoint had in its cache."""
    refused: int = 0
    """Requests that were sent again because the endpoint was busy."""
    retried: int = 0
    """Requests that were sent again because they failed."""

    def add(self, usage: Usage) -> None:
        """Count a reply that was paid for."""
        self.calls += 1
        self.prompt += usage.prompt_tokens
        self.completion += usage.completion_tokens
        self.reasoning += usage.reasoning_tokens
        self.in_cache += usage.cached_tokens


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
    waits: Waits = field(default_factory=Waits)
    in_flight: int = 0
    """Requests that were sent and are not answered yet."""

    def count(self, model: str, usage: Usage) -> None:
        """Count a reply that was paid for, also one that is of no use."""
        self._of(model).add(usage)

    def count_cached(self, model: str, usage: Usage) -> None:
        """Count a reply that came from the store."""
        tokens = self._of(model)
        tokens.cached += 1
        tokens.saved += usage.prompt_tokens + usage.completion_tokens

    @contextmanager
    def waiting_for(self, model: str, *, refused: bool) -> Generator[None]:
        """Count a request that will be sent again, and that it waits while this is open."""
        tokens = self._of(model)
        tokens.refused += refused
        tokens.retried += not refused
        with self.waits.one_more():
            yield

    @contextmanager
    def sending(self) -> Generator[None]:
        """Count a request as in flight while this is open."""
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

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
    def stored(self) -> str:
        """What came from the store, such as `31 stored replies of 20,247 tokens`."""
        replies = sum(tokens.cached for tokens in self.counts.values())
        saved = sum(tokens.saved for tokens in self.counts.values())
        word = "reply" if replies == 1 else "replies"
        return f"{replies:,} stored {word} of {saved:,} tokens" if replies else ""

    @property
    def traffic(self) -> str:
        """Requests in flight, and those that are sent again: `8 in flight, 12 refused`."""
        counts = {
            "in flight": self.in_flight,
            "refused": sum(tokens.refused for tokens in self.counts.values()),
            "retried": sum(tokens.retried for tokens in self.counts.values()),
            "waiting": self.waits.count,
        }
        return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)

    @property
    def cost(self) -> float | None:
        """What the models with a known price cost; None when no model has one."""
        costs = [
            self.prices[model].of(tokens)
            for (_, model), tokens in self.counts.items()
            if model in self.prices
        ]
        return sum(costs) if costs else None

    def _of(self, model: str) -> Tokens:
        return self.counts.setdefault((self.stage, model), Tokens())
