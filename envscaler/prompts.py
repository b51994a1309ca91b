"""Turn a prompt file into chat messages.

A prompt is one Markdown file under `prompts/<stage>/`. Lines such as `<!-- user -->` open a
message of that role, and `{{ name }}` is filled in. An undefined name is an error, so a prompt
and the step that renders it cannot drift apart unnoticed.
"""

import hashlib
import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from envscaler.chat import Prompt, WireMessage
from envscaler.errors import ConfigError
from envscaler.resources import PROMPTS

# A value may contain `<!-- user -->` itself; only role lines of the template open a message, so
# the template is cut into messages first and each part is rendered on its own.
_ROLE_LINE = re.compile(r"^<!-- (system|user|assistant) -->\n", re.MULTILINE)
# Prompts are passed around: one that comes from elsewhere may write text, and nothing else.
_JINJA = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


# Files of the user's own, looked at before the shipped ones.
_OWN: ContextVar[Path | None] = ContextVar("own prompts", default=None)


@contextmanager
def own_prompts(folder: Path | None) -> Generator[None]:
    """Let the files of a folder, laid out like `prompts/`, stand in for the shipped ones.

    Raises:
        ConfigError: There is no such folder, or a file in it has no shipped counterpart.
    """
    if folder is not None:
        _check_own(folder)
    token = _OWN.set(folder)
    try:
        yield
    finally:
        _OWN.reset(token)


def _check_own(folder: Path) -> None:
    if not folder.is_dir():
        raise ConfigError(f"Setting prompts: {folder} is not a folder")
    for path in sorted(folder.rglob("*.md")):
        if path.name != "README.md" and not (PROMPTS / path.relative_to(folder)).is_file():
            raise ConfigError(f"{path} stands in for no shipped prompt; look at {PROMPTS}")


def render(name: str, /, folder: Path | None = None, **values: object) -> Prompt:
    """Render `prompts/<name>.md` with `values`.

    Args:
        name: Path below the folder, without the ending.
        folder: Instead of the user's own prompts and the shipped ones.
        values: What the template names.

    Raises:
        ConfigError: No such prompt, or it does not parse, needs a value that is not given, or
            reaches for more than its values.
    """
    sha, parts = _load(name, folder or _folder_of(name))
    try:
        messages = tuple(
            WireMessage(role=role, content=template.render(values).strip())
            for role, template in parts
        )
    except UndefinedError as error:
        raise ConfigError(f"Prompt {name!r} needs a value it was not given: {error}") from error
    except SecurityError as error:
        raise ConfigError(f"Prompt {name!r} may only write its values: {error}") from error
    except (TemplateError, OverflowError) as error:
        raise ConfigError(f"Prompt {name!r} cannot be rendered: {error}") from error
    return Prompt(name=name, sha=sha, messages=messages)


def _folder_of(name: str) -> Path:
    own = _OWN.get()
    return own if own is not None and (own / f"{name}.md").is_file() else PROMPTS


@cache
def _load(name: str, folder: Path) -> tuple[str, list[tuple[str, Template]]]:
    path = folder / f"{name}.md"
    if not path.is_file():
        raise ConfigError(f"No prompt {name!r} in {folder}")
    text = path.read_text(encoding="utf-8")
    head, *parts = _ROLE_LINE.split(text)
    if head.strip() or not parts:
        raise ConfigError(f"Prompt {name!r} must start with a role line such as '<!-- system -->'")
    try:
        templates = [_JINJA.from_string(part) for part in parts[1::2]]
    except TemplateSyntaxError as error:
        raise ConfigError(
            f"{path}: {error.message} (line {error.lineno} of its message)"
        ) from error
    sha = hashlib.sha256(text.encode()).hexdigest()[:12]
    return sha, list(zip(parts[::2], templates, strict=True))
