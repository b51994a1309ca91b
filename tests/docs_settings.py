"""Write `docs/settings.md` from `configs/default.yaml`: `python -m tests.docs_settings`."""

import re
from collections.abc import Iterator
from pathlib import Path

from envscaler.resources import CONFIGS

PAGE = Path(__file__).parents[1] / "docs/settings.md"
HEAD = """\
# Settings

Made from [`configs/default.yaml`](../configs/default.yaml), which holds every setting with its
default; `python -m tests.docs_settings` makes this page again. Change one with
`--set section.key=value`, or several with `--config FILE`, a YAML file with what differs.
`--config paper` has the published numbers. What a run was made with is kept in `RUN/settings/`,
without keys; going on in that folder with other settings is an error.
"""
_LINE = re.compile(r"^(?P<indent> *)(?P<key>\w+): *(?P<value>[^#]*?) *(?:# (?P<note>.*))?$")


def page(yaml: str) -> str:
    """Write the settings as a table for each section."""
    return "\n".join([HEAD, *_rows(yaml)]) + "\n"


def _rows(yaml: str) -> Iterator[str]:
    section, inner = "", ""
    for line in yaml.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        depth, key, value = len(found["indent"]) // 2, found["key"], found["value"]
        if depth == 0 and not value:
            section, inner = f"{key}.", ""
            yield from ("", f"## {key}", "", "| setting | default | |", "|---|---|---|")
        elif not section:
            yield f"* `{key}`, `{value}`: {found['note'] or ''}"
        elif depth == 1 and not value:
            inner = f"{key}."
        else:
            inner = inner if depth > 1 else ""
            note = (found["note"] or "").replace("|", "\\|")
            yield f"| `{section}{inner}{key}` | `{value}` | {note} |"


if __name__ == "__main__":
    PAGE.write_text(page((CONFIGS / "default.yaml").read_text("utf-8")), encoding="utf-8")
