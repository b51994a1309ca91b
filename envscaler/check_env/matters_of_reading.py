"""Which findings are a matter of reading, so that one who reads the class may rule them out.

Code guesses from names, sentences and forms which tools only look, what a refusal looks like, what
an id is and which values a call takes. Whatever stands on such a guess may be what the class says
or plainly intends. What was measured, or breaks what was agreed, is a fact.
"""

import ast
import re

from envscaler.environment.code.classes import read_class
from envscaler.inputs.subject import Subject
from envscaler.records import Finding, FindingKind

_MEASURED = frozenset((FindingKind.SLOW_CALL, FindingKind.SHARED_DEFAULT))
"""What no description makes right."""
_OF_FORM = frozenset(
    (
        FindingKind.QUERY_CHANGES_STATE,
        FindingKind.REFUSED_CALL_CHANGED_STATE,
        FindingKind.UNCAUGHT_EXCEPTION,
        FindingKind.BAD_RESULT_SHAPE,
    )
)
"""What is seen from the form of a call, given that one knows what tool it is."""
_SLIPS = frozenset(
    (
        "AttributeError",
        "IndexError",
        "KeyError",
        "NameError",
        "OverflowError",
        "RecursionError",
        "StopIteration",
        "TypeError",
        "UnboundLocalError",
        "ZeroDivisionError",
    )
)
"""What Python raises by itself, and a class hardly to refuse something."""
_RAISED = re.compile(r"\bIt raised (\w+)")


def is_matter_of_reading(subject: Subject, finding: Finding, *, settled: bool) -> bool:
    """Say whether somebody who reads the class may rule a finding out.

    Args:
        subject: The environment.
        finding: What was found.
        settled: It was ruled on, or breaks what was given as code.
    """
    if finding.severity == "possible":
        return True
    if finding.severity == "minor" or settled or finding.kind in _MEASURED:
        return False
    if finding.kind in _OF_FORM and _is_agreed(subject, finding.tool):
        return False
    return finding.kind is not FindingKind.UNCAUGHT_EXCEPTION or not _is_slip(subject, finding)


def _is_agreed(subject: Subject, tool: str) -> bool:
    """Say whether it was planned what a tool is for, and agreed what it returns."""
    planned = {one.name for one in subject.skeleton.operations}
    return tool in planned and subject.convention.enveloped


def _is_slip(subject: Subject, finding: Finding) -> bool:
    """Say whether nobody can have meant an exception: no one speaks of it, nor raises its type."""
    raised = _RAISED.search(finding.message)
    if (
        raised is None
        or raised[1] not in _SLIPS
        or re.search(rf"\braise\s+{raised[1]}\b", subject.skeleton.source)
    ):
        return False
    lineage = read_class(subject.skeleton.source, subject.skeleton.class_name).lineage
    nodes = [*lineage, subject.methods[finding.tool]]
    words = " ".join(ast.get_docstring(node) or "" for node in nodes)
    return not re.search(rf"\brais(e|es|ed|ing)\b|\b{raised[1]}\b", words, re.IGNORECASE)
