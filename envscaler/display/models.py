"""`envscaler compare`: what several agents make of the same scenarios, a line for each run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from statistics import fmean

from pydantic import BaseModel, ValidationError

from envscaler.display.tables import draw, interval, mean, percent
from envscaler.errors import ArtifactError
from envscaler.interact.pass_rates import tally
from envscaler.jsonl import read_rows
from envscaler.records import Trajectory
from envscaler.yaml_files import read_yaml


class _Model(BaseModel):
    model: str


class _Interact(BaseModel):
    agent: str | None = None


class _Kept(BaseModel):
    """As much of kept settings as says who acted."""

    models: dict[str, _Model]
    interact: _Interact = _Interact()


@dataclass(frozen=True, slots=True)
class Played:
    """The trajectories of one run."""

    run: Path
    agent: str
    """The model, or the control, that acted."""
    rows: tuple[Trajectory, ...]

    @property
    def scenarios(self) -> frozenset[str]:
        """Those with at least one trajectory that has a score."""
        return frozenset(row.scenario_id for row in self.rows if _score(row) is not None)


def read_played(run: Path) -> Played:
    """Read the rollouts of a run, and who acted in them.

    Raises:
        ArtifactError: It has none.
    """
    path = run / "rollouts.jsonl"
    if not path.is_file():
        raise ArtifactError(
            f"{run} has no rollouts.jsonl; `envscaler rollout --run {run}` makes it"
        )
    return Played(run, _agent_of(run), tuple(read_rows(path, Trajectory)))


def compare_table(played: Sequence[Played]) -> str:
    """Write a line for each run, over the scenarios that all of them have scores of.

    Raises:
        ArtifactError: There is no such scenario.
    """
    common = reduce(frozenset[str].intersection, (each.scenarios for each in played))
    if not common:
        runs = ", ".join(str(each.run) for each in played)
        raise ArtifactError(f"{runs} have no scenario in common that was scored")
    most = min(tally(_of(each, common)).most for each in played)
    ks = [cell for k in range(1, most + 1) for cell in (f"pass^{k}", "95 %")]
    head = ("run", "agent", "scenarios", "trials", *ks, "reward", "tokens")
    lines = [draw(head, (_cells(each, common, most) for each in played), texts=(0, 1))]
    left = ((each.run, len(each.scenarios - common)) for each in played)
    notes = (f"{run}: left out, since others lack them: {count}" for run, count in left if count)
    return "\n".join([*lines, *notes])


def _cells(played: Played, common: frozenset[str], most: int) -> list[object]:
    rows = _of(played, common)
    found = tally(rows)
    shares = [found.pass_hat(k) for k in range(1, most + 1)]
    rates = [cell for share in shares for cell in (percent(share), interval(share, len(common)))]
    scores = [score for row in rows if (score := _score(row)) is not None]
    usages = [row.provenance.usage for row in rows]
    tokens = fmean(usage.prompt_tokens + usage.completion_tokens for usage in usages)
    return [
        *(str(played.run), played.agent, len(common), len(scores)),
        *(*rates, mean(scores, 4), f"{tokens:,.0f}"),
    ]


def _of(played: Played, common: frozenset[str]) -> list[Trajectory]:
    return [row for row in played.rows if row.scenario_id in common]


def _score(row: Trajectory) -> float | None:
    return row.reward.score if row.reward else None


def _agent_of(run: Path) -> str:
    """Return who acted, as the settings that are kept beside the rows say it."""
    for command in ("rollout", "eval"):
        path = run / "settings" / f"{command}.yaml"
        if path.is_file():
            return _agent_in(path)
    return "-"


def _agent_in(path: Path) -> str:
    try:
        kept = _Kept.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ArtifactError(f"{path} does not hold the settings of a run") from error
    control = kept.interact.agent
    return kept.models["agent"].model if control in (None, "model") else control
