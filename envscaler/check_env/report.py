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
    reached = sum(one.succeeded > 0 for one in call_stats)
    serious, all_ = len(examination.serious), len(examination.findings)
    found = f"{all_} findings, {serious} serious" if all_ else "no findings"
    yield f"{name}: {found} ({calls} calls; {reached} of {len(call_stats)} tools succeeded)"
    for finding in sorted(examination.findings, key=_rank):
        yield from _finding_lines(finding)


def _rank(finding: Finding) -> tuple[bool, str, str]:
    return finding.severity != "serious", finding.kind, finding.tool


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
    yield {"env_id": name, "initial_states": [*examination.initial_states]}
    for finding in examination.findings:
        yield {"env_id": name, **finding.model_dump(mode="json")}
