"""A certificate as a page that a person reads."""

from collections.abc import Iterator

from envscaler.certify.outcomes import BARS, Certificate, Criterion, Outcome

_SHOWN = 50
"""Failures that are listed one by one."""


def page(certificate: Certificate) -> str:
    """Write a certificate as Markdown."""
    return "\n".join([*_head(certificate), *_table(certificate), *_failures(certificate), ""])


def _head(certificate: Certificate) -> Iterator[str]:
    word = "passed" if certificate.is_clean else "**not passed**"
    yield "# Certificate"
    yield ""
    yield (
        f"{certificate.scenarios} scenarios under the reward `{certificate.reward}`: {word}. "
        "`envscaler certify` computes every figure from these files and nothing else:"
    )
    yield ""
    yield from (f"- `{name}`, SHA-256 `{digest}`" for name, digest in certificate.files.items())
    yield ""


def _table(certificate: Certificate) -> Iterator[str]:
    yield "| test | passed | what it asks for |"
    yield "|---|---|---|"
    for criterion in Criterion:
        found = certificate.of(criterion)
        passed = sum(outcome.passed for outcome in found)
        yield f"| `{criterion.value}` | {passed} of {len(found)} | {BARS[criterion]} |"
    yield ""


def _failures(certificate: Certificate) -> Iterator[str]:
    failed = list(certificate.failures())
    if not failed:
        return
    yield "## What did not pass"
    yield ""
    for outcome in failed[:_SHOWN]:
        yield f"- `{outcome.scenario_id}`, `{outcome.criterion.value}`: {_why(outcome)}"
    if len(failed) > _SHOWN:
        yield f"- and {len(failed) - _SHOWN} more, in `certificate.json`"


def _why(outcome: Outcome) -> str:
    # A model named the checks and tools: their names are to be read, not to be rendered.
    return "; ".join(f"`{' '.join(one.replace('`', chr(39)).split())}`" for one in outcome.evidence)
