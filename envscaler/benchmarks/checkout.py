"""A checkout of a benchmark's repository: its rows, and constants of its code, which is not run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from envscaler.errors import ConfigError
from envscaler.records import JsonObject

_OBJECT = TypeAdapter(JsonObject)


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where a repository lies."""

    folder: Path
    name: str
    """Of the benchmark, for messages."""
    remedy: str
    """How to get it."""

    def text(self, path: str) -> str:
        """Read a file.

        Raises:
            ConfigError: It is not there.
        """
        file = self.folder / path
        if not file.is_file():
            raise ConfigError(f"{file} is missing: {self.folder} is not all of {self._whole}")
        return file.read_text(encoding="utf-8")

    def rows(self, path: str) -> list[JsonObject]:
        """Read a file with a JSON object on each line.

        Raises:
            ConfigError: It is not there, or a line is something else.
        """
        try:
            return [_OBJECT.validate_json(line) for line in self.text(path).splitlines() if line]
        except ValidationError as error:
            raise ConfigError(
                f"{self.folder / path} is damaged, a line is no JSON object; {self.remedy}"
            ) from error

    def tree(self, path: str) -> ast.Module:
        """Parse a module.

        Raises:
            ConfigError: It is not there, or no Python.
        """
        try:
            return ast.parse(self.text(path))
        except SyntaxError as error:
            raise ConfigError(f"{self.folder / path} is no Python; {self.remedy}") from error

    def constant(self, path: str, name: str) -> object:
        """Return the value of a constant at the top of a module.

        Raises:
            ConfigError: There is none, or it is not written as a literal.
        """
        for node in self.tree(path).body:
            if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets):
                return self.literal(node.value, path)
        raise self.other_version(f"{path} has no {name}")

    def literal(self, node: ast.expr, path: str) -> object:
        """Return the value of an expression that is written as a literal.

        Raises:
            ConfigError: It is none.
        """
        try:
            return ast.literal_eval(node)
        except ValueError as error:
            raise self.other_version(f"{path}: {ast.unparse(node)[:40]} is no literal") from error

    def template(self, path: str, *names: str) -> str:
        """Return a text that a function fills in, its holes written as `{name}`.

        Args:
            path: Of the module.
            names: Class and function, or the function, in which it is the only f-string of more
                than one line.

        Raises:
            ConfigError: There is no such text.
        """
        body: ast.AST = self.tree(path)
        for name in names:
            inner = (each for each in ast.walk(body) if getattr(each, "name", None) == name)
            body = next(inner, ast.Pass())
        texts = [each for each in map(_joined, _f_strings(body)) if "\n" in each]
        if not texts:
            raise self.other_version(f"{path} has no text in {'.'.join(names)}")
        return max(texts, key=len)

    def other_version(self, what: str) -> ConfigError:
        """Return the error for something that this version does not have."""
        return ConfigError(f"{self.folder} is not the {self._whole} that is meant: {what}")

    @property
    def _whole(self) -> str:
        return f"{self.name} ({self.remedy})"


def _f_strings(node: ast.AST) -> Iterator[ast.JoinedStr]:
    return (each for each in ast.walk(node) if isinstance(each, ast.JoinedStr))


def _joined(node: ast.JoinedStr) -> str:
    return "".join(
        str(each.value) if isinstance(each, ast.Constant) else f"{{{ast.unparse(each.value)}}}"
        for each in node.values
        if isinstance(each, ast.Constant | ast.FormattedValue)
    )
