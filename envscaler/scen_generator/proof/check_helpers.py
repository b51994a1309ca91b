"""The functions that checks made by code are put together from.

They are the text of `check_helpers.py.txt`: only the sandbox ever runs them.
"""

import re
from functools import cache
from pathlib import Path

_DOCSTRING = re.compile(r'\n    """.*?"""(?=\n\n\n|\n    \S|\Z)', re.S)


def with_parts(body: str) -> str:
    """Put in front of a check the functions that it needs, and those that these need."""
    sources = _parts()
    needed, waiting = set[str](), [body]
    while waiting:
        text = waiting.pop()
        new = [name for name in sources if name not in needed and re.search(rf"\b{name}\b", text)]
        needed.update(new)
        waiting += [sources[name] for name in new]
    chosen = [source for name, source in sources.items() if name in needed]
    return "\n\n\n".join([*chosen, body])


@cache
def _parts() -> dict[str, str]:
    """Return the functions by name."""
    text = Path(__file__).with_name("check_helpers.py.txt").read_text(encoding="utf-8")
    found = text.strip().split("\n\n\n")
    sources = (_without_docstring(source) for source in found)
    return {source.removeprefix("def ").partition("(")[0]: source for source in sources}


def _without_docstring(source: str) -> str:
    bare = _DOCSTRING.sub("", source, count=1).replace(":\n\n", ":\n", 1)
    return bare if bare.count("\n") else f"{bare}\n    pass"
