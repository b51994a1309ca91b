"""Benchmarks where a file is asked for: `bench:bfcl,tau-bench=FOLDER,acebench=FOLDER`."""

from collections.abc import Collection, Iterator
from pathlib import Path

from envscaler.errors import ConfigError

PREFIX = "bench:"


def each_named(named: str, known: Collection[str]) -> Iterator[tuple[str, Path | None]]:
    """Yield names and where each is; None where Python finds it.

    Args:
        named: Names, with commas between them and perhaps `=FOLDER` behind them.
        known: Names that are understood.

    Raises:
        ConfigError: There is no such benchmark, or it is no package and has no folder.
    """
    for part in filter(None, map(str.strip, named.split(","))):
        name, _, folder = part.partition("=")
        if name not in known:
            raise ConfigError(f"There is no benchmark {name}; {PREFIX} takes {','.join(known)}")
        if not folder and name != "bfcl":
            raise ConfigError(f"{name} is no package; name its checkout, {PREFIX}{name}=FOLDER")
        yield name, Path(folder).expanduser() if folder else None
