"""States of another form than a class keeps: most of its tools fail, for no fault of theirs."""

import re
from collections.abc import Sequence
from dataclasses import replace

from envscaler.check_env.referee import Told
from envscaler.records import Discarded, FindingKind

_FORM = re.compile(
    r"'(?:dict|list|tuple|str|int|float|bool)' object has no attribute|indices must be integers|"
    r"'(?:str|int|float|bool)' object (?:is not subscriptable|does not support item)"
)
"""What Python says where a row is not of the type that the code expects."""
_LEAST = 3
_PART = 2
"""More than one tool of so many."""


def doubted(told: Sequence[Told], tools: int) -> tuple[list[Told], list[Discarded]]:
    """Call exceptions only possible where most tools fail at the form of their data.

    Args:
        told: All findings.
        tools: How many tools there are.

    Returns:
        The findings, and what to tell of the states.
    """
    of_form = [
        one
        for one in told
        if one.finding.kind is FindingKind.UNCAUGHT_EXCEPTION and _FORM.search(one.finding.message)
    ]
    failing = {one.finding.tool for one in of_form}
    if len(failing) < _LEAST or _PART * len(failing) <= tools:
        return [*told], []
    known = {*map(id, of_form)}
    reason = (
        f"{len(failing)} of {tools} tools fail at the form of their data, so it may not be the one "
        "that the class keeps; give states as its constructor or its loading method takes them"
    )
    kept = [_possible(one) if id(one) in known else one for one in told]
    return kept, [Discarded(rule="States", reason=reason)]


def _possible(one: Told) -> Told:
    return replace(one, finding=one.finding.model_copy(update={"severity": "possible"}))
