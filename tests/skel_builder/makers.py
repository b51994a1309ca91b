"""Small rows and replies for the tests of build-skel."""

import json

from envscaler.llm.calls import Calls
from envscaler.records import Candidate, Inference, JsonObject, JsonValue, Judgement, Topic
from tests.fakes import ScriptedModel, scripted_models


def make_calls(model: ScriptedModel, *, tries: int = 1) -> Calls:
    """Open calls that all go to one scripted model."""
    return Calls(scripted_models(model), seed=7, tries=tries)


def as_json(value: object) -> str:
    """Write a reply with one JSON block."""
    return f"Let me think.\n\n```json\n{json.dumps(value)}\n```"


def as_code(source: str) -> str:
    """Write a reply with one Python block."""
    return f"Let me think.\n\n```python\n{source}\n```"


def make_candidate(
    name: str, *, scores: tuple[int, int] = (8, 8), introduction: str = "It keeps records."
) -> Candidate:
    """Make a stateful candidate whose id is `cand-` and its summary."""
    return Candidate(
        id=f"cand-{name}",
        task=f"A task for {name}",
        judgement=Judgement(reasoning="It has records.", stateful=True),
        inference=Inference(
            reasoning="Plain.",
            summary=name,
            introduction=introduction,
            usefulness=scores[0],
            modelability=scores[1],
        ),
    )


TOPIC = Topic(
    id="topic-1",
    summary="Umbrella rental",
    introduction="A station lends umbrellas to members.",
    usefulness=8,
    modelability=9,
    source_task="Return umbrella U-2 for Ines.",
)

CLASS_SOURCE = '''\
from typing import Literal, TypedDict


class Umbrella(TypedDict):
    """One umbrella that is lent."""

    umbrella_id: str
    status: Literal["free", "lent"]
    member: str | None


class UmbrellaRental:
    """A station that lends umbrellas to members."""

    def __init__(self) -> None:
        self.umbrellas: dict[str, Umbrella] = {}
        self.max_per_member: int = 1
'''

GET_UMBRELLA = '''\
import copy


def get_umbrella(self, umbrella_id: str) -> dict:
    """Return one umbrella.

    Args:
        umbrella_id (str): Id of the umbrella, such as U-1.

    Returns:
        dict: {"success": True, "data": the umbrella}, or {"success": False, "error": str}.

    Constraints:
        - The umbrella must exist.
    """
    if not isinstance(umbrella_id, str) or umbrella_id not in self.umbrellas:
        return {"success": False, "error": f"Umbrella {umbrella_id!r} does not exist"}
    return {"success": True, "data": copy.deepcopy(self.umbrellas[umbrella_id])}
'''

RETURN_UMBRELLA = '''\
def return_umbrella(self, umbrella_id: str) -> dict:
    """Take a lent umbrella back; it is free then.

    Args:
        umbrella_id (str): Id of the umbrella, such as U-1.

    Returns:
        dict: {"success": True, "message": str}, or {"success": False, "error": str}.

    Constraints:
        - The umbrella must be lent.
    """
    if not isinstance(umbrella_id, str) or umbrella_id not in self.umbrellas:
        return {"success": False, "error": f"Umbrella {umbrella_id!r} does not exist"}
    umbrella = self.umbrellas[umbrella_id]
    if umbrella["status"] != "lent":
        return {"success": False, "error": f"Umbrella {umbrella_id!r} is not lent"}
    umbrella["status"] = "free"
    umbrella["member"] = None
    return {"success": True, "message": f"Umbrella {umbrella_id} is free"}
'''

ENTITIES: list[JsonValue] = [
    {
        "name": "Umbrella",
        "description": "One umbrella that is lent.",
        "attributes": [
            {"name": "umbrella_id", "type": "str", "description": "Such as U-1."},
            {"name": "status", "type": 'Literal["free", "lent"]'},
            {"name": "member", "type": "str | None", "description": "Who has it."},
        ],
    }
]
RULES = ["An Umbrella with status free has no member."]
OPERATIONS: list[JsonValue] = [
    {"name": "get_umbrella", "kind": "query", "description": "Return one umbrella by its id."},
    {"name": "return_umbrella", "kind": "change", "description": "Take a lent umbrella back."},
]
STATE: JsonObject = {
    "umbrellas": {
        "U-1": {"umbrella_id": "U-1", "status": "free", "member": None},
        "U-2": {"umbrella_id": "U-2", "status": "lent", "member": "Ines"},
    },
    "max_per_member": 1,
}
