"""A run to look at, and to try by hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envscaler.cli.grouped import Grouped
from envscaler.cli.options import Config, Overrides, Policy, with_policy
from envscaler.cli.say import say
from envscaler.terminal import counted

if TYPE_CHECKING:
    from rich.console import Console

    from envscaler.load import LoadedScenario

reports = typer.Typer()

_KILO = 1024


@reports.command(cls=Grouped)
def report(  # noqa: PLR0913 (each is an option of the command)
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    out: Annotated[Path | None, typer.Option(help="The HTML file; RUN/report.html.")] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Another run on the same scenarios.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Also the statistics, as SVG and PNG.")
    ] = None,
    replay: Annotated[
        bool, typer.Option(help="Make the calls again to show what each changed.")
    ] = True,
    rows: Annotated[
        int, typer.Option(min=1, help="How many rows of a kind are shown; figures count all.")
    ] = 10_000,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Write a run as one HTML file that needs no server and no network."""
    from envscaler.config import load_settings
    from envscaler.report.figures import check_matplotlib, write_figures
    from envscaler.report.write import write_report

    if figures is not None:
        check_matplotlib()
    settings = load_settings(config, overrides or ())
    file = out or run / "report.html"
    written = write_report(run, file, settings, against=against, replay=replay, most=rows)
    for note in written.notes:
        say(note)
    names = {"dropped": "rejected rows"}
    say(", ".join(counted(count, names.get(name, name)) for name, count in written.counts.items()))
    say(f"{written.path}: {written.size / _KILO:,.0f} KB; open it in a browser")
    if figures is not None:
        for path in write_figures(written.statistics, figures):
            say(str(path))


@reports.command(cls=Grouped)
def play(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    scenario: Annotated[
        str | None, typer.Argument(metavar="[SCENARIO]", help="Or the first letters of its id.")
    ] = None,
    policy: Policy = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Play a scenario by hand or let models act, step by step; keep it as a trajectory."""
    from contextlib import closing

    from rich.text import Text

    from envscaler.app.acting import Actors
    from envscaler.app.hand import HandPlay
    from envscaler.app.terminal import TerminalPlay
    from envscaler.config import load_settings
    from envscaler.display.console import open_console
    from envscaler.env import Env
    from envscaler.load import load_run

    settings = load_settings(config, with_policy(overrides, policy))
    console = open_console()
    chosen = _choose([*load_run(run).scenarios], scenario, console)
    with Env(chosen, settings=overrides or ()) as env, closing(Actors(run, settings)) as actors:
        hand = HandPlay(chosen, env, settings)

        # A prompt may hold the words of a model, and is text like everything else.
        def ask(prompt: str) -> str:
            return console.input(Text(prompt))

        TerminalPlay(hand, actors, run, console, ask).loop()


@reports.command(cls=Grouped)
def app(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    port: Annotated[int, typer.Option(help="On this machine; nobody else can reach it.")] = 7860,
    policy: Policy = None,
    config: Config = None,
    overrides: Overrides = None,
) -> None:
    """Play scenarios and watch builds in a browser."""
    from importlib import import_module
    from importlib.util import find_spec

    from envscaler.config import load_settings
    from envscaler.errors import ConfigError
    from envscaler.load import load_run

    if find_spec("gradio") is None:
        raise ConfigError("The app needs Gradio: pip install 'envscaler[app]'")
    settings = load_settings(config, with_policy(overrides, policy))
    scenarios = [*load_run(run).scenarios]
    say(f"http://127.0.0.1:{port}: {counted(len(scenarios), 'scenarios')}; Ctrl-C ends it")
    import_module("envscaler.app.browser").serve(run, scenarios, settings, port)


def _choose(
    scenarios: "list[LoadedScenario]", wanted: str | None, console: "Console"
) -> "LoadedScenario":
    """Return the scenario that was named, or ask for one."""
    from envscaler.errors import ConfigError

    found = [row for row in scenarios if row.id.startswith(wanted or "")]
    if not found:
        raise ConfigError(f"There is no scenario {wanted or ''} in this run; show lists them")
    if len(found) == 1 or (wanted and len({row.id for row in found}) == 1):
        return found[0]
    return found[_number_of(found, console) - 1]


def _number_of(found: "list[LoadedScenario]", console: "Console") -> int:
    """List scenarios, and ask for the number of one."""
    from rich.text import Text

    from envscaler.errors import ConfigError

    for number, row in enumerate(found, start=1):
        line = Text.assemble(f"{number:3} ", (row.id, "bold"), "  ", " ".join(row.task.split()))
        console.print(line, no_wrap=True, overflow="ellipsis")
    try:
        answer = console.input("Which one? ").strip()
    except EOFError as error:
        raise ConfigError("Give the id of a scenario") from error
    if not answer.isdigit() or not 1 <= int(answer) <= len(found):
        raise ConfigError(f"Give a number from 1 to {len(found)}, not {answer!r}")
    return int(answer)
