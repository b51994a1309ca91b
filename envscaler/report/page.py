"""The page itself: the viewer's files and the packed rows, put together in one HTML file.

The page may run its one script and use its one style sheet, both named by their hashes, and nothing
else: it can neither load nor send anything. Rows are text in inert elements.
"""

import base64
import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from envscaler.errors import ArtifactError

_VIEWER = Path(__file__).parent / "viewer"
_SCRIPTS = (
    "dom",
    "data",
    "route",
    "code",
    "parts",
    "lists",
    "overview",
    "diagram",
    "environment",
    "scenario",
    "trajectory",
    "others",
    "statistics",
    "main",
)
"""In the order in which they are joined."""


class Page:
    """A page that is being written."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.size = 0
        """Characters so far."""

    def put(self, name: str, packed: str) -> None:
        """Write a piece of packed rows."""
        self.write(f'<script type="text/plain" id="piece-{name}">{packed}</script>\n')

    def write(self, text: str) -> None:
        """Write a part of the page as it is."""
        self.size += self._file.write(text)


@contextmanager
def open_page(path: Path) -> Generator[Page]:
    """Write a page; it stands at `path` when it is whole.

    Raises:
        ArtifactError: The file cannot be written.
    """
    style, script = _style(), _script()
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            page = Page(file)
            page.write(_head(style, script))
            yield page
            page.write(f"<script>{script}</script>\n</body>\n</html>\n")
        draft.replace(path)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _style() -> str:
    return (_VIEWER / "style.css").read_text(encoding="utf-8")


def _script() -> str:
    return "".join((_VIEWER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)


def _head(style: str, script: str) -> str:
    page = (_VIEWER / "page.html").read_text(encoding="utf-8")
    page = page.replace("{{style-hash}}", _hash(style)).replace("{{script-hash}}", _hash(script))
    return page.replace("{{style}}", style)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
