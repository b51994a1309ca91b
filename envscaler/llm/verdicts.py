"""What a failure that is final means for the row, or for the run, in words with a remedy."""

from envscaler.errors import EndpointError, ProviderError
from envscaler.llm.failures import FailureKind, UnansweredError

NO_SCHEMA = "no_schema"
"""Kind of the error of a request that may be sent again without its JSON schema."""

_SAYS = {
    FailureKind.DENIED: "refuses the key",
    FailureKind.NOT_FOUND: "has no such model or address",
    FailureKind.NO_QUOTA: "has no quota left",
    FailureKind.CONTEXT_LENGTH: "cannot take a dialogue of this length",
    FailureKind.REJECTED: "rejects the request",
    FailureKind.PARAMETER: "does not take a parameter of the request",
    FailureKind.NO_TOOLS: "takes no tools",
    FailureKind.STREAM_ONLY: "answers in streams only",
    FailureKind.NO_SCHEMA: "takes no JSON schema",
}
_ROW_KINDS = {FailureKind.CONTEXT_LENGTH: "context_length", FailureKind.NO_SCHEMA: NO_SCHEMA}
_REMEDIES = {
    FailureKind.DENIED: "check {key_name} in the environment or .env",
    FailureKind.NOT_FOUND: "check {setting} and the base URL with its /v1",
    FailureKind.NO_QUOTA: "add credit and run the same command again",
    FailureKind.PARAMETER: "set {role}.{off}",
    FailureKind.NO_TOOLS: "let the server parse tool calls, or set interact.tool_format=[text]",
    FailureKind.STREAM_ONLY: (
        "set {role}.extra_body={{enable_thinking: false}} where that is the reason, or take "
        "another model or endpoint"
    ),
}
"""What to do about a failure that every request will meet."""


def verdict(
    failure: UnansweredError, who: str, *, setting: str, key_name: str
) -> ProviderError | EndpointError:
    """Say what is lost by a failure that no other try will mend.

    Args:
        failure: Of the last try.
        who: The endpoint and the model, as they are shown.
        setting: Where the user has set the model, such as `models.coder.model`.
        key_name: Where the user has put the key.
    """
    said = f"{who} {_SAYS[failure.kind]} ({failure})"
    remedy = _REMEDIES.get(failure.kind)
    if remedy is None:
        return ProviderError(said, _ROW_KINDS.get(failure.kind, "provider"))
    off = "send_seed=false" if failure.parameter == "seed" else f"{failure.parameter}=null"
    role = setting.removesuffix(".model")
    return EndpointError(
        f"{said}; {remedy.format(key_name=key_name, setting=setting, role=role, off=off)}"
    )
