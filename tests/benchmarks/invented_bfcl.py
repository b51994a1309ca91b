"""A bfcl-eval of our own invention: the layout of the package, with tiny classes and tasks."""

import json
from pathlib import Path

from envscaler.benchmarks.bfcl.install import CATEGORIES, CLASSES
from envscaler.records import JsonObject, JsonValue

NEW = "More can be called from now on."

_EMPTY = """
class {name}:
    def _load_scenario(self, scenario, long_context=False):
        pass
"""

_MESSAGES = """
from copy import deepcopy
import subprocess
from typing import Dict, List, Union
from bfcl_eval.eval_checker.multi_turn_eval.func_source_code.long_context import NOISE

DEFAULT_STATE = {"sent": []}
RETRIES: int = 3


class Letter:
    def __init__(self, to: str, words: str) -> None:
        self.to, self.words, self._at = to, words, object()

    def __eq__(self, other):
        return isinstance(other, Letter) and (self.to, self.words) == (other.to, other.words)

    def __repr__(self):
        return f"<{self.to}: {self.words}>"


class MessageAPI:
    def __init__(self):
        self.letters: List[Letter] = []
        self.tags = set()
        self._reads = 0

    def _load_scenario(self, scenario: dict, long_context=False) -> None:
        state = deepcopy(DEFAULT_STATE)
        self.letters = [Letter(*each) for each in scenario.get("sent", state["sent"])]
        self.letters += [Letter(*each) for each in NOISE] if long_context else []

    def send(self, to: str, words: str = "hello") -> Dict[str, Union[int, str]]:
        if not to:
            raise ValueError("to whom?")
        self.letters.append(Letter(to, words))
        return {"number": len(self.letters)}

    def tag(self, names: list) -> dict:
        self.tags |= set(names)
        return {"tags": self.tags}

    def count(self) -> dict:
        self._reads += 1
        return {"count": len(self.letters)}
"""

_MATH = """
import mpmath


class MathAPI:
    def half(self, number: float) -> dict:
        return {"result": mpmath.half(number)}
"""

_MPMATH = {
    "__init__": "from .core import *\nfrom . import core\n",
    "core": "__all__ = ['half']\nfactor: float = 0.5\n\n"
    "def half(number):\n    return number * factor\n",
}


def _function(name: str, required: list[JsonValue], **properties: str) -> JsonObject:
    return {
        "name": name,
        "description": f"Tool description: {name}.",
        "parameters": {
            "type": "dict",
            "properties": {
                each: {"type": kind, "description": "What it is."}
                for each, kind in properties.items()
            },
            "required": required,
        },
        "response": {"type": "dict", "properties": {}},
    }


FUNCTIONS: dict[str, list[JsonObject]] = {
    "MessageAPI": [
        _function("send", ["to"], to="string", words="string"),
        _function("tag", ["names"], names="array"),
        _function("count", []),
    ],
    "MathAPI": [_function("half", ["number"], number="float")],
}


def _task(category: str, number: int, turns: list[str], **more: JsonValue) -> JsonObject:
    return {
        "id": f"multi_turn_{category}_{number}",
        "question": [[{"role": "user", "content": each}] if each else [] for each in turns],
        "initial_config": {"MessageAPI": {"sent": [["Bo", "hi"]]}},
        "involved_classes": ["MessageAPI", "MathAPI"],
        "path": [],
        **more,
    }


def _tasks(category: str) -> list[tuple[JsonObject, list[JsonValue]]]:
    """Two tasks: one that writes in its first turn, one that only looks."""
    withheld: dict[str, JsonValue] = {}
    turns = ["Write to Ada.", "How many letters are there, and what is half of that?"]
    truth: list[JsonValue] = [
        ["send('Ada', words='come')", "tag(names=['a', 'b'])"],
        ["count()", "half(number=2)"],
    ]
    if category == "miss_func":
        turns = [*turns, ""]
        withheld["missed_function"] = {"2": ["half"]}
        truth = [truth[0], [], ["half(number=2)"]]
    looking: list[JsonValue] = [["count()"]]
    return [
        (_task(category, 0, turns, **withheld), truth),
        (_task(category, 1, ["How many letters are there?"]), looking),
    ]


def _write_rows(path: Path, rows: list[JsonObject]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def install(folder: Path) -> Path:
    """Write the package and its `mpmath` beside it; return the folder of both."""
    package = folder / "bfcl_eval"
    code = package / "eval_checker" / "multi_turn_eval" / "func_source_code"
    code.mkdir(parents=True)
    (code / "long_context.py").write_text("NOISE = [('Cy', 'noise')]\n", encoding="utf-8")
    for name, (module, document) in CLASSES.items():
        source = {"MessageAPI": _MESSAGES, "MathAPI": _MATH}.get(name, _EMPTY.format(name=name))
        (code / f"{module}.py").write_text(source, encoding="utf-8")
        rows = FUNCTIONS.get(name, [])
        _write_rows(package / "data" / "multi_turn_func_doc" / f"{document}.json", rows)
    for category in CATEGORIES:
        tasks = _tasks(category)
        name = f"BFCL_v4_multi_turn_{category}.json"
        _write_rows(package / "data" / name, [task for task, _ in tasks])
        answers: list[JsonObject] = [
            {"id": task["id"], "ground_truth": truth} for task, truth in tasks
        ]
        _write_rows(package / "data" / "possible_answer" / name, answers)
    (package / "constants").mkdir()
    prompts = f'DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_FC = (\n    "{NEW}"\n)\n'
    (package / "constants" / "default_prompts.py").write_text(prompts, encoding="utf-8")
    (folder / "mpmath").mkdir()
    for name, source in _MPMATH.items():
        (folder / "mpmath" / f"{name}.py").write_text(source, encoding="utf-8")
    return folder
