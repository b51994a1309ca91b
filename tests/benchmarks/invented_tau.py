"""A checkout in the layout of tau-bench, with a shop of our own invention."""

import json
from pathlib import Path

_TOOL = """
import abc


class Tool(abc.ABC):
    @staticmethod
    def invoke(*args, **kwargs):
        raise NotImplementedError
"""
_LEND = """
import json
from typing import Any, Dict
from tau_bench.envs.tool import Tool


class Lend(Tool):
    @staticmethod
    def invoke(data: Dict[str, Any], book: str, days: int = 7) -> str:
        if data["books"][book]["lent"]:
            return "Error: lent already"
        data["books"][book] = {"lent": True, "days": days}
        return json.dumps(data["books"][book])

    @staticmethod
    def get_info() -> Dict[str, Any]:
        return {
            "type": "function",
            "function": {
                "name": "lend",
                "description": (
                    "Lend a book. "
                    "One at a time."
                ),
                "parameters": {
                    "type": "object",
                    "properties": {"book": {"type": "string"}, "days": {"type": "integer"}},
                    "required": ["book"],
                },
            },
        }
"""
_TRANSFER = """
from typing import Any, Dict
from tau_bench.envs.tool import Tool


class TransferToHumanAgents(Tool):
    @staticmethod
    def invoke(data: Dict[str, Any], summary: str) -> str:
        return "Transfer successful"

    @staticmethod
    def get_info() -> Dict[str, Any]:
        return {
            "type": "function",
            "function": {
                "name": "transfer_to_human_agents",
                "description": "Give up.",
                "parameters": {"type": "object", "properties": {"summary": {"type": "string"}}},
            },
        }
"""
_INIT = """
from .lend import Lend
from .transfer_to_human_agents import TransferToHumanAgents


ALL_TOOLS = [
    Lend,
    TransferToHumanAgents,
]
"""
_TASKS = """
from tau_bench.types import Task, Action

TASKS = [
    Task(
        annotator="0",
        user_id="ann",
        instruction="You are Ann and want to borrow Dune for 3 days, and to know its price.",
        actions=[Action(name="lend", kwargs={"book": "Dune", "days": 3})],
        outputs=["1200", "Euro"],
    ),
    Task(
        annotator="0",
        user_id="bo",
        instruction="You are Bo and want what nobody has.",
        actions=[Action(name="transfer_to_human_agents", kwargs={"summary": "no such book"})],
        outputs=[],
    ),
]
"""
_USERS = '''
from nowhere import completion


class LLMUserSimulationEnv:
    def build_system_prompt(self, instruction):
        instruction_display = f"{instruction}"
        return f"""You are a user.{instruction_display}
Say ###STOP### at the end."""


class ReactUserSimulationEnv(LLMUserSimulationEnv):
    def build_system_prompt(self, instruction):
        return f"""You are a user who thinks.{instruction_display}
Thought, then User Response."""


def verify(model, response, messages):
    prompt = f"""Will it do?
{transcript}
Then: {response}"""


def reflect(model, response, messages):
    prompt = f"""What would do?
{transcript}
Instead of: {response}"""
'''


def checkout(folder: Path) -> Path:
    """Write the repository; return its folder."""
    envs = folder / "tau_bench" / "envs"
    for domain in ("retail", "airline"):
        tools = envs / domain / "tools"
        tools.mkdir(parents=True)
        (tools / "lend.py").write_text(_LEND, encoding="utf-8")
        (tools / "transfer_to_human_agents.py").write_text(_TRANSFER, encoding="utf-8")
        (tools / "__init__.py").write_text(_INIT, encoding="utf-8")
        (envs / domain / "tasks_test.py").write_text(_TASKS, encoding="utf-8")
        (envs / domain / "wiki.md").write_text("Lend one book each.", encoding="utf-8")
        (envs / domain / "data").mkdir()
        books = {"Dune": {"lent": False}, "Emma": {"lent": True}}
        (envs / domain / "data" / "books.json").write_text(json.dumps(books), encoding="utf-8")
    (envs / "tool.py").write_text(_TOOL, encoding="utf-8")
    (envs / "user.py").write_text(_USERS, encoding="utf-8")
    return folder
