"""A run folder in which every text that a model could have written is an attack on a page."""

from pathlib import Path

from envscaler.jsonl import read_objects, write_objects
from envscaler.records import JsonObject, JsonValue

EXAMPLE = Path(__file__).parents[2] / "data/example"
ATTACK = (
    "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 2'>"
    "<svg onload=window.owned=3>{{style}}javascript:window.owned=4//\"'`"
)
_BY_CODE = frozenset(
    (
        *("id", "env_id", "scenario_id", "kind", "stage", "schema_version", "parents", "dialogue"),
        *("tool_format", "role", "stop_reason", "severity", "verdict", "case_type", "definition"),
        *("start", "tool_call_id"),
    )
)
"""Fields that code writes, or of which a row allows only some values."""
_FREE = frozenset(("initial_state", "initial_states", "arguments", "evidence", "value"))
"""Fields that hold objects with any keys."""


def hostile(value: JsonValue, known: frozenset[str], *, free: bool = False) -> JsonValue:
    """Put the attack behind every text, and behind keys where any are allowed.

    Args:
        value: A row, or a part of it.
        known: Fields that are left as they are.
        free: It is an object with any keys.
    """
    if isinstance(value, str):
        return value + ATTACK
    if isinstance(value, list):
        return [hostile(each, known, free=free) for each in value]
    if not isinstance(value, dict):
        return value
    if free:
        return {name + ATTACK: hostile(each, known, free=True) for name, each in value.items()}
    return {
        name: each if name in known else hostile(each, known, free=name in _FREE)
        for name, each in value.items()
    }


def write_hostile_run(folder: Path) -> Path:
    """Write the example with the attack in every text."""
    for path in EXAMPLE.glob("*.jsonl"):
        # Names of operations have a pattern; those of called tools may be anything.
        names = {"name"} if path.stem in {"envs", "skeletons"} else set[str]()
        rows: list[JsonObject] = []
        for row in read_objects(path):
            changed = hostile(row, _BY_CODE | names)
            assert isinstance(changed, dict)
            rows.append(changed)
        write_objects(folder / path.name, rows)
    (folder / "settings").mkdir()
    (folder / "settings" / "rollout.yaml").write_text(ATTACK, encoding="utf-8")
    return folder
