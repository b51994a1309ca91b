"""What an endpoint's failure means: whether to wait, to try again, to give up, or to stop the run.

Statuses say little: an empty account is 429 here and 402 there, a dialogue that is too long is 400,
413, 422 or 500. The wordings below are those of OpenAI, Azure, vLLM, SGLang, TGI, llama.cpp,
Ollama, LM Studio, Anthropic, Bedrock, Gemini, GLM, Kimi, DashScope, DeepSeek, xAI, Mistral,
MiniMax, Groq, Together and OpenRouter; `tests/llm/test_failures.py` has one of each.
"""

import re
from enum import StrEnum, auto
from typing import cast

import orjson

from envscaler.records import JsonObject, JsonValue


class FailureKind(StrEnum):
    """What to do about a failed request."""

    RATE_LIMITED = auto()
    """Wait and send it again, and send fewer at once; it costs no try."""
    UNAVAILABLE = auto()
    """Overloaded or still loading: wait and send it again; it costs no try."""
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
    PARAMETER = auto()
    """The model does not take a parameter that every request has; nothing can succeed."""
    NO_TOOLS = auto()
    """The model, or its server, takes no native tools; no agent can succeed."""
    STREAM_ONLY = auto()
    """The endpoint answers only in streams, which are not read here; nothing can succeed."""
    NO_SCHEMA = auto()
    """The endpoint does not take `response_format`; the request can do without."""


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

    def __str__(self) -> str:
        return self.message if self.status is None else f"{self.status}: {self.message}"

    @property
    def parameter(self) -> str | None:
        """The first parameter that is named and may be left out."""
        found = _PARAMETER.search(self.message)
        return found[0] if found else None


def failure_of(status: int, raw: bytes, reason: str, wait: float = 0.0) -> UnansweredError:
    """Read the body of a failed request, which most endpoints wrap into `error`.

    Args:
        status: HTTP status.
        raw: The body.
        reason: What to say when the body says nothing.
        wait: Seconds of `Retry-After`.
    """
    details = _details(raw)
    text = raw.decode("utf-8", "replace").strip()
    message = details.get("message") or details.get("detail") or text or reason
    code = details.get("code") or details.get("type") or ""
    return UnansweredError(status, str(message), code=str(code), wait=wait)


def raise_error_inside(stored: bytes) -> None:
    """Find the failure that gateways put into a response of status 200.

    Raises:
        UnansweredError: The response has an `error` and no choices.
    """
    if b'"error"' not in stored:
        return
    body = _loaded(stored)
    if not isinstance(body, dict) or not body.get("error") or body.get("choices"):
        return
    code = _details(stored).get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    raise failure_of(status, stored, "error")


def _details(raw: bytes) -> JsonObject:
    body = _loaded(raw)
    if isinstance(body, list) and body:  # as Gemini sends it
        body = body[0]
    if not isinstance(body, dict):
        return {}
    error = body.get("error")
    if isinstance(error, str):
        return {**body, "message": error}
    return error if isinstance(error, dict) else body


def _loaded(raw: bytes) -> JsonValue:
    try:
        return cast("JsonValue", orjson.loads(raw))
    except orjson.JSONDecodeError:
        return None


_TOO_LONG = re.compile(
    r"context_length|context[ _-]?window|context_size|context (length|size|limit)"
    r"|max(imum)? (context|model|prompt|sequence) length|max_model_len|maximum allowed input length"
    r"|(prompt|input|messages?)( token length| length)?( is|:)? too long|prompt contains too many"
    r"|tokens_too_long|too many (input )?tokens|too large for model"
    r"|tokens too long|reduce the length of"
    r"|input length should be|exceed\w* (the )?(model )?token limit"
    r"|input tokens? exceed|(input|prompt) token count .*exceeds|exceeds the limit of \d+"
    r"|`inputs`( tokens \+ `max_new_tokens`)? must (be <=|have less than)"
    r"|max_tokens must be at least 1, got -"  # vLLM: what is left for the reply is negative
    r"|Prompt 超长",
    re.IGNORECASE,
)
_TOO_LONG_CODES = frozenset({"1261", "exceed_context_size_error", "request_too_large"})
_TOO_LONG_FROM = frozenset({400, 413, 422, 500})
_BUSY = re.compile(r"rate.?limit|too many requests|throttl|per.minute|please wait", re.IGNORECASE)

_EMPTY_ACCOUNT_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "billing_error",
        "exceeded_current_quota_error",
        "arrearage",
        "1113",
    }
)
_EMPTY_ACCOUNT = re.compile(
    r"insufficient (account )?(balance|credit|quota|funds)|(credit )?balance is too low"
    r"|no (remaining )?credits|used all available credits|account is in arrears|overdue payment"
    r"|account is in good standing|欠费|余额不足",
    re.IGNORECASE,
)
_STREAM_ONLY = re.compile(
    r"only support\w* stream|enable_thinking must be set to false|only support stream call"
    r"|`?stream=false`?|non-streaming (calls|requests?) (are|is) not",
    re.IGNORECASE,
)
_NO_SCHEMA = re.compile(
    r"response_format|json_schema|structured.?output|guided|grammar|response schema", re.IGNORECASE
)
_NO_TOOLS = re.compile(
    r"does not support (tools|tool use|tool calling|function calling)|enable-auto-tool-choice"
    r"|(tools?|tool use|function calling) (is|are) not supported",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"\b(temperature|top_p|max_tokens|seed)\b")
_REFUSED = re.compile(
    r"unsupported|not support|unrecognized|unknown (parameter|field|name)|not permitted"
    r"|must be 1\b|only the default|deprecated|not allowed|not available|does not accept",
    re.IGNORECASE,
)
_BAD_REQUEST = frozenset({400, 422})
_KINDS = {
    401: FailureKind.DENIED,
    402: FailureKind.NO_QUOTA,
    404: FailureKind.NOT_FOUND,
    405: FailureKind.NOT_FOUND,
    408: FailureKind.TRANSIENT,
    409: FailureKind.TRANSIENT,
    425: FailureKind.UNAVAILABLE,
    429: FailureKind.RATE_LIMITED,
    503: FailureKind.UNAVAILABLE,
    529: FailureKind.RATE_LIMITED,
}


def _kind(status: int | None, message: str, code: str) -> FailureKind:
    if status is None or status < 400:
        return FailureKind.TRANSIENT
    if code.casefold() in _EMPTY_ACCOUNT_CODES or _empty_account(status, message):
        return FailureKind.NO_QUOTA
    if status in _TOO_LONG_FROM and _too_long(message, code):
        return FailureKind.CONTEXT_LENGTH
    if status in _BAD_REQUEST:
        return _bad_request(message)
    ordinary = FailureKind.TRANSIENT if status >= 500 else FailureKind.REJECTED
    return _KINDS.get(status, ordinary)


def _empty_account(status: int, message: str) -> bool:
    return status < 500 and _EMPTY_ACCOUNT.search(message) is not None


def _too_long(message: str, code: str) -> bool:
    if code in _TOO_LONG_CODES:
        return True
    return not _BUSY.search(message) and _TOO_LONG.search(f"{code} {message}") is not None


def _bad_request(message: str) -> FailureKind:
    if _STREAM_ONLY.search(message):
        return FailureKind.STREAM_ONLY
    if _NO_TOOLS.search(message):
        return FailureKind.NO_TOOLS
    if _NO_SCHEMA.search(message):
        return FailureKind.NO_SCHEMA
    if _PARAMETER.search(message) and _REFUSED.search(message):
        return FailureKind.PARAMETER
    return FailureKind.REJECTED
