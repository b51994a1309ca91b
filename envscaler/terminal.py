"""Text of strangers on a terminal: it is shown, and never obeyed.

What models, environments and other people's files have written may hold escape sequences, which
retitle windows, hide text or write into the clipboard, and marks that turn the direction of a
line. Everything that is printed goes through `printable`.
"""

import re

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""C0 but for tab and line feed, DEL, C1, marks of direction, separators and joiners that nobody
sees, and halves of surrogate pairs, which no terminal can be sent."""


def printable(text: str) -> str:
    r"""Write each character that a terminal would obey as its escape, such as `\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def counted(count: int, plural: str) -> str:
    """Say how many there are: `1 scenario`, `2,000 trajectories`."""
    if count != 1:
        return f"{count:,} {plural}"
    return f"1 {plural[:-3]}y" if plural.endswith("ies") else f"1 {plural.removesuffix('s')}"
