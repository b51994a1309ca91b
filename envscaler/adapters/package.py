"""A Python package that is written for a trainer: its name, its folder, its texts."""

import re
from collections.abc import Mapping
from pathlib import Path

from envscaler import __version__
from envscaler.errors import ConfigError
from envscaler.resources import package_text

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_folder(out: Path) -> None:
    """Refuse a folder that exists, or whose name is none for a package.

    Raises:
        ConfigError: It is such a folder.
    """
    if not _NAME.fullmatch(out.name):
        raise ConfigError(f"{out.name!r} is no name for a package; use letters, digits and dashes")
    check_new(out)


def check_new(out: Path) -> None:
    """Refuse a folder that exists.

    Raises:
        ConfigError: It exists.
    """
    if out.exists():
        raise ConfigError(f"{out} exists; give a folder that does not")


def template(file: str, /, **known: object) -> str:
    """Return the text of `adapters/templates/FILE` with its braces filled in."""
    return package_text(f"adapters/templates/{file}").format(**known)


def write_texts(out: Path, templates: Mapping[str, str], **known: object) -> None:
    """Write the texts of a package.

    Args:
        out: Folder of the package; its name fills in `name`.
        templates: File below `out` -> its template.
        known: What else the templates name; the version of envscaler is among it.

    Raises:
        OSError: The disk refuses.
    """
    for file, source in templates.items():
        path = out / file
        path.parent.mkdir(parents=True, exist_ok=True)
        text = template(source, name=out.name, version=__version__, **known)
        path.write_text(text, encoding="utf-8")
