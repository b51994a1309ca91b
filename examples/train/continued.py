"""Generation that goes on where it stopped, so that nothing is read twice.

A dialogue with tools grows at its end. Who generates from its beginning each time reads it anew
for every call, which takes most of the time on a processor.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import DynamicCache, GenerationConfig, PreTrainedModel

KEPT = 8
"""Batches that may be continued."""
Tokens = Sequence[int]


@dataclass(frozen=True, eq=False)
class _Batch:
    """What was read and written together."""

    rows: Sequence[Tokens]
    """Each without its padding."""
    ids: torch.Tensor
    """The same with it, which may be at the beginning and within."""
    mask: torch.Tensor
    """Where there is none."""
    cache: DynamicCache


class Continued:
    """Continues prompts, those that begin with an earlier one and its continuation at less cost."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model
        self._batches: deque[_Batch] = deque(maxlen=KEPT)

    def forget(self) -> None:
        """Begin anew, as has to be when the weights have changed."""
        self._batches.clear()

    def generate(self, prompts: Sequence[Tokens], options: GenerationConfig) -> list[list[int]]:
        """Return what comes behind each prompt, up to the token that ends it."""
        groups: dict[_Batch | None, list[tuple[int, int]]] = {}
        for place, prompt in enumerate(prompts):
            batch, row = self._find(prompt)
            groups.setdefault(batch, []).append((place, row))
        made: dict[int, list[int]] = {}
        for batch, members in groups.items():
            places = [place for place, _ in members]
            rows = [row for _, row in members]
            replies = self._go_on(batch, rows, [prompts[one] for one in places], options)
            made |= zip(places, replies, strict=True)
        return [made[place] for place in range(len(prompts))]

    def _find(self, prompt: Tokens) -> tuple[_Batch | None, int]:
        for batch in reversed(self._batches):
            for number, row in enumerate(batch.rows):
                if len(row) < len(prompt) and list(prompt[: len(row)]) == list(row):
                    return batch, number
        return None, 0

    @torch.no_grad()
    def _go_on(
        self,
        batch: _Batch | None,
        rows: Sequence[int],
        prompts: Sequence[Tokens],
        options: GenerationConfig,
    ) -> list[list[int]]:
        known = [len(batch.rows[row]) if batch else 0 for row in rows]
        more = [prompt[length:] for prompt, length in zip(prompts, known, strict=True)]
        ids, mask = _padded(more, options.pad_token_id, self._model.device)
        cache = DynamicCache()
        if batch:
            ids = torch.cat([batch.ids[rows], ids], dim=1)
            mask = torch.cat([batch.mask[rows], mask], dim=1)
            for number, layer in enumerate(batch.cache.layers):
                cache.update(layer.keys[rows], layer.values[rows], number)
        written = self._model.generate(
            input_ids=ids, attention_mask=mask, cache=cache, generation_config=options
        )
        made = written[:, ids.shape[1] :]
        ends = torch.isin(made, torch.tensor(options.eos_token_id, device=made.device)).int()
        said = (ends.cumsum(dim=1) - ends) == 0
        replies = [row[until].tolist() for row, until in zip(made, said, strict=True)]
        whole = [[*prompt, *reply] for prompt, reply in zip(prompts, replies, strict=True)]
        mask = torch.cat([mask, said.long()], dim=1)
        self._batches.append(_Batch(whole, written, mask, cache))
        return replies


def _padded(
    rows: Sequence[Tokens], pad: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, rows))
    ids = [[pad] * (width - len(row)) + list(row) for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)
