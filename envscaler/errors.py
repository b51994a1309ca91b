"""Every error envscaler raises on purpose.

    EnvScalerError
    ├── ConfigError         the user asked for something impossible; stop the run
    ├── ArtifactError       a file is not what its stage wrote; stop the run
    ├── StopRunError        the run cannot or may not go on; what is done is kept
    │   ├── EndpointError   the endpoint refuses everyone: wrong key, unknown model, no such host
    │   ├── BudgetError     the user's limit of tokens or money is reached
    │   ├── IsolationError  this machine cannot isolate generated code
    │   └── UserStopError   Ctrl-C or SIGTERM; the same command continues
    └── RowError            one row failed; record it in dropped.jsonl and go on
        ├── ProviderError   the model endpoint gave no usable answer
        ├── ReplyError      the answer came, but not in the shape the prompt asks for
        ├── WorkerLostError the process or node that made the row is gone, again and again
        ├── SandboxError    the machinery around generated code failed; never a score
        ├── GuestError      generated code cannot be loaded or started; the model can be told why
        ├── RejectedError   the row was made and judged, and found not good enough
        ├── UnwritableError the row holds what could not be read again; it is not written
        └── PendingError    the request waits in requests.jsonl; not a loss, ask again later

Anything else that escapes is a bug in envscaler and is never caught.
"""


class EnvScalerError(Exception):
    """Base of every error raised on purpose."""


class ConfigError(EnvScalerError):
    """A setting, path or command line that cannot work."""


class ArtifactError(EnvScalerError):
    """An artifact is missing, torn, of another stage or of a later version."""


class StopRunError(EnvScalerError):
    """No further row can succeed, or none may be started; finished rows stay on disk."""


class EndpointError(StopRunError):
    """Wrong key, unknown model or unreachable host: every request would fail the same way."""


class BudgetError(StopRunError):
    """The limit that the user set on tokens or money is reached."""


class IsolationError(StopRunError):
    """Generated code must not run here: the machine offers no isolation."""


class UserStopError(StopRunError):
    """The user pressed Ctrl-C, or the machine sent SIGTERM.

    Args:
        reason: What was stopped.
        exit_code: Of the command: 128 and the number of the signal, as shells have it.
    """

    def __init__(self, reason: str, exit_code: int = 130) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


class RowError(EnvScalerError):
    """One row could not be produced; the run goes on without it."""

    kind: str = "error"
    """Short name under which drops are grouped, such as `not_stateful`."""


class ProviderError(RowError):
    """The model endpoint gave no usable answer.

    Args:
        reason: What was asked of whom, and what went wrong.
        kind: `provider`, or what is known about it: `context_length` (the dialogue is too long),
            `max_tokens` (cut off before an answer), `replay_miss` (it is not in the store).
    """

    def __init__(self, reason: str, kind: str = "provider") -> None:
        super().__init__(reason)
        self.kind = kind


class ReplyError(RowError):
    """The model answered in a shape the prompt did not ask for."""

    kind = "reply"


class SandboxError(RowError):
    """The machinery around generated code failed; says nothing about the code."""

    kind = "sandbox"


class WorkerLostError(RowError):
    """The process or node that made the row is gone; another may make it."""

    kind = "worker_lost"


class GuestError(RowError):
    """Generated code does not load, or its constructor refuses the initial state."""

    kind = "guest"


class RejectedError(RowError):
    """The row is whole but not good enough.

    Args:
        kind: Name of the rule that refused it, such as `not_stateful` or `duplicate`.
        reason: What was seen, for a person.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind

    def __reduce__(self) -> tuple[type["RejectedError"], tuple[str, str]]:
        """Let it travel between processes with both of its arguments."""
        return type(self), (self.kind, str(self))


class UnwritableError(RowError):
    """The row holds something that a file of rows cannot give back as it was."""

    kind = "unwritable"


class PendingError(RowError):
    """The request was written to the batch file and has no answer yet."""

    kind = "pending"
