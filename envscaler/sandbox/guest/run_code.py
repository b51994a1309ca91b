"""Where generated code begins to run: the one place, and only inside a worker."""

from types import CodeType


def run_code(code: CodeType, namespace: dict[str, object]) -> None:
    """Run a module, of a class or of a check, in a namespace."""
    exec(code, namespace)  # noqa: S102  what this process is locked up for
