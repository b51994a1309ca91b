"""Rules in words for classes that bring none: one a line, or a JSON list."""

import json
import re
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from envscaler.errors import ArtifactError

_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_LISTS = TypeAdapter(list[str] | dict[str, list[str]])


def read_rules(file: Path, env_id: str) -> tuple[str, ...]:
    """Read the rules of an environment.

    Args:
        file: A JSON list of sentences, a JSON dict of such lists by environment, or a text with a
            rule in each line; dashes and numbers in front of them are left out.
        env_id: The environment.

    Raises:
        ArtifactError: There is no such file, or it is something else.
    """
    if not file.is_file():
        raise ArtifactError(f"{file} does not exist; give a text or a JSON list of rules")
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".json":
        lines = (_MARK.sub("", line).strip() for line in text.splitlines())
        return tuple(line for line in lines if line)
    try:
        found = _LISTS.validate_python(json.loads(text))
    except (json.JSONDecodeError, ValidationError) as error:
        raise ArtifactError(
            f"{file} is no list of rules: a JSON list of sentences, or a dict of such lists by "
            f"environment, is expected ({str(error).splitlines()[0]})"
        ) from error
    return tuple(found.get(env_id, ()) if isinstance(found, dict) else found)
