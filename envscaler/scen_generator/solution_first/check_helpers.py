"""The functions that checks made by code are put together from.

They are the text of `check_helpers.py.txt`: only the sandbox ever runs them.
"""

import re
from functools import cache
from pathlib import Path

_DOCSTRING = re.compile(r'\n    """.*?"""', re.S)


def with_parts(body: str) -> str:
    """Put in front of a check the functions that it needs, and those that these need."""
    needed, chosen = body, list[str]()
    for name, source in reversed(_parts().items()):
        if re.search(rf"\b{name}\b", needed):
            chosen.insert(0, source)
            needed += source
    return "\n\n\n".join([*chosen, body])


@cache
def _parts() -> dict[str, str]:
    """Return the functions by name, each after those that it needs."""
    text = Path(__file__).with_name("check_helpers.py.txt").read_text(encoding="utf-8")
    sources = _DOCSTRING.sub("", text).strip().split("\n\n\n")
    return {source.removeprefix("def ").partition("(")[0]: source for source in sources}
