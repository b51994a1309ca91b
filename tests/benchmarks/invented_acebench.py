"""A checkout in the layout of ACEBench, with classes and tasks of our own invention."""

import json
from pathlib import Path

from envscaler.records import JsonObject

_BASE = """
class BaseApi:
    def __init__(self):
        self.wifi, self.logged_in = False, True

    def _load_scenario(self, scenario: dict, long_context=False) -> None:
        self.wifi = scenario.get("wifi", False)
        self.logged_in = scenario.get("logged_in", True)

    def turn_on_wifi(self):
        self.wifi = True
        return {"status": True}
"""
_MESSAGE = """
from model_inference.multi_turn.scenariosen.phone_platform.base_api import BaseApi


class MessageApi(BaseApi):
    def __init__(self):
        self.inbox = {1: {"to": "Bo", "message": "hi"}}
        self.read = 0

    def send_message(self, to: str, message: str):
        if not self.wifi:
            return {"status": False, "message": "no wifi"}
        self.inbox[max(self.inbox) + 1] = {"to": to, "message": message}
        return {"status": True}

    def count_messages(self):
        self.read += 1
        return {"count": len(self.inbox)}
"""
_EMPTY = "class {name}:\n    pass\n"
_INFERENCE = """
from nowhere import nothing

SAVED_CLASS = {
    "BaseApi": ["wifi", "logged_in"],
    "MessageApi": ["inbox"],
    "ReminderApi": [], "FoodPlatform": [], "Travel": [],
}
"""
_AGENT = 'BASE_PROMPT_EN = """The phone is Ann\'s."""\nTRAVEL_PROMPT_EN = "Fly."\n'
_USER = 'SYSTEM_PROMPT_BASE_EN = """You are a user.\n{instruction}\n"""\n'


def _function(name: str, *parameters: str) -> JsonObject:
    properties: JsonObject = {each: {"type": "string", "description": "."} for each in parameters}
    schema: JsonObject = {"type": "dict", "properties": properties, "required": [*parameters]}
    return {"name": name, "description": f"Do {name}.", "parameters": schema}


_FUNCTIONS = [
    _function("turn_on_wifi"),
    _function("send_message", "to", "message"),
    _function("count_messages"),
]
_WORDS = "Don't come, it's late"


def _task(group: str, number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"agent_{group}_{number}",
        "question": f"Write to Ann: {_WORDS}",
        "initial_config": {"BaseApi": {"wifi": False}},
        "involved_classes": ["BaseApi", "MessageApi"],
        "function": _FUNCTIONS,
        "path": [],
        **more,
    }


def _answer(group: str, number: int, *, key: str = "MessageApi", several: bool = False) -> object:
    stones: list[object] = [
        "[turn_on_wifi(), count_messages()]",
        f"[send_message(to='Ann', message='{_WORDS}')] ",
    ]
    return {
        "id": f"agent_{group}_{number}",
        "ground_truth": [
            {"BaseApi": {"wifi": True, "logged_in": True}},
            {key: {"inbox": {"2": {"to": "Ann", "message": _WORDS}}}},
        ],
        "mile_stone": [stones, ["[turn_on_wifi()]"]] if several else stones,
    }


def checkout(folder: Path) -> Path:
    """Write the repository; return its folder."""
    scenes = folder / "model_inference/multi_turn/scenariosen"
    (scenes / "phone_platform").mkdir(parents=True)
    sources = {
        "phone_platform/base_api": _BASE,
        "phone_platform/message": _MESSAGE,
        "phone_platform/reminder": _EMPTY.format(name="ReminderApi"),
        "phone_platform/food_services": _EMPTY.format(name="FoodPlatform"),
        "travel": _EMPTY.format(name="Travel"),
    }
    for name, source in sources.items():
        (scenes / f"{name}.py").write_text(source, encoding="utf-8")
    inference = folder / "model_inference"
    (inference / "apimodel_inference.py").write_text(_INFERENCE, encoding="utf-8")
    (inference / "multi_turn/APIModel_agent.py").write_text(_AGENT, encoding="utf-8")
    (inference / "multi_turn/APIModel_user.py").write_text(_USER, encoding="utf-8")
    answers = folder / "data_all/data_en/possible_answer"
    answers.mkdir(parents=True)
    for group in ("multi_step", "multi_turn"):
        name = f"data_agent_{group}.json"
        tasks = [_task(group, 0), _task(group, 1)]
        given = [_answer(group, 0, several=True), _answer(group, 1, key="MessageAPI")]
        _write(answers.parent / name, tasks)
        _write(answers / name, given)
    return folder


def _write(path: Path, rows: list[dict[str, object]] | list[object]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
