"""The share of checks that passed, or no score at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envscaler.environment.reward import reward_of
from envscaler.records import Verdict, VerdictKind

PASSED, FAILED = VerdictKind.PASSED, VerdictKind.FAILED
BROKEN = [VerdictKind.ERROR, VerdictKind.TIMEOUT, VerdictKind.WRONG_TYPE]


def verdicts(*kinds: VerdictKind) -> list[Verdict]:
    return [Verdict(item=f"Has {n}?", kind=kind) for n, kind in enumerate(kinds)]


def test_the_published_score_is_the_share_of_checks_that_passed() -> None:
    reward = reward_of(verdicts(PASSED, FAILED, PASSED), "seccomp", definition="fraction")

    assert reward.score == 0.6667
    assert reward.isolation == "seccomp"
    assert reward.problem == ""


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_check_leaves_no_score(kind: VerdictKind) -> None:
    reward = reward_of(verdicts(PASSED, kind), "seccomp")

    assert reward.score is None
    assert reward.problem == f"1 of 2 checks broke; 'Has 1?': {kind}"


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_check_counts_as_not_passed_in_the_published_way(kind: VerdictKind) -> None:
    assert reward_of(verdicts(PASSED, kind), "seccomp", published=True).score == 0.5


@pytest.mark.parametrize("published", [True, False])
def test_no_checks_give_no_score(published: bool) -> None:  # noqa: FBT001
    assert reward_of([], "seccomp", published=published).score is None


@given(st.lists(st.sampled_from(VerdictKind)), st.booleans())
def test_a_score_is_between_zero_and_one_or_none(kinds: list[VerdictKind], published: bool) -> None:  # noqa: FBT001
    score = reward_of(verdicts(*kinds), "seccomp", published=published).score

    assert score is None or 0 <= score <= 1
