"""What a run will ask of models, told from what one run has asked.

The averages are those of a run that was made: requests and tokens of each step for each row that
it was given, rejected rows included, and the share of rows that went on to the next step. The
range takes the 95 % interval (Wilson's) of every one of those shares, low with low and high with
high, so that it is wider than 95 %.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from envscaler.chat import Role
from envscaler.config import Settings
from envscaler.errors import ArtifactError
from envscaler.intervals import wilson
from envscaler.jsonl import count_rows, read_json, read_rows
from envscaler.llm.models import STORE
from envscaler.llm.responses import MalformedError, usage_of
from envscaler.llm.store import Store
from envscaler.llm.usage import Meter, Price, Tokens
from envscaler.records import Dropped, Record
from envscaler.resources import DEMO

Step = Literal["judge tasks", "write classes", "test classes", "make scenarios", "play episodes"]

AVERAGES = DEMO / "averages.json"
"""Those of the demo, whose tokens are estimates."""

_JUDGE: Step = "judge tasks"
_WRITE: Step = "write classes"
_TEST: Step = "test classes"
_MAKE: Step = "make scenarios"
_PLAY: Step = "play episodes"
STEP_OF: dict[str, tuple[Step, Role]] = {
    "skel_builder/judge_task": (_JUDGE, "miner"),
    "skel_builder/infer_environment": (_JUDGE, "miner"),
    "skel_builder/plan_state": (_WRITE, "coder"),
    "skel_builder/plan_operations": (_WRITE, "coder"),
    "skel_builder/write_class": (_WRITE, "coder"),
    "skel_builder/write_method": (_WRITE, "coder"),
    "skel_builder/write_invariants": (_WRITE, "judge"),
    "skel_builder/write_predicates": (_TEST, "judge"),
    "skel_builder/write_probes": (_TEST, "judge"),
    "skel_builder/judge_predicate": (_TEST, "judge"),
    "skel_builder/judge_findings": (_TEST, "judge"),
    "skel_builder/make_state": (_TEST, "tester"),
    "skel_builder/propose_call": (_TEST, "tester"),
    "skel_builder/judge_call": (_TEST, "judge"),
    "skel_builder/repair_method": (_TEST, "coder"),
    "scen_generator/state": (_MAKE, "task_writer"),
    "scen_generator/task": (_MAKE, "task_writer"),
    "scen_generator/word_task": (_MAKE, "task_writer"),
    "scen_generator/checklist": (_MAKE, "check_writer"),
    "scen_generator/check": (_MAKE, "check_writer"),
    "scen_generator/reconstruct_goals": (_MAKE, "judge"),
    "scen_generator/solve": (_MAKE, "coder"),
    "scen_generator/solve_again": (_MAKE, "coder"),
    "scen_generator/arbitrate": (_MAKE, "judge"),
    "interact/agent_native": (_PLAY, "agent"),
    "interact/agent_text": (_PLAY, "agent"),
    "interact/user": (_PLAY, "user"),
    "interact/user_next": (_PLAY, "user"),
}
"""Prompt → the step that asks it, and who is asked."""


class Spent(Record):
    """What one role was asked in one step, all rows together."""

    role: Role
    requests: int
    prompt_tokens: int
    completion_tokens: int


class StepAverage(Record):
    """What one step of a run was given, what came of it, and what it asked."""

    step: Step
    rows: int
    """Rows that it was given."""
    kept: int
    """Rows that the next step was given for them."""
    spent: tuple[Spent, ...]


_AVERAGES = TypeAdapter(tuple[StepAverage, ...])


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is not known yet."""

    likely: float
    least: float
    most: float

    def times(self, factor: float) -> "Range":
        """Return so many times as much."""
        return Range(self.likely * factor, self.least * factor, self.most * factor)

    def plus(self, other: "Range") -> "Range":
        """Return both together."""
        return Range(self.likely + other.likely, self.least + other.least, self.most + other.most)


_NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Guess:
    """What one step, or all of them together, will ask."""

    name: str
    rows: Range | None
    """None for all of them: rows of different steps are different things."""
    requests: Range
    tokens: Range
    cost: Range | None
    """None where a model has no price."""


def shipped_averages() -> tuple[StepAverage, ...]:
    """Return the averages of the demo."""
    return _AVERAGES.validate_python(read_json(AVERAGES))


def measure_averages(run: Path) -> tuple[StepAverage, ...]:
    """Return the averages of a run that was made here.

    Raises:
        ArtifactError: The folder has no stored replies, or a file of it cannot be read.
    """
    if not (run / STORE).is_file():
        raise ArtifactError(f"{run} holds no replies; give the folder of a run that asked a model")
    given = _rows_given(run)
    with Store(run / STORE) as store:
        spent = _spent((each.prompt, each.response) for each in store.replies())
    return tuple(
        StepAverage(step=step, rows=rows, kept=kept, spent=tuple(spent.get(step, ())))
        for step, (rows, kept) in given.items()
    )


