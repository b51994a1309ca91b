"""Which findings somebody who reads the class may rule out, and which are facts."""

import pytest

from envscaler.check_env.matters_of_reading import is_matter_of_reading
from envscaler.inputs.subject import Subject, read_subject
from envscaler.records import Finding, FindingKind, Operation
from tests.check_env.arena import skeleton

LOFTS = '''
class Lofts:
    """Pigeons of a loft."""

    def __init__(self):
        self.pigeons = {}
        self.seen = 0

    def find(self, ring: str) -> dict:
        """Find a pigeon.TOLD"""
        self.seen += 1
        if ring not in self.pigeons:
            REFUSAL
        return {"success": True, "data": self.pigeons[ring]}

    def ring_up(self, ring: str) -> dict:
        """Add a pigeon."""
        if ring in self.pigeons:
            return {"success": False, "error": "it is there"}
        self.pigeons[ring] = {"ring": ring}
        return {"success": True, "message": "added"}
'''
RETURNED = 'return {"success": False, "error": "no such pigeon"}'


def subject_of(refusal: str = RETURNED, told: str = "", **changes: object) -> Subject:
    source = LOFTS.replace("REFUSAL", refusal).replace("TOLD", told)
    return read_subject(skeleton(source, **changes))


def finding(kind: str, message: str = "Something", severity: str = "serious") -> Finding:
    return Finding.model_validate(
        {
            "kind": kind,
            "tool": "find",
            "severity": severity,
            "message": message,
            "start": 0,
            "calls": [{"tool": "find", "arguments": {"ring": "R1"}}],
        }
    )


def is_asked(subject: Subject, found: Finding, *, settled: bool = False) -> bool:
    return is_matter_of_reading(subject, found, settled=settled)


@pytest.mark.parametrize(
    "kind",
    [one for one in FindingKind if one not in {FindingKind.SLOW_CALL, FindingKind.SHARED_DEFAULT}],
)
def test_what_is_guessed_from_names_and_forms_is_a_matter_of_reading(kind: str) -> None:
    assert is_asked(subject_of(), finding(kind))


@pytest.mark.parametrize("kind", ["slow_call", "shared_default"])
def test_what_was_measured_is_a_fact(kind: str) -> None:
    assert not is_asked(subject_of(), finding(kind))


def test_what_was_ruled_on_or_is_minor_is_not_asked_about() -> None:
    subject = subject_of()

    assert not is_asked(subject, finding("wrong_answer"), settled=True)
    assert not is_asked(subject, finding("live_reference", severity="minor"))
    assert is_asked(subject, finding("wrong_answer", severity="possible"), settled=True)


def test_a_slip_of_code_is_a_fact() -> None:
    said = "It raised KeyError: 'R9' in line 12"

    assert not is_asked(subject_of(), finding("uncaught_exception", said))


@pytest.mark.parametrize(
    "subject",
    [
        subject_of(refusal="raise KeyError(ring)"),
        subject_of(told=" Raises KeyError for an unknown ring."),
    ],
)
def test_an_exception_that_the_class_speaks_of_is_a_matter_of_reading(subject: Subject) -> None:
    said = "It raised KeyError: 'R9' in line 12"

    assert is_asked(subject, finding("uncaught_exception", said))


def test_an_exception_that_a_class_may_refuse_by_is_a_matter_of_reading() -> None:
    said = "It raised PermissionError: not yours in line 12"

    assert is_asked(subject_of(), finding("uncaught_exception", said))


@pytest.mark.parametrize(
    ("kind", "asked"), [("query_changes_state", False), ("duplicate_id", True)]
)
def test_what_was_planned_needs_no_reading(kind: str, *, asked: bool) -> None:
    planned = Operation(name="find", kind="query", description="Find a pigeon.")

    assert is_asked(subject_of(operations=(planned,)), finding(kind)) is asked
