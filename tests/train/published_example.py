"""Small rows in the shapes of the published data, written for these tests."""

import gzip
import json
from pathlib import Path

from envscaler.records import JsonObject, JsonValue

SOURCE = '''\
class House:
    def __init__(self, init_config=None):
        self.lamps = {}

    def switch(self, room: str, on: bool = True) -> dict:
        """Switch a lamp."""
        self.lamps[room] = on
        return {"success": True, "message": "switched"}

    def list_lamps(self) -> dict:
        """List them."""
        return {"success": True, "data": self.lamps}
'''


def environment(**more: JsonValue) -> JsonObject:
    row: JsonObject = {
        "env_id": "env_1_rl",
        "environment_summary": "House",
        "environment_introduction": "A house with lamps.",
        "state_space_definition": [
            {
                "entity": "Lamp",
                "attributes": "room, on, modes (dim, bright, off)",
                "description": "A lamp.",
            },
        ],
        "constraints_rules": ["One lamp for each room."],
        "operation_list": [
            {
                "operation_name": "switch",
                "operation_description": "Switch it.",
                "operation_type": "state_change",
            },
            {
                "operation_name": "list_lamps",
                "operation_description": "List them.",
                "operation_type": "query",
            },
        ],
        "env_class_name": "House",
        "env_class_code": SOURCE,
        "tools": "[]",
    }
    return row | more


def scenario(**more: JsonValue) -> JsonObject:
    row: JsonObject = {
        "env_id": "env_1_rl",
        "env_class_name": "House",
        "task_id": "0731-041308",
        "init_config": {"lamps": {"hall": False}},
        "task": "Light the hall.",
        "checklist_with_func": [
            {
                "check_item": "Is the hall lit?",
                "check_func": "def check_func(final_state):\n"
                "    return final_state['lamps']['hall']",
            }
        ],
    }
    return row | more


def _call(arguments: str) -> JsonObject:
    return {
        "id": "call_x",
        "type": "function",
        "function": {"name": "switch", "arguments": arguments},
    }


NATIVE: list[JsonObject] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Light the hall."},
    {
        "role": "assistant",
        "content": None,
        "reasoning_content": "The hall is dark.",
        "tool_calls": [_call('{"room": "hall"}')],
    },
    {
        "role": "tool",
        "tool_call_id": "call_x",
        "name": "switch",
        "content": "{'success': True, 'message': 'switched', 'rooms': {1, 2}}",
    },
    {"role": "assistant", "content": "<think>Lit.</think>\nTask Completed"},
]
PROMPTED: list[JsonObject] = [
    {"role": "user", "content": "Light the hall."},
    {
        "role": "assistant",
        "content": '<think>Dark.</think>\n<tool_call>\n{"name": "switch", "arguments": '
        '{"room": "hall"}}\n</tool_call>\n<tool_call>\n{"name": "list_lamps", "arguments": {}}\n'
        "</tool_call>",
    },
    {
        "role": "user",
        "content": "<tool_response>\n{'success': True}\n</tool_response>\n"
        "<tool_response>\nno dict\n</tool_response>",
    },
    {"role": "assistant", "content": "<tool_call>\n{broken\n</tool_call>"},
]


def rollout(**more: JsonValue) -> JsonObject:
    row: JsonObject = {
        "task_info": {"env_id": "env_1_rl", "task_id": "0731-041308", "task": "Light the hall."},
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "switch",
                    "description": "Switch a lamp.",
                    "parameters": {"type": "object", "properties": {"room": {}}},
                },
            }
        ],
        "messages": [*NATIVE],
        "user_messages": None,
        "trajectory": [],
        "total_reward": 1.0,
        "terminated": True,
        "truncated": False,
        "steps": 1,
    }
    return row | more


def trajectory(**more: JsonValue) -> JsonObject:
    row = {key: value for key, value in rollout().items() if key in {"task_info", "steps"}}
    texts: JsonObject = {
        "traj_type": "non_conversation",
        "tools": json.dumps(rollout()["tools"]),
        "messages": json.dumps(NATIVE),
        "user_messages": "[]",
    }
    return row | texts | more


def write_json(path: Path, value: JsonValue) -> Path:
    """Write one JSON document; gzip when the name says so."""
    text = json.dumps(value, indent=1).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def write_jsonl(path: Path, *rows: JsonObject) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path
