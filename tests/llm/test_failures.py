"""Failures: what an endpoint's error means."""

import pytest

from envscaler.llm.failures import FailureKind, UnansweredError


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (None, FailureKind.TRANSIENT),
        (200, FailureKind.TRANSIENT),
        (400, FailureKind.REJECTED),
        (401, FailureKind.DENIED),
        (403, FailureKind.DENIED),
        (404, FailureKind.NOT_FOUND),
        (408, FailureKind.TRANSIENT),
        (409, FailureKind.TRANSIENT),
        (422, FailureKind.REJECTED),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.TRANSIENT),
        (529, FailureKind.TRANSIENT),
    ],
)
def test_the_status_says_what_to_do(status: int | None, kind: FailureKind) -> None:
    assert UnansweredError(status, "message").kind is kind


def test_an_empty_account_is_not_a_rate_limit() -> None:
    assert UnansweredError(429, "pay", code="insufficient_quota").kind is FailureKind.NO_QUOTA


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000.",
        "Requested token count exceeds the model's maximum context length of 8192 tokens",
        "the request exceeds the available context size. try increasing the context size",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count (40000) exceeds the maximum number of tokens allowed (32768).",
    ],
)
def test_a_dialogue_that_is_too_long_is_recognised_in_every_dialect(message: str) -> None:
    assert UnansweredError(400, message).kind is FailureKind.CONTEXT_LENGTH


def test_a_dialogue_that_is_too_long_is_recognised_by_its_code() -> None:
    failure = UnansweredError(400, "no", code="context_length_exceeded")

    assert failure.kind is FailureKind.CONTEXT_LENGTH
