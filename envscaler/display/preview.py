"""What a preview says at its end: the rows that were made, and how to go on."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from envscaler.display.show import show_list
from envscaler.jsonl import count_rows
from envscaler.pipeline.preview import PREVIEW, PreviewPart

OUTPUTS = {"build-skel": "envs", "gen-scen": "scenarios", "rollout": "trajectories"}
"""Command → the artifact that it is run for."""


def show_preview(part: PreviewPart, command: str, console: Console) -> None:
    """Print a line for each row that a preview made, and what can be done with them.

    Raises:
        ArtifactError: A file of the preview cannot be read.
    """
    made, dropped = part.path(OUTPUTS[command]), part.path("dropped")
    if count_rows(made):
        console.print()
        show_list(made, console)
    console.print()
    for line in _next_steps(part, command, dropped=count_rows(dropped) > 0):
        console.print(Text(line), soft_wrap=True)


def _next_steps(part: PreviewPart, command: str, *, dropped: bool) -> Iterator[str]:
    yield f"All of it in a browser:  envscaler report {part.folder}"
    if dropped:
        yield f"Why a row was dropped:   envscaler show {part.path('dropped')}"
    if command == "build-skel":
        yield f"What all tasks may cost: envscaler estimate --tasks FILE --from {part.folder}"
    yield f"The same command without --{PREVIEW} makes every row and pays for none of these again."
