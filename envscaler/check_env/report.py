"""An examination as a person reads it, and as lines of JSON."""

import json
from collections.abc import Iterator

from pydantic import JsonValue

from envscaler.records import Examination, Finding, JsonObject

_MOST_CHARS = 160


def report_lines(name: str, examination: Examination) -> Iterator[str]:
    """Yield what was found in one environment, with the calls that show it.

    Args:
        name: Of the environment.
        examination: What was found.
    """
    call_stats = examination.tools.values()
    calls = sum(one.calls for one in call_stats)
    serious, all_ = len(examination.serious), len(examination.findings)
    found = f"{all_} findings, {serious} serious" if all_ else "no findings"
    yield f"{name}: {found} ({calls} calls; {_coverage(examination)})"
    for finding in sorted(examination.findings, key=_rank):
        yield from _finding_lines(finding)
    for tool in not_exercised(examination):
        one = examination.tools[tool]
        lines = f"{one.lines_reached} of {one.lines} lines reached" if one.lines else "no lines"
        yield f"  not exercised  {tool}: no call got past its checks ({lines})"
    for one in examination.discarded:
        yield f"  rule not checked  {one.rule[:_MOST_CHARS]}: {one.reason}"


def _coverage(examination: Examination) -> str:
    tools = examination.tools.values()
    past = len(tools) - len(not_exercised(examination))
    lines, reached = sum(one.lines for one in tools), sum(one.lines_reached for one in tools)
    share = f", {round(100 * reached / lines)} % of their lines reached" if lines else ""
    return f"{past} of {len(tools)} tools got past their checks{share}"


def not_exercised(examination: Examination) -> list[str]:
    """Name the tools of which nothing can be said: none of their calls got past their checks."""
    told = {one.tool for one in examination.findings}
    return [
        name for name, one in examination.tools.items() if not one.exercised and name not in told
    ]


def _rank(finding: Finding) -> tuple[int, str, str]:
    order = ("serious", "possible", "minor").index(finding.severity)
    return order, finding.kind, finding.tool


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"  {finding.severity} {finding.kind}  {finding.tool}: {finding.message}"
    for call in finding.calls:
        yield f"      state {finding.start}: {call.tool}({_arguments(call.arguments)})"
    if "result" in finding.evidence:
        yield f"      → {_short(finding.evidence['result'])}"


def _arguments(arguments: JsonObject) -> str:
    return ", ".join(f"{name}={_short(value)}" for name, value in arguments.items())


def _short(value: JsonValue) -> str:
    text = value if isinstance(value, str) and value.endswith("…") else json.dumps(value)
    return text if len(text) <= _MOST_CHARS else text[: _MOST_CHARS - 1] + "…"


def json_lines(name: str, examination: Examination) -> Iterator[JsonObject]:
    """Yield one object for the states that calls begin in, then one for each finding."""
    yield {
        "env_id": name,
        "initial_states": [*examination.initial_states],
        "tools": {
            tool: {**one.model_dump(mode="json"), "exercised": one.exercised}
            for tool, one in examination.tools.items()
        },
        "not_exercised": [*not_exercised(examination)],
        "rules_not_checked": [one.model_dump(mode="json") for one in examination.discarded],
    }
    for finding in examination.findings:
        yield {"env_id": name, **finding.model_dump(mode="json")}
