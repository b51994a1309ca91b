"""What a run will ask of models, as a table."""

from collections.abc import Sequence
from pathlib import Path

from envscaler.display.tables import draw
from envscaler.estimate import Guess, Range


def estimate_text(guesses: Sequence[Guess], tasks: int, source: Path | None) -> str:
    """Write a line for each step, the sum last, and below where the averages come from.

    Args:
        guesses: In the order of the steps.
        tasks: That pass the filter.
        source: The run that was measured; None for the demo.
    """
    head = ("", "rows", "requests", "tokens", "cost")
    table = draw(head, [_cells(each) for each in guesses])
    told = (
        "the demo, whose tokens are estimates; `--from RUN` takes those of a run of yours"
        if source is None
        else str(source)
    )
    notes = [f"{tasks:,} tasks pass the filter. Averages: {told}. In brackets: the range."]
    if any(each.cost is None for each in guesses):
        notes.append("Costs need a price file with every model: `--set llm.prices=FILE`.")
    return "\n".join((table, "", *notes))


def _cells(guess: Guess) -> tuple[str, ...]:
    rows = "" if guess.rows is None else _range(guess.rows)
    cost = "-" if guess.cost is None else _range(guess.cost, 2)
    return guess.name, rows, _range(guess.requests), _range(guess.tokens), cost


def _range(value: Range, digits: int = 0) -> str:
    parts = (_rounded(each, digits) for each in (value.likely, value.least, value.most))
    likely, least, most = parts
    return likely if least == most else f"{likely} ({least} to {most})"


def _rounded(figure: float, digits: int) -> str:
    """Write a figure with no more digits than a guess has."""
    return f"{float(f'{figure:.3g}'):,.{digits}f}"
