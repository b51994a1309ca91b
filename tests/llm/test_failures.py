"""Failures: what an endpoint's error means."""

import pytest

from envscaler.llm.failures import (
    FailureKind,
    UnansweredError,
    failure_of,
    raise_error_inside,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (None, FailureKind.TRANSIENT),
        (200, FailureKind.TRANSIENT),
        (400, FailureKind.REJECTED),
        (401, FailureKind.DENIED),
        (402, FailureKind.NO_QUOTA),
        (403, FailureKind.REJECTED),
        (404, FailureKind.NOT_FOUND),
        (405, FailureKind.NOT_FOUND),
        (408, FailureKind.TRANSIENT),
        (409, FailureKind.TRANSIENT),
        (422, FailureKind.REJECTED),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.TRANSIENT),
        (502, FailureKind.TRANSIENT),
        (503, FailureKind.UNAVAILABLE),
        (529, FailureKind.RATE_LIMITED),
    ],
)
def test_the_status_says_what_to_do(status: int | None, kind: FailureKind) -> None:
    assert UnansweredError(status, "message").kind is kind


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (429, "You exceeded your current quota", "insufficient_quota"),  # OpenAI
        (402, "Insufficient Balance", "invalid_request_error"),  # DeepSeek
        (402, "This request requires more credits, or fewer max_tokens", "402"),  # OpenRouter
        (400, "Your credit balance is too low to access the API", "invalid_request_error"),
        (403, "Your team has used all available credits or reached its limit", ""),  # xAI
        (429, "Your account is suspended", "exceeded_current_quota_error"),  # Kimi
        (429, "您的账户已欠费,请充值后重试", "1113"),  # GLM
        (400, "Access denied, please make sure your account is in good standing.", "Arrearage"),
    ],
)
def test_an_empty_account_is_not_a_rate_limit(status: int, message: str, code: str) -> None:
    assert UnansweredError(status, message, code=code).kind is FailureKind.NO_QUOTA


def test_a_limit_per_minute_is_not_an_empty_account() -> None:
    # Gemini says so about its limits per minute, too.
    said = "You exceeded your current quota, please check your plan and billing details."

    failure = UnansweredError(429, said, code="RESOURCE_EXHAUSTED")

    assert failure.kind is FailureKind.RATE_LIMITED


TOO_LONG = {
    "OpenAI": (
        400,
        "This model's maximum context length is 4096 tokens. However, you requested 5000.",
    ),
    "OpenAI, newer": (400, "Your input exceeds the context window of this model."),
    "Azure": (
        400,
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
        "509178 tokens. Please reduce the length of the messages.",
    ),
    "vLLM": (400, "Input length (11680) exceeds model's maximum context length (4096)."),
    "vLLM, prompt": (
        400,
        "The decoder prompt (length 21535) is longer than the maximum model length of 16384.",
    ),
    "vLLM, reply": (400, "max_tokens must be at least 1, got -7584."),
    "SGLang": (
        400,
        "Requested token count exceeds the model's maximum context length of 8192 tokens",
    ),
    "SGLang, input": (
        400,
        "The input (131123 tokens) is longer than the model's context length (131072 tokens).",
    ),
    "TGI": (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048."),
    "TGI, inputs": (422, "Input validation error: `inputs` must have less than 1024 tokens."),
    "llama.cpp": (
        400,
        "the request exceeds the available context size. try increasing the context size",
    ),
    "llama.cpp, older": (500, "Context size has been exceeded."),
    "Ollama": (400, "prompt too long; exceeded max context length by 4096 tokens"),
    "Ollama, input": (500, "the input length exceeds the context length"),
    "LM Studio": (
        400,
        "tokens to keep from the initial prompt is greater than the context length",
    ),
    "Anthropic": (400, "prompt is too long: 210000 tokens > 200000 maximum"),
    "Anthropic, reply": (
        400,
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    ),
    "Bedrock": (400, "Input is too long for requested model."),
    "Bedrock, other": (400, "Too many input tokens. Max input tokens: 32000"),
    "Gemini": (
        400,
        "The input token count (40000) exceeds the maximum number of tokens allowed (32768).",
    ),
    "GLM": (400, "Prompt 超长"),
    "Kimi": (400, "Your request exceeded model token limit : 131072 (requested: 140000)"),
    "Kimi, input": (400, "Input token length too long"),
    "DashScope": (400, "Range of input length should be [1, 129024]"),
    "DeepSeek": (
        400,
        "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens",
    ),
    "xAI": (
        400,
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens",
    ),
    "Mistral": (
        400,
        "Prompt contains 300000 tokens, too large for model with 131072 maximum context length",
    ),
    "MiniMax": (400, "invalid params, context window exceeds limit"),
    "Groq": (400, "Please reduce the length of the messages or completion"),
    "Copilot": (400, "prompt token count of 145000 exceeds the limit of 128000"),
    "OpenRouter": (
        400,
        "This endpoint's maximum context length is 131072 tokens. However, you requested about "
        "537812 tokens",
    ),
    "Poolside": (400, "Input length 265330 exceeds the maximum allowed input length of 262144."),
    "Qianfan": (400, "Prompt tokens too long"),
}


@pytest.mark.parametrize(("status", "message"), TOO_LONG.values(), ids=list(TOO_LONG))
def test_a_dialogue_that_is_too_long_is_recognised_in_every_dialect(
    status: int, message: str
) -> None:
    assert UnansweredError(status, message).kind is FailureKind.CONTEXT_LENGTH


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (429, "Number of input tokens has exceeded your per-minute rate limit"),
        (400, "Throttling error: Too many tokens, please wait before trying again."),
        (500, "Internal server error"),
        (400, "messages: roles must alternate"),
        (400, "Invalid 'messages[3].content': string too short"),
    ],
)
def test_other_failures_are_not_taken_for_a_dialogue_that_is_too_long(
    status: int, message: str
) -> None:
    assert UnansweredError(status, message).kind is not FailureKind.CONTEXT_LENGTH


