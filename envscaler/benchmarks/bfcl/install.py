"""Where BFCL is installed, and whether it is whole and of the version that is meant."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from envscaler.errors import ConfigError
from envscaler.records import JsonObject

VERSION = "2026.3.23"
INSTALL = f"pip install --no-deps bfcl-eval=={VERSION} mpmath==1.3.0"
CATEGORIES = ("base", "miss_func", "miss_param", "long_context")
CLASSES: Mapping[str, tuple[str, str]] = {
    "GorillaFileSystem": ("gorilla_file_system", "gorilla_file_system"),
    "MathAPI": ("math_api", "math_api"),
    "MessageAPI": ("message_api", "message_api"),
    "TwitterAPI": ("posting_api", "posting_api"),
    "TicketAPI": ("ticket_api", "ticket_api"),
    "TradingBot": ("trading_bot", "trading_bot"),
    "TravelAPI": ("travel_booking", "travel_booking"),
    "VehicleControlAPI": ("vehicle_control", "vehicle_control"),
}
"""Class → its module, and the file that documents its functions."""
PACKAGE = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"
_MORE_FOLDERS = ("bfcl_eval", "berkeley-function-call-leaderboard/bfcl_eval")
_OBJECT = TypeAdapter(JsonObject)


@dataclass(frozen=True, slots=True)
class Install:
    """An installed `bfcl-eval`, or a checkout of it."""

    folder: Path
    """The package, which holds `data` and `eval_checker`."""

    def rows(self, name: str) -> list[JsonObject]:
        """Read a JSONL file of its data.

        Raises:
            ConfigError: It is not there, or a line of it is no JSON object.
        """
        path = self.folder / "data" / name
        if not path.is_file():
            raise ConfigError(
                f"{path} is missing: {self.folder} is not all of bfcl-eval {VERSION}; {INSTALL}"
            )
        lines = path.read_text(encoding="utf-8").splitlines()
        try:
            return [_OBJECT.validate_json(line) for line in lines if line.strip()]
        except ValidationError as error:
            raise ConfigError(f"{path} is damaged, a line is no JSON object; {INSTALL}") from error

    def constant(self, name: str) -> str | int:
        """Read a constant of its protocol, without running its code.

        Raises:
            ConfigError: It is not there.
        """
        path = self.folder / "constants" / "default_prompts.py"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for node in ast.parse(text).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            value = node.value if isinstance(node, ast.Assign) else None
            if any(isinstance(each, ast.Name) and each.id == name for each in targets):
                return _plain(value, path, name)
        raise ConfigError(f"{path} has no {name}: this is no bfcl-eval {VERSION}; {INSTALL}")

    def modules(self, *, with_mpmath: bool) -> dict[str, str]:
        """Read the modules of the classes, by their full names.

        Raises:
            ConfigError: One is not there.
        """
        found = {
            f"{PACKAGE}.{module}": self._module(module)
            for module in ["long_context", *(module for module, _ in CLASSES.values())]
        }
        return found | (self._mpmath() if with_mpmath else {})

    def module_file(self, name: str) -> Path:
        """Return where a module of the classes is.

        Raises:
            ConfigError: It is not there.
        """
        path = self.folder.parent / PACKAGE.replace(".", "/") / f"{name}.py"
        if not path.is_file():
            raise ConfigError(
                f"{path} is missing: the data of bfcl-eval needs its classes; {INSTALL}"
            )
        return path

    def _module(self, name: str) -> str:
        return self.module_file(name).read_text(encoding="utf-8")

    def _mpmath(self) -> dict[str, str]:
        beside = self.folder.parent / "mpmath"
        spec = None if beside.is_dir() else find_spec("mpmath")
        folders = (spec.submodule_search_locations or []) if spec else [str(beside)]
        files = [path for folder in folders for path in Path(folder).rglob("*.py")]
        if not files:
            raise ConfigError(f"BFCL's MathAPI needs mpmath, which is not installed; {INSTALL}")
        root = Path(folders[0]).parent
        return {
            ".".join(path.relative_to(root).with_suffix("").parts): path.read_text(encoding="utf-8")
            for path in sorted(files)
            if "tests" not in path.parts
        }


def _plain(value: ast.expr | None, path: Path, name: str) -> str | int:
    if isinstance(value, ast.Constant) and isinstance(value.value, str | int):
        return value.value
    raise ConfigError(f"{path}: {name} is no plain value: this is no bfcl-eval {VERSION}")


def find_install(data: Path | None) -> Install:
    """Find the package.

    Args:
        data: The package, a checkout of its repository, or a virtual environment; None: where
            Python finds it.

    Raises:
        ConfigError: It is not there, or it is another version.
    """
    folders = _candidates(data)
    found = next((each for each in folders if (each / "data").is_dir()), None)
    if found is None:
        where = f"in {data}" if data else "installed here"
        raise ConfigError(f"bfcl-eval is not {where}: {INSTALL}, or name its folder with --data")
    if not list((found / "data").glob("BFCL_v4_multi_turn_*.json")):
        others = sorted(path.name for path in (found / "data").glob("BFCL_v*_multi_turn_*.json"))
        has = f"has {others[0]}" if others else "has no multi-turn data"
        raise ConfigError(f"{found / 'data'} {has}, this envscaler plays BFCL v4; {INSTALL}")
    return Install(found)


def _candidates(data: Path | None) -> list[Path]:
    if data is None:
        spec = find_spec("bfcl_eval")
        return [Path(each) for each in (spec.submodule_search_locations or [])] if spec else []
    inside = sorted(data.glob("lib/python3*/site-packages/bfcl_eval"))
    return [data, *(data / each for each in _MORE_FOLDERS), *inside]


def method_names(source: str, class_name: str) -> frozenset[str]:
    """Return the public methods that a class defines itself, without running it."""
    return frozenset(
        each.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == class_name
        for each in node.body
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")
    )
