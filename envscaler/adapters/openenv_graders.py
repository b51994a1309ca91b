"""The semantic graders of OpenEnv's RFC 008, for packages that hold scenarios of ours.

They stand under the entry points `openenv.validation.graders` and apply to packages whose manifest
has the tag `envscaler`. openenv 0.10 has the ids and the registry, but no such graders of its own,
and `openenv validate` does not load entry points yet; `GraderRegistry.load_entry_points` does.
"""

import time
from functools import cache
from pathlib import Path

from openenv.validation.graders import Subject
from openenv.validation.manifest import NormalizedManifest
from openenv.validation.report import CheckResult
from openenv.validation.types import CheckStatus, Level, ProviderCapability

from envscaler.certify.outcomes import BARS, Certificate, Criterion
from envscaler.certify.run import only_certify
from envscaler.config import load_settings
from envscaler.errors import EnvScalerError

TAG = "envscaler"
_SHOWN = 20
_PLACES = (".", "data", "run")
"""Where in a package the run folder may be."""


class SemanticGrader:
    """One criterion of a certificate; a package is measured once for all of them."""

    level = Level.SEMANTIC
    requires_capabilities: frozenset[str] = frozenset()
    requires_provider: frozenset[ProviderCapability] = frozenset()
    depends_on: tuple[str, ...] = ()

    def __init__(self, criterion: Criterion) -> None:
        self.check_id = criterion.value
        self._criterion = criterion

    def applies_to(self, manifest: NormalizedManifest) -> bool:
        return TAG in manifest.types.tags

    def run(self, subject: Subject) -> CheckResult:
        started = time.monotonic()
        try:
            certificate = _certificate(subject.root)
        except EnvScalerError as error:
            return self._result(CheckStatus.ERROR, [str(error)], started)
        outcomes = certificate.of(self._criterion)
        wrong = [
            f"{one.scenario_id}: {'; '.join(one.evidence)}" for one in outcomes if not one.passed
        ]
        result = self._result(
            CheckStatus.FAIL if wrong else CheckStatus.PASS, wrong[:_SHOWN], started
        )
        result.measured = {"scenarios": len(outcomes), "passed": len(outcomes) - len(wrong)}
        return result

    def _result(self, status: CheckStatus, evidence: list[str], started: float) -> CheckResult:
        bar = BARS[self._criterion]
        return CheckResult(
            check_id=self.check_id,
            status=status,
            evidence=evidence or [bar],
            remediation=f"what is asked for: {bar}" if evidence else None,
            duration_s=time.monotonic() - started,
        )


@cache
def _certificate(root: Path) -> Certificate:
    places = (root / place for place in _PLACES)
    folder = next((place for place in places if (place / "scenarios.jsonl").is_file()), root)
    return only_certify(folder, load_settings(None, ()))


oracle_max = SemanticGrader(Criterion.ORACLE_MAX)
floor_gap = SemanticGrader(Criterion.FLOOR_GAP)
canary_floor = SemanticGrader(Criterion.CANARY_FLOOR)
no_solution_leakage = SemanticGrader(Criterion.NO_SOLUTION_LEAKAGE)
verifier_determinism = SemanticGrader(Criterion.VERIFIER_DETERMINISM)
verifier_portability = SemanticGrader(Criterion.VERIFIER_PORTABILITY)
resource_envelope = SemanticGrader(Criterion.RESOURCE_ENVELOPE)
replayability = SemanticGrader(Criterion.REPLAYABILITY)
