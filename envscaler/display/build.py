"""Show the building of one environment to a person, step by step as it happens."""

from collections.abc import Iterable
from functools import singledispatch

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from envscaler.prompt_text import state_text, tool_signature, value_text
from envscaler.records import Counts
from envscaler.skel_builder.events import (
    Assembled,
    Assessed,
    CaseJudged,
    ClassWritten,
    Event,
    Examined,
    Inferred,
    Judged,
    MethodWritten,
    OperationsPlanned,
    Repaired,
    StateMade,
    StatePlanned,
)
from envscaler.terminal import counted

_KIND_STYLES = {"query": "cyan", "change": "magenta"}
_VERDICT_STYLES = {"pass": "green", "warning": "yellow", "fail": "bold red"}


class Narrator:
    """A listener that prints every event.

    Args:
        console: Where to; it knows whether there is a terminal for colours.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        """Print one event."""
        self._console.print(picture(event))


@singledispatch
def picture(event: object) -> RenderableType:
    """Draw an event for a person."""
    raise TypeError(f"No picture of {type(event).__name__}")


@picture.register
def _(event: Judged) -> RenderableType:
    stateful = event.judgement.stateful
    verdict = Text("stateful" if stateful else "not stateful", "green" if stateful else "red")
    return _panel("Judgement", Text(event.task, "bold"), Text(event.judgement.reasoning), verdict)


@picture.register
def _(event: Inferred) -> RenderableType:
    found = event.inference
    scores = f"usefulness {found.usefulness}/10, modelability {found.modelability}/10"
    return _panel(
        "Topic", Text(found.summary, "bold"), Text(found.introduction), Text(scores, "dim")
    )


@picture.register
def _(event: StatePlanned) -> RenderableType:
    entities = Table("Entity", "Attribute", "Type", "Meaning", box=None, header_style="dim")
    for entity in event.entities:
        entities.add_row(Text(entity.name, "bold cyan"), "", "", Text(entity.description))
        for attribute in entity.attributes:
            entities.add_row(
                "", Text(attribute.name), Text(attribute.type, "green"), Text(attribute.description)
            )
    rules = (Text(f"{number}. {rule}") for number, rule in enumerate(event.rules, start=1))
    return _panel("State and rules", entities, Text(), *rules)


@picture.register
def _(event: ClassWritten) -> RenderableType:
    return _panel("Class", _python(event.source))


@picture.register
def _(event: OperationsPlanned) -> RenderableType:
    table = Table("Operation", "Kind", "What it does", box=None, header_style="dim")
    for operation in event.operations:
        style = _KIND_STYLES[operation.kind]
        table.add_row(
            Text(operation.name, "bold"),
            Text(operation.kind, style),
            Text(operation.description),
        )
    return _panel(counted(len(event.operations), "operations"), table)


@picture.register
def _(event: MethodWritten) -> RenderableType:
    return _panel(f"Method {event.operation.name}", _python(event.source))


@picture.register
def _(event: Assembled) -> RenderableType:
    lines = len(event.source.splitlines())
    title = f"Assembled class {event.class_name}: {lines} lines, loads in the sandbox"
    tools = [Text(tool_signature(tool), "cyan") for tool in event.tools]
    return Group(
        _panel(title, _python(event.source)),
        _panel(counted(len(event.tools), "tools"), *tools),
    )


@picture.register
def _(event: StateMade) -> RenderableType:
    return _panel("State for the test calls", Syntax(state_text(event.state), "json"))


@picture.register
def _(event: Examined) -> RenderableType:
    seen = event.examination
    calls = sum(call_stats.calls for call_stats in seen.tools.values())
    rules = counted(len(seen.invariants), "rules")
    lines = [Text(f"{counted(calls, 'calls')}, {rules} checked after each", "dim")]
    for one in seen.findings:
        style = "bold red" if one.severity == "serious" else "yellow"
        lines.append(Text.assemble((f"{one.kind} ", style), (one.tool, "bold"), f": {one.message}"))
    return _panel(f"Tested by code: {len(seen.findings) or 'no'} findings", *lines)


@picture.register
def _(event: Repaired) -> RenderableType:
    lines = [
        Text.assemble((one.tool, "bold"), f": {one.problem or 'written anew'}")
        for one in event.repairs
    ]
    return _panel("Repairs", *lines)


@picture.register
def _(event: CaseJudged) -> RenderableType:
    case = event.case
    style = _VERDICT_STYLES[case.verdict]
    call = Text.assemble(
        (f"{case.verdict:8}", style),
        (case.call.name, "bold"),
        f" {value_text(case.call.arguments)}",
    )
    return Group(call, Text(f"        {case.case_type}: {case.reason}", "dim"))


@picture.register
def _(event: Assessed) -> RenderableType:
    table = Table("Tool", "Passed", "Warned", "Failed", box=None, header_style="dim")
    for name, counts in event.summary.tools.items():
        table.add_row(name, *_cells(counts))
    table.add_row(Text("all", "bold"), *_cells(event.summary.counts))
    return _panel(f"Assessment: {event.summary.score:.2f}", table)


def _cells(counts: Counts) -> Iterable[str]:
    return (str(counts.passed), str(counts.warned), str(counts.failed))


def _panel(title: str, *parts: RenderableType) -> Panel:
    return Panel(Group(*parts), title=f"[bold]{title}[/bold]", title_align="left")


def _python(source: str) -> Syntax:
    return Syntax(source, "python", word_wrap=True)
