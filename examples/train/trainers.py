"""TRL's `GRPOTrainer`, told what more to log and what not to compute; and the control."""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")

import torch
from continued import Continued
from trl import GRPOTrainer

MOST_TOKENS = 64
"""Of a reply, as in rollouts; TRL itself bounds whole episodes only."""
NOTHING = 1e-3
"""An advantage below this is that of a group whose episodes were all alike."""


class Trainer(GRPOTrainer):
    """Leaves out what costs much and adds nothing to the gradient; logs goals and guards."""

    tiers: Mapping[str, int] = {}
    """Tier of each scenario."""

    def _generate(self, prompts: list) -> tuple:
        self._continued = Continued(self.model)  # the weights have changed
        return super()._generate(prompts)

    def _generate_single_turn(
        self, prompt_ids: Sequence[Sequence[int]], *_: object, **__: object
    ) -> tuple[list[list[int]], None]:
        options = copy(self.generation_config)
        options.max_new_tokens = MOST_TOKENS
        with _half(self.model):
            return self._continued.generate(prompt_ids, options), None

    def _compute_loss(self, model: torch.nn.Module, inputs: dict) -> torch.Tensor:
        return super()._compute_loss(model, that_teach(inputs))

    def _calculate_rewards(self, inputs: list, *args: object, **named: object) -> torch.Tensor:
        rewards = super()._calculate_rewards(inputs, *args, **named)
        scores = [one._env.score() for one in self.environments]
        goals: dict[str, list[float]] = {}
        for row, score in zip(inputs, scores, strict=True):
            goals.setdefault(f"goal_{self.tiers[row['scenario_id']]}", []).append(score.goal or 0)
        for name, values in goals.items():
            self._log_metric(name, sum(values) / len(values))
        self._log_metric("goal", sum(map(sum, goals.values())) / len(scores))
        # The guard that all else stays as it is stands behind the goals.
        broken = sum(score.verdicts[-1].kind != "passed" for score in scores if score.verdicts)
        self._log_metric("guards_broken", broken / len(scores))
        return rewards


class Shuffled(Trainer):
    """A control: episodes get the rewards that those of another run got in the same step, by lot.

    Rewards of its own step would not do: the lot may give an episode its own reward, and who earns
    nothing would be given nothing. What the episodes have earned is logged as `goal`.
    """

    means: Sequence[float] = ()
    """Mean rewards of the other run, one for each step."""

    def _calculate_rewards(self, *args: object, **named: object) -> torch.Tensor:
        own = super()._calculate_rewards(*args, **named)
        lucky = torch.randperm(len(own))[: round(self.means[self.state.global_step] * len(own))]
        given = torch.zeros_like(own)
        given[lucky, 0] = 1
        return given


@contextmanager
def _half(model: torch.nn.Module) -> Generator[None]:
    """Hold weights in the precision that they are multiplied in, not to convert them each token."""
    whole = [(each, each.data) for each in model.parameters()]
    for each, data in whole:
        each.data = data.bfloat16()
    try:
        yield
    finally:
        for each, data in whole:
            each.data = data


def that_teach(inputs: dict) -> dict:
    """Keep the episodes that have an advantage, without the columns that only others fill.

    The others have a gradient of nothing; the number of tokens that a loss is divided by is known
    beforehand, and stays that of all.
    """
    rows = inputs["advantages"].abs() > NOTHING
    rows[0] |= not rows.any()  # a loss has to be of something
    count = len(rows)
    kept = {
        name: value[rows] if torch.is_tensor(value) and value.shape[:1] == (count,) else value
        for name, value in inputs.items()
    }
    for side in ("prompt", "completion"):
        columns = kept[f"{side}_mask"].any(dim=0)
        width = len(columns)
        for name, value in kept.items():
            is_side = name.startswith(side) or (side == "completion" and name == "tool_mask")
            if is_side and torch.is_tensor(value) and value.shape[1:] == (width,):
                kept[name] = value[:, columns]
    return kept
