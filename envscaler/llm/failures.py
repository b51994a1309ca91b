"""What an endpoint's failure means: whether to wait, to try again, or to give up."""

import re
from enum import StrEnum, auto


class FailureKind(StrEnum):
    """What to do about a failed request."""

    RATE_LIMITED = auto()
    """Wait and send it again; it costs no try."""
    TRANSIENT = auto()
    """Try again a few times."""
    CONTEXT_LENGTH = auto()
    """The dialogue is too long; this row is lost."""
    REJECTED = auto()
    """The endpoint does not accept this very request; this row is lost."""
    DENIED = auto()
    """The key is wrong; nothing can succeed."""
    NOT_FOUND = auto()
    """No such model or path; nothing can succeed."""
    NO_QUOTA = auto()
    """The account is empty; nothing can succeed."""


class UnansweredError(Exception):
    """A request that was not answered. Never leaves `llm`.

    Args:
        status: HTTP status; None when there was no response at all.
        message: What the endpoint, or the network, says.
        code: The endpoint's own name of the error.
        wait: Seconds that the endpoint asks to wait (`Retry-After`); 0 when it said none.
    """

    def __init__(
        self, status: int | None, message: str, *, code: str = "", wait: float = 0.0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.wait = wait
        self.kind = _kind(status, message, code)


# OpenAI, vLLM, SGLang, llama.cpp, Anthropic and Gemini, each in its own words.
_TOO_LONG = re.compile(
    r"context_length|context length|context size|context window|max_model_len|prompt is too long"
    r"|exceed_context|(input|prompt) token count .* exceeds",
    re.IGNORECASE,
)
_EMPTY_ACCOUNT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_KINDS = {
    401: FailureKind.DENIED,
    403: FailureKind.DENIED,
    404: FailureKind.NOT_FOUND,
    408: FailureKind.TRANSIENT,
    409: FailureKind.TRANSIENT,
    425: FailureKind.TRANSIENT,
}


def _kind(status: int | None, message: str, code: str) -> FailureKind:
    if status is None or status >= 500 or status < 400:
        return FailureKind.TRANSIENT
    if status == 429:
        return FailureKind.NO_QUOTA if code in _EMPTY_ACCOUNT else FailureKind.RATE_LIMITED
    if status in {400, 413, 422} and _TOO_LONG.search(f"{code} {message}"):
        return FailureKind.CONTEXT_LENGTH
    return _KINDS.get(status, FailureKind.REJECTED)
