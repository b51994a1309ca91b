"""Turn a prompt file into chat messages.

A prompt is one Markdown file under `prompts/<stage>/`. Lines such as `<!-- user -->` open a
message of that role, and `{{ name }}` is filled in. An undefined name is an error, so a prompt
and the step that renders it cannot drift apart unnoticed.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, UndefinedError

from envscaler.errors import ConfigError
from envscaler.llm.types import Prompt, WireMessage
from envscaler.resources import PROMPTS

# A value may contain `<!-- user -->` itself; only role lines of the template open a message, so
# the template is cut into messages first and each part is rendered on its own.
_ROLE_LINE = re.compile(r"^<!-- (system|user|assistant) -->\n", re.MULTILINE)
_JINJA = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(name: str, /, folder: Path = PROMPTS, **values: object) -> Prompt:
    """Render `prompts/<name>.md` with `values`.

    Raises:
        ConfigError: No such prompt, or it does not parse, or it needs a value that is not given.
    """
    sha, parts = _load(name, folder)
    try:
        messages = tuple(
            WireMessage(role=role, content=template.render(values).strip())
            for role, template in parts
        )
    except UndefinedError as error:
        raise ConfigError(f"Prompt {name!r} needs a value it was not given: {error}") from error
    return Prompt(name=name, sha=sha, messages=messages)


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