@pytest.mark.parametrize(
    ("message", "parameter"),
    [
        (
            "Unsupported value: 'temperature' does not support 0.2 with this model. Only the "
            "default (1) value is supported.",
            "temperature",
        ),
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            "max_tokens",
        ),
        ("Unrecognized request argument supplied: seed", "seed"),
        ("`temperature` is deprecated for this model.", "temperature"),
        ("seed: Extra inputs are not permitted", "seed"),
    ],
)
def test_a_parameter_that_a_model_does_not_take_is_named(message: str, parameter: str) -> None:
    failure = UnansweredError(400, message)

    assert (failure.kind, failure.parameter) == (FailureKind.PARAMETER, parameter)


@pytest.mark.parametrize(
    "message",
    [
        "registry.ollama.ai/library/gemma:2b does not support tools",
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        "Function calling is not supported for this model",
    ],
)
def test_a_model_without_tools_is_recognised(message: str) -> None:
    assert UnansweredError(400, message).kind is FailureKind.NO_TOOLS


@pytest.mark.parametrize(
    "message",
    [
        "This model only support stream mode, please enable the stream parameter to access it.",
        "parameter.enable_thinking must be set to false for non-streaming calls",
        "enable thinking can not be support when `stream=False`.",
    ],
)
def test_an_endpoint_that_only_streams_is_recognised(message: str) -> None:
    assert UnansweredError(400, message).kind is FailureKind.STREAM_ONLY


@pytest.mark.parametrize(
    "message",
    [
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported",
        "This response_format type is unavailable now",
        "Failed to parse grammar",
        "Unrecognized schema: json_schema",
    ],
)
def test_an_endpoint_without_schemas_is_recognised(message: str) -> None:
    assert UnansweredError(400, message).kind is FailureKind.NO_SCHEMA


def test_one_tool_schema_that_is_refused_says_nothing_about_all_requests() -> None:
    said = "Invalid schema for function 'find': tools[0].function.parameters is not permitted"

    assert UnansweredError(400, said).kind is FailureKind.REJECTED


@pytest.mark.parametrize(
    ("body", "message", "kind"),
    [
        (b'{"error": {"message": "no", "code": "c"}}', "no", FailureKind.REJECTED),
        (b'{"error": "gemma does not support tools"}', "gemma", FailureKind.NO_TOOLS),
        (b'[{"error": {"message": "gone", "code": 400}}]', "gone", FailureKind.REJECTED),
        (b'{"object": "error", "message": "no", "code": 40001}', "no", FailureKind.REJECTED),
        (b'{"detail": "no"}', "no", FailureKind.REJECTED),
        (b'{"error": {"code": "1261", "message": "long"}}', "long", FailureKind.CONTEXT_LENGTH),
        (b"<html>no</html>", "<html>no</html>", FailureKind.REJECTED),
        (b"", "Bad Request", FailureKind.REJECTED),
        (b"\xff", "\ufffd", FailureKind.REJECTED),
    ],
)
def test_an_error_is_read_from_every_shape(body: bytes, message: str, kind: FailureKind) -> None:
    failure = failure_of(400, body, "Bad Request")

    assert failure.message.startswith(message)
    assert failure.kind is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"error": {"code": 429, "message": "Rate limited"}}', FailureKind.RATE_LIMITED),
        (b'{"error": {"code": 402, "message": "Pay"}}', FailureKind.NO_QUOTA),
        (b'{"error": {"message": "upstream"}}', FailureKind.TRANSIENT),
    ],
)
def test_an_error_inside_a_response_is_an_error(body: bytes, kind: FailureKind) -> None:
    with pytest.raises(UnansweredError) as caught:
        raise_error_inside(body)

    assert caught.value.kind is kind


@pytest.mark.parametrize(
    "body",
    [
        b'{"choices": [{"message": {"content": "the \\"error\\" is"}}]}',
        b'{"choices": [{}], "error": null}',
        b'{"data": [], "error": null}',
    ],
)
def test_a_response_that_mentions_an_error_is_none(body: bytes) -> None:
    raise_error_inside(body)


def test_a_dialogue_that_is_too_long_is_recognised_by_its_code() -> None:
    failure = UnansweredError(400, "no", code="context_length_exceeded")

    assert failure.kind is FailureKind.CONTEXT_LENGTH
