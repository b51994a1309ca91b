"""How a row looks to a person: conclusions first, dialogues as dialogues, tools as signatures."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import singledispatch
from typing import cast

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from envscaler.prompt_text import tool_signature
from envscaler.records import (
    Assessment,
    Candidate,
    Case,
    Check,
    Dropped,
    Entity,
    Environment,
    JsonValue,
    Message,
    Proof,
    QualityReport,
    Reward,
    Scenario,
    Skeleton,
    Task,
    Tool,
    Topic,
    Trajectory,
    VerdictKind,
)
from envscaler.terminal import counted

_ROLES = {"system": "dim", "user": "bold cyan", "assistant": "bold green", "tool": "yellow"}
_VERDICTS = {"pass": "green", "warning": "yellow", "fail": "bold red"}
_CHECKS = {VerdictKind.PASSED: "green", VerdictKind.FAILED: "red"}
_MARGIN = (0, 0, 0, 2)


@singledispatch
def picture(row: object) -> RenderableType:
    """Draw a row; a row of a kind that is not ours is shown as JSON."""
    return _json(cast("JsonValue", row))


@picture.register
def _(row: Task) -> RenderableType:
    return _fields(text=row.text, source=row.source)


@picture.register
def _(row: Candidate) -> RenderableType:
    judgement = "stateful" if row.judgement.stateful else "not stateful"
    parts: list[RenderableType] = [
        _fields(task=row.task, judgement=judgement, reasoning=row.judgement.reasoning)
    ]
    if (found := row.inference) is not None:
        parts.append(
            _topic(found.summary, found.introduction, found.usefulness, found.modelability)
        )
    return Group(*parts)


@picture.register
def _(row: Topic) -> RenderableType:
    topic = _topic(row.summary, row.introduction, row.usefulness, row.modelability)
    return Group(topic, _fields(task=row.source_task))


@picture.register
def _(row: Skeleton) -> RenderableType:
    return Group(_described(row), *_design(row))


@picture.register
def _(row: Environment) -> RenderableType:
    if row.assessment is None:
        return picture.dispatch(Skeleton)(row)
    counts = row.assessment.counts
    text = f"{counts.passed} passed, {counts.warned} with a warning, {counts.failed} failed"
    score = [Text(f"score {row.assessment.score:.2f}: {text}")]
    tested = (*_part("Assessment", score), *_quality(row.assessment.quality))
    return Group(_described(row), *tested, *_design(row))


@picture.register
def _(row: Assessment) -> RenderableType:
    return Group(
        *_quality(row.quality),
        *_part(counted(len(row.cases), "calls"), (_case(case) for case in row.cases)),
    )


@picture.register
def _(row: Scenario) -> RenderableType:
    found = row.proof
    return Group(
        _fields(environment=row.env_id, task=row.task),
        *(_conclusion(found) if found else ()),
        *_part(counted(len(row.checks), "checks"), (_item(check) for check in row.checks)),
        *(_evidence(found) if found else ()),
    )


@picture.register
def _(row: Trajectory) -> RenderableType:
    return Group(
        _fields(
            environment=row.env_id,
            scenario=row.scenario_id,
            way=f"{row.dialogue}, {row.tool_format}",
            end=row.stop_reason.value,
        ),
        *(_part("Reward", _reward(row.reward)) if row.reward else ()),
        *(part for message in row.messages for part in _message(message)),
    )


@picture.register
def _(row: Dropped) -> RenderableType:
    return _fields(stage=row.stage, kind=row.kind, reason=row.reason)


@singledispatch
def sources(row: object) -> Mapping[str, RenderableType]:
    """Draw what a row was made with and is long: title → text. Most rows have nothing such."""
    del row
    return {}


@sources.register
def _(row: Skeleton) -> Mapping[str, RenderableType]:
    return {
        "State": Group(*(_entity(entity) for entity in row.entities)),
        f"Class {row.class_name}": Syntax(row.source, "python", word_wrap=True),
    }


@sources.register
def _(row: Assessment) -> Mapping[str, RenderableType]:
    return {"Initial state": _json(row.initial_state)}


@sources.register
def _(row: Scenario) -> Mapping[str, RenderableType]:
    checks = Group(*(_check(check) for check in row.checks))
    return {"Initial state": _json(row.initial_state), "Code of the checks": checks}


@sources.register
def _(row: Trajectory) -> Mapping[str, RenderableType]:
    return {counted(len(row.tools), "tools"): Group(*(_tool(tool) for tool in row.tools))}


def titled(title: str, body: RenderableType) -> RenderableType:
    """Draw a part of a row below its title."""
    return Group(*_part(title, [body]))


def proof_parts(proof: Proof) -> Iterator[RenderableType]:
    """Draw the evidence behind a reward: the solution, and what each check is worth."""
    yield from _evidence(proof)
    yield from _conclusion(proof)


def _evidence(proof: Proof) -> Iterator[RenderableType]:
    solution = (
        Text.assemble(
            ("  " if call.succeeded else "✗ ", "red"),
            (call.name, "bold"),
            f"({', '.join(f'{name}={value!r}' for name, value in call.arguments.items())})",
            (" writes" if call.changed else "", "green"),
        )
        for call in proof.reference
    )
    yield from _part(f"Reference solution, executed: scores {proof.score}", solution)
    table = Table("Check", "Is a", "Wrong solutions caught", box=None, header_style="dim")
    for index, check in enumerate(proof.checks):
        caught = sum(index in mutant.caught_by for mutant in proof.mutants)
        table.add_row(Text(check.item), check.role.value, f"{caught} of {len(proof.mutants)}")
    yield from _part("What the checks are worth", [table])


def _conclusion(proof: Proof) -> Iterator[RenderableType]:
    twice = "two runs agree byte for byte" if proof.repeatable else "two runs differ"
    lines = [Text(f"no-op score {proof.noop_score}; {twice}")]
    lines += [Text(f"taken out: {reason}", "dim") for reason in proof.removed]
    lines += [Text(f"not proven: {reason}", "red") for reason in proof.reasons]
    yield from _part("Proven" if proof.proven else "Not proven", lines)


def _described(row: Skeleton) -> RenderableType:
    return _fields(summary=row.summary, introduction=row.introduction, task=row.source_task or "-")


def _design(row: Skeleton) -> Iterator[RenderableType]:
    yield from _part(counted(len(row.tools), "tools"), (_tool(tool) for tool in row.tools))
    yield from _part(counted(len(row.rules), "rules"), (Text(rule) for rule in row.rules))
    names = ", ".join(entity.name for entity in row.entities)
    yield from _part(counted(len(row.entities), "entities"), [Text(names)])


def _quality(quality: QualityReport) -> Iterator[RenderableType]:
    calls = sum(call_stats.calls for call_stats in quality.call_stats.values())
    rules = counted(len(quality.invariants), "rules")
    told = f"{counted(calls, 'calls')} by code, {rules} checked after each"
    lines = [Text(told, "dim")]
    for word, style, findings in (
        ("open", "red", quality.findings),
        ("repaired", "green", quality.regressions),
    ):
        lines += [
            Text.assemble((f"{word} ", style), (one.tool, "bold"), f" {one.kind}: {one.message}")
            for one in findings
        ]
    yield from _part("Tested by code", lines)


def _topic(summary: str, introduction: str, usefulness: int, modelability: int) -> RenderableType:
    scores = f"usefulness {usefulness}/10, modelability {modelability}/10"
    return _fields(summary=summary, introduction=introduction, scores=scores)


def _fields(**fields: str) -> Text:
    lines = (Text.assemble((f"{name}: ", "dim"), text) for name, text in fields.items())
    return Text("\n").join(lines)


def _part(title: str, body: Iterable[RenderableType]) -> Iterator[RenderableType]:
    yield Text(f"\n{title}", "bold")
    yield Padding(Group(*body), _MARGIN)


def _json(value: JsonValue) -> RenderableType:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return Syntax(text, "json", word_wrap=True)


def _entity(entity: Entity) -> Text:
    text = Text.assemble((entity.name, "bold"), f": {entity.description}")
    for each in entity.attributes:
        text.append(f"\n  {each.name}")
        text.append(f" {each.type}", "green")
        text.append(f" {each.description}", "dim")
    return text


def _tool(tool: Tool) -> Text:
    name, bracket, parameters = tool_signature(tool).partition("(")
    first = tool.description.strip().partition("\n")[0]
    return Text.assemble((name, "bold"), (f"{bracket}{parameters}", "cyan"), f"  {first}")


def _case(case: Case) -> Text:
    return Text.assemble(
        (f"{case.verdict:8}", _VERDICTS[case.verdict]),
        (case.call.name, "bold"),
        f" {json.dumps(case.call.arguments, ensure_ascii=False)}\n",
        f"        → {json.dumps(case.observation.value, ensure_ascii=False)}\n",
        (f"        {case.reason}", "dim"),
    )


def _item(check: Check) -> Text:
    start = {None: "", True: " (true at the start)", False: " (false at the start)"}
    return Text.assemble((check.item, "bold"), (start[check.initially_true], "dim"))


def _check(check: Check) -> RenderableType:
    return Group(_item(check), Syntax(check.source, "python", word_wrap=True))


def _message(message: Message) -> Iterator[RenderableType]:
    yield Text(f"\n{message.role}", _ROLES[message.role])
    body = Text()
    if message.reasoning:
        body.append(f"{message.reasoning}\n", "dim italic")
    body.append(message.content)
    for call in message.tool_calls:
        text = json.dumps(call.arguments, ensure_ascii=False)
        body.append(f"\n{call.name}({text})" if body else f"{call.name}({text})", "magenta")
    if message.problem:
        body.append(f"\n{message.problem}", "red")
    yield Padding(body, _MARGIN)


def _reward(reward: Reward) -> Iterator[RenderableType]:
    yield Text("no score: " + reward.problem if reward.score is None else f"{reward.score}")
    for verdict in reward.verdicts:
        style = _CHECKS.get(verdict.kind, "bold red")
        yield Text.assemble(
            (f"{verdict.kind.value:10}", style), verdict.item, f" {verdict.message}"
        )
