"""What generated code prints, as much of it as is kept."""

import io


class Output(io.TextIOBase):
    """Keeps the first part of what is printed.

    Args:
        limit: Characters kept.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = self._limit - self._size
        if room > 0:
            self._parts.append(text[:room])
            self._size += min(len(text), room)
        return len(text)

    def take(self) -> str:
        """Return what was kept, and start again."""
        if not self._parts:
            return ""
        text = "".join(self._parts)
        self._parts, self._size = [], 0
        return text