def estimate(
    tasks: int, averages: Iterable[StepAverage], settings: Settings, meter: Meter
) -> list[Guess]:
    """Say what making everything of so many tasks will ask; the last line sums up.

    Args:
        tasks: That pass the filter.
        averages: Of the steps, in their order.
        settings: Scenarios for each environment, episodes for each scenario, models.
        meter: Knows the prices.
    """
    price_of = _prices(settings, meter)
    rows = Range(tasks, tasks, tasks)
    guesses: list[Guess] = []
    for average in averages:
        rows = rows.times(_factor(average.step, settings))
        guesses.append(_guess(average, rows, price_of, asks=_asks(average.step, settings)))
        rows = _kept(rows, average)
    return [*guesses, _sum(guesses)]


def _factor(step: Step, settings: Settings) -> int:
    """How many rows of a step are made of each row that the step before it has kept."""
    if step == _MAKE:
        return settings.scen_generator.scenarios_per_env
    if step == _PLAY:
        played = settings.interact
        return len(played.dialogue) * len(played.tool_format) * played.attempts
    return 1


def _asks(step: Step, settings: Settings) -> bool:
    """Whether a step asks models at all."""
    made = settings.scen_generator
    return step != _MAKE or made.strategy != "solution_first" or made.phrasing != "template"


def _kept(rows: Range, average: StepAverage) -> Range:
    if not average.rows:
        return Range(0.0, 0.0, rows.most)
    share = average.kept / average.rows
    low, high = wilson(share, average.rows)
    return Range(rows.likely * share, rows.least * low, rows.most * high)


def _guess(
    average: StepAverage, rows: Range, price_of: Mapping[Role, Price], *, asks: bool
) -> Guess:
    spent = average.spent if asks else ()
    each = rows.times(1 / average.rows if average.rows else 0.0)
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in spent)
    costs = [_cost(one, price_of[one.role]) for one in spent if one.role in price_of]
    return Guess(
        average.step,
        rows,
        each.times(sum(one.requests for one in spent)),
        each.times(tokens),
        each.times(sum(costs)) if len(costs) == len(spent) else None,
    )


def _cost(spent: Spent, price: Price) -> float:
    return price.of(Tokens(prompt=spent.prompt_tokens, completion=spent.completion_tokens))


def _sum(guesses: list[Guess]) -> Guess:
    costs = [each.cost for each in guesses if each.cost is not None]
    return Guess(
        "all",
        None,
        reduce(Range.plus, (each.requests for each in guesses), _NOTHING),
        reduce(Range.plus, (each.tokens for each in guesses), _NOTHING),
        reduce(Range.plus, costs, _NOTHING) if len(costs) == len(guesses) else None,
    )


def _prices(settings: Settings, meter: Meter) -> dict[Role, Price]:
    return {
        role: meter.prices[chosen.model]
        for role, chosen in settings.models.items()
        if chosen.model in meter.prices
    }


def _rows_given(run: Path) -> dict[Step, tuple[int, int]]:
    """Return for each step how many rows it was given, and how many went on."""
    lost: dict[str, int] = defaultdict(int)
    if (run / "dropped.jsonl").is_file():
        for row in read_rows(run / "dropped.jsonl", Dropped):
            lost[row.stage] += 1

    def made(name: str) -> int:
        return count_rows(run / f"{name}.jsonl")

    return {
        _JUDGE: (made("candidates") + lost["mine"], made("topics")),
        _WRITE: (made("skeletons") + lost["write"], made("skeletons")),
        _TEST: (made("assessments") + lost["assess"], made("envs")),
        _MAKE: (made("scenario_candidates") + lost["gen-scen"], made("scenarios")),
        _PLAY: (made("rollouts") + lost["rollout"], made("trajectories")),
    }


def _spent(replies: Iterator[tuple[str, bytes]]) -> dict[Step, list[Spent]]:
    sums: dict[tuple[Step, Role], Tokens] = defaultdict(Tokens)
    for prompt, response in replies:
        place = STEP_OF.get(prompt)
        if place is None:
            continue
        try:
            sums[place].add(usage_of(response))
        except MalformedError:
            continue  # nobody was charged for what is no reply
    found: dict[Step, list[Spent]] = defaultdict(list)
    for (step, role), tokens in sorted(sums.items()):
        found[step].append(
            Spent(
                role=role,
                requests=tokens.calls,
                prompt_tokens=tokens.prompt,
                completion_tokens=tokens.completion,
            )
        )
    return found
