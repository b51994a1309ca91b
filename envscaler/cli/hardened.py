"""`harden`: harder variants of proven scenarios."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from envscaler.cli.grouped import Grouped
from envscaler.cli.options import Options, with_options
from envscaler.cli.stages import in_run

if TYPE_CHECKING:
    from envscaler.config import HardeningName
    from envscaler.pipeline.run import Run

hardened = typer.Typer()


@hardened.command(cls=Grouped)
@with_options
def harden(
    options: Options,
    source: Annotated[
        Path,
        typer.Option("--from", metavar="RUN", help="The run whose proven scenarios are taken."),
    ],
    how: Annotated[
        str | None, typer.Option(metavar="NAME[,NAME]", help="Ways; without it, all of them.")
    ] = None,
) -> None:
    """Make proven scenarios harder, each proven again, in a folder of their own."""

    async def work(run: "Run") -> None:
        from envscaler.scen_generator.hardening.harden import harden

        await harden(run, source)

    chosen = None if how is None else list(_names(how))
    settings = options.settings(scen_generator__harden=chosen)
    in_run(options.run, settings, "harden", work, None)


def _names(text: str) -> "tuple[HardeningName, ...]":
    """Read names that stand one after the other.

    Raises:
        BadParameter: There is no such way.
    """
    from envscaler.config import HardeningName

    known = get_args(HardeningName)
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"--how takes {', '.join(known)}, not {name!r}")
    return cast("tuple[HardeningName, ...]", tuple(names))
