"""Time zones for `zoneinfo`, read before the lock: afterwards no file can be opened."""

import io
import os
import zoneinfo
import zoneinfo._common as common
from collections.abc import Iterator

_LARGEST = 1 << 16
"""Bytes; a real one has some 3,500 at most."""
_OTHER_FORMS = frozenset(("posix", "right"))
"""Folders that hold every zone once more."""
_MAGIC = b"TZif"


def install() -> None:
    """Read the machine's time zones, and let `zoneinfo` know no others."""
    zones = _read_zones(zoneinfo.TZPATH)

    def load(key: str) -> io.BytesIO:
        try:
            return io.BytesIO(zones[key])
        except KeyError:
            message = f"No time zone found with key {key}"
            raise zoneinfo.ZoneInfoNotFoundError(message) from None

    zoneinfo.reset_tzpath(to=())
    common.__dict__["load_tzdata"] = load
    zoneinfo.__dict__["available_timezones"] = lambda: set(zones)


def _read_zones(folders: tuple[str, ...]) -> dict[str, bytes]:
    """Return every zone of the first folder that is there, in the order of their names."""
    folder = next(filter(os.path.isdir, folders), None)
    return {} if folder is None else dict(sorted(_zones_in(folder, "")))


def _zones_in(folder: str, prefix: str) -> Iterator[tuple[str, bytes]]:
    # Six hundred small files: `pathlib` takes eight times as long.
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if prefix or entry.name not in _OTHER_FORMS:
                    yield from _zones_in(entry.path, f"{prefix}{entry.name}/")
            elif (data := _read(entry.path))[:4] == _MAGIC:
                yield prefix + entry.name, data


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)
