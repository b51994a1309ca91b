"""The console that everything drawn goes to: what strangers wrote is shown and never obeyed."""

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.pager import Pager
from rich.segment import Segment

from envscaler.terminal import printable


def open_console(console: Console | None = None) -> Console:
    """Return a console that prints text alone, apart from its own colours.

    Args:
        console: One that is there already, such as one that writes into a file.
    """
    console = console or Console()
    console.push_render_hook(_OnlyText())
    return console


def paged(console: Console) -> AbstractContextManager[object]:
    """Show what is printed while this is open page by page, where a terminal has a pager."""
    less = shutil.which("less") if console.is_terminal else None
    return nullcontext() if less is None else console.pager(_Less(less), styles=True)


class _Less(Pager):
    """`less` with colours, which it shows as codes unless told; it ends by itself on one page."""

    def __init__(self, path: str) -> None:
        self._path = path

    def show(self, content: str) -> None:
        """Show a text; a reader who leaves before its end has seen enough."""
        with suppress(BrokenPipeError):
            subprocess.run([self._path, "-FRX"], input=content.encode(), check=False)


class _OnlyText(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Printable(each) for each in renderables]


class _Printable:
    """A drawing in whose text each character that a terminal would obey is written out."""

    def __init__(self, drawing: ConsoleRenderable) -> None:
        self._drawing = drawing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from _printable(console.render(self._drawing, options))


def _printable(segments: Iterable[Segment]) -> Iterator[Segment]:
    for text, style, control in segments:
        # Control segments are Rich's own; text and link of the others may be anybody's.
        yield Segment(text if control else printable(text), style, control)
