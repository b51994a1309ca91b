"""Help with the options in groups: what a command is for first, then how it runs and what it costs.

Typer draws such groups with rich alone, which takes longer to import than most commands run.
"""

from typing import Any

from typer.core import TyperCommand

COST = "Models and cost"
RUNNING = "How rows are made"


class Grouped(TyperCommand):
    """A command whose options stand under the headings of their `rich_help_panel`."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 (Typer moved it)
        """Write arguments, then options, group by group."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for each in self.get_params(ctx):
            first = "Arguments" if each.param_type_name == "argument" else "Options"
            line: tuple[str, str] | None = each.get_help_record(ctx)
            if line is not None:
                panel: str | None = getattr(each, "rich_help_panel", None)
                groups.setdefault(panel or first, []).append(line)
        for name, lines in groups.items():
            if lines:
                with formatter.section(name):
                    formatter.write_dl(lines)
